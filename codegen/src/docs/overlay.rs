//! The reviewed texts below `codegen/docs`.
//!
//! A row replaces the dump's text. Rows about types name a type and a member by its wire name (`_`
//! is the type itself); shared rows name a field, with its type where that matters, and apply to
//! every field with that name and without a text. A row without a match is an error: the runtime
//! has changed there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::LazyLock;

use toml::{Table, Value};

use crate::Error;
use crate::ir::{Definition, Field, Kind, Model, Type};
use crate::protocol::Protocol;
use crate::schema::IntegerFormat;

/// The files, in the order in which they are read.
const FILES: &[(&str, &str)] = &[
    (
        "types/account.toml",
        include_str!("../../docs/types/account.toml"),
    ),
    (
        "types/approval.toml",
        include_str!("../../docs/types/approval.toml"),
    ),
    (
        "types/config.toml",
        include_str!("../../docs/types/config.toml"),
    ),
    (
        "types/integrations.toml",
        include_str!("../../docs/types/integrations.toml"),
    ),
    (
        "types/item.toml",
        include_str!("../../docs/types/item.toml"),
    ),
    (
        "types/system.toml",
        include_str!("../../docs/types/system.toml"),
    ),
    (
        "types/thread.toml",
        include_str!("../../docs/types/thread.toml"),
    ),
    (
        "types/turn.toml",
        include_str!("../../docs/types/turn.toml"),
    ),
];
const MESSAGES: (&str, &str) = ("messages.toml", include_str!("../../docs/messages.toml"));
const SHARED: (&str, &str) = ("shared.toml", include_str!("../../docs/shared.toml"));
const DOMAINS: (&str, &str) = ("domains.toml", include_str!("../../docs/domains.toml"));
const ALIASES: (&str, &str) = ("aliases.toml", include_str!("../../docs/aliases.toml"));

/// The key of a type's own text.
const SELF: &str = "_";

/// The reviewed texts.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    types: BTreeMap<String, Row>,
    messages: BTreeMap<String, String>,
    /// The messages that a request causes, beside its response.
    pub(crate) events: BTreeMap<String, Vec<String>>,
    shared: BTreeMap<String, String>,
    /// The pages of the reference.
    pub(crate) domains: Vec<Domain>,
    /// Search terms, by the method or type that they refer to.
    pub(crate) aliases: BTreeMap<String, Vec<String>>,
}

/// The texts about one type.
#[derive(Debug)]
struct Row {
    file: &'static str,
    texts: BTreeMap<String, String>,
}

/// A page of the reference.
#[derive(Debug)]
pub(crate) struct Domain {
    /// The module.
    pub(crate) name: String,
    /// Its text.
    pub(crate) about: String,
    /// The files of types that belong to it.
    pub(crate) modules: Vec<String>,
}

/// The embedded files, which are read once.
pub(super) fn embedded() -> Result<&'static Overlay, Error> {
    static OVERLAY: LazyLock<Result<Overlay, Error>> = LazyLock::new(read);
    OVERLAY.as_ref().map_err(|error| {
        let Error::Schema { pointer, problem } = error else {
            return Error::schema("codegen/docs", error.to_string());
        };
        Error::schema(pointer, problem)
    })
}

fn read() -> Result<Overlay, Error> {
    let mut overlay = Overlay::default();
    for &(file, text) in FILES {
        for (name, row) in parse(file, text)? {
            let texts = strings(file, &name, &row)?;
            if overlay
                .types
                .insert(name.clone(), Row { file, texts })
                .is_some()
            {
                return Err(problem(file, &name, "described in another file, too"));
            }
        }
    }
    let mut messages = parse(MESSAGES.0, MESSAGES.1)?;
    for direction in ["requests", "server_requests", "notifications"] {
        let row = messages.remove(direction);
        let row = row.unwrap_or_else(|| Value::Table(Table::new()));
        overlay
            .messages
            .extend(strings(MESSAGES.0, direction, &row)?);
    }
    overlay.events = lists(MESSAGES.0, "events", messages.remove("events"))?;
    overlay.shared = strings(SHARED.0, "", &Value::Table(parse(SHARED.0, SHARED.1)?))?;
    let aliases = parse(ALIASES.0, ALIASES.1)?;
    overlay.aliases = lists(ALIASES.0, "", Some(Value::Table(aliases)))?;
    for (name, row) in parse(DOMAINS.0, DOMAINS.1)? {
        overlay.domains.push(domain(&name, &row)?);
    }
    Ok(overlay)
}

fn parse(file: &str, text: &str) -> Result<Table, Error> {
    text.parse()
        .map_err(|error| problem(file, "", &format!("not valid TOML: {error}")))
}

