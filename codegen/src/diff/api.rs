//! The Rust API of an inventory, as a table: path, signature, and place of origin in the protocol.
//!
//! Mirrors the decisions of `emit`; compiled programs that use every row prove that the two agree,
//! see [`probes`](super::probes).

use std::collections::BTreeMap;

use serde_json::Value;

use super::verdict::Crate;
use crate::inventory::{
    BuilderEntry, FieldEntry, Inventory, MessageEntry, Presence, TypeEntry, ValueType, VariantEntry,
};
use crate::names::snake_case;
use crate::schema::IntegerFormat;

/// The API by path.
pub(super) type Api = BTreeMap<String, ApiItem>;

/// An item of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiItem {
    /// Everything that callers depend on.
    pub(super) signature: String,
    /// The place in the protocol, as [`Change::place`](super::Change::place).
    pub(super) place: String,
    /// The innermost crate that has it.
    pub(super) owner: Crate,
    /// The kind of use that a program makes of it.
    pub(super) usage: Usage,
}

/// A use of an item by a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    /// Names the type.
    Type,
    /// Requires a trait of the type.
    Trait(String, &'static str),
    /// Reads a field of this type.
    Field(String, String, String),
    /// Calls `new` with arguments of these types.
    New(String, Vec<String>),
    /// Calls a method with these arguments on an owned value, which returns the value.
    Setter(String, String, Vec<String>),
    /// Calls a getter with this result.
    Getter(String, String, String),
    /// Matches a variant with a payload of this type, or without one.
    Variant(String, String, Option<String>),
    /// Converts a value of this type.
    From(String, String),
    /// Names a marker type with its parameters and, for requests, its response.
    Marker(String, String, Option<String>),
    /// Belongs to the client, which the probes do not compile.
    Client,
}

/// The whole API of an inventory.
pub(super) fn of(inventory: &Inventory) -> Api {
    let mut api = Builder {
        inventory,
        api: Api::new(),
    };
    for entry in &inventory.types {
        api.entry(entry);
    }
    api.messages();
    for builder in &inventory.builders {
        api.builder(builder);
    }
    api.api
}

struct Builder<'a> {
    inventory: &'a Inventory,
    api: Api,
}

