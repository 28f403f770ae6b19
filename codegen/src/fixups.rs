//! Stage 2: corrects the dump where it is wrong.
//!
//! Every departure is one named function in [`FIXUPS`] with the number of
//! places it must match. A fixup whose definition is in the dump but whose
//! defect is not fails the generation, so that no correction outlives the
//! defect; a definition the dump does not have yet (an older runtime) is left
//! alone. What the dump does not say at all is in [`wire`].

use std::collections::BTreeMap;

use crate::Error;
use crate::bundle::Bundle;
use crate::schema::{Property, Schema, Shape, Union};

#[cfg(test)]
mod tests;
pub(crate) mod wire;

type Definitions = BTreeMap<String, Schema>;

/// One correction.
struct Fixup {
    /// What the error calls it.
    name: &'static str,
    /// The definition it corrects; without it, there is nothing to correct.
    definition: &'static str,
    /// How many places it must match.
    expected: usize,
    /// Corrects the schema and says in how many places.
    apply: fn(&mut Schema) -> usize,
}

const FIXUPS: &[Fixup] = &[
    Fixup {
        name: "camel_case_timeline_turns",
        definition: "ThreadTimelineEntry",
        expected: 6,
        apply: camel_case_timeline_turns,
    },
    Fixup {
        name: "camel_case_promoted_item",
        definition: "ThreadRealtimeItem",
        expected: 2,
        apply: camel_case_promoted_item,
    },
    Fixup {
        name: "camel_case_session_login",
        definition: "AccountSessionsSwitchResponse",
        expected: 2,
        apply: camel_case_session_login,
    },
    Fixup {
        name: "app_tools_are_a_map",
        definition: "AppToolsConfig",
        expected: 1,
        apply: app_tools_are_a_map,
    },
    Fixup {
        name: "app_links_are_a_map",
        definition: "AppLinksConfig",
        expected: 1,
        apply: app_links_are_a_map,
    },
];

/// Applies every fixup to both dumps.
///
/// # Errors
///
/// [`Error::Fixup`] when one does not match exactly what it is for.
pub(crate) fn apply(bundle: &mut Bundle) -> Result<(), Error> {
    apply_all(FIXUPS, &mut bundle.definitions)?;
    apply_all(FIXUPS, &mut bundle.stable)
}

fn apply_all(fixups: &[Fixup], definitions: &mut Definitions) -> Result<(), Error> {
    for fixup in fixups {
        let Some(schema) = definitions.get_mut(fixup.definition) else {
            continue;
        };
        let found = (fixup.apply)(schema);
        if found != fixup.expected {
            return Err(Error::Fixup {
                fixup: fixup.name,
                expected: fixup.expected,
                found,
            });
        }
    }
    Ok(())
}

/// The schema names fields as Rust does; the wire has `turnId`, `startedAt`,
/// `completedAt` and `durationMs`, as TypeScript says.
///
/// Cause: the schema's writer ignores `rename_all_fields`, which the runtime
/// uses on this enum. Seen on the wire in answers to `thread/timeline/list`.
fn camel_case_timeline_turns(schema: &mut Schema) -> usize {
    camel_case_variant(schema, is_tagged("turnStarted"))
        + camel_case_variant(schema, is_tagged("turnCompleted"))
}

/// As [`camel_case_timeline_turns`]: `itemId` and `turnId`.
fn camel_case_promoted_item(schema: &mut Schema) -> usize {
    camel_case_variant(schema, is_tagged("bemItemPromoted"))
}

/// As [`camel_case_timeline_turns`]: `authUrl` and `loginId`.
fn camel_case_session_login(schema: &mut Schema) -> usize {
    camel_case_variant(schema, |branch| branch.contains_key("login_id"))
}

/// TypeScript: `{ [key in string]?: … }` with the fields of `AppToolConfig`.
///
/// Cause: the schema's writer loses a flattened map, and leaves the definition
/// of its values without a use. `AppsConfig` is the same kind of map beside a
/// field, `_default`; it stays an object, because a struct keeps the keys it
/// does not know, and each value can be decoded as the `AppConfig` that the
/// dump defines.
fn app_tools_are_a_map(schema: &mut Schema) -> usize {
    map_instead_of_nothing(schema, "AppToolConfig")
}

/// As [`app_tools_are_a_map`], with `AppLinkConfig`.
fn app_links_are_a_map(schema: &mut Schema) -> usize {
    map_instead_of_nothing(schema, "AppLinkConfig")
}

fn map_instead_of_nothing(schema: &mut Schema, values: &str) -> usize {
    let is_empty = schema.as_object().is_some_and(|o| o.properties.is_empty());
    if is_empty {
        schema.shape = Shape::Map(Box::new(Schema::reference(values)));
    }
    usize::from(is_empty)
}

type Properties = BTreeMap<String, Property>;

fn is_tagged(tag: &'static str) -> impl Fn(&Properties) -> bool {
    move |properties| {
        let tags = properties.get("type");
        tags.is_some_and(|property| property.schema.as_single_value() == Some(tag))
    }
}

/// Renames the `snake_case` properties of the matching branches; says how many.
fn camel_case_variant(schema: &mut Schema, matches: impl Fn(&Properties) -> bool) -> usize {
    let Shape::Union(Union { branches, .. }) = &mut schema.shape else {
        return 0;
    };
    let mut renamed = 0;
    for branch in branches {
        let Shape::Object(object) = &mut branch.shape else {
            continue;
        };
        if matches(&object.properties) {
            let properties = std::mem::take(&mut object.properties);
            renamed += properties.keys().filter(|name| name.contains('_')).count();
            let properties = properties.into_iter();
            object.properties = properties.map(|(name, p)| (camel_case(&name), p)).collect();
        }
    }
    renamed
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}
