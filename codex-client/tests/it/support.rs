//! Servers of other versions: unsupported requests are rejected here, and errors include their
//! version.

use codex_client::transport::memory;
use codex_client::types::{
    ThreadDeleteParams, ThreadListParams, ThreadReadParams, ThreadTurnsListParams, methods,
};
use codex_client::{Client, Error};
use codex_testing::scripted::{Script, ScriptedPeer};
use serde_json::json;

use crate::mode::{Setup, builder, wait};
use crate::talk::initialized;

/// A client of a server with this version, which follows the script after the handshake.
fn connect(
    version: &str,
    send_unsupported: bool,
    script: impl FnOnce(Script) -> Script,
) -> (Client, ScriptedPeer) {
    let (transport, end) = memory::pair();
    let user_agent = format!("tests/{version} (x)");
    let handshake = Script::new()
        .expect("initialize")
        .reply(initialized(&user_agent))
        .expect("initialized");
    let peer = ScriptedPeer::start(script(handshake), end);
    let builder = builder(&Setup::default()).send_unsupported(send_unsupported);
    (
        wait(builder.transport(transport.split()).build()).unwrap(),
        peer,
    )
}

#[test]
fn unsupported_method_is_rejected_before_it_is_sent() {
    // A request would end the script with an error.
    let (client, _peer) = connect("0.139.0", false, |script| script);
    let params = ThreadDeleteParams::new("t");
    let error = wait(client.request::<methods::ThreadDelete>(&params)).unwrap_err();
    let Error::Unsupported {
        what,
        since,
        server,
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(
        (what.as_str(), since.as_str()),
        ("thread/delete", "0.140.0")
    );
    assert_eq!(server.to_string(), "0.139.0");
    let text = "thread/delete needs runtime 0.140.0 or newer, the server is 0.139.0";
    assert!(error.to_string().starts_with(text), "{error}");
}

#[test]
fn method_experimental_on_the_server_is_rejected_unless_allowed() {
    let list = |experimental_api: bool| {
        let (transport, end) = memory::pair();
        let handshake = Script::new()
            .expect("initialize")
            .reply(initialized("tests/0.150.0 (x)"))
            .expect("initialized");
        let answer = json!({"data": [], "nextCursor": null});
        let sent = |script: Script| script.expect("thread/turns/list").reply(answer);
        let script = if experimental_api {
            sent(handshake)
        } else {
            handshake
        };
        let _peer = ScriptedPeer::start(script, end);
        let builder = builder(&Setup::default()).experimental_api(experimental_api);
        let client = wait(builder.transport(transport.split()).build()).unwrap();
        let params = ThreadTurnsListParams::new("t");
        wait(client.request::<methods::ThreadTurnsList>(&params))
    };
    let error = list(false).unwrap_err();
    let text = "thread/turns/list needs runtime 0.151.0 or newer, the server is 0.150.0";
    assert!(error.to_string().starts_with(text), "{error}");
    assert!(list(true).unwrap().data.is_empty());
}

#[test]
fn unsupported_parameter_is_rejected_if_it_is_set() {
    let answer = json!({"data": [], "nextCursor": null});
    let (client, _peer) = connect("0.148.0", false, |script| {
        script.expect("thread/list").reply(answer)
    });
    let list = |params: ThreadListParams| wait(client.request::<methods::ThreadList>(&params));
    let error = list(ThreadListParams::new().project_id("p")).unwrap_err();
    assert!(
        error.to_string().starts_with("thread/list.projectId needs"),
        "{error}"
    );
    list(ThreadListParams::new()).unwrap();
}

#[test]
fn unsupported_method_is_sent_by_option() {
    let (client, _peer) = connect("0.139.0", true, |script| {
        script
            .expect("thread/delete")
            .reply_error(-32600, "unknown variant `thread/delete`")
    });
    let params = ThreadDeleteParams::new("t");
    let error = wait(client.request::<methods::ThreadDelete>(&params)).unwrap_err();
    let mismatch = error.server().unwrap().version_mismatch().unwrap();
    assert_eq!(mismatch.found.to_string(), "0.139.0");
    assert!(
        error.to_string().contains("version 0.139.0, older than"),
        "{error}"
    );
}

#[test]
fn response_that_cannot_be_read_names_another_version() {
    let read = |version: &str| {
        let (client, _peer) = connect(version, false, |script| {
            script.expect("thread/read").reply(json!({"thread": {}}))
        });
        let params = ThreadReadParams::new("t");
        let error = wait(client.request::<methods::ThreadRead>(&params)).unwrap_err();
        error.to_string()
    };
    let foreign = read("0.133.0");
    assert!(
        foreign.contains("missing field; the codex runtime is version 0.133.0"),
        "{foreign}"
    );
    let own = read(codex_client::types::RUNTIME_VERSION);
    assert!(own.ends_with("missing field"), "{own}");
}

#[test]
fn error_of_a_raw_request_names_another_version() {
    let (client, _peer) = connect("0.139.0", false, |script| {
        script
            .expect("new/method")
            .reply_error(-32601, "no such method")
    });
    let error = wait(client.request_raw("new/method", &json!({}))).unwrap_err();
    assert!(
        error.to_string().contains("version 0.139.0, older than"),
        "{error}"
    );
}

#[test]
fn notification_that_cannot_be_read_names_another_version() {
    let fault = |version: &str| {
        let (client, _peer) = connect(version, false, |script| {
            script
                .expect("thread/read")
                .notify(
                    "turn/completed",
                    json!({"threadId": "t", "turn": {"id": "u"}}),
                )
                .reply_error(-1, "over")
        });
        let mut events = client.events().unwrap();
        let params = ThreadReadParams::new("t");
        wait(client.request::<methods::ThreadRead>(&params)).unwrap_err();
        let event = wait(events.next()).unwrap().unwrap();
        event.decode_error().unwrap().to_string()
    };
    let foreign = fault("9.9.9");
    assert!(
        foreign.contains("; the codex runtime is version 9.9.9, newer than the pinned "),
        "{foreign}"
    );
    let own = fault(codex_client::types::RUNTIME_VERSION);
    assert!(!own.contains("runtime"), "{own}");
}