impl Builder<'_> {
    fn add(&mut self, path: String, signature: String, place: &str, owner: Crate, usage: Usage) {
        let item = ApiItem {
            signature,
            place: place.to_owned(),
            owner,
            usage,
        };
        self.api.insert(path, item);
    }

    fn entry(&mut self, entry: &TypeEntry) {
        let (name, place) = (&entry.name, entry.place());
        let owner = if entry.core {
            Crate::Core
        } else {
            Crate::Types
        };
        let kind = match (&entry.alias, entry.kind) {
            (Some(value), _) => format!("type = {}", rust_type(value)),
            (None, "struct") => "struct".to_owned(),
            (None, "newtype") => "newtype".to_owned(),
            (None, _) => "enum".to_owned(),
        };
        self.add(name.clone(), kind, &place, owner, Usage::Type);
        if entry.alias.is_some() {
            return;
        }
        for derive in entry.derives.iter().filter(|it| **it != "Debug") {
            let usage = Usage::Trait(name.clone(), derive);
            let path = format!("{name}: {derive}");
            self.add(path, String::new(), &place, owner, usage);
        }
        if entry.kind == "struct" {
            self.structure(entry, &place, owner);
        }
        for variant in &entry.variants {
            self.variant(entry, variant, &place, owner);
        }
        self.conversions(entry, &place, owner);
        for (accessor, integer) in &entry.accessors {
            let result = integer
                .as_ref()
                .map_or_else(|| "&str".to_owned(), rust_type);
            let result = format!("Option<{result}>");
            let usage = Usage::Getter(name.clone(), accessor.clone(), result.clone());
            self.add(
                format!("{name}::{accessor}()"),
                result,
                &place,
                owner,
                usage,
            );
        }
    }

    fn structure(&mut self, entry: &TypeEntry, place: &str, owner: Crate) {
        let name = &entry.name;
        let arguments: Vec<String> = entry
            .arguments()
            .map(|field| match field.presence {
                Presence::RequiredNullable => format!("Option<{}>", rust_type(&field.value)),
                _ => rust_type(&field.value),
            })
            .collect();
        let signature = format!("({})", arguments.join(", "));
        let usage = Usage::New(name.clone(), arguments);
        self.add(format!("{name}::new"), signature, place, owner, usage);
        for field in &entry.fields {
            self.field(entry, field, place, owner);
        }
    }

    fn field(&mut self, entry: &TypeEntry, field: &FieldEntry, place: &str, owner: Crate) {
        let (name, rust) = (&entry.name, &field.rust);
        let place = &format!("{place}.{}", field.wire);
        let value = rust_type(&field.value);
        let declared = match field.presence {
            Presence::Required => value.clone(),
            Presence::ThreeState => format!("Field<{value}>"),
            _ => format!("Option<{value}>"),
        };
        let usage = Usage::Field(name.clone(), rust.clone(), declared.clone());
        self.add(format!("{name}.{rust}"), declared, place, owner, usage);
        if field.is_required() {
            return;
        }
        let stem = rust.trim_end_matches('_');
        let setter = Usage::Setter(name.clone(), rust.clone(), vec![value.clone()]);
        self.add(format!("{name}::{rust}()"), value, place, owner, setter);
        if field.presence == Presence::ThreeState {
            let null = format!("{stem}_null");
            let path = format!("{name}::{null}()");
            let usage = Usage::Setter(name.clone(), null, Vec::new());
            self.add(path, String::new(), place, owner, usage);
        }
        if let Some(result) = self.default_result(field) {
            let getter = format!("{stem}_or_default");
            let path = format!("{name}::{getter}()");
            let usage = Usage::Getter(name.clone(), getter, result.clone());
            self.add(path, result, place, owner, usage);
        }
    }

    /// The return type of the accessor that fills in the default; `None` if there is no accessor.
    fn default_result(&self, field: &FieldEntry) -> Option<String> {
        match (&field.value, field.default.as_ref()?) {
            (ValueType::Boolean, Value::Bool(_)) | (ValueType::Integer(_), Value::Number(_)) => {
                Some(rust_type(&field.value))
            }
            (ValueType::String, Value::String(_)) => Some("&str".to_owned()),
            (ValueType::List(inner) | ValueType::Listing(inner), Value::Array(items))
                if items.is_empty() =>
            {
                Some(format!("&[{}]", rust_type(inner)))
            }
            (ValueType::Named(target), Value::String(default)) => {
                let target = self.inventory.find(target)?;
                let mut variants = target.variants.iter();
                let is_known = target.kind == "string enum"
                    && variants.any(|variant| variant.wire == *default);
                is_known.then(|| target.name.clone())
            }
            _ => None,
        }
    }

    fn variant(&mut self, entry: &TypeEntry, variant: &VariantEntry, place: &str, owner: Crate) {
        let (name, rust) = (&entry.name, &variant.rust);
        let key = if entry.kind == "untagged union" {
            rust
        } else {
            &variant.wire
        };
        let place = match variant.payload {
            None => format!("{place}={key}"),
            Some(_) => format!("{place}[{key}]"),
        };
        let payload = variant.payload.as_ref().map(|payload| {
            let payload = rust_type(payload);
            if variant.boxed {
                format!("Box<{payload}>")
            } else {
                payload
            }
        });
        let signature = payload.clone().unwrap_or_default();
        let usage = Usage::Variant(name.clone(), rust.clone(), payload);
        self.add(format!("{name}::{rust}"), signature, &place, owner, usage);
    }

    /// `From` impls for payloads of keyed and untagged unions that belong to one variant only.
    fn conversions(&mut self, entry: &TypeEntry, place: &str, owner: Crate) {
        let is_keyed = entry.kind == "keyed union";
        if !is_keyed && entry.kind != "untagged union" {
            return;
        }
        let payloads = entry.variants.iter().filter_map(|it| it.payload.as_ref());
        let payloads = payloads.filter(|it| !is_keyed || **it != ValueType::String);
        let types: Vec<String> = payloads.map(rust_type).collect();
        for value in &types {
            if types.iter().filter(|other| *other == value).count() == 1 {
                let name = &entry.name;
                let usage = Usage::From(name.clone(), value.clone());
                let path = format!("{name}: From<{value}>");
                self.add(path, String::new(), place, owner, usage);
            }
        }
    }

    fn messages(&mut self) {
        let inventory = self.inventory;
        for (union, owner, entries) in [
            ("ClientRequest", Crate::Types, &inventory.client_requests),
            ("ServerRequest", Crate::Core, &inventory.server_requests),
            (
                "ServerNotification",
                Crate::Core,
                &inventory.server_notifications,
            ),
            (
                "ClientNotification",
                Crate::Types,
                &inventory.client_notifications,
            ),
        ] {
            for entry in entries {
                self.message(union, owner, entry);
            }
        }
        for entry in &inventory.client_requests {
            let arguments = signature(entry);
            let path = format!("Client::{}()", snake_case(&entry.name));
            self.add(path, arguments, &entry.method, Crate::Client, Usage::Client);
        }
        for entry in &inventory.server_requests {
            let arguments = signature(entry);
            let path = format!("ServerRequestHandler::{}()", snake_case(&entry.name));
            self.add(path, arguments, &entry.method, Crate::Client, Usage::Client);
        }
    }

    fn message(&mut self, union: &str, owner: Crate, entry: &MessageEntry) {
        let MessageEntry { name, method, .. } = entry;
        let params = params(entry);
        let payload = if entry.boxed {
            format!("Box<{params}>")
        } else {
            params.clone()
        };
        let usage = Usage::Variant(union.to_owned(), name.clone(), Some(payload.clone()));
        self.add(format!("{union}::{name}"), payload, method, owner, usage);
        let (module, response) = match &entry.response {
            Some(response) => ("methods", Some(response.clone())),
            None => ("notifications", None),
        };
        let signature = signature(entry);
        let usage = Usage::Marker(format!("{module}::{name}"), params, response);
        self.add(
            format!("{module}::{name}"),
            signature,
            method,
            Crate::Types,
            usage,
        );
    }

    fn builder(&mut self, builder: &BuilderEntry) {
        let BuilderEntry { name, method, .. } = builder;
        let arguments: Vec<String> = builder.required.iter().map(rust_type).collect();
        let signature = format!("({})", arguments.join(", "));
        let path = format!("builders::{name}");
        self.add(path, signature, method, Crate::Client, Usage::Client);
        for (field, wire, value) in &builder.arguments {
            let place = format!("{}.{wire}", builder.params);
            let path = format!("builders::{name}::{field}()");
            self.add(path, rust_type(value), &place, Crate::Client, Usage::Client);
        }
    }
}

