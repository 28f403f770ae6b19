//! The optional arguments of the client's builders: a reviewed list per method.
//!
//! The protocol grows with every runtime, and an argument of a builder is part of the public API. A
//! new field of the protocol therefore changes no builder automatically: it is reported until a
//! reviewer has added it to one of the two lists of its method. A listed field that the protocol no
//! longer has fails the generation. Fields on neither list can still be set, through `with_params`.
//!
//! The code of a builder is emitted by `emit/builders.rs`.

use std::collections::BTreeSet;

use crate::Error;
use crate::ir::{Field, Kind, Model, Type};
use crate::protocol::{Protocol, Request};

mod table;

pub(crate) use table::BUILDERS;

/// A builder of the client.
#[derive(Debug)]
pub(crate) struct Builder {
    /// The method on the wire.
    pub(crate) method: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// The function that creates it.
    pub(crate) origin: Origin,
    /// Documentation of the builder and of the function that creates it.
    pub(crate) docs: &'static str,
    /// The result of sending it.
    pub(crate) output: Output,
    /// The arguments it offers.
    pub(crate) offered: &'static [Offered],
    /// The fields it does not offer, by the reason.
    pub(crate) withheld: &'static [(Reason, &'static [&'static str])],
}

/// The origin of a builder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A function of `Codex` with this name, with the required fields as its arguments.
    Codex(&'static str),
    /// A function of `Thread` with this name, which fills in its id.
    Thread(&'static str),
    /// A hand-written function of `Thread`.
    HandWrittenOnThread,
    /// A hand-written function of a turn handle.
    HandWrittenOnTurn,
}

/// The result of a builder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// The whole response.
    Response,
    /// This type of the client; the conversion is hand-written.
    HandWritten(&'static str),
}

/// An argument of a builder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offered {
    /// A field as in the protocol, with its text, or the text of the dump if empty.
    Plain(&'static str, &'static str),
    /// A field that is a path.
    Path(&'static str, &'static str),
    /// Overrides of the configuration, with their text.
    Config(&'static str),
    /// Approval policy and reviewer combined.
    ApprovalMode,
    /// The sandbox of a thread: a mode, and the configuration for the rest.
    SandboxOfThread,
    /// The sandbox of a turn: a policy.
    SandboxOfTurn,
    /// The approvals of a turn in its stream.
    ApprovalsInStream,
    /// The policy for the approvals of a turn.
    ApprovalPolicy,
}

impl Offered {
    /// The Rust names of the fields that it sets.
    pub(crate) fn fields(&self) -> Vec<&'static str> {
        match *self {
            Self::Plain(field, _) | Self::Path(field, _) => vec![field],
            Self::Config(_) => vec!["config"],
            Self::ApprovalMode => vec!["approval_policy", "approvals_reviewer"],
            Self::SandboxOfThread => vec!["sandbox", "config"],
            Self::SandboxOfTurn => vec!["sandbox_policy"],
            Self::ApprovalsInStream | Self::ApprovalPolicy => Vec::new(),
        }
    }
}

/// The reason why a field is not an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Discouraged by the protocol itself.
    Deprecated,
    /// Bookkeeping of graphical clients.
    Interface,
    /// Set by the client where it has to be set.
    SetByClient,
}

/// A builder together with its request in the dump.
#[derive(Debug)]
pub(crate) struct Resolved<'a> {
    pub(crate) builder: &'static Builder,
    pub(crate) request: &'a Request,
    pub(crate) params: &'a str,
    pub(crate) fields: &'a [Field],
    /// The type of the entries, if the response is a page of a list.
    pub(crate) entry: Option<&'a Type>,
}

/// Resolves the request of each builder, and reports unreviewed fields.
///
/// A dump with none of the methods is a test fixture and gets no builders; a dump of an unreviewed
/// runtime gets the builders whose methods it has.
pub(crate) fn resolve<'a>(
    model: &'a Model,
    protocol: &'a Protocol,
    unreviewed_runtime: bool,
    notices: &mut Vec<String>,
) -> Result<Vec<Resolved<'a>>, Error> {
    let known = |method: &str| protocol.client_requests.iter().any(|r| r.method == method);
    if !BUILDERS.iter().any(|builder| known(builder.method)) {
        return Ok(Vec::new());
    }
    let mut resolved = Vec::new();
    let mut problems = Vec::new();
    for builder in BUILDERS {
        match resolve_one(builder, model, protocol) {
            Ok(found) => {
                problems.extend(missing(&found));
                notices.extend(unreviewed_notice(&found));
                resolved.push(found);
            }
            Err(error) => problems.push(error),
        }
    }
    match problems.len() {
        0 => {}
        _ if unreviewed_runtime => {
            notices.extend(problems.iter().map(|error| format!("left out: {error}")));
        }
        1 => return Err(problems.remove(0)),
        _ => return Err(Error::Several(problems)),
    }
    Ok(resolved)
}

