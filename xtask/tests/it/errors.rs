//! Every error states its cause once: either in its own text or as its source.
//!
//! Whoever prints the whole chain (`{:#}` of anyhow) would see it twice otherwise. Errors whose text
//! is that of another one (`transparent`) have the source of that one. These are the errors whose texts
//! are derived; those of the client and of the runtime, which are written by hand, have tests there.

use std::fs;

use syn::visit::{self, Visit};
use xtask::workspace_root;

use crate::tree::files;

/// The variants and structs whose text repeats their source.
#[derive(Default)]
struct Repeated {
    owner: String,
    found: Vec<String>,
    /// Number of texts that were checked.
    texts: usize,
}

impl Repeated {
    fn check(&mut self, name: &str, attributes: &[syn::Attribute], fields: &syn::Fields) {
        let Some(text) = attribute(attributes, "error") else {
            return;
        };
        self.texts += 1;
        let is_repeated = fields.iter().enumerate().any(|(index, field)| {
            let name = field.ident.as_ref().map(ToString::to_string);
            let is_source = name.as_deref() == Some("source")
                || ["source", "from"].map(|kind| attribute(&field.attrs, kind)) != [None, None];
            is_source && mentions(&text, &name.unwrap_or_else(|| index.to_string()))
        });
        if is_repeated {
            self.found.push(format!("{}::{name}", self.owner));
        }
    }
}

impl<'ast> Visit<'ast> for Repeated {
    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.owner = item.ident.to_string();
        visit::visit_item_enum(self, item);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.check(&variant.ident.to_string(), &variant.attrs, &variant.fields);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.owner = item.ident.to_string();
        self.check("", &item.attrs, &item.fields);
    }
}

/// The tokens of an attribute, if it is there.
fn attribute(attributes: &[syn::Attribute], name: &str) -> Option<String> {
    let found = attributes.iter().find(|it| it.path().is_ident(name))?;
    Some(match &found.meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    })
}

/// Returns whether a format text, or an argument of it, has this field.
fn mentions(text: &str, field: &str) -> bool {
    let inline = ['}', ':'].map(|end| format!("{{{field}{end}"));
    let argument = [format!(". {field}"), format!(".{field}")];
    inline.iter().chain(&argument).any(|it| text.contains(it))
        || !field.starts_with(char::is_numeric)
            && text
                .rsplit('"')
                .next()
                .is_some_and(|behind| behind.contains(field))
}

fn repeated(code: &str) -> Repeated {
    let mut repeated = Repeated::default();
    repeated.visit_file(&syn::parse_file(code).unwrap());
    repeated
}

#[test]
fn repeated_cause_is_recognized() {
    let found = |variant: &str| {
        !repeated(&format!("enum E {{ {variant} }}"))
            .found
            .is_empty()
    };
    assert!(found(r#"#[error("a: {source}")] A { source: X }"#));
    assert!(found(r#"#[error("a: {0}")] A(#[from] X)"#));
    assert!(found(r#"#[error("a: {0:?}")] A(#[source] X)"#));
    assert!(found(r#"#[error("a: {}", .0)] A(#[source] X)"#));
    assert!(found(r#"#[error("a: {}", source.kind())] A { source: X }"#));
    assert!(found(r#"#[error("a: {error}")] A { #[source] error: X }"#));
    assert!(!found(r#"#[error("a")] A { source: X }"#));
    assert!(!found(r#"#[error("a: {error}")] A { error: X }"#));
    assert!(!found("#[error(transparent)] A(#[from] X)"));
    assert!(
        !repeated(r#"#[error("a: {source}")] struct E { source: X }"#)
            .found
            .is_empty()
    );
}

#[test]
fn no_error_states_its_cause_twice() {
    let mut found = Vec::new();
    let mut texts = 0;
    for file in files(".rs") {
        if file.contains("/generated/") || file.contains("tests/") {
            continue;
        }
        let checked = repeated(&fs::read_to_string(workspace_root().join(&file)).unwrap());
        texts += checked.texts;
        found.extend(
            checked
                .found
                .into_iter()
                .map(|name| format!("{file}: {name}")),
        );
    }
    assert!(texts > 30, "only {texts} texts of errors were found");
    assert!(
        found.is_empty(),
        "name the field `error` instead:\n{}",
        found.join("\n")
    );
}