fn signature(entry: &MessageEntry) -> String {
    match &entry.response {
        Some(response) => format!("({}) -> {response}", params(entry)),
        None => format!("({})", params(entry)),
    }
}

fn params(entry: &MessageEntry) -> String {
    match (&entry.params, entry.params_optional) {
        (None, _) => "NoParams".to_owned(),
        (Some(params), true) => format!("Option<{params}>"),
        (Some(params), false) => params.clone(),
    }
}

/// A type in Rust syntax.
pub(super) fn rust_type(value: &ValueType) -> String {
    match value {
        ValueType::Any => "Value".to_owned(),
        ValueType::Boolean => "bool".to_owned(),
        ValueType::Integer(format) => match format {
            IntegerFormat::Int32 => "i32",
            IntegerFormat::Int64 => "i64",
            IntegerFormat::Uint8 => "u8",
            IntegerFormat::Uint16 => "u16",
            IntegerFormat::Uint32 => "u32",
            IntegerFormat::Uint64 => "u64",
        }
        .to_owned(),
        ValueType::Number => "Number".to_owned(),
        ValueType::String => "String".to_owned(),
        ValueType::Named(name) => name.clone(),
        ValueType::List(inner) => format!("Vec<{}>", rust_type(inner)),
        ValueType::Listing(inner) => format!("List<{}>", rust_type(inner)),
        ValueType::Map(inner) => format!("BTreeMap<String, {}>", rust_type(inner)),
        ValueType::Nullable(inner) => format!("Option<{}>", rust_type(inner)),
        ValueType::Boxed(inner) => format!("Box<{}>", rust_type(inner)),
    }
}
