//! Memory, as a multiple of what it is needed for.

use codex_client::{Input, Launch, blocking};
use codex_types::{ThreadReadParams, TurnStartParams, methods};

use crate::{clock, server, stream};

const MEGABYTE: usize = 1 << 20;

/// The memory that is needed, divided by the size of what it is for.
pub(crate) fn run(what: &str) -> String {
    let (needed, size) = match what.split_once('-') {
        Some(("thread", megabytes)) => thread(crate::number::<usize>(megabytes) * MEGABYTE),
        _ => match what {
            "unread" => unread(),
            "image" => image(&[48 * MEGABYTE], false),
            "images" => image(&[28 * MEGABYTE; 2], false),
            "steer" => image(&[48 * MEGABYTE], true),
            _ => panic!("no such memory: {what}"),
        },
    };
    format!("{:.2}", needed as f64 / size as f64)
}

fn connect(launch: Launch) -> blocking::Client {
    let builder = blocking::Client::builder().launch(launch);
    let builder = builder.event_budget(1 << 30).max_message_size(1 << 30);
    builder.build().expect("the server speaks the protocol")
}

/// The memory of unread events, and the text of their lines.
fn unread() -> (u64, u64) {
    const EVENTS: u64 = 100_000;
    let (program, arguments) = stream::serve(EVENTS, 1);
    let client = connect(Launch::new().binary(program).arguments(arguments));
    let unread = client.thread_events(server::THREAD).expect("it is open");
    let before = clock::memory("VmRSS");
    let params = TurnStartParams::new(server::THREAD, vec![]);
    let turn = client.request_turn::<methods::TurnStart>(server::THREAD, &params);
    turn.expect("the turn starts").1.for_each(drop);
    let needed = clock::memory("VmRSS") - before;
    drop(unread);
    let line = server::delta(&server::turn(0)).len() as u64;
    (needed, EVENTS * line)
}

/// The peak while a large response is read into its type.
fn thread(bytes: usize) -> (u64, u64) {
    let program = std::env::current_exe().expect("this program");
    let arguments = ["serve-thread".to_owned(), bytes.to_string()];
    let client = connect(Launch::new().binary(program).arguments(arguments));
    let before = clock::memory("VmRSS");
    let params = ThreadReadParams::new(server::THREAD);
    let response = client.request::<methods::ThreadRead>(&params);
    let needed = clock::memory("VmHWM") - before;
    assert_eq!(response.expect("it is read").thread.turns.len(), 1);
    (needed, bytes as u64)
}

/// The peak while images are sent, beside the images themselves: they start a turn, or are added to a
/// running one.
fn image(sizes: &[usize], steers: bool) -> (u64, u64) {
    let images: Vec<_> = sizes.iter().map(|bytes| vec![0xA5; *bytes]).collect();
    let (program, arguments) = stream::serve(0, 1);
    let launch = Launch::new().binary(program).arguments(arguments);
    let builder = blocking::Codex::builder().launch(launch);
    let codex = builder.build().expect("the server speaks the protocol");
    let thread = codex.thread(server::THREAD);
    let input = || {
        let images = images.iter();
        images.fold(Input::new(), |input, it| input.and_image("image/png", it))
    };
    let before = clock::memory("VmRSS");
    if steers {
        let turn = thread.turn("Draw.").call().expect("the turn starts");
        turn.steer(input()).call().expect("the turn is steered");
    } else {
        drop(thread.turn(input()).call().expect("the turn starts"));
    }
    (
        clock::memory("VmHWM") - before,
        sizes.iter().sum::<usize>() as u64,
    )
}
