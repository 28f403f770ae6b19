//! `as_x` for each variant with a payload, for a union of any kind. Which unions have them is
//! decided by the callers.

use crate::emit::tokens::value_type;
use crate::ir::{Definition, Kind, TaggedVariant, Type};
use crate::passes::names::payload_accessor_name;
use crate::render::Source;

/// A variant with a payload.
pub(in crate::emit) struct Payload<'a> {
    /// The name of the variant.
    pub(in crate::emit) variant: &'a str,
    /// The type of the payload, without the box that a variant may have around it.
    pub(in crate::emit) value: Type,
    /// True if the variant should no longer be used.
    pub(in crate::emit) is_deprecated: bool,
}

impl<'a> Payload<'a> {
    pub(in crate::emit) fn new(variant: &'a str, value: &Type) -> Self {
        let value = match value {
            Type::Boxed(inner) => (**inner).clone(),
            plain => plain.clone(),
        };
        Self {
            variant,
            value,
            is_deprecated: false,
        }
    }
}

/// Adds the accessors of a definition that is a union.
pub(in crate::emit) fn emit(definition: &Definition, source: &mut Source) {
    let (payloads, unrecognized): (Vec<_>, _) = match &definition.kind {
        Kind::Tagged(union) => {
            let named = |variant: &TaggedVariant| Type::Named(variant.payload.clone());
            let variants = union.variants.iter();
            let payloads = variants.map(|it| Payload::new(&it.rust.0, &named(it)));
            (payloads.collect(), "UnrecognizedVariant")
        }
        Kind::Keyed(union) => {
            let keys = union.keys.iter();
            let payloads = keys.map(|it| Payload::new(&it.rust.0, &it.payload));
            (payloads.collect(), "Value")
        }
        Kind::Untagged(alternatives) => {
            let alternatives = alternatives.iter();
            let payloads = alternatives.map(|it| Payload::new(&it.rust.0, &it.payload));
            (payloads.collect(), "Value")
        }
        _ => return,
    };
    table(&definition.name, unrecognized, &payloads, source);
}

/// Adds the accessors of a union. `unrecognized` is the payload of what is unknown.
pub(in crate::emit) fn table(
    union: &str,
    unrecognized: &str,
    payloads: &[Payload<'_>],
    source: &mut Source,
) {
    let unrecognized = Payload::new("Unrecognized", &Type::Named(unrecognized.to_owned()));
    let rows = payloads.iter().chain([&unrecognized]).map(row);
    source.table(
        "__payloads",
        &format!("{union};"),
        &rows.collect::<Vec<_>>(),
    );
}

fn row(payload: &Payload<'_>) -> String {
    let function = payload_accessor_name(payload.variant);
    let (result, value) = borrowed(&payload.value);
    let allowed = if payload.is_deprecated {
        "#[expect(deprecated, reason = \"part of the protocol\")] "
    } else {
        ""
    };
    format!(
        "{allowed}{function} {}(value): {result} = {value},",
        payload.variant
    )
}

/// The type of a borrowed payload, and the expression for it.
fn borrowed(value: &Type) -> (String, &'static str) {
    let text = |value: &Type| value_type(value).to_string().replace(' ', "");
    match value {
        Type::Boolean | Type::Integer(_) => (text(value), "*value"),
        Type::String => ("&str".to_owned(), "value"),
        Type::List(entry) => (format!("&[{}]", text(entry)), "value"),
        Type::Nullable(inner) => (format!("Option<&{}>", text(inner)), "value.as_ref()"),
        _ => (format!("&{}", text(value)), "value"),
    }
}
