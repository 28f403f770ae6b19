//! The table of runtimes in the README: what it must agree with, without a runtime.

use std::fs;

use codegen::history::History;
use codex_runtime::Pin;
use xtask::ci::runtimes::{DOCUMENT, OLDER, Row, rows};
use xtask::schema::history::{OLDEST, text};
use xtask::workspace_root;

fn table() -> Vec<Row> {
    let document = fs::read_to_string(workspace_root().join(DOCUMENT)).unwrap();
    rows(&document).unwrap()
}

#[test]
fn table_has_the_supported_runtimes_in_order() {
    let versions: Vec<_> = table().into_iter().map(|row| row.version).collect();
    let pinned = Pin::current().version().clone();
    assert_eq!(versions, [&OLDER[..], &[pinned]].concat());
    assert_eq!(OLDER[0], OLDEST);
    assert!(versions.is_sorted());
}

#[test]
fn counts_are_of_the_scenarios_there_are() {
    let suite = "codex-client/tests/behaviour/scenarios/essentials.rs";
    let suite = fs::read_to_string(workspace_root().join(suite)).unwrap();
    let scenarios = suite.matches("#[test]").count();
    for row in table() {
        assert_eq!(row.scenarios, scenarios, "{row:?}");
        for working in row.working {
            // What is lacking may be needed by several scenarios, but by one at least.
            assert!(working + row.lacking.len() <= scenarios, "{row:?}");
            assert_eq!(working == scenarios, row.lacking.is_empty(), "{row:?}");
        }
    }
}

#[test]
fn what_is_lacking_came_later() {
    let history = text(&workspace_root()).unwrap().unwrap();
    let history = History::parse(&history).unwrap();
    for row in table() {
        for (what, since) in &row.lacking {
            assert!(row.version < since.parse().unwrap(), "{row:?}");
            let method = what.split('.').next().unwrap();
            assert!(history.since(method).is_some() || history.stable_since(method).is_some());
        }
    }
    assert!(table().last().unwrap().lacking.is_empty());
}