fn resolve_one<'a>(
    builder: &'static Builder,
    model: &'a Model,
    protocol: &'a Protocol,
) -> Result<Resolved<'a>, Error> {
    let mut requests = protocol.client_requests.iter();
    let request = requests
        .find(|request| request.method == builder.method)
        .ok_or_else(|| removed(builder, "the method is no longer in the protocol"))?;
    let params = request
        .params
        .type_name()
        .ok_or_else(|| removed(builder, "the method no longer has parameters"))?;
    let kind = model.definitions.get(params).map(|found| &found.kind);
    let Some(Kind::Struct(object)) = kind else {
        return Err(removed(builder, "the parameters are no longer an object"));
    };
    Ok(Resolved {
        builder,
        request,
        params,
        fields: &object.fields,
        entry: entry(builder, request, &object.fields, model),
    })
}

/// The type of the entries, if the response is a page of a list, with a cursor of the next page.
fn entry<'a>(
    builder: &Builder,
    request: &Request,
    params: &[Field],
    model: &'a Model,
) -> Option<&'a Type> {
    let response = model.definitions.get(&request.response);
    let Some(Kind::Struct(page)) = response.map(|found| &found.kind) else {
        return None;
    };
    let field = |fields: &'a [Field], name: &str| fields.iter().find(|it| it.rust.0 == name);
    let has_cursor = params.iter().any(|field| field.rust.0 == "cursor");
    let is_page = builder.output == Output::Response
        && has_cursor
        && field(&page.fields, "next_cursor").is_some();
    match &field(&page.fields, "data")?.value {
        Type::Listing(entry) if is_page => Some(entry),
        _ => None,
    }
}

/// Every named field must exist.
fn missing(found: &Resolved<'_>) -> Vec<Error> {
    let offered = found.builder.offered.iter().flat_map(Offered::fields);
    let withheld = found.builder.withheld.iter();
    let kept = withheld.flat_map(|(_, fields)| fields.iter().copied());
    let removed_fields = offered
        .chain(kept)
        .filter(|name| found.field(name).is_none());
    removed_fields
        .map(|name| {
            let problem = format!("the field `{name}` is no longer in the protocol");
            removed(found.builder, &problem)
        })
        .collect()
}

fn unreviewed_notice(found: &Resolved<'_>) -> Option<String> {
    let unreviewed = unreviewed(found);
    let (method, builder) = (found.builder.method, found.builder.name);
    (!unreviewed.is_empty()).then(|| {
        format!(
            "{method}: not reviewed for the builder `{builder}`: {}; put them on a list in \
             codegen/src/builders/table.rs",
            unreviewed.join(", ")
        )
    })
}

/// The optional fields on neither list. Experimental ones are withheld by rule: they are reviewed when
/// they become stable.
fn unreviewed(found: &Resolved<'_>) -> Vec<String> {
    let offered = found.builder.offered.iter().flat_map(Offered::fields);
    let withheld = found.builder.withheld.iter();
    let withheld = withheld.flat_map(|(_, fields)| fields.iter().copied());
    let reviewed: BTreeSet<&str> = offered.chain(withheld).collect();
    let optional = found
        .fields
        .iter()
        .filter(|field| !field.presence.is_required() && !field.experimental);
    let names = optional.map(|field| field.rust.0.clone());
    names
        .filter(|name| !reviewed.contains(name.as_str()))
        .collect()
}

impl Resolved<'_> {
    /// The arguments whose fields exist: all of them, unless the runtime is unreviewed.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &'static Offered> {
        let is_there = |field: &str| self.field(field).is_some();
        let offered = self.builder.offered.iter();
        offered.filter(move |offered| offered.fields().into_iter().all(is_there))
    }

    /// The field with this Rust name.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.rust.0 == name)
    }
}

fn removed(builder: &Builder, problem: &str) -> Error {
    let place = format!("the builder `{}` ({})", builder.name, builder.method);
    let problem = format!("{problem}; change codegen/src/builders/table.rs and the client");
    Error::schema(place, problem)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{BUILDERS, Offered};

    #[test]
    fn every_field_is_on_one_list_only() {
        for builder in BUILDERS {
            let mut seen = BTreeSet::new();
            let offered = builder.offered.iter().flat_map(Offered::fields);
            let withheld = builder
                .withheld
                .iter()
                .flat_map(|(_, fields)| fields.iter());
            // A thread's sandbox may need the configuration, which is an argument of its own.
            let all = offered
                .chain(withheld.copied())
                .filter(|field| *field != "config");
            for field in all {
                assert!(seen.insert(field), "{}: {field}", builder.name);
            }
        }
    }

    #[test]
    fn every_builder_has_a_name_of_its_own() {
        let names: BTreeSet<_> = BUILDERS.iter().map(|builder| builder.name).collect();
        assert_eq!(names.len(), BUILDERS.len());
    }
}
