//! The end of the runtime in the middle of a turn.

use codex_client::CloseReason;
use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::json;

use super::{start, thread_id};
use crate::mode::{LIMIT, Mode, Setup, both_modes};

both_modes! {
    a_killed_runtime_fails_every_waiter;
    closing_in_the_middle_of_a_turn_is_clean;
}

fn a_killed_runtime_fails_every_waiter<M: Mode>() {
    let harness = AppServerHarness::start().unwrap();
    let gate = Gate::new();
    harness
        .responses()
        .enqueue(Reply::assistant("never").gate(&gate));
    let client: M = start(&harness, &Setup::default());
    let thread = thread_id(&client, &json!({}));
    let (_, mut turn) = client.start_turn(&thread).unwrap();
    gate.wait_reached(LIMIT).unwrap();
    let process = i32::try_from(client.process_id()).unwrap();
    let process = rustix::process::Pid::from_raw(process).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    let last = client.rest(&mut turn).pop().unwrap().unwrap_err();
    let later = client.raw("model/list", &json!({})).unwrap_err();
    for error in [last, later] {
        let closed = error.closed().unwrap();
        assert_eq!(closed.reason(), &CloseReason::ByServer);
        let status = closed.exit_status().unwrap();
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&status),
            Some(9)
        );
    }
    client.close();
}

fn closing_in_the_middle_of_a_turn_is_clean<M: Mode>() {
    let harness = AppServerHarness::start().unwrap();
    let gate = Gate::new();
    harness
        .responses()
        .enqueue(Reply::assistant("never").gate(&gate));
    let client: M = start(&harness, &Setup::default());
    let thread = thread_id(&client, &json!({}));
    let (_, mut turn) = client.start_turn(&thread).unwrap();
    gate.wait_reached(LIMIT).unwrap();
    assert_eq!(client.close().unwrap().code(), Some(0));
    assert!(
        client
            .rest(&mut turn)
            .pop()
            .unwrap()
            .unwrap_err()
            .is_closed()
    );
}
