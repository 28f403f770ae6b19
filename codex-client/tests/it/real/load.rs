//! Much at once: events, log lines, requests, bytes.

use std::thread;
use std::time::Duration;

use codex_client::Error;
use codex_testing::{AppServerHarness, Reply};
use serde_json::json;

use super::{start, texts, thread_id};
use crate::mode::{Mode, Setup, both_modes};
use crate::talk::DELTA;

both_modes! {
    twenty_thousand_deltas_arrive;
    a_flood_of_log_lines_does_not_stall_a_turn;
    a_burst_of_requests_is_answered_in_full;
    a_burst_beyond_the_cap_never_hangs;
    a_file_of_48_mebibytes_comes_back;
}

fn twenty_thousand_deltas_arrive<M: Mode>() {
    let harness = AppServerHarness::start().unwrap();
    harness
        .responses()
        .enqueue(Reply::streaming(vec!["word"; 20_000]));
    let client: M = start(&harness, &Setup::default());
    let thread = thread_id(&client, &json!({}));
    let (_, mut turn) = client.start_turn(&thread).unwrap();
    let methods = client.methods(&mut turn);
    assert_eq!(
        methods.iter().filter(|method| *method == DELTA).count(),
        20_000
    );
    client.close();
}

fn a_flood_of_log_lines_does_not_stall_a_turn<M: Mode>() {
    let harness = AppServerHarness::builder()
        .env("RUST_LOG", "trace")
        .start()
        .unwrap();
    harness
        .responses()
        .enqueue(Reply::streaming(vec!["word"; 500]));
    let client: M = start(&harness, &Setup::default());
    let thread = thread_id(&client, &json!({}));
    let (_, mut turn) = client.start_turn(&thread).unwrap();
    assert_eq!(texts(&client.rest(&mut turn)).len(), 2000);
    client.close();
}

fn a_burst_of_requests_is_answered_in_full<M: Mode>() {
    let harness = AppServerHarness::start().unwrap();
    let client: M = start(&harness, &Setup::default());
    thread::scope(|scope| {
        let ask = || (0..10).for_each(|_| drop(client.raw("model/list", &json!({})).unwrap()));
        let asking: Vec<_> = (0..100).map(|_| scope.spawn(ask)).collect();
        for asking in asking {
            asking.join().unwrap();
        }
    });
    client.close();
}

/// The runtime rejects some of so many requests, and does not respond to others at all.
fn a_burst_beyond_the_cap_never_hangs<M: Mode>() {
    let harness = AppServerHarness::start().unwrap();
    let deadline = Duration::from_secs(3);
    let setup = Setup {
        max_in_flight: 4096,
        deadline,
        ..Setup::default()
    };
    let client: M = start(&harness, &setup);
    thread::scope(|scope| {
        let ask = || client.raw("model/list", &json!({}));
        let asking: Vec<_> = (0..1024).map(|_| scope.spawn(ask)).collect();
        for asking in asking {
            match asking.join().unwrap() {
                Err(error) if !error.is_retryable() => {
                    assert!(matches!(error, Error::Timeout { .. }), "{error}");
                }
                _ => {}
            }
        }
    });
    client.raw("model/list", &json!({})).unwrap();
    client.close();
}

fn a_file_of_48_mebibytes_comes_back<M: Mode>() {
    let harness = AppServerHarness::start().unwrap();
    let path = harness.workspace().join("large");
    std::fs::write(&path, vec![b'x'; 48 << 20]).unwrap();
    let client: M = start(
        &harness,
        &Setup {
            experimental_api: true,
            ..Setup::default()
        },
    );
    let read = client.raw("fs/readFile", &json!({ "path": path })).unwrap();
    assert_eq!(read["dataBase64"].as_str().unwrap().len(), 64 << 20);
    client.close();
}
