//! Serves, measures and reports, each in a process of its own.

use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use codex_client::types::{ServerNotification, TurnStartParams, methods};
use codex_client::{Client, Error, Event, Launch, blocking};
use rustix::time::{ClockId, clock_gettime};

const EVENTS: u64 = 200_000;
const ROUNDS: usize = 5;

pub(crate) fn run() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", events] => serve(events.parse().unwrap()),
        ["measure", way, events] => println!("{}", measure(way, events.parse().unwrap())),
        _ => report(
            arguments
                .iter()
                .find_map(|text| text.parse().ok())
                .unwrap_or(EVENTS),
        ),
    }
}

/// Acts as the server: responds to everything with the same text, and streams after `turn/start`.
fn serve(events: u64) {
    let mut output = BufWriter::with_capacity(64 * 1024, std::io::stdout());
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let message: serde_json::Value = serde_json::from_str(&line).unwrap();
        let Some(id) = message.get("id") else {
            continue;
        };
        let method = message["method"].as_str().unwrap();
        let result = match method {
            "initialize" => INITIALIZED,
            _ => TURN_STARTED,
        };
        writeln!(output, "{{\"id\":{id},\"result\":{result}}}").unwrap();
        if method == "turn/start" {
            for _ in 0..events {
                writeln!(output, "{DELTA}").unwrap();
            }
            writeln!(output, "{COMPLETED}").unwrap();
        }
        output.flush().unwrap();
    }
}

const INITIALIZED: &str = r#"{"userAgent":"bench/0.169.0 (x; y) z","codexHome":"/tmp","platformFamily":"unix","platformOs":"linux"}"#;
const TURN_STARTED: &str = r#"{"turn":{"id":"019a0000-0000-7000-8000-000000000002","items":[],"itemsView":"notLoaded","status":"inProgress","error":null,"startedAt":null,"completedAt":null,"durationMs":null}}"#;
const DELTA: &str = r#"{"method":"item/agentMessage/delta","params":{"threadId":"019a0000-0000-7000-8000-000000000001","turnId":"019a0000-0000-7000-8000-000000000002","itemId":"msg-1","delta":"word "},"emittedAtMs":1790000000000}"#;
const COMPLETED: &str = r#"{"method":"turn/completed","params":{"threadId":"019a0000-0000-7000-8000-000000000001","turn":{"id":"019a0000-0000-7000-8000-000000000002","items":[],"itemsView":"notLoaded","status":"completed","error":null,"startedAt":null,"completedAt":null,"durationMs":null}},"emittedAtMs":1790000000000}"#;
const THREAD: &str = "019a0000-0000-7000-8000-000000000001";

/// The results of one way of reading.
struct Measured {
    seen: u64,
    cpu: Duration,
    wall: Duration,
}

