//! Mutations of whole documents: the root, the envelope, the messages.

use codegen::Inputs;
use serde_json::{Map, Value, json};

use super::{Expected, Generates, Refused, dump, object};
use crate::fixture::message;

/// A mutation of both documents of a dump.
pub(crate) struct Mutation {
    pub(crate) name: String,
    pub(crate) expected: Expected,
    change: Box<dyn Fn(&mut Value)>,
}

impl Mutation {
    fn new(
        name: impl Into<String>,
        expected: Expected,
        change: impl Fn(&mut Value) + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            expected,
            change: Box::new(change),
        }
    }

    pub(crate) fn inputs(&self) -> Inputs {
        let mut inputs = dump(base(), &["Book"], &["Loan"]);
        let mut json: Value = serde_json::from_str(&inputs.experimental).unwrap();
        (self.change)(&mut json);
        inputs.experimental = json.to_string();
        inputs.stable.clone_from(&inputs.experimental);
        inputs
    }
}

/// A dump with an envelope.
fn base() -> Map<String, Value> {
    let id = json!({ "$ref": "#/definitions/RequestId" });
    let text = json!({ "type": "string" });
    let mut request = object(&json!({ "id": id, "method": text }));
    request["properties"]["params"] = json!(true);
    let mut error =
        object(&json!({ "code": { "type": "integer", "format": "int64" }, "message": text }));
    error["properties"]["data"] = json!(true);
    let base = json!({
        "Book": object(&json!({ "title": text })),
        "Loan": object(&json!({ "title": text })),
        "JSONRPCError": object(&json!({
            "error": { "$ref": "#/definitions/JSONRPCErrorError" }, "id": id
        })),
        "JSONRPCErrorError": error,
        "JSONRPCRequest": request,
        "JSONRPCResponse": object(&json!({ "id": id, "result": true })),
        "RequestId": { "anyOf": [text, { "type": "integer", "format": "int64" }] },
    });
    base.as_object().unwrap().clone()
}

/// Assigns an id to every request, as in the real dump.
fn with_ids(dump: &mut Value) {
    for union in ["ClientRequest", "ServerRequest"] {
        for branch in dump["definitions"][union]["oneOf"].as_array_mut().unwrap() {
            branch["properties"]["id"] = json!({ "$ref": "#/definitions/RequestId" });
            branch["required"].as_array_mut().unwrap().push(json!("id"));
        }
    }
}

fn envelope() -> Vec<Mutation> {
    const WORDS: &str = "the envelope of messages has changed";
    let mut all = vec![Mutation::new("nothing", Generates, with_ids)];
    for name in [
        "JSONRPCError",
        "JSONRPCErrorError",
        "JSONRPCRequest",
        "JSONRPCResponse",
    ] {
        all.push(Mutation::new(
            format!("a new member of {name}"),
            Refused(WORDS),
            move |dump| {
                with_ids(dump);
                dump["definitions"][name]["properties"]["trace2"] = json!({ "type": "string" });
            },
        ));
    }
    all.extend([
        Mutation::new("another type of ids", Refused(WORDS), |dump| {
            with_ids(dump);
            dump["definitions"]["RequestId"] = json!({ "type": "string" });
        }),
        Mutation::new("ids that may be null", Refused(WORDS), |dump| {
            with_ids(dump);
            let id =
                json!({ "anyOf": [{ "$ref": "#/definitions/RequestId" }, { "type": "null" }] });
            dump["definitions"]["JSONRPCRequest"]["properties"]["id"] = id;
        }),
        Mutation::new("an id that may be missing", Refused(WORDS), |dump| {
            with_ids(dump);
            dump["definitions"]["JSONRPCResponse"]["required"] = json!(["result"]);
        }),
        Mutation::new("codes that are texts", Refused(WORDS), |dump| {
            with_ids(dump);
            dump["definitions"]["JSONRPCErrorError"]["properties"]["code"] =
                json!({ "type": "string" });
        }),
        Mutation::new("a request without id", Refused(WORDS), |_| {}),
        Mutation::new(
            "an id of a request of another type",
            Refused(WORDS),
            |dump| {
                with_ids(dump);
                let branch = &mut dump["definitions"]["ClientRequest"]["oneOf"][0];
                branch["properties"]["id"] = json!({ "type": "string" });
            },
        ),
        Mutation::new("an id of a notification", Refused(WORDS), |dump| {
            with_ids(dump);
            let branch = &mut dump["definitions"]["ServerNotification"]["oneOf"][0];
            branch["properties"]["id"] = json!({ "$ref": "#/definitions/RequestId" });
        }),
        Mutation::new("a new member of one message", Refused(WORDS), |dump| {
            with_ids(dump);
            let branch = &mut dump["definitions"]["ServerNotification"]["oneOf"][0];
            branch["properties"]["seq"] = json!({ "type": "integer", "format": "int64" });
        }),
        Mutation::new("the known member beside messages", Generates, |dump| {
            with_ids(dump);
            dump["definitions"]["ServerNotification"]["properties"] =
                json!({ "emittedAtMs": { "type": "integer", "format": "int64" } });
        }),
    ]);
    for union in [
        "ClientRequest",
        "ClientNotification",
        "ServerRequest",
        "ServerNotification",
    ] {
        all.push(Mutation::new(
            format!("a member beside {union}"),
            Refused(WORDS),
            move |dump| {
                with_ids(dump);
                dump["definitions"][union]["properties"] =
                    json!({ "sentAtMs": { "type": "number" } });
            },
        ));
    }
    all
}

