//! Allocations per line: the models beside plain JSON.
//!
//! `cargo bench -p codex-types --bench allocations`; divide the counts by the
//! number of lines that is printed first. Apart from the times, because
//! counting makes every allocation slower.

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/decode.rs"]
mod decode;

use corpus::{CORPORA, corpus};
use divan::{AllocProfiler, Bencher, black_box};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

#[expect(clippy::print_stdout, reason = "a benchmark reports to people")]
fn main() {
    for name in CORPORA {
        println!("{name}: {} lines", corpus(name).len());
    }
    divan::main();
}

fn read_each<T>(bencher: Bencher<'_, '_>, name: &str, read: fn(&str) -> T) {
    let lines = corpus(name);
    bencher.bench_local(|| {
        for line in &lines {
            black_box(read(black_box(line)));
        }
    });
}

#[divan::bench(args = CORPORA, sample_count = 1)]
fn value(bencher: Bencher<'_, '_>, name: &str) {
    read_each(bencher, name, decode::value);
}

#[divan::bench(args = CORPORA, sample_count = 1)]
fn typed(bencher: Bencher<'_, '_>, name: &str) {
    read_each(bencher, name, decode::typed);
}
