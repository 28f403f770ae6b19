//! Rejects unusable Rust names: duplicates in one scope, and names that are taken.
//!
//! Names that would not compile are rejected here, with their place in the dump and the table that
//! assigns another name.

use std::collections::{BTreeMap, BTreeSet};

use crate::Error;
use crate::ir::{Definition, Field, Kind, Model, Presence, Struct, Tagged, Type};
use crate::names::{reserved, snake_case};
use crate::protocol::Protocol;
use crate::schema::Place;

/// Checks every name that will be emitted.
pub(super) fn check(model: &Model, protocol: &Protocol) -> Vec<Error> {
    let mut problems = Vec::new();
    for definition in model.definitions.values() {
        problems.extend(type_name(definition));
        members(definition, &mut problems);
    }
    messages(protocol, &mut problems);
    problems
}

fn type_name(definition: &Definition) -> Option<Error> {
    let name = &definition.name;
    let is_taken = reserved::is_type(name);
    let pointer = definition.place.pointer();
    is_taken.then(|| {
        let problem = format!(
            "emitted code uses the name `{name}` itself; \
             rename the definition in RENAMED in codegen/src/fixups.rs"
        );
        Error::schema(pointer, problem)
    })
}

/// A set of names in one scope.
struct Scope<'a> {
    /// The kind of the names, for errors.
    kind: &'static str,
    /// The table that assigns another name.
    remedy: &'static str,
    names: BTreeMap<String, &'a str>,
}

impl<'a> Scope<'a> {
    fn new(kind: &'static str, remedy: &'static str) -> Self {
        Self {
            kind,
            remedy,
            names: BTreeMap::new(),
        }
    }

    /// Adds a name with its origin; rejects a duplicate.
    fn add(&mut self, name: String, from: &'a str, place: &Place) -> Option<Error> {
        if let Some(other) = self.names.get(&name) {
            return Some(self.refuse(&name, &format!("`{from}` and `{other}`"), place));
        }
        self.names.insert(name, from);
        None
    }

    fn refuse(&self, name: &str, owners: &str, place: &Place) -> Error {
        let Self { kind, remedy, .. } = self;
        let problem = format!(
            "two {kind} called `{name}`, of {owners}; give one another name in {remedy} \
             in codegen/src/names/table.rs"
        );
        Error::schema(place.pointer(), problem)
    }
}

fn members(definition: &Definition, problems: &mut Vec<Error>) {
    match &definition.kind {
        Kind::Struct(object) => structure(definition, object, problems),
        Kind::Tagged(union) => {
            variants(definition, problems);
            accessors(definition, union, problems);
        }
        Kind::Keyed(_) | Kind::Untagged(_) => {
            variants(definition, problems);
            payloads(definition, &mut Scope::new("methods", "VARIANTS"), problems);
        }
        Kind::StringEnum(_) => variants(definition, problems),
        Kind::Newtype | Kind::Alias(_) => {}
    }
}

/// Maximum number of fields of an object: the width of the models' presence counter.
const FIELDS: usize = 128;

fn structure(definition: &Definition, object: &Struct, problems: &mut Vec<Error>) {
    if object.fields.len() > FIELDS {
        let problem = format!(
            "{} fields, and the models keep count of {FIELDS}: widen `Bits` in \
             codex-types-core/src/support/object, then FIELDS in codegen/src/passes/names.rs",
            object.fields.len()
        );
        problems.push(Error::schema(definition.place.pointer(), problem));
    }
    let mut fields = Scope::new("fields", "FIELDS");
    let mut methods = Scope::new("methods", "FIELDS");
    for field in &object.fields {
        let (wire, place) = (field.wire.0.as_str(), &field.place);
        let taken = fields.add(field.rust.0.clone(), wire, place);
        if taken.is_some() {
            problems.extend(taken);
            continue;
        }
        for method in methods_of(field) {
            if reserved::is_method(&definition.name, &method) {
                let owners = format!("`{wire}` and hand-written code");
                problems.push(methods.refuse(&method, &owners, place));
            }
            problems.extend(methods.add(method, wire, place));
        }
    }
}

/// The methods that a struct has for a field.
fn methods_of(field: &Field) -> Vec<String> {
    if field.presence.is_required() {
        return Vec::new();
    }
    let name = &field.rust.0;
    let stem = name.trim_end_matches('_');
    let mut methods = vec![name.clone()];
    if field.presence == Presence::ThreeState {
        methods.push(format!("{stem}_null"));
    }
    if field.default.is_some() {
        methods.push(format!("{stem}_or_default"));
    }
    methods
}

fn variants(definition: &Definition, problems: &mut Vec<Error>) {
    const TAKEN: &str = "Unrecognized";
    let mut scope = Scope::new("variants", "VARIANTS");
    for (wire, rust) in definition.kind.variants() {
        if rust == TAKEN {
            let owners = format!("`{wire}` and of what is unknown");
            problems.push(scope.refuse(TAKEN, &owners, &definition.place));
        }
        problems.extend(scope.add(rust.to_owned(), wire, &definition.place));
    }
}

