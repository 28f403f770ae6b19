//! Measures one thing per process, and prints it; `cargo xtask figures` does the rest.
//!
//! A server is this program again, as a child process. Every measure is CPU time or peak memory
//! of this process alone.

mod calls;
mod clock;
mod decode;
mod memory;
mod peers;
mod server;
mod slow;
mod stream;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["serve", events, turns] => server::stream(number(events), number(turns)),
        ["serve-calls"] => server::answer_all(),
        ["serve-thread", bytes] => server::thread(number(bytes)),
        ["decode", corpus, lines] => decode::run(corpus, number(lines)),
        ["stream", way, events] => println!("{}", stream::run(way, number(events))),
        ["calls", way, calls] => println!("{}", calls::run(way, number(calls))),
        ["slow", events] => slow::run(number(events)),
        ["memory", what] => println!("{}", memory::run(what)),
        _ => panic!("the arguments of `cargo xtask figures`, not {words:?}"),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("a number")
}
