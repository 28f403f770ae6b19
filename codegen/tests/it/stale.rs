//! A row of any table fails when the item that it is about leaves the dump.

use std::collections::BTreeMap;

use codegen::Inputs;
use insta::assert_snapshot;
use serde_json::Value;

use crate::dump::INPUTS;

/// The pinned dump with these texts replaced everywhere.
fn renamed(names: &[(&str, &str)]) -> Inputs {
    let rename = |text: &String| {
        let names = names.iter();
        names.fold(text.clone(), |text, (from, to)| text.replace(from, to))
    };
    let files = INPUTS.typescript.iter().flatten();
    let files: BTreeMap<_, _> = files
        .map(|(path, text)| (rename(path), rename(text)))
        .collect();
    Inputs {
        stable: rename(&INPUTS.stable),
        experimental: rename(&INPUTS.experimental),
        typescript: Some(files),
        unreviewed_runtime: true,
        ..INPUTS.clone()
    }
}

/// Removes the trace of requests, and its definition.
fn without_trace(text: &str) -> String {
    let mut dump: Value = serde_json::from_str(text).unwrap();
    let definitions = dump["definitions"].as_object_mut().unwrap();
    definitions.remove("W3cTraceContext").unwrap();
    let request = &mut definitions["JSONRPCRequest"]["properties"];
    request.as_object_mut().unwrap().remove("trace").unwrap();
    dump.to_string()
}

#[test]
fn rows_without_a_match_are_listed_whatever_their_table() {
    let mut inputs = renamed(&[
        ("item/tool/call", "item/tool/summon"),
        ("loginId", "signInId"),
        ("login_id", "sign_in_id"),
        ("brandColor", "brandHue"),
        ("RequestHeader", "RequestField"),
        ("NEW NOTIFICATIONS", "More"),
        ("rawResponse/completed", "rawResponse/over"),
        ("RawResponseCompleted", "RawResponseOver"),
    ]);
    inputs.stable = without_trace(&inputs.stable);
    inputs.experimental = without_trace(&inputs.experimental);
    let files = inputs.typescript.as_mut().unwrap();
    for text in files.values_mut() {
        let raw =
            " | { \"method\": \"rawResponse/over\", \"params\": RawResponseOverNotification }";
        *text = text.replace(raw, "");
    }
    let output = codegen::generate(&inputs).unwrap_or_else(|error| panic!("{error}"));
    assert_snapshot!(output.stale_rows.join("\n"));
}
