//! Verifies that the emitted text is Rust, before anything is written.
//!
//! Tables and documentation are emitted as text, and a compiler is stricter than a parser: it
//! rejects characters that change the direction of text and a carriage return in a comment.

use std::path::Path;

use crate::schema::is_hazardous;
use crate::{Error, FileTree, parallel};

/// Every file that does not parse, or contains a character that sources must not contain; current
/// files are taken to be right.
pub(crate) fn problems(
    tree: &FileTree,
    is_current: &(dyn Fn(&str, &str) -> bool + Sync),
) -> Vec<Error> {
    let is_source = |path: &str| Path::new(path).extension().is_some_and(|it| it == "rs");
    let sources = tree.iter().filter(|(path, _)| is_source(path));
    let sources: Vec<_> = sources.collect();
    let problems = parallel::map(&sources, |(path, text)| {
        let is_current = is_current(path, text);
        (!is_current).then(|| problem(path, text)).flatten()
    });
    problems.into_iter().flatten().collect()
}

fn problem(path: &str, text: &str) -> Option<Error> {
    if let Some((line, character)) = hazard(text) {
        return Some(Error::schema(
            format!("{path}:{line}"),
            format!(
                "emitted code has the character {character:?}; \
                 this is a defect of codegen/src/schema.rs, whose `plain_text` should drop it"
            ),
        ));
    }
    syn::parse_file(text).err().map(|error| Error::Emit {
        file: path.to_owned(),
        error,
    })
}

/// The first character that must not be in a source, and its line.
fn hazard(text: &str) -> Option<(usize, char)> {
    if text.is_ascii()
        && !text
            .bytes()
            .any(|byte| byte != b'\n' && byte.is_ascii_control())
    {
        return None;
    }
    let lines = text.split('\n').enumerate();
    let mut hazards = lines.filter_map(|(index, line)| {
        let found = line.chars().find(|character| is_hazardous(*character))?;
        Some((index + 1, found))
    });
    hazards.next()
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn text_that_is_no_rust_is_found() {
        assert!(problem("a.rs", "/// Fine – really.\nfn a() {}\n").is_none());
        let told = |text| problem("a.rs", text).unwrap().to_string();
        assert!(told("fn a( {}\n").starts_with("a.rs: emitted code does not parse"));
        assert!(told("// one\n// \u{202e}\n").starts_with("a.rs:2: emitted code has"));
        assert!(told("/// a\rb\nfn a() {}\n").contains("'\\r'"));
    }
}
