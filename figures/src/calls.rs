//! CPU time of the client per request that is answered at once, one after the other.

use std::time::Duration;

use codex_client::{Client, Launch, blocking};
use codex_types::{ThreadArchiveParams, methods};

use crate::{clock, peers, server, stream};

/// CPU nanoseconds per request.
pub(crate) fn run(way: &str, calls: u64) -> u128 {
    let time = match way {
        "async" => stream::current_thread().block_on(nonblocking(calls)),
        "threads" => {
            let runtime = stream::multi_thread();
            let work = runtime.spawn(nonblocking(calls));
            runtime.block_on(work).expect("nothing panics")
        }
        "spawned" => {
            let runtime = stream::current_thread();
            let work = runtime.spawn(nonblocking(calls));
            runtime.block_on(work).expect("nothing panics")
        }
        "threads-main" => stream::multi_thread().block_on(nonblocking(calls)),
        "blocking" => blocking(calls),
        "codes" => stream::current_thread().block_on(peers::codes_calls(calls, None)),
        "codes-deadline" => {
            let deadline = Some(Duration::from_secs(60));
            stream::current_thread().block_on(peers::codes_calls(calls, deadline))
        }
        "codes-threads-main" => {
            let deadline = Some(Duration::from_secs(60));
            stream::multi_thread().block_on(peers::codes_calls(calls, deadline))
        }
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