fn accessors(definition: &Definition, union: &Tagged, problems: &mut Vec<Error>) {
    let mut scope = Scope::new("methods", "FIELDS");
    for field in &union.common {
        let name = accessor_name(&field.rust.0);
        if reserved::is_method(&definition.name, &name) {
            let owners = format!("`{}` and hand-written code", field.wire.0);
            problems.push(scope.refuse(&name, &owners, &field.place));
        }
        problems.extend(scope.add(name, &field.wire.0, &field.place));
    }
    payloads(definition, &mut scope, problems);
}

/// The accessors of a union for its payloads. Equal names of variants are reported as such.
fn payloads<'a>(definition: &'a Definition, scope: &mut Scope<'a>, problems: &mut Vec<Error>) {
    let mut seen = BTreeSet::new();
    for (wire, rust) in definition.kind.variants() {
        if seen.insert(rust) {
            problems.extend(scope.add(payload_accessor_name(rust), wire, &definition.place));
        }
    }
}

/// The name of the accessor of a union for the payload of a variant.
pub(crate) fn payload_accessor_name(variant: &str) -> String {
    format!("as_{}", snake_case(variant).trim_end_matches('_'))
}

/// The name of the accessor of a union for a field that all its variants have.
pub(crate) fn accessor_name(field: &str) -> String {
    match field {
        "tag" => "tag_".to_owned(),
        name => name.to_owned(),
    }
}

/// A message of either kind.
struct Message<'a> {
    method: &'a str,
    name: &'a str,
    place: &'a Place,
}

macro_rules! messages {
    ($($list:expr),*) => {{
        let mut all = Vec::new();
        $(all.extend($list.iter().map(|it| Message {
            method: &it.method,
            name: &it.name,
            place: &it.place,
        }));)*
        all
    }};
}

fn messages(protocol: &Protocol, problems: &mut Vec<Error>) {
    let Protocol {
        client_requests,
        server_requests,
        server_notifications,
        client_notifications,
    } = protocol;
    for messages in [
        messages!(client_requests, server_requests),
        messages!(server_notifications, client_notifications),
    ] {
        let mut scope = Scope::new("messages", "METHODS");
        for it in messages {
            if it.name == "Unrecognized" {
                let owners = format!("`{}` and of what is unknown", it.method);
                problems.push(scope.refuse(it.name, &owners, it.place));
            }
            problems.extend(scope.add(it.name.to_owned(), it.method, it.place));
        }
    }
    functions(
        "the union",
        &messages!(server_notifications),
        |_| false,
        problems,
    );
    functions(
        "the client",
        &messages!(client_requests),
        reserved::is_client_method,
        problems,
    );
    functions(
        "handlers",
        &messages!(server_requests),
        reserved::is_handler_method,
        problems,
    );
    imports(protocol, problems);
}

fn functions(
    owner: &str,
    messages: &[Message<'_>],
    is_taken: fn(&str) -> bool,
    problems: &mut Vec<Error>,
) {
    let mut scope = Scope::new("methods", "METHODS");
    let mut seen = BTreeSet::new();
    for it in messages {
        let function = snake_case(it.name);
        if is_taken(&function) {
            let owners = format!("`{}` and hand-written code of {owner}", it.method);
            problems.push(scope.refuse(&function, &owners, it.place));
        }
        // Equal names of messages are reported as such.
        if seen.insert(it.name) {
            problems.extend(scope.add(function, it.method, it.place));
        }
    }
}

/// The client imports a few types of its own beside all models.
fn imports(protocol: &Protocol, problems: &mut Vec<Error>) {
    let requests = protocol
        .client_requests
        .iter()
        .chain(&protocol.server_requests);
    for request in requests {
        let types = request
            .params
            .type_name()
            .into_iter()
            .chain([request.response.as_str()]);
        for name in types.filter(|name| reserved::is_imported_by_client(name)) {
            let problem = format!(
                "the client has a type `{name}` of its own, which `{}` would take for this one; \
                 rename the definition in RENAMED in codegen/src/fixups.rs",
                request.method
            );
            problems.push(Error::schema(request.place.pointer(), problem));
        }
    }
}

/// The type behind an alias, which converts like the alias.
pub(crate) fn resolved<'a>(model: &'a Model, value: &'a Type) -> &'a Type {
    let mut value = value;
    for _ in 0..model.definitions.len() {
        let Type::Named(name) = value else {
            break;
        };
        match model
            .definitions
            .get(name)
            .map(|definition| &definition.kind)
        {
            Some(Kind::Alias(inner)) => value = inner,
            _ => break,
        }
    }
    value
}
