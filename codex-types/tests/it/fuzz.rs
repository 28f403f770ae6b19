//! The seeds of the fuzz target, as they are and bent by chance.

#[path = "../../fuzz/check.rs"]
mod check;

use std::path::Path;

use fastrand::Rng;

use check::check;

fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/messages");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the seeds are there")
        .map(|entry| entry.expect("the seeds are readable").path())
        .collect();
    files.sort();
    let read = |file| std::fs::read(file).expect("a seed is readable");
    files.iter().map(read).collect()
}

#[test]
fn no_seed_breaks_anything() {
    let seeds = seeds();
    assert!(seeds.len() > 50, "only {} seeds", seeds.len());
    for seed in &seeds {
        check(seed);
    }
}

#[test]
fn no_bent_seed_breaks_anything() {
    let mut rng = Rng::with_seed(169);
    for seed in seeds() {
        for _ in 0..100 {
            check(&bent(&seed, &mut rng));
        }
    }
}

/// Pieces that turn valid JSON into something close to it.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "null",
    "-",
    "1e99",
    "\"type\":",
    "\u{0}",
    "é",
];

fn bent(seed: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(..=bytes.len());
        let end = (at + rng.usize(..8)).min(bytes.len());
        match rng.u8(..4) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..end, [rng.u8(..)])),
            _ => {
                let piece = PIECES[rng.usize(..PIECES.len())];
                drop(bytes.splice(at..at, piece.bytes()));
            }
        }
    }
    bytes
}