fn measure(way: &str, events: u64) -> String {
    let measured = match way {
        "lines" => bare_lines(events),
        "async-1" => in_runtime(&mut tokio::runtime::Builder::new_current_thread(), events),
        "async-n" => in_runtime(&mut tokio::runtime::Builder::new_multi_thread(), events),
        "blocking" => blocking_api(events),
        "unread" => never_read(events),
        other => panic!("no way of reading: {other}"),
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kilobytes: u64 = peak.split_whitespace().nth(1).unwrap().parse().unwrap();
    let cpu = measured.cpu.as_nanos() / u128::from(events);
    let wall = measured.wall.as_nanos() / u128::from(events);
    format!("{} {cpu} {wall} {kilobytes}", measured.seen)
}

fn launch(events: u64) -> Launch {
    Launch::new()
        .binary(std::env::current_exe().unwrap())
        .arguments(["serve", &events.to_string()])
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap();
    Duration::new(u64::try_from(time.tv_sec).unwrap(), nanoseconds)
}

fn timed(work: impl FnOnce() -> u64) -> Measured {
    let (cpu, wall) = (cpu_time(), Instant::now());
    let seen = work();
    Measured {
        seen,
        cpu: cpu_time().saturating_sub(cpu),
        wall: wall.elapsed(),
    }
}

fn bare_lines(events: u64) -> Measured {
    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["serve", &events.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = server.stdin.take().unwrap();
    stdin
        .write_all(b"{\"id\":1,\"method\":\"turn/start\"}\n")
        .unwrap();
    let mut stdout = BufReader::with_capacity(64 * 1024, server.stdout.take().unwrap());
    let measured = timed(|| {
        let mut line = Vec::new();
        let mut seen = 0;
        loop {
            line.clear();
            stdout.read_until(b'\n', &mut line).unwrap();
            if line == format!("{COMPLETED}\n").as_bytes() {
                return seen;
            }
            seen += u64::from(line.starts_with(b"{\"method\":\"item/agentMessage/delta\""));
        }
    });
    drop(stdin);
    server.wait().unwrap();
    measured
}

/// The work of an application on each event.
fn count(seen: &mut u64, event: Result<Event, Error>) {
    if let ServerNotification::ItemAgentMessageDelta(delta) = event.unwrap().notification() {
        *seen += u64::from(delta.delta == "word ");
    }
}

fn in_runtime(builder: &mut tokio::runtime::Builder, events: u64) -> Measured {
    let runtime = builder.enable_all().build().unwrap();
    // A task, as in an application: `block_on` does not run on a worker of the runtime.
    let work = runtime.spawn(async move {
        let client = Client::builder()
            .launch(launch(events))
            .build()
            .await
            .unwrap();
        let (cpu, wall) = (cpu_time(), Instant::now());
        let params = TurnStartParams::new(THREAD, vec![]);
        let turn = client
            .request_turn::<methods::TurnStart>(THREAD, &params)
            .await;
        let mut stream = turn.unwrap().1;
        let mut seen = 0;
        while let Some(event) = stream.next().await {
            count(&mut seen, event);
        }
        let measured = Measured {
            seen,
            cpu: cpu_time().saturating_sub(cpu),
            wall: wall.elapsed(),
        };
        client.close().await;
        measured
    });
    runtime.block_on(work).unwrap()
}

fn blocking_api(events: u64) -> Measured {
    let client = blocking::Client::builder()
        .launch(launch(events))
        .build()
        .unwrap();
    let measured = timed(|| {
        let params = TurnStartParams::new(THREAD, vec![]);
        let turn = client.request_turn::<methods::TurnStart>(THREAD, &params);
        let mut seen = 0;
        for event in turn.unwrap().1 {
            count(&mut seen, event);
        }
        seen
    });
    client.close();
    measured
}

/// A subscriber that reads nothing until the end: `seen` counts the received events.
fn never_read(events: u64) -> Measured {
    let client = blocking::Client::builder()
        .launch(launch(events))
        .build()
        .unwrap();
    let measured = timed(|| {
        let params = TurnStartParams::new(THREAD, vec![]);
        let mut unread = client.thread_events(THREAD).unwrap();
        let (_, turn) = client
            .request_turn::<methods::TurnStart>(THREAD, &params)
            .unwrap();
        turn.for_each(drop);
        let mut told = 0;
        while let Ok(Some(event)) = unread.next_timeout(Duration::ZERO) {
            match event {
                Err(Error::Lagged { missed }) => told += missed,
                event => count(&mut told, event),
            }
        }
        told
    });
    client.close();
    measured
}

fn report(events: u64) {
    println!("{events} events, best of {ROUNDS} rounds");
    println!(
        "{:<10} {:>8} {:>10} {:>10} {:>7} {:>9}",
        "way", "lost", "cpu ns", "wall ns", "ratio", "peak MB"
    );
    let mut bare = None;
    for way in ["lines", "async-1", "async-n", "blocking", "unread"] {
        let rounds: Vec<_> = (0..ROUNDS).map(|_| round(way, events)).collect();
        let lost: u64 = rounds.iter().map(|round| events - round[0]).sum();
        let smallest = |index: usize| rounds.iter().map(|round| round[index]).min().unwrap();
        let median = |index: usize| {
            let mut values: Vec<_> = rounds.iter().map(|round| round[index]).collect();
            values.sort_unstable();
            values[values.len() / 2]
        };
        let (cpu, wall) = (median(1), median(2));
        let ratio = to_f64(cpu) / to_f64(*bare.get_or_insert(cpu));
        let peak = rounds.iter().map(|round| round[3]).max().unwrap();
        println!(
            "{way:<10} {lost:>8} {cpu:>4}/{:<5} {wall:>10} {ratio:>7.1} {:>9.1}",
            smallest(1),
            to_f64(peak) / 1024.0,
        );
    }
}

fn to_f64(value: u64) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}

/// Received events, CPU and wall nanoseconds per event, peak kilobytes.
fn round(way: &str, events: u64) -> [u64; 4] {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["measure", way, &events.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let values: Vec<u64> = text
        .split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect();
    values.try_into().unwrap()
}
