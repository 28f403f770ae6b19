//! Small files, then the whole dump.

use std::collections::BTreeMap;

use super::{FieldFacts, TypeScript, testing};

fn parse(files: &[(&str, &str)]) -> Result<TypeScript, crate::Error> {
    let files: BTreeMap<_, _> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    TypeScript::parse(&files)
}

/// The facts as letters: `o`ptional, `n`ullable, `d`ouble null.
#[track_caller]
fn check(body: &str, variant: Option<&str>, field: &str, expected: Option<&str>) {
    let text = format!("export type T = {body};");
    let typescript = parse(&[("T.ts", &text)]).unwrap();
    let letters = typescript.field("T", variant, field).map(|facts| {
        let FieldFacts {
            optional,
            nullable,
            double_null,
        } = facts;
        let letters = [(optional, 'o'), (nullable, 'n'), (double_null, 'd')];
        let letters = letters.into_iter().filter(|(is, _)| *is);
        letters.map(|(_, letter)| letter).collect::<String>()
    });
    assert_eq!(letters.as_deref(), expected, "{body}");
}

/// The problem of a file `T.ts` that cannot be read.
#[track_caller]
fn check_error(text: &str, expected: &str) {
    let error = parse(&[("T.ts", text)]).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn marks_of_fields() {
    check("{ a: string, }", None, "a", Some(""));
    check("{ a?: string, }", None, "a", Some("o"));
    check("{ a: string | null, }", None, "a", Some("n"));
    check("{ a?: bigint | null }", None, "a", Some("on"));
    check("{ a: string | null | null, }", None, "a", Some("nd"));
    check("{ a: string, }", None, "b", None);
    check(
        "{ a: Array<string | null>, b: unknown[], }",
        None,
        "a",
        Some(""),
    );
    check("{ $schema?: string, }", None, "$schema", Some("o"));
}

#[test]
fn comments_are_skipped() {
    check("{ // one\n a: /* two\n */ string, }", None, "a", Some(""));
}

#[test]
fn variants_are_distinguished_by_tag() {
    let union = r#"{ "type": "x", a?: string, } | { "type": "y", a: string | null, }"#;
    check(union, Some("x"), "a", Some("o"));
    check(union, Some("y"), "a", Some("n"));
    check(union, Some("z"), "a", None);
}

#[test]
fn siblings_of_a_union_belong_to_every_variant() {
    let union = r#"{ s?: number, } & ({ "type": "x", } | { "type": "y", a: string, })"#;
    check(union, Some("x"), "s", Some("o"));
    check(union, Some("y"), "s", Some("o"));
    check(union, None, "s", Some("o"));
}

#[test]
fn a_field_that_only_some_shapes_of_a_variant_have_is_optional() {
    let union = r#"{ "type": "x", } & ({ url: string, } | { fileId: string, })"#;
    check(union, Some("x"), "url", Some("o"));
    check(union, Some("x"), "type", Some(""));
}

#[test]
fn externally_tagged_variants_are_entered() {
    let union = r#""none" | { "grpc": { tls: string | null, } }"#;
    check(union, Some("grpc"), "tls", Some("n"));
}

#[test]
fn intersections_bind_tighter_than_unions() {
    let union = r#"{ "type": "x" } & { a: string } | { "type": "y" } & { b: string }"#;
    check(union, Some("x"), "a", Some(""));
    check(union, Some("y"), "a", None);
}

#[test]
fn maps_and_empty_objects() {
    check("{ a: { [key in string]?: number }, }", None, "a", Some(""));
    check(
        "{ a: number | null, } & ({ [key in string]?: T })",
        None,
        "a",
        Some("n"),
    );
    check("Record<string, never>", None, "a", None);
}

#[test]
fn references_are_followed_into_other_files() {
    let typescript = parse(&[
        (
            "v2/A.ts",
            "import type { B } from \"../B\";\nexport type A = { \"type\": \"x\" } & B;",
        ),
        ("B.ts", "export type B = { b?: string, };"),
        (
            "index.ts",
            "export type { B } from \"./B\";\nexport * as v2 from \"./v2\";",
        ),
    ]);
    let facts = typescript.unwrap().field("A", Some("x"), "b").unwrap();
    assert!(facts.optional && !facts.nullable);
}

#[test]
fn a_fixed_number_is_a_number() {
    let body = "{ \"mode\": \"show\", version: 1, } | { \"mode\": \"hide\", version?: 1 | 2, }";
    check(body, Some("show"), "version", Some(""));
    check(body, Some("hide"), "version", Some("o"));
}

#[test]
fn unknown_types_are_errors_with_a_place() {
    check_error("export type T = A;", "ts/experimental/T.ts at byte 16");
    let unknown = "a type that is known or imported";
    check_error("export type T = keyof string;", unknown);
    check_error("export type T = 5x;", unknown);
    check_error("export type T = -5;", "unsupported character '-'");
    check_error("export type T = \"a\\n\";", "unsupported string");
    let readonly = "export type T = { readonly a: string };";
    check_error(readonly, "expected `:`, found `a`");
    let numbered = "export type T = { [key in number]: string };";
    check_error(numbered, "expected `string`");
    let record = "export type T = Record<string, string>;";
    check_error(record, "expected `never`");
}

#[test]
fn files_without_exactly_one_type_are_errors() {
    let cut = "expected `;`, found the end of the file";
    check_error("export type T = string", cut);
    check_error("/* no end", "comment without an end");
    check_error("const a = 1;", "expected `import` or `export`");
    let other = "does not export exactly one type, `T`";
    check_error("export type U = string;", other);
    check_error("", other);
}

#[test]
fn imports_stay_inside_the_dump() {
    let outside = "import type { B } from \"../B\";\nexport type T = B;";
    check_error(outside, "a path inside the dump");
    let missing = "import type { B } from \"./B\";\nexport type T = B;";
    check_error(missing, "imports `B`, which is not in the dump");
}

#[test]
fn the_whole_dump_parses() {
    let files = testing::files();
    let modules = testing::typescript().modules;
    // All but `index.ts` and `v2/index.ts`.
    assert_eq!(modules.len(), files.len() - 2);
    assert!(modules.len() >= 949, "{}", modules.len());
    let v2 = modules
        .keys()
        .filter_map(|module| module.strip_prefix("v2/"));
    let twice: Vec<_> = v2.filter(|name| modules.contains_key(*name)).collect();
    let expected = [
        "ExecPolicyAmendment",
        "NetworkPolicyAmendment",
        "NetworkPolicyRuleAction",
        "SessionSource",
        "WebSearchAction",
    ];
    assert_eq!(twice, expected);
}

#[test]
fn facts_of_the_dump() {
    let typescript = testing::typescript();
    let facts = |name, variant, field| typescript.field(name, variant, field).unwrap();
    assert!(facts("ThreadStartParams", None, "serviceTier").double_null);
    assert!(facts("CollaborationModeMask", None, "reasoning_effort").double_null);
    assert!(facts("ThreadItem", Some("agentMessage"), "phase").nullable);
    assert!(facts("ConfigWarningNotification", None, "path").optional);
    assert!(facts("UserInput", Some("image"), "fileId").optional);
    let status = "httpStatusCode";
    assert!(facts("CodexErrorInfo", Some("httpConnectionFailed"), status).nullable);
    assert!(
        typescript
            .field("ThreadItem", Some("plan"), "phase")
            .is_none()
    );
}
