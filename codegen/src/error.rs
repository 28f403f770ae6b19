//! Why a generation failed: always with the place in the dump and what to do.

/// A failed generation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A document of the dump is not JSON.
    #[error("{document}: not valid JSON: {source}; dump the schema again")]
    Json {
        /// Which document.
        document: &'static str,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// The schema uses something the generator does not understand.
    #[error("{pointer}: {problem}")]
    Schema {
        /// Where in the dump, as a JSON pointer behind the document's name.
        pointer: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A correction of the dump no longer matches the dump.
    #[error(
        "fixup `{fixup}` matched {found} places, expected {expected}; \
         the runtime has changed there: adapt or remove the fixup in codegen/src/fixups.rs"
    )]
    Fixup {
        /// The fixup's name.
        fixup: &'static str,
        /// How many places it must match.
        expected: usize,
        /// How many it matched.
        found: usize,
    },
    /// The JSON schema and the TypeScript dump disagree in a new way.
    #[error("{type_name}: JSON schema and TypeScript disagree: {difference}")]
    CrossCheck {
        /// The definition.
        type_name: String,
        /// The names that differ, and what to do.
        difference: String,
    },
    /// The emitted code is not Rust, which is a defect of the generator.
    #[error("{file}: emitted code does not parse: {source}; this is a defect of codegen/src/emit")]
    Emit {
        /// The generated file.
        file: String,
        /// What the parser said.
        source: syn::Error,
    },
    /// Several problems of one kind, so that all can be mended at once.
    #[error("{}", one_per_line(.0))]
    Several(Vec<Error>),
}

fn one_per_line(errors: &[Error]) -> String {
    let lines: Vec<String> = errors.iter().map(Error::to_string).collect();
    lines.join("\n")
}

impl Error {
    /// A problem at a place of the dump.
    pub(crate) fn schema(pointer: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Schema {
            pointer: pointer.into(),
            problem: problem.into(),
        }
    }
}
