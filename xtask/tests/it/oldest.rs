//! Syntax that the oldest supported toolchain cannot read, and no lint finds: `let` chains,
//! which came with Rust 1.88. Newer functions of the standard library are found by clippy.

use std::fs;

use syn::visit::{self, Visit};
use xtask::workspace_root;

use crate::tree::files;

/// The number of `let` conditions among several.
#[derive(Default)]
struct Chains {
    found: usize,
}

impl<'ast> Visit<'ast> for Chains {
    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        for side in [&*binary.left, &*binary.right] {
            self.found += usize::from(matches!(side, syn::Expr::Let(_)));
        }
        visit::visit_expr_binary(self, binary);
    }
}

fn chains(code: &str) -> usize {
    let mut chains = Chains::default();
    chains.visit_file(&syn::parse_file(code).unwrap());
    chains.found
}

#[test]
fn chain_is_distinguished_from_a_plain_condition() {
    assert_eq!(chains("fn f() { if let Some(a) = b && a {} }"), 1);
    assert_eq!(chains("fn f() { if a && let Some(b) = c && d {} }"), 1);
    assert_eq!(
        chains("fn f() { if a && b {} if let Some(a) = b.c(|d| d && e) {} }"),
        0
    );
}

#[test]
fn no_source_needs_a_newer_toolchain_than_the_oldest() {
    let has_chain =
        |file: &String| chains(&fs::read_to_string(workspace_root().join(file)).unwrap()) > 0;
    let found: Vec<String> = files(".rs").into_iter().filter(has_chain).collect();
    assert!(
        found.is_empty(),
        "chains of `let` conditions need Rust 1.88; nest or match instead:\n{}",
        found.join("\n")
    );
}
