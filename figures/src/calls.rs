//! CPU time of the client per request that is answered at once, one after the other.

use std::time::Duration;

use codex_client::{Client, Launch, blocking};
use codex_types::{ThreadArchiveParams, methods};
use tokio::runtime::Runtime;

use crate::{clock, peers, server, stream};

/// CPU nanoseconds per request.
pub(crate) fn run(way: &str, calls: u64) -> u128 {
    let (one, several) = (stream::current_thread, stream::multi_thread);
    let deadline = Some(Duration::from_secs(60));
    let time = match way {
        "async" => one().block_on(nonblocking(calls)),
        "spawned" => in_a_task(&one(), calls),
        "threads" => in_a_task(&several(), calls),
        "threads-main" => several().block_on(nonblocking(calls)),
        "blocking" => blocking(calls),
        "codes" => one().block_on(peers::codes_calls(calls, None)),
        "codes-deadline" => one().block_on(peers::codes_calls(calls, deadline)),
        "codes-threads-main" => several().block_on(peers::codes_calls(calls, deadline)),
        _ => panic!("no such way: {way}"),
    };
    time.as_nanos() / u128::from(calls)
}

/// The program and the arguments of a server that answers everything.
pub(crate) fn serve() -> (std::path::PathBuf, [&'static str; 1]) {
    let program = std::env::current_exe().expect("this program");
    (program, ["serve-calls"])
}

fn launch() -> Launch {
    let (program, arguments) = serve();
    Launch::new().binary(program).arguments(arguments)
}

fn in_a_task(runtime: &Runtime, calls: u64) -> Duration {
    let work = runtime.spawn(nonblocking(calls));
    runtime.block_on(work).expect("nothing panics")
}

async fn nonblocking(calls: u64) -> Duration {
    let client = Client::builder().launch(launch()).build().await;
    let client = client.expect("the server speaks the protocol");
    let params = ThreadArchiveParams::new(server::THREAD);
    let begin = clock::cpu();
    for _ in 0..calls {
        let response = client.request::<methods::ThreadArchive>(&params).await;
        response.expect("it is answered");
    }
    let time = clock::cpu() - begin;
    client.close().await;
    time
}

fn blocking(calls: u64) -> Duration {
    let client = blocking::Client::builder().launch(launch()).build();
    let client = client.expect("the server speaks the protocol");
    let params = ThreadArchiveParams::new(server::THREAD);
    let begin = clock::cpu();
    for _ in 0..calls {
        let response = client.request::<methods::ThreadArchive>(&params);
        response.expect("it is answered");
    }
    let time = clock::cpu() - begin;
    client.close();
    time
}
