//! Methods are found by their names.

use codex_types::support::message::MessageUnion;
use codex_types::{ClientNotification, ClientRequest, ServerNotification, ServerRequest};

fn check<T: MessageUnion>() {
    for (number, method) in T::METHODS.iter().enumerate() {
        assert_eq!(T::LOOKUP.find(T::METHODS, method), Some(number), "{method}");
    }
    for unknown in ["", "x", "thread/starte", "thread/startedd", "notYet/known"] {
        assert_eq!(T::LOOKUP.find(T::METHODS, unknown), None, "{unknown}");
    }
}

#[test]
fn every_method_is_found_and_nothing_else() {
    check::<ServerNotification>();
    check::<ServerRequest>();
    check::<ClientRequest>();
    check::<ClientNotification>();
}