fn strings(file: &str, name: &str, row: &Value) -> Result<BTreeMap<String, String>, Error> {
    let table = row
        .as_table()
        .ok_or_else(|| problem(file, name, "not a table"))?;
    let texts = table.iter().map(|(key, value)| match value.as_str() {
        Some(text) if !text.trim().is_empty() => Ok((key.clone(), text.trim().to_owned())),
        _ => Err(problem(file, &format!("{name}.{key}"), "not a text")),
    });
    texts.collect()
}

fn lists(
    file: &str,
    name: &str,
    row: Option<Value>,
) -> Result<BTreeMap<String, Vec<String>>, Error> {
    let Some(Value::Table(table)) = row else {
        return Err(problem(file, name, "not a table"));
    };
    let lists = table.into_iter().map(|(key, value)| {
        let list = texts(&value).ok_or_else(|| problem(file, &key, "not a list of texts"))?;
        Ok((key, list))
    });
    lists.collect()
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let values = value.as_array()?.iter();
    values
        .map(|value| value.as_str().map(str::to_owned))
        .collect()
}

fn domain(name: &str, row: &Value) -> Result<Domain, Error> {
    let read = || {
        Some(Domain {
            name: name.to_owned(),
            about: row.get("about")?.as_str()?.trim().to_owned(),
            modules: texts(row.get("modules")?)?,
        })
    };
    read().ok_or_else(|| problem(DOMAINS.0, name, "a domain has `about` and `modules`"))
}

fn problem(file: &str, place: &str, problem: &str) -> Error {
    Error::schema(format!("codegen/docs/{file}: {place}"), problem)
}

/// The texts without an item.
struct Unmatched {
    /// False for a fixture, which lacks nearly all items.
    is_wanted: bool,
    texts: Vec<Error>,
}

impl Unmatched {
    fn push(&mut self, file: &str, place: impl fmt::Display, text: &str) {
        if self.is_wanted {
            self.texts.push(problem(file, &place.to_string(), text));
        }
    }
}

/// Assigns the texts to their items; returns an error for each text without an item, if that
/// matters.
pub(super) fn apply(
    overlay: &Overlay,
    model: &mut Model,
    protocol: &mut Protocol,
    is_whole: bool,
) -> Vec<Error> {
    let mut unmatched = Unmatched {
        is_wanted: is_whole,
        texts: Vec::new(),
    };
    apply_aliases(overlay, model, protocol);
    apply_types(overlay, model, &mut unmatched);
    apply_shared(overlay, model, &mut unmatched);
    apply_messages(overlay, protocol, &mut unmatched);
    if is_whole {
        unknown_targets(overlay, model, protocol, &mut unmatched);
    }
    unmatched.texts
}

fn apply_aliases(overlay: &Overlay, model: &mut Model, protocol: &mut Protocol) {
    let requests = protocol.client_requests.iter_mut();
    for request in requests.chain(&mut protocol.server_requests) {
        request.aliases = overlay
            .aliases
            .get(&request.method)
            .cloned()
            .unwrap_or_default();
    }
    for definition in model.definitions.values_mut() {
        definition.aliases = overlay
            .aliases
            .get(&definition.name)
            .cloned()
            .unwrap_or_default();
    }
}

fn apply_types(overlay: &Overlay, model: &mut Model, unmatched: &mut Unmatched) {
    for (name, row) in &overlay.types {
        for (member, text) in &row.texts {
            if !describe_member(model, name, member, text) {
                let place = format_args!("{name}.{member}");
                unmatched.push(row.file, place, "describes nothing; remove or adapt it");
            }
        }
    }
}

fn describe_member(model: &mut Model, name: &str, member: &str, text: &str) -> bool {
    let Some(definition) = model.definitions.get_mut(name) else {
        return false;
    };
    if member == SELF {
        definition.docs = Some(text.to_owned());
        return true;
    }
    if let Some(payload) = tagged_payload(definition, member) {
        let payload = model.definitions.get_mut(&payload);
        return payload.is_some_and(|payload| {
            payload.docs = Some(text.to_owned());
            true
        });
    }
    let docs = member_docs(definition, member);
    docs.is_some_and(|docs| {
        *docs = Some(text.to_owned());
        true
    })
}

/// The definition of a variant, which has the variant's text.
fn tagged_payload(definition: &Definition, member: &str) -> Option<String> {
    let Kind::Tagged(union) = &definition.kind else {
        return None;
    };
    let mut variants = union.variants.iter();
    let variant = variants.find(|variant| variant.wire.0 == member)?;
    Some(variant.payload.clone())
}

fn member_docs<'a>(definition: &'a mut Definition, member: &str) -> Option<&'a mut Option<String>> {
    match &mut definition.kind {
        Kind::Struct(object) => {
            let mut fields = object.fields.iter_mut();
            fields
                .find(|field| field.wire.0 == member)
                .map(|field| &mut field.docs)
        }
        Kind::StringEnum(values) => {
            let mut values = values.iter_mut();
            values
                .find(|value| value.wire.0 == member)
                .map(|value| &mut value.docs)
        }
        Kind::Keyed(union) => {
            let strings = union.strings.iter_mut();
            let strings = strings.map(|value| (&value.wire, &mut value.docs));
            let keys = union.keys.iter_mut().map(|key| (&key.wire, &mut key.docs));
            let found = strings.chain(keys).find(|(wire, _)| wire.0 == member);
            found.map(|(_, docs)| docs)
        }
        Kind::Newtype | Kind::Alias(_) | Kind::Tagged(_) | Kind::Untagged(_) => None,
    }
}

