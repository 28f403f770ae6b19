//! Behavior of the runtime on the wire that the dump does not describe.
//!
//! Derived from recorded traffic: [`crate::evidence`] compares the corpus with the rows about empty
//! fields. Each entry contradicts the dump; [`require_needed`] fails when one no longer does, so that the
//! tables cannot outlive their reason.

use std::collections::BTreeMap;

use crate::Error;
use crate::schema::{Schema, Shape};
use crate::typescript::{TypeScript, type_name};

/// Fields the server leaves out when empty although TypeScript marks them
/// `f: T | null`, by definition and wire name.
///
/// TypeScript does not see serde's `skip_serializing_if`.
pub(crate) const ABSENT_WHEN_EMPTY: &[(&str, &str)] = &[
    ("ConfigLayer", "disabledReason"),
    ("ConfigReadResponse", "layers"),
];

/// Fields the server sends as null when empty although TypeScript marks them `f?: T`, by definition
/// and wire name.
///
/// The mark was set for clients that may leave the field out, or for older servers; serde writes
/// the `None` nevertheless. For `SkillInterface` not all six were seen empty, but one struct is
/// written in one way.
pub(crate) const NULL_WHEN_EMPTY: &[(&str, &str)] = &[
    ("FileChangeRequestApprovalParams", "grantRoot"),
    ("FileChangeRequestApprovalParams", "reason"),
    ("ItemCompletedNotification", "contentTokenCount"),
    ("SkillInterface", "brandColor"),
    ("SkillInterface", "defaultPrompt"),
    ("SkillInterface", "displayName"),
    ("SkillInterface", "iconLarge"),
    ("SkillInterface", "iconSmall"),
    ("SkillInterface", "shortDescription"),
    ("ThreadItem", "completedAtMs"),
    ("ThreadItem", "startedAtMs"),
];

/// Notifications that the server sends but the JSON schema's union lacks, by method and definition
/// of the params.
///
/// The schema's writer leaves out methods that are internal to the runtime; a client still receives
/// them when it starts a thread with `experimentalRawEvents`.
pub(crate) const UNLISTED_NOTIFICATIONS: &[(&str, &str)] = &[
    ("rawResponse/completed", "RawResponseCompletedNotification"),
    (
        "rawResponseItem/completed",
        "RawResponseItemCompletedNotification",
    ),
];

/// Returns whether the server leaves this optional nullable field out when it is empty; otherwise
/// it sends null. `variant` as in [`TypeScript::field`].
///
/// Without TypeScript, fields outside the tables are assumed to be sent as null.
pub(crate) fn is_absent_when_empty(
    typescript: Option<&TypeScript>,
    definition: &str,
    variant: Option<&str>,
    field: &str,
) -> bool {
    let place = (definition, field);
    if ABSENT_WHEN_EMPTY.contains(&place) || NULL_WHEN_EMPTY.contains(&place) {
        return ABSENT_WHEN_EMPTY.contains(&place);
    }
    let facts = typescript.and_then(|dump| dump.field(definition, variant, field));
    facts.is_some_and(|facts| facts.optional)
}

/// Rejects table entries that repeat the dump; entries about items that this runtime does not have
/// yet are ignored.
pub(crate) fn require_needed(
    definitions: &BTreeMap<String, Schema>,
    typescript: &TypeScript,
) -> Vec<Error> {
    let mut problems = Vec::new();
    for (table, places, absent) in [
        ("ABSENT_WHEN_EMPTY", ABSENT_WHEN_EMPTY, true),
        ("NULL_WHEN_EMPTY", NULL_WHEN_EMPTY, false),
    ] {
        for (definition, field) in places {
            let facts = typescript.field(definition, None, field);
            if facts.is_some_and(|facts| facts.optional == absent) {
                let entry = format!("{table} (`{definition}`, `{field}`)");
                problems.push(stale(&entry, "TypeScript agrees now"));
            }
        }
    }
    for &(method, params) in UNLISTED_NOTIFICATIONS {
        problems.extend(require_unlisted(definitions, typescript, method, params).err());
    }
    problems
}

/// The rows about fields and notifications that a dump does not have.
pub(crate) fn stale_rows(
    definitions: &BTreeMap<String, Schema>,
    typescript: &TypeScript,
) -> Vec<String> {
    let fields = [
        ("ABSENT_WHEN_EMPTY", ABSENT_WHEN_EMPTY),
        ("NULL_WHEN_EMPTY", NULL_WHEN_EMPTY),
    ];
    let rows = fields.into_iter().flat_map(|(table, places)| {
        let missing = places
            .iter()
            .filter(|(definition, field)| typescript.field(definition, None, field).is_none());
        missing.map(move |(definition, field)| format!("{table} ({definition}, {field})"))
    });
    let unlisted = UNLISTED_NOTIFICATIONS.iter();
    let unlisted = unlisted.filter(|(_, params)| !definitions.contains_key(*params));
    let unlisted = unlisted.map(|(method, _)| format!("UNLISTED_NOTIFICATIONS ({method})"));
    rows.chain(unlisted)
        .map(|row| format!("codegen/src/fixups/wire.rs: {row}"))
        .collect()
}

fn require_unlisted(
    definitions: &BTreeMap<String, Schema>,
    typescript: &TypeScript,
    method: &str,
    params: &str,
) -> Result<(), Error> {
    let entry = format!("UNLISTED_NOTIFICATIONS `{method}`");
    if is_listed(definitions, method) {
        return Err(stale(&entry, "the JSON schema lists it now"));
    }
    let is_defined = definitions.contains_key(params);
    match typescript.params_of("ServerNotification", method) {
        // Another runtime, which has neither.
        None if !is_defined => Ok(()),
        None => Err(stale(&entry, "TypeScript no longer lists it")),
        Some(_) if !is_defined => Err(stale(&entry, &format!("`{params}` is not defined"))),
        Some(module) if type_name(module) == params => Ok(()),
        Some(module) => Err(stale(&entry, &format!("its params are `{module}` now"))),
    }
}

fn is_listed(definitions: &BTreeMap<String, Schema>, method: &str) -> bool {
    let union = definitions.get("ServerNotification").map(|s| &s.shape);
    let Some(Shape::Union(union)) = union else {
        return false;
    };
    let objects = union.branches.iter().filter_map(Schema::as_object);
    let mut methods = objects.filter_map(|object| object.properties.get("method"));
    methods.any(|property| property.schema.as_single_value() == Some(method))
}

fn stale(entry: &str, reason: &str) -> Error {
    Error::schema(
        format!("codegen/src/fixups/wire.rs: {entry}"),
        format!("{reason}; adapt or remove the entry"),
    )
}
