//! Lists of what the server keeps: a malformed element costs no other one.

use codex_types::{
    List, MalformedElement, Thread, ThreadForkResponse, ThreadItem, ThreadItemsListResponse,
    ThreadListResponse, ThreadReadResponse, ThreadResumeResponse, ThreadTurnsListResponse, Turn,
};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::schema::generate::some_instances;

/// Elements that are no turns, and no threads either: each with its error.
const MALFORMED: &[(&str, &str)] = &[
    (r#"{"status":"completed"}"#, "id: missing field"),
    (
        r#"{"id":5}"#,
        "id: invalid type: integer, expected a string",
    ),
    ("null", "invalid type: null, expected an object"),
    ("5", "invalid type: integer, expected an object"),
    ("1e400", "number out of range"),
    (r#""text""#, "invalid type: string, expected an object"),
    ("[]", "invalid type: sequence, expected an object"),
    ("{}", "id: missing field"),
    (
        r#"{"id":"cut \ud83d","x":123456789012345678901}"#,
        "id: unexpected end of hex escape",
    ),
];

fn turn(id: &str) -> String {
    format!(r#"{{"id":"{id}","items":[],"status":"completed"}}"#)
}

/// A value of a type with everything in it, as a template for others.
fn instance(name: &str) -> Value {
    let instances = some_instances(name, 1);
    let (_, value) = instances.into_iter().next().expect("there is an instance");
    value
}

#[track_caller]
fn read<T: DeserializeOwned + Serialize>(text: &str) -> T {
    let read: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let written = serde_json::to_string(&read).expect("it can be written");
    let texts = [text, &written].map(canonical);
    assert_eq!(texts[0], texts[1], "it is written again unchanged");
    read
}

/// The tokens of a JSON text, without regard to the order of keys or to spaces.
fn canonical(text: &str) -> Vec<String> {
    let tokens = text.split(|character: char| "{}[],".contains(character) || character == ' ');
    let mut tokens: Vec<String> = tokens.map(str::to_owned).collect();
    tokens.retain(|token| !token.is_empty());
    tokens.sort();
    tokens
}

fn ids(turns: &[Turn]) -> Vec<&str> {
    turns.iter().map(|turn| turn.id.as_ref()).collect()
}

#[track_caller]
fn check(malformed: &[MalformedElement], (text, error): (&str, &str), index: usize) {
    let [malformed] = malformed else {
        panic!("{malformed:?}");
    };
    assert_eq!(malformed.index(), index);
    assert!(
        malformed.error().to_string().starts_with(error),
        "{text}: {malformed:?}"
    );
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        assert_eq!(*malformed.value(), value);
    }
}

#[test]
fn malformed_turn_costs_no_other_one() {
    for (malformed, error) in MALFORMED {
        for index in 0..3 {
            let mut turns = [turn("a"), turn("b")].to_vec();
            turns.insert(index, (*malformed).to_owned());
            let turns = turns.join(",");
            let page: ThreadTurnsListResponse =
                read(&format!(r#"{{"data":[{turns}],"nextCursor":null}}"#));
            assert_eq!(ids(&page.data), ["a", "b"]);
            check(page.data.malformed(), (malformed, error), index);
        }
    }
}

/// Puts malformed turns into a thread, wherever a message has one.
fn with_turns(value: &mut Value, turns: &Value) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                if name == "turns" && inner.is_array() {
                    inner.clone_from(turns);
                } else {
                    with_turns(inner, turns);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|inner| with_turns(inner, turns)),
        _ => {}
    }
}

#[test]
fn thread_with_a_malformed_turn_is_read_wherever_it_is() {
    let turns = json!([serde_json::from_str::<Value>(&turn("a")).unwrap(), {"id": "b"}]);
    let text = |name: &str| {
        let mut value = instance(name);
        with_turns(&mut value, &turns);
        value.to_string()
    };
    let check = |thread: &Thread| {
        assert_eq!(ids(&thread.turns), ["a"]);
        assert_eq!(thread.turns.malformed()[0].value()["id"], "b");
    };
    check(&read::<ThreadReadResponse>(&text("ThreadReadResponse")).thread);
    check(&read::<ThreadResumeResponse>(&text("ThreadResumeResponse")).thread);
    check(&read::<ThreadForkResponse>(&text("ThreadForkResponse")).thread);
    let list = format!(r#"{{"data":[{}],"nextCursor":null}}"#, text("Thread"));
    check(&read::<ThreadListResponse>(&list).data[0]);
}

#[test]
fn malformed_entries_of_other_lists_are_kept() {
    fn check<T: DeserializeOwned + Serialize>(
        (name, element): (&str, &str),
        data: impl Fn(&T) -> (usize, usize),
    ) {
        let mut value = instance(name);
        value["data"] = json!([{"not": "known"}, instance(element), null]);
        assert_eq!(data(&read(&value.to_string())), (1, 2), "{name}");
    }
    macro_rules! lists {
        ($($name:ident of $element:ident,)*) => {$(
            check::<codex_types::$name>((stringify!($name), stringify!($element)), |list| {
                (list.data.len(), list.data.malformed().len())
            });
        )*};
    }
    lists! {
        ThreadListResponse of Thread,
        ThreadSearchResponse of ThreadSearchResult,
        ThreadTurnsListResponse of Turn,
        TurnsPage of Turn,
        ThreadItemsListResponse of ThreadItemEntry,
        ModelListResponse of Model,
        AppsListResponse of AppInfo,
        AppListUpdatedNotification of AppInfo,
        ProjectListResponse of Project,
        SkillsListResponse of SkillsListEntry,
    }
}

#[test]
fn malformed_item_costs_no_other_one() {
    for (item, error) in [
        (
            r#"{"type":"commandExecution","id":"c","command":5}"#,
            "command: invalid type",
        ),
        (r#"{"id":"c","text":"no type"}"#, "type: missing field"),
        (
            r#"{"type":5,"id":"c"}"#,
            "type: invalid type: integer, expected a string",
        ),
        (
            r#"{"id":"c","type":null}"#,
            "type: invalid type: expected a string",
        ),
        ("null", "invalid type: null, expected an object"),
        ("1e400", "number out of range"),
        (
            r#"[{"type":"plan"}]"#,
            "invalid type: sequence, expected an object",
        ),
    ] {
        let plan = r#"{"type":"plan","id":"p","text":"t"}"#;
        let text = format!(r#"{{"id":"u","items":[{plan},{item},{plan}],"status":"completed"}}"#);
        let turn: Turn = read(&text);
        let [
            ThreadItem::Plan(_),
            ThreadItem::Unrecognized(kept),
            ThreadItem::Plan(_),
        ] = &turn.items[..]
        else {
            panic!("{turn:?}");
        };
        let found = kept.error().expect("it is malformed").to_string();
        assert!(found.starts_with(error), "{item}: {found}");
    }
}

/// An entry of `thread/items/list` has its item in a field.
#[test]
fn malformed_item_of_an_entry_is_kept() {
    let text = r#"{"data":[{"turnId":"u","item":{"type":"plan","id":"p"}}],"nextCursor":null}"#;
    let page: ThreadItemsListResponse = read(text);
    assert!(matches!(page.data[0].item, ThreadItem::Unrecognized(_)));
    let text = r#"{"data":[{"turnId":"u","item":null}],"nextCursor":null}"#;
    let page: ThreadItemsListResponse = read(text);
    let error = page.data.malformed()[0].to_string();
    assert_eq!(
        error,
        "malformed element: [0].item: invalid type: null, expected an object"
    );
}

#[test]
fn broken_json_is_still_an_error() {
    for element in [r#"{"id":"a""#, "{]", "+1", r#"{"id":"a","items":[}"#, "[1,"] {
        let text = format!(r#"{{"data":[{element}],"nextCursor":null}}"#);
        assert!(serde_json::from_str::<ThreadTurnsListResponse>(&text).is_err());
        let items = format!(r#"{{"id":"u","items":[{element}],"status":"completed"}}"#);
        assert!(serde_json::from_str::<Turn>(&items).is_err());
    }
}

#[test]
fn one_thing_that_was_asked_for_is_read_strictly() {
    let mut value = instance("ThreadReadResponse");
    value["thread"].as_object_mut().unwrap().remove("id");
    let error = serde_json::from_value::<ThreadReadResponse>(value).unwrap_err();
    assert!(error.to_string().starts_with("thread.id"), "{error}");
}

#[test]
fn list_is_used_like_a_vec() {
    let text = format!(r#"[null,{},{{"id":"b"}},{}]"#, turn("a"), turn("c"));
    let mut list: List<Turn> = serde_json::from_str(&text).unwrap();
    let in_order = |list: &List<Turn>| {
        let results = list.results();
        let ids = results.map(|it| it.map_or("?", |turn| turn.id.as_ref()).to_owned());
        ids.collect::<Vec<_>>().concat()
    };
    assert_eq!(in_order(&list), "?a?c");
    let printed = format!("{list:?}");
    assert!(printed.contains("MalformedElement") && printed.contains("items: missing field"));
    let first = list.remove(0);
    assert_eq!(in_order(&list), "?c?", "what is malformed is not lost");
    list.push(first.clone());
    let mut other = List::from([first]);
    let results: Vec<_> = list.into_results().collect();
    for result in results {
        match result {
            Ok(turn) => other.push(turn),
            Err(malformed) => other.push_malformed(malformed),
        }
    }
    assert_eq!(in_order(&other), "a?c?a");
    assert_ne!(
        other,
        other.to_vec(),
        "a list with malformed elements is no other list"
    );
    let (elements, malformed) = other.into_parts();
    assert_eq!((elements.len(), malformed.len()), (3, 2));
}