fn apply_shared(overlay: &Overlay, model: &mut Model, unmatched: &mut Unmatched) {
    let mut unused: BTreeSet<&str> = overlay.shared.keys().map(String::as_str).collect();
    for definition in model.definitions.values_mut() {
        let Kind::Struct(object) = &mut definition.kind else {
            continue;
        };
        for field in &mut object.fields {
            let typed = format!("{}: {}", field.wire.0, label(&field.value));
            let keys = [typed.as_str(), field.wire.0.as_str()];
            let Some((key, text)) = keys
                .iter()
                .find_map(|key| overlay.shared.get_key_value(*key))
            else {
                continue;
            };
            if is_empty(field) {
                unused.remove(key.as_str());
                field.docs = Some(text.clone());
            }
        }
    }
    for key in unused {
        let problem = "describes no field that lacks a text; remove it";
        unmatched.push(SHARED.0, key, problem);
    }
}

fn is_empty(field: &Field) -> bool {
    field.docs.is_none() && field.deprecated.is_none()
}

/// A type in the notation of the shared rows.
fn label(value: &Type) -> String {
    match value {
        Type::Any => "Value".to_owned(),
        Type::Boolean => "bool".to_owned(),
        Type::Integer(IntegerFormat::Int32) => "i32".to_owned(),
        Type::Integer(IntegerFormat::Int64) => "i64".to_owned(),
        Type::Integer(IntegerFormat::Uint8) => "u8".to_owned(),
        Type::Integer(IntegerFormat::Uint16) => "u16".to_owned(),
        Type::Integer(IntegerFormat::Uint32) => "u32".to_owned(),
        Type::Integer(IntegerFormat::Uint64) => "u64".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::String => "String".to_owned(),
        Type::Named(name) => name.clone(),
        Type::List(inner) => format!("Vec<{}>", label(inner)),
        Type::Listing(inner) => format!("List<{}>", label(inner)),
        Type::Map(inner) => format!("BTreeMap<String, {}>", label(inner)),
        Type::Nullable(inner) => format!("Option<{}>", label(inner)),
        Type::Boxed(inner) => label(inner),
    }
}

fn apply_messages(overlay: &Overlay, protocol: &mut Protocol, unmatched: &mut Unmatched) {
    let mut docs: BTreeMap<&str, &mut Option<String>> = BTreeMap::new();
    let client = protocol.client_requests.iter_mut();
    let server = protocol.server_requests.iter_mut();
    docs.extend(
        client
            .chain(server)
            .map(|it| (it.method.as_str(), &mut it.docs)),
    );
    let told = protocol.server_notifications.iter_mut();
    let said = protocol.client_notifications.iter_mut();
    docs.extend(
        told.chain(said)
            .map(|it| (it.method.as_str(), &mut it.docs)),
    );
    for (method, text) in &overlay.messages {
        match docs.get_mut(method.as_str()) {
            Some(docs) => **docs = Some(text.clone()),
            None => unmatched.push(MESSAGES.0, method, "no such message; remove it"),
        }
    }
}

/// Rows that refer to messages, types or modules that do not exist.
fn unknown_targets(
    overlay: &Overlay,
    model: &Model,
    protocol: &Protocol,
    unmatched: &mut Unmatched,
) {
    let is_message = |method: &String| {
        let requests = protocol
            .client_requests
            .iter()
            .chain(&protocol.server_requests);
        let notifications = protocol.server_notifications.iter();
        let notifications = notifications.chain(&protocol.client_notifications);
        requests.map(|it| &it.method).any(|it| it == method)
            || notifications.map(|it| &it.method).any(|it| it == method)
    };
    for (cause, events) in &overlay.events {
        for method in events
            .iter()
            .chain([cause])
            .filter(|method| !is_message(method))
        {
            let place = format_args!("events.{method}");
            unmatched.push(MESSAGES.0, place, "no such message");
        }
    }
    let is_module = |module: &String| model.definitions.values().any(|it| it.module == *module);
    for domain in &overlay.domains {
        for module in domain.modules.iter().filter(|module| !is_module(module)) {
            let place = format_args!("{}.{module}", domain.name);
            unmatched.push(DOMAINS.0, place, "no type is in this module");
        }
    }
    for target in overlay.aliases.keys() {
        if !is_message(target) && !model.definitions.contains_key(target) {
            unmatched.push(ALIASES.0, target, "no such message or type");
        }
    }
}
