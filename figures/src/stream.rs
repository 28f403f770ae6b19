//! CPU time of the client per streamed event, and that of the loops that are its measure.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use codex_client::{Client, Error, Event, Launch, blocking};
use codex_types::rpc::ServerMessage;
use codex_types::{ServerNotification, TurnId, TurnStartParams, methods};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

use crate::{clock, peers, server};

/// CPU nanoseconds per event.
pub(crate) fn run(way: &str, events: u64) -> u128 {
    let (seen, time) = match way.split_once('-') {
        Some(("turns", turns)) => nonblocking(&current_thread(), events, crate::number(turns)),
        Some(("router", turns)) => current_thread().block_on(router(events, crate::number(turns))),
        _ => match way {
            "lines" => lines(events, |line| {
                line.starts_with(b"{\"method\":\"item/agentMessage/delta\"")
            }),
            "types" => lines(events, is_delta),
            "async" => nonblocking(&current_thread(), events, 1),
            "threads" => nonblocking(&multi_thread(), events, 1),
            "blocking" => blocking(events),
            "codes" => current_thread().block_on(peers::codes(events)),
            "sdk" => current_thread().block_on(peers::sdk(events)),
            _ => panic!("no such way: {way}"),
        },
    };
    assert!(
        seen > 0 && seen <= events,
        "{seen} of {events} events were seen"
    );
    time.as_nanos() / u128::from(seen)
}

pub(crate) fn current_thread() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

pub(crate) fn multi_thread() -> Runtime {
    Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// The program and the arguments of the server.
pub(crate) fn serve(events: u64, turns: u64) -> (std::path::PathBuf, [String; 3]) {
    let program = std::env::current_exe().expect("this program");
    (
        program,
        ["serve".to_owned(), events.to_string(), turns.to_string()],
    )
}

pub(crate) fn launch(events: u64, turns: u64) -> Launch {
    let (program, arguments) = serve(events, turns);
    Launch::new().binary(program).arguments(arguments)
}

fn is_delta(line: &[u8]) -> bool {
    let text = std::str::from_utf8(line).expect("a line is text");
    match ServerMessage::parse(text) {
        Ok(ServerMessage::Notification(notification)) => is_word(&notification.payload),
        _ => false,
    }
}

fn is_word(notification: &ServerNotification) -> bool {
    matches!(notification, ServerNotification::ItemAgentMessageDelta(it) if it.delta == "word ")
}

/// The server for a bare loop.
fn server(events: u64, turns: u64) -> Command {
    let (program, arguments) = serve(events, turns);
    let mut server = Command::new(program);
    server.args(arguments);
    server.stdin(Stdio::piped()).stdout(Stdio::piped());
    server
}

/// A bare loop over the lines of the server.
fn lines(events: u64, is_event: impl Fn(&[u8]) -> bool) -> (u64, Duration) {
    let server = server(events, 1).spawn();
    let mut server: Child = server.expect("the server starts");
    let mut input = server.stdin.take().expect("it is piped");
    input
        .write_all(b"{\"id\":1,\"method\":\"turn/start\"}\n")
        .expect("it is read");
    let output = server.stdout.take().expect("it is piped");
    let mut output = BufReader::with_capacity(64 * 1024, output);
    let (begin, mut seen, mut line) = (clock::cpu(), 0, Vec::new());
    while seen < events {
        line.clear();
        output
            .read_until(b'\n', &mut line)
            .expect("the server writes");
        seen += u64::from(is_event(&line));
    }
    let time = clock::cpu() - begin;
    drop((input, output));
    server.wait().expect("the server ends");
    (seen, time)
}

/// A bare loop that routes the events of each turn to a task of its own.
async fn router(events: u64, turns: u64) -> (u64, Duration) {
    const WAITING: usize = 256;
    let server = tokio::process::Command::from(server(events, turns)).spawn();
    let mut server = server.expect("the server starts");
    let mut input = server.stdin.take().expect("it is piped");
    let output = server.stdout.take().expect("it is piped");
    let mut output = tokio::io::BufReader::with_capacity(64 * 1024, output);
    let begin = clock::cpu();
    let (mut routes, mut tasks) = (HashMap::new(), Vec::new());
    for number in 0..turns {
        let start = input.write_all(b"{\"id\":1,\"method\":\"turn/start\"}\n");
        start.await.expect("it is read");
        let (route, mut routed) = mpsc::channel(WAITING);
        routes.insert(TurnId::new(server::turn(number)), route);
        tasks.push(tokio::spawn(async move {
            let mut seen = 0;
            while let Some(event) = routed.recv().await {
                seen += u64::from(is_word(&event));
            }
            seen
        }));
    }
    let mut line = Vec::new();
    while !routes.is_empty() {
        line.clear();
        let read = output.read_until(b'\n', &mut line).await;
        assert!(read.expect("the server writes") > 0, "a turn did not end");
        let text = std::str::from_utf8(&line).expect("a line is text");
        let Ok(ServerMessage::Notification(notification)) = ServerMessage::parse(text) else {
            continue;
        };
        let event = notification.payload;
        let route = match &event {
            ServerNotification::ItemAgentMessageDelta(delta) => routes.get(&delta.turn_id),
            ServerNotification::TurnCompleted(completed) => {
                routes.remove(&completed.turn.id);
                None
            }
            _ => None,
        };
        if let Some(route) = route {
            route.send(event).await.expect("it is read");
        }
    }
    let mut seen = 0;
    for task in tasks {
        seen += task.await.expect("nothing panics");
    }
    let time = clock::cpu() - begin;
    drop((input, output));
    server.wait().await.expect("the server ends");
    (seen, time)
}

fn count(seen: &mut u64, event: Result<Event, Error>) {
    match event {
        Ok(event) => *seen += u64::from(is_word(event.notification())),
        // On a machine that is busy otherwise.
        Err(Error::Lagged { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

fn nonblocking(runtime: &Runtime, events: u64, turns: u64) -> (u64, Duration) {
    // A task, as in an application: what runs in `block_on` is not on a worker of the runtime.
    let work = runtime.spawn(async move {
        let client = Client::builder()
            .launch(launch(events, turns))
            .build()
            .await;
        let client = client.expect("the server speaks the protocol");
        let begin = clock::cpu();
        let follow = |client: Client| async move {
            let params = TurnStartParams::new(server::THREAD, vec![]);
            let turn = client.request_turn::<methods::TurnStart>(server::THREAD, &params);
            let mut stream = turn.await.expect("the turn starts").1;
            let mut seen = 0;
            while let Some(event) = stream.next().await {
                count(&mut seen, event);
            }
            seen
        };
        let tasks: Vec<_> = (0..turns)
            .map(|_| tokio::spawn(follow(client.clone())))
            .collect();
        let mut seen = 0;
        for task in tasks {
            seen += task.await.expect("nothing panics");
        }
        let time = clock::cpu() - begin;
        client.close().await;
        (seen, time)
    });
    runtime.block_on(work).expect("nothing panics")
}

fn blocking(events: u64) -> (u64, Duration) {
    let client = blocking::Client::builder()
        .launch(launch(events, 1))
        .build();
    let client = client.expect("the server speaks the protocol");
    let begin = clock::cpu();
    let params = TurnStartParams::new(server::THREAD, vec![]);
    let turn = client.request_turn::<methods::TurnStart>(server::THREAD, &params);
    let mut seen = 0;
    for event in turn.expect("the turn starts").1 {
        count(&mut seen, event);
    }
    let time = clock::cpu() - begin;
    client.close();
    (seen, time)
}
