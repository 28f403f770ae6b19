//! The methods of the protocol that hand-written code names as text.
//!
//! Reads tokens: literals of tests and of documentation are no code that has to match a runtime.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::{Error, Inventory};

/// The words before the `/` of media types, which look like methods.
const MEDIA: [&str; 5] = ["application", "audio", "image", "text", "video"];

/// The literals of a source that look like a method, or like the beginning of one
/// (`thread/goal/`), and are in no message of the protocol.
///
/// # Errors
///
/// Returns an error for a source that is not Rust.
pub fn unknown_methods(
    path: &str,
    text: &str,
    inventory: &Inventory,
) -> Result<BTreeSet<String>, Error> {
    if !text.lines().any(has_candidate) {
        return Ok(BTreeSet::new());
    }
    let tokens: TokenStream = text.parse().map_err(|error| Error::Emit {
        file: path.to_owned(),
        error: syn::Error::from(error),
    })?;
    let mut literals = BTreeSet::new();
    collect(tokens, &mut literals);
    literals.retain(|literal| !is_known(literal, inventory));
    Ok(literals)
}

/// Returns whether a line that is no comment has a literal with a `/`.
fn has_candidate(line: &str) -> bool {
    let line = line.trim_start();
    !line.starts_with("//") && line.split('"').skip(1).step_by(2).any(is_method)
}

fn is_method(text: &str) -> bool {
    let mut steps = text.split('/');
    let is_step = |step: &str| {
        step.starts_with(|first: char| first.is_ascii_lowercase())
            && step.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let first = steps
        .next()
        .is_some_and(|step| is_step(step) && !MEDIA.contains(&step));
    let steps: Vec<&str> = steps.collect();
    let Some((last, between)) = steps.split_last() else {
        return false;
    };
    first && between.iter().all(|step| is_step(step)) && (last.is_empty() || is_step(last))
}

fn is_known(literal: &str, inventory: &Inventory) -> bool {
    let mut methods = inventory.messages().map(|message| &message.method);
    if literal.ends_with('/') {
        return methods.any(|method| method.starts_with(literal));
    }
    methods.any(|method| method == literal)
}

/// Collects the literals outside of attributes and of items for tests.
fn collect(tokens: TokenStream, literals: &mut BTreeSet<String>) {
    let mut is_test = false;
    let mut after_hash = false;
    for token in tokens {
        let was_hash = std::mem::take(&mut after_hash);
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => after_hash = true,
            // `#![…]`
            TokenTree::Punct(punct) if punct.as_char() == '!' && was_hash => after_hash = true,
            TokenTree::Punct(punct) if punct.as_char() == ';' => is_test = false,
            TokenTree::Group(group) if was_hash => is_test |= is_for_tests(&group),
            TokenTree::Group(group) if is_test => is_test = group.delimiter() != Delimiter::Brace,
            TokenTree::Group(group) => collect(group.stream(), literals),
            TokenTree::Literal(literal) if !is_test => {
                let text = literal.to_string();
                let text = text
                    .strip_prefix('"')
                    .and_then(|text| text.strip_suffix('"'));
                literals.extend(text.filter(|text| is_method(text)).map(str::to_owned));
            }
            _ => {}
        }
    }
}

/// Returns whether an attribute is `[cfg(test)]`.
fn is_for_tests(attribute: &Group) -> bool {
    let text = attribute.stream().to_string();
    text.replace(' ', "") == "cfg(test)"
}

#[cfg(test)]
mod tests {
    use super::unknown_methods;
    use crate::{Inventory, MessageEntry};

    #[test]
    fn literals_of_code_are_compared_with_the_methods() {
        let text = r#"
            //! Calls `"gone/fromDocs"`.
            const TABLE: [&str; 2] = ["thread/start", "gone/fromTable"];
            #[doc = "gone/fromAttribute"]
            fn is_ended(method: &str) -> bool {
                method.starts_with("thread/") || method.starts_with("gone/") ||
                matches!(method, "gone/fromMacro") || "image/png" == method || "a b/c" == method
            }
            #[cfg(test)]
            mod tests { fn test() { "gone/fromTest"; } }
            const LAST: &str = "gone/last";
        "#;
        let inventory = Inventory {
            client_requests: vec![MessageEntry {
                method: "thread/start".to_owned(),
                ..MessageEntry::default()
            }],
            ..Inventory::default()
        };
        let unknown = unknown_methods("lib.rs", text, &inventory).unwrap();
        let expected = ["gone/", "gone/fromMacro", "gone/fromTable", "gone/last"];
        assert_eq!(unknown.into_iter().collect::<Vec<_>>(), expected);
    }
}