fn add(dump: &mut Value, union: &str, method: &str, response: Option<&str>) {
    let branches = dump["definitions"][union]["oneOf"].as_array_mut().unwrap();
    branches.push(message(method, None));
    if let Some(response) = response {
        dump["definitions"][response] = json!({ "type": "object" });
    }
    with_ids(dump);
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn methods() -> Vec<Mutation> {
    let mut all = vec![
        Mutation::new("a new method", Generates, |dump| {
            add(dump, "ClientRequest", "book/lend", Some("BookLendResponse"));
        }),
        Mutation::new(
            "methods of two styles",
            Refused("two messages called `MutFoo`"),
            |dump| {
                add(dump, "ClientRequest", "mut/foo", Some("MutFooResponse"));
                add(dump, "ServerRequest", "mut_foo", None);
            },
        ),
        Mutation::new(
            "notifications of two styles",
            Refused("two messages called `BookLent`"),
            |dump| {
                add(dump, "ServerNotification", "book/lent", None);
                add(dump, "ServerNotification", "bookLent", None);
            },
        ),
        Mutation::new(
            "a method that is unknown",
            Refused("messages called `Unrecognized`"),
            |dump| {
                add(dump, "ServerNotification", "unrecognized", None);
            },
        ),
        Mutation::new(
            "a missing response",
            Refused(
                "only one response belongs to no method: add (\"book/lend\", \"LendingResponse\")",
            ),
            |dump| {
                add(dump, "ClientRequest", "book/lend", Some("LendingResponse"));
            },
        ),
        Mutation::new(
            "no response at all",
            Refused("no response of `book/lend` found"),
            |dump| {
                add(dump, "ClientRequest", "book/lend", None);
            },
        ),
        Mutation::new(
            "an unused response",
            Refused("a response that no method has"),
            |dump| {
                with_ids(dump);
                dump["definitions"]["LendingResponse"] = json!({ "type": "object" });
            },
        ),
        Mutation::new(
            "a response that may be null",
            Refused("may be `null`"),
            |dump| {
                with_ids(dump);
                dump["definitions"]["MemoryResponse"] = json!({ "type": ["object", "null"] });
            },
        ),
        Mutation::new("parameters that may be null by name", Generates, |dump| {
            with_ids(dump);
            dump["definitions"]["Book"] = json!({ "type": ["object", "null"] });
        }),
        Mutation::new(
            "parameters that are written out",
            Refused("not a reference"),
            |dump| {
                with_ids(dump);
                let branches = dump["definitions"]["ServerNotification"]["oneOf"]
                    .as_array_mut()
                    .unwrap();
                branches.push(message("inline", Some(json!({ "type": "string" }))));
            },
        ),
        Mutation::new(
            "a message in a message",
            Refused("calls replaced"),
            |dump| {
                with_ids(dump);
                let it = json!({ "$ref": "#/definitions/ServerNotification" });
                dump["definitions"]["Book"] = object(&json!({ "it": it }));
            },
        ),
    ];
    for (method, name, expected) in [
        ("foo/", "Foo", Generates),
        ("foo bar", "FooBar", Generates),
        ("foo//bar", "FooBar", Generates),
        ("", "N", Generates),
        ("1/foo", "N1Foo", Generates),
        ("\u{e9}t\u{e9}", "T", Generates),
        ("type", "Type", Generates),
        ("self", "Self", Refused("no response of `self` found")),
        ("async", "Async", Generates),
        ("a\"b", "AB", Generates),
        ("a\nb", "AB", Refused("invisible characters")),
        ("a\\b", "AB", Generates),
    ] {
        all.push(Mutation::new(
            format!("a method called {method:?}"),
            expected,
            move |dump| {
                add(
                    dump,
                    "ClientRequest",
                    method,
                    Some(&format!("{name}Response")),
                );
            },
        ));
    }
    for method in ["decidesApprovals", "unrecognized", "decides/approvals"] {
        all.push(Mutation::new(
            format!("a request of the server called {method}"),
            Refused("called"),
            move |dump| {
                add(
                    dump,
                    "ServerRequest",
                    method,
                    Some("DecidesApprovalsResponse"),
                );
            },
        ));
    }
    for method in [
        "call",
        "close",
        "events",
        "server/info",
        "request",
        "notify",
        "is/closed",
        "clone",
        "drop",
        "fmt",
        "to/owned",
        "borrow",
        "into",
        "try/into",
        "from",
        "eq",
    ] {
        let words = "hand-written code of the client";
        all.push(Mutation::new(
            format!("a method called {method}"),
            Refused(words),
            move |dump| {
                let mut letters = method.split('/').map(|word| {
                    let (first, rest) = word.split_at(1);
                    first.to_uppercase() + rest
                });
                let response = letters.by_ref().collect::<String>() + "Response";
                add(dump, "ClientRequest", method, Some(&response));
            },
        ));
    }
    all
}

fn roots() -> Vec<Mutation> {
    vec![
        Mutation::new(
            "a keyword at the root",
            Refused("beside the definitions"),
            |dump| {
                with_ids(dump);
                dump["oneOf"] = json!([]);
            },
        ),
        Mutation::new(
            "another type at the root",
            Refused("beside the definitions"),
            |dump| {
                with_ids(dump);
                dump["type"] = json!("array");
            },
        ),
        Mutation::new("words at the root", Generates, |dump| {
            with_ids(dump);
            dump["title"] = json!("Protocol");
            dump["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        }),
        Mutation::new("definitions of schemars 1", Generates, |dump| {
            with_ids(dump);
            let text = dump.to_string().replace("#/definitions/", "#/$defs/");
            *dump =
                serde_json::from_str(&text.replacen("\"definitions\"", "\"$defs\"", 1)).unwrap();
        }),
        Mutation::new("constant methods", Generates, |dump| {
            with_ids(dump);
            let text = dump.to_string();
            let text = text.replace("\"enum\":[\"memory\"]", "\"const\":\"memory\"");
            *dump = serde_json::from_str(&text).unwrap();
        }),
        Mutation::new("no definitions", Refused("dump"), |dump| *dump = json!({})),
        Mutation::new(
            "a namespace that is none",
            Refused("an object of definitions"),
            |dump| {
                with_ids(dump);
                dump["definitions"]["v2"] = json!([]);
            },
        ),
        Mutation::new(
            "one name for two things",
            Refused("two definitions of one name"),
            |dump| {
                with_ids(dump);
                dump["definitions"]["v2"] = json!({ "Book": { "type": "string" } });
            },
        ),
        Mutation::new("one thing in two namespaces", Generates, |dump| {
            with_ids(dump);
            dump["definitions"]["v2"] = json!({ "Book": dump["definitions"]["Book"] });
        }),
        Mutation::new(
            "a name that is no type",
            Refused("not usable as the name"),
            |dump| {
                with_ids(dump);
                dump["definitions"]["snake_case"] = json!({ "type": "string" });
            },
        ),
        Mutation::new("parameters that may be left out", Generates, |dump| {
            with_ids(dump);
            dump["definitions"]["NullableLoan"] =
                json!({ "anyOf": [{ "$ref": "#/definitions/Loan" }, { "type": "null" }] });
        }),
    ]
}

pub(crate) fn mutations() -> Vec<Mutation> {
    let mut all = envelope();
    all.extend(methods());
    all.extend(roots());
    all
}
