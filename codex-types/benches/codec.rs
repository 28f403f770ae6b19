//! Time per line: the models beside plain JSON.
//!
//! `cargo bench -p codex-types --bench codec`. Read the ratios between the
//! groups of one run, not the seconds.

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/decode.rs"]
mod decode;

use codex_types::rpc::Envelope;
use corpus::{CORPORA, corpus};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn read_each<T>(bencher: Bencher<'_, '_>, name: &str, read: fn(&str) -> T) {
    let lines = corpus(name);
    let bytes: usize = lines.iter().map(String::len).sum();
    bencher
        .counter(ItemsCount::new(lines.len()))
        .counter(BytesCount::new(bytes))
        .bench_local(|| {
            // Dropping what was read is part of the cost.
            for line in &lines {
                black_box(read(black_box(line)));
            }
        });
}

#[divan::bench(args = CORPORA)]
fn decode_value(bencher: Bencher<'_, '_>, name: &str) {
    read_each(bencher, name, decode::value);
}

#[divan::bench(args = CORPORA)]
fn decode_typed(bencher: Bencher<'_, '_>, name: &str) {
    read_each(bencher, name, decode::typed);
}

#[divan::bench(args = CORPORA)]
fn decode_envelope(bencher: Bencher<'_, '_>, name: &str) {
    read_each(bencher, name, |line| {
        Envelope::parse(line).expect("a message").kind()
    });
}

fn write_each<T: serde_core::Serialize>(bencher: Bencher<'_, '_>, name: &str, read: fn(&str) -> T) {
    let values: Vec<T> = corpus(name).iter().map(|line| read(line)).collect();
    bencher
        .counter(ItemsCount::new(values.len()))
        .bench_local(|| {
            for value in &values {
                black_box(serde_json::to_string(black_box(value)).expect("it can be written"));
            }
        });
}

#[divan::bench(args = CORPORA)]
fn encode_value(bencher: Bencher<'_, '_>, name: &str) {
    write_each(bencher, name, decode::value);
}

#[divan::bench(args = CORPORA)]
fn encode_typed(bencher: Bencher<'_, '_>, name: &str) {
    write_each(bencher, name, decode::typed);
}
