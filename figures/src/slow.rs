//! The time of a subscriber that keeps up: alone, and beside a second one that does or does not.

use std::time::{Duration, Instant};

use codex_client::Client;
use codex_types::{TurnStartParams, methods};

use crate::{clock, server, stream};

/// The second subscriber.
#[derive(Clone, Copy)]
enum Beside {
    Nothing,
    /// Reads ten times a second.
    Slow,
    /// Reads everything at once.
    Fast,
}

/// Prints the milliseconds of a stream, those of CPU, and the longest pause in it, beside each second
/// subscriber.
pub(crate) fn run(events: u64) {
    let runtime = stream::multi_thread();
    for (name, beside) in [
        ("alone", Beside::Nothing),
        ("beside", Beside::Slow),
        ("beside-fast", Beside::Fast),
    ] {
        let before = clock::cpu();
        let work = runtime.spawn(follow(events, beside));
        let (time, pause) = runtime.block_on(work).expect("nothing panics");
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        println!("{name} {:.1}", milliseconds(time));
        println!("{name}-cpu {:.1}", milliseconds(clock::cpu() - before));
        println!("{name}-pause {:.1}", milliseconds(pause));
    }
}

async fn follow(events: u64, beside: Beside) -> (Duration, Duration) {
    let launch = stream::launch(events, 1);
    let client = Client::builder().launch(launch).build().await;
    let client = client.expect("the server speaks the protocol");
    let second = match beside {
        Beside::Nothing => None,
        Beside::Slow => Some(tokio::spawn(drain_slowly(client.clone()))),
        Beside::Fast => Some(tokio::spawn(drain(client.clone()))),
    };
    tokio::task::yield_now().await;
    let params = TurnStartParams::new(server::THREAD, vec![]);
    let turn = client.request_turn::<methods::TurnStart>(server::THREAD, &params);
    let mut stream = turn.await.expect("the turn starts").1;
    let (begin, mut last, mut pause) = (Instant::now(), Instant::now(), Duration::ZERO);
    while stream.next().await.is_some() {
        let now = Instant::now();
        pause = pause.max(now - last);
        last = now;
    }
    let time = begin.elapsed();
    client.close().await;
    if let Some(second) = second {
        second.await.expect("nothing panics");
    }
    (time, pause)
}

async fn drain(client: Client) {
    let mut stream = client.thread_events(server::THREAD).expect("it is open");
    while stream.next().await.is_some() {}
}

async fn drain_slowly(client: Client) {
    let mut stream = client.thread_events(server::THREAD).expect("it is open");
    loop {
        let ready = tokio::time::timeout(Duration::ZERO, stream.next()).await;
        match ready {
            Ok(None) => return,
            Ok(Some(_)) => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}
