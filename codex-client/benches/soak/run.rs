//! The workers, the sampling, and the report.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::api::{self, Api, Async, Blocking};
use crate::random::Random;
use crate::sample::Sample;
use crate::{plot, runtime, scripted, verdict};

/// Longer than any operation may take, its own limits included.
const HANGS: Duration = Duration::from_secs(150);

/// Time limit for the cleanup of dropped items.
const SETTLES: Duration = Duration::from_secs(20);

struct Arguments {
    length: Duration,
    seed: u64,
    svg: Option<PathBuf>,
}

impl Arguments {
    /// `None` without a length: `cargo test --benches` must end at once.
    fn read() -> Option<Self> {
        let arguments: Vec<String> = std::env::args().collect();
        let value = |name: &str| {
            let at = arguments.iter().position(|argument| argument == name)?;
            arguments.get(at + 1)
        };
        let minutes: f64 = value("--minutes")?.parse().unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let seed = value("--seed").map(|seed| seed.parse().unwrap());
        Some(Self {
            length: Duration::from_secs_f64(minutes * 60.0),
            seed: seed.unwrap_or(now.as_secs()),
            svg: value("--svg").map(PathBuf::from),
        })
    }
}

/// The completed and the current operation of a worker.
#[derive(Clone, Default)]
pub(crate) struct Worker(Arc<Mutex<Progress>>);

#[derive(Default)]
struct Progress {
    counts: BTreeMap<String, u64>,
    current: Option<(String, Instant)>,
}

impl Worker {
    /// Records the start of an operation.
    pub(crate) fn begins(&self, operation: &str) {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *progress.counts.entry(operation.to_owned()).or_default() += 1;
        progress.current = Some((operation.to_owned(), Instant::now()));
    }

    /// The operation that takes too long, if one does.
    fn hangs(&self) -> Option<String> {
        let progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (operation, since) = progress.current.as_ref()?;
        (since.elapsed() > HANGS).then(|| operation.clone())
    }

    fn rests(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .current = None;
    }
}

type Work = fn(&mut Random, &Worker);

const WORK: [(&str, Work); 4] = [
    (Async::NAME, scripted::one_connection::<Async>),
    (Blocking::NAME, scripted::one_connection::<Blocking>),
    (Async::NAME, runtime::one_harness::<Async>),
    (Blocking::NAME, runtime::one_harness::<Blocking>),
];

pub(crate) fn main() -> ExitCode {
    let Some(arguments) = Arguments::read() else {
        println!("nothing to do: give a length, `--minutes N`");
        return ExitCode::SUCCESS;
    };
    println!("seed {}", arguments.seed);
    api::warm_up();
    let begin = Instant::now();
    let before = Sample::take(Duration::ZERO);
    let stop = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (arguments.seed..)
        .zip(WORK)
        .map(|(seed, (_, work))| start(seed, work, &stop))
        .collect();
    let mut samples = vec![before.clone()];
    let mut problems = Vec::new();
    while begin.elapsed() < arguments.length && problems.is_empty() {
        thread::sleep(Duration::from_secs(1));
        samples.push(Sample::take(begin.elapsed()));
        problems.extend(faults(&workers));
    }
    stop.store(true, Ordering::Relaxed);
    let progress: Vec<Worker> = workers.iter().map(|(worker, _)| worker.clone()).collect();
    problems.extend(join(workers));
    problems.extend(verdict::problems(&samples));
    problems.extend(settle(&before, begin));
    report(&arguments, &samples, &progress, &problems);
    if problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn start(seed: u64, work: Work, stop: &Arc<AtomicBool>) -> (Worker, JoinHandle<()>) {
    let worker = Worker::default();
    let (own, stop) = (worker.clone(), Arc::clone(stop));
    let handle = thread::spawn(move || {
        let mut random = Random::new(seed);
        while !stop.load(Ordering::Relaxed) {
            work(&mut random, &own);
        }
        own.rests();
    });
    (worker, handle)
}

/// Workers that have failed or hang.
fn faults(workers: &[(Worker, JoinHandle<()>)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (worker, handle) in workers {
        faults.extend(
            worker
                .hangs()
                .map(|operation| format!("`{operation}` hangs")),
        );
        if handle.is_finished() {
            faults.push("a worker has failed, see above".to_owned());
        }
    }
    faults
}

/// Waits for the workers, unless they hang.
fn join(workers: Vec<(Worker, JoinHandle<()>)>) -> Vec<String> {
    let mut problems = Vec::new();
    for (worker, handle) in workers {
        while !handle.is_finished() && worker.hangs().is_none() {
            thread::sleep(Duration::from_millis(50));
        }
        match worker.hangs() {
            Some(operation) => problems.push(format!("`{operation}` hangs at the end")),
            None if handle.join().is_err() => problems.push("a worker has panicked".to_owned()),
            None => {}
        }
    }
    problems
}

/// Waits until the initial state is restored, and returns the differences.
fn settle(before: &Sample, begin: Instant) -> Vec<String> {
    let ended = Instant::now();
    loop {
        let left = verdict::left(before, &Sample::take(begin.elapsed()));
        if left.is_empty() || ended.elapsed() > SETTLES {
            return left;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn report(arguments: &Arguments, samples: &[Sample], workers: &[Worker], problems: &[String]) {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for worker in workers {
        let progress = worker.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (operation, count) in &progress.counts {
            *counts.entry(operation.clone()).or_default() += count;
        }
    }
    for (operation, count) in &counts {
        println!("{count:>8}  {operation}");
    }
    let quarter = samples.len() / 4;
    let figures: [(&str, verdict::Figure); 3] = [
        ("descriptors", |it| it.descriptors),
        ("threads", |it| it.threads),
        ("resident memory, KiB", |it| it.memory),
    ];
    for (name, of) in figures {
        let early = verdict::median(&samples[quarter..2 * quarter], of);
        let late = verdict::median(&samples[samples.len() - quarter..], of);
        let most = samples.iter().map(of).max().unwrap_or_default();
        println!("{name}: {early} in the second quarter, {late} in the last, {most} at most");
    }
    let operations: u64 = counts.values().sum();
    if let Some(path) = &arguments.svg {
        let minutes = arguments.length.as_secs_f64() / 60.0;
        let caption = format!(
            "{minutes:.0} minutes, {operations} operations, both APIs, seed {}",
            arguments.seed
        );
        std::fs::write(path, plot::svg(samples, &caption)).unwrap();
    }
    for problem in problems {
        println!("PROBLEM: {problem}");
    }
    println!("{operations} operations, {} problems", problems.len());
}
