//! Errors of a generation: always with the place in the dump and the remedy.

/// A failed generation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A document of the dump is not JSON.
    #[error("{document}: not valid JSON: {error}; dump the schema again")]
    Json {
        /// The document.
        document: &'static str,
        /// The error of the parser.
        error: serde_json::Error,
    },
    /// The schema uses a construct that the generator does not support.
    #[error("{pointer}: {problem}")]
    Schema {
        /// The place in the dump, as a JSON pointer without the document's name.
        pointer: String,
        /// The problem and its remedy.
        problem: String,
    },
    /// A correction of the dump no longer matches the dump.
    #[error(
        "fixup `{fixup}` matched {found} places of `{definition}`, expected {expected}; \
         the runtime has changed there: adapt or remove the fixup in codegen/src/fixups.rs"
    )]
    Fixup {
        /// The fixup's name.
        fixup: &'static str,
        /// The definition that it corrects.
        definition: &'static str,
        /// Expected number of matched places.
        expected: usize,
        /// Actual number of matched places.
        found: usize,
    },
    /// The JSON schema and the TypeScript dump disagree in a new way.
    #[error("{pointer}: JSON schema and TypeScript disagree about `{type_name}`: {difference}")]
    CrossCheck {
        /// The place in the dump, as a JSON pointer without the document's name.
        pointer: String,
        /// The definition.
        type_name: String,
        /// The names that differ, and the remedy.
        difference: String,
    },
    /// The emitted code is not Rust, which is a defect of the generator.
    #[error("{file}: emitted code does not parse: {error}; this is a defect of codegen/src/emit")]
    Emit {
        /// The generated file.
        file: String,
        /// The error of the parser.
        error: syn::Error,
    },
    /// Several problems of one kind, so that all of them can be fixed at once.
    #[error("{}", one_per_line(.0))]
    Several(Vec<Error>),
}

fn one_per_line(errors: &[Error]) -> String {
    let lines: Vec<String> = errors.iter().map(Error::to_string).collect();
    lines.join("\n")
}

impl Error {
    /// All problems as one error, if there are any.
    pub(crate) fn all(mut problems: Vec<Self>) -> Result<(), Self> {
        match problems.len() {
            0 => Ok(()),
            1 => Err(problems.remove(0)),
            _ => Err(Self::Several(problems)),
        }
    }

    /// The definition it is about, as the first steps of its pointer.
    pub(crate) fn definition(&self) -> Option<&str> {
        let (Self::Schema { pointer, .. } | Self::CrossCheck { pointer, .. }) = self else {
            return None;
        };
        let start = pointer.find('#')? + 1;
        let steps = pointer.get(start..)?;
        let is_v2 = ["/definitions/v2/", "/$defs/v2/"]
            .iter()
            .any(|start| steps.starts_with(start));
        let depth = if is_v2 { 4 } else { 3 };
        let end = steps
            .match_indices('/')
            .nth(depth - 1)
            .map_or(steps.len(), |(end, _)| end);
        let name = steps.get(..end)?;
        (name.matches('/').count() == depth - 1).then(|| &pointer[..start + end])
    }

    /// The single problems that this one consists of.
    pub(crate) fn each(self) -> Vec<Self> {
        match self {
            Self::Several(errors) => errors.into_iter().flat_map(Self::each).collect(),
            one => vec![one],
        }
    }

    /// A problem at a place of the dump.
    pub(crate) fn schema(pointer: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Schema {
            pointer: pointer.into(),
            problem: problem.into(),
        }
    }
}
