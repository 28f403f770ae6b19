//! Messages: by method, with and without parameters, known and unknown.

use codex_types::registry::IdKind;
use codex_types::{Method, NoParams, NotificationMethod, Stability};
use serde_json::{Value, json};

use crate::messages::*;

#[test]
fn notifications_have_ids() {
    let value =
        json!({ "method": "book/lent", "params": { "threadId": "t", "turn": { "id": "u" } } });
    let lent: ServerNotification = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(
        (lent.thread_id(), lent.turn_id(), lent.item_id()),
        (Some("t"), Some("u"), None)
    );
    assert_eq!(serde_json::to_value(&lent).unwrap(), value);
    let value = json!({ "method": "film/lent", "params": { "turn": { "id": "v" } } });
    let unknown: ServerNotification = serde_json::from_value(value.clone()).unwrap();
    assert!(matches!(unknown, ServerNotification::Unrecognized(_)));
    assert_eq!((unknown.thread_id(), unknown.turn_id()), (None, Some("v")));
    assert_eq!(serde_json::to_value(&unknown).unwrap(), value);
}

#[test]
fn server_requests_have_ids() {
    let value = json!({
        "method": "book/demand",
        "params": { "threadId": "t", "turnId": null, "itemId": "i" },
    });
    let demand: ServerRequest = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(
        (demand.thread_id(), demand.turn_id(), demand.item_id()),
        (Some("t"), None, Some("i"))
    );
    assert_eq!(serde_json::to_value(&demand).unwrap(), value);
}

#[test]
fn parameters_may_be_required_optional_or_none() {
    let read = |value: Value| serde_json::from_value::<ClientRequest>(value).unwrap();
    let lend = read(json!({ "method": "book/lend", "params": { "threadId": "t", "note": null } }));
    let expected = BookLendParams::new("t").note_null();
    assert_eq!(lend, ClientRequest::BookLend(expected));
    for value in [
        json!({ "method": "book/list" }),
        json!({ "method": "book/list", "params": null }),
    ] {
        assert_eq!(read(value), ClientRequest::BookList(None));
    }
    let close = read(json!({ "method": "library/close" }));
    assert_eq!(close, ClientRequest::LibraryClose(NoParams));
    assert_eq!(
        serde_json::to_value(close).unwrap(),
        json!({ "method": "library/close" })
    );
    let fault = serde_json::from_value::<ClientRequest>(json!({ "method": "book/lend" }));
    assert!(
        fault
            .unwrap_err()
            .to_string()
            .starts_with("params: missing field")
    );
}

#[test]
fn methods_tie_what_is_sent_to_what_comes_back() {
    fn names<M: Method>(_: &M::Params, _: &M::Response) -> (&'static str, Stability) {
        (M::NAME, M::STABILITY)
    }
    let lend = names::<methods::BookLend>(&BookLendParams::new("t"), &BookLendResponse::new(1));
    assert_eq!(lend, ("book/lend", Stability::Stable));
    let list = names::<methods::BookList>(&None, &BookListResponse::new([]));
    assert_eq!(list.0, "book/list");
    names::<methods::LibraryClose>(&NoParams, &LibraryCloseResponse::new());
    names::<methods::BookDemand>(
        &BookDemandParams::new("i", "t"),
        &BookDemandResponse::new(true),
    );
    assert_eq!(notifications::BookLent::NAME, "book/lent");
    assert_eq!(notifications::Initialized::NAME, "initialized");
}

#[test]
fn tables_hold_every_message() {
    let methods: Vec<_> = CLIENT_METHODS.iter().map(|info| info.method).collect();
    assert_eq!(methods, ["book/lend", "book/list", "library/close"]);
    assert_eq!(CLIENT_METHODS[0].response, "BookLendResponse");
    assert_eq!(SERVER_METHODS[0].params, Some("BookDemandParams"));
    let routes: Vec<_> = SERVER_METHODS[0]
        .routes
        .iter()
        .map(|route| (route.kind, route.required))
        .collect();
    assert_eq!(
        routes,
        [
            (IdKind::Thread, true),
            (IdKind::Turn, false),
            (IdKind::Item, true)
        ]
    );
    let deprecated: Vec<_> = NOTIFICATIONS
        .iter()
        .filter(|info| info.is_deprecated())
        .collect();
    assert_eq!(deprecated.len(), 1);
    assert_eq!(deprecated[0].method, "library/opened");
    assert_eq!(CLIENT_NOTIFICATIONS[0].params, None);
}
