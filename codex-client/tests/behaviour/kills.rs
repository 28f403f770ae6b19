//! Random kills of a supervised runtime under threads that stream: every thread is resumed or
//! reported, no result of a turn is wrong, and no process is left.
//!
//! `CODEX_KILLS` sets the number of kills.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_client::types::{ThreadId, TurnStatus};
use codex_client::{Codex, Error, Restart, ServerErrorKind, Thread};
use codex_testing::{AppServerHarness, Reply};

use crate::process_tree::ProcessTree;
use crate::support::{LIMIT, builder, kill};

/// Number of threads that stream at the same time.
const THREADS: usize = 20;
/// Number of kills, unless the environment sets another one.
const KILLS: usize = 12;

/// The outcomes of the turns.
#[derive(Debug, Default)]
struct Told {
    completed: HashMap<String, String>,
    interrupted: usize,
    in_flight: usize,
    lost: Vec<ThreadId>,
}

/// What the runs and the killer share.
struct World {
    codex: Codex,
    told: Mutex<Told>,
    is_over: AtomicBool,
}

fn answer(prompt: &str) -> String {
    format!("the answer to {prompt}")
}

/// A model that streams an answer to the prompt.
fn harness() -> AppServerHarness {
    let harness = AppServerHarness::start().unwrap();
    harness.responses().respond_with(|request| {
        let answer = answer(request.last_user_text()?);
        let pieces: Vec<&str> = answer.split_inclusive(' ').collect();
        Some(Reply::streaming(pieces).pace(Duration::from_millis(2)))
    });
    harness
}

/// A thread that has run once, so that it is stored.
async fn stored(world: &World, prompt: &str) -> Thread {
    loop {
        match world.codex.thread_start().await {
            Ok(thread) => {
                if run(world, &thread, prompt).await {
                    return thread;
                }
            }
            Err(Error::ConnectionLost { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Runs a turn, and notes its outcome; returns whether it completed.
async fn run(world: &World, thread: &Thread, prompt: &str) -> bool {
    let result = thread.run(prompt).await;
    let mut told = world.told.lock().unwrap();
    match result {
        Ok(result) => {
            assert_eq!(result.status, TurnStatus::Completed, "{result:?}");
            assert_eq!(result.final_response, Some(answer(prompt)), "{result:?}");
            assert_eq!(result.items.len(), 2, "{result:?}");
            let id = result.id.as_str().to_owned();
            told.completed.insert(id, prompt.to_owned());
            return true;
        }
        Err(Error::TurnDisconnected(turn)) => {
            let report = turn.restart.expect("the connection was restored");
            assert!(report.has_interrupted(turn.result.id.as_str()));
            let resumed = report.resumed.contains(thread.id());
            let mut lost = report.lost.iter();
            assert!(resumed || lost.any(|lost| lost.thread_id == *thread.id()));
            told.interrupted += 1;
        }
        Err(Error::ConnectionLost { .. }) => told.in_flight += 1,
        Err(Error::Server(error)) if error.kind() == ServerErrorKind::ThreadNotFound => {
            assert!(told.lost.contains(thread.id()), "{error}: not reported");
        }
        Err(error) => panic!("{error:?}"),
    }
    false
}

async fn stream(world: Arc<World>, number: usize) -> Vec<Thread> {
    let mut threads = vec![stored(&world, &format!("prompt {number}")).await];
    let mut turn = 0;
    while !world.is_over.load(Ordering::Acquire) {
        turn += 1;
        let prompt = format!("prompt {number} {turn}");
        let thread = threads.last().unwrap().clone();
        run(&world, &thread, &prompt).await;
        let is_lost = world.told.lock().unwrap().lost.contains(thread.id());
        if is_lost {
            threads.push(stored(&world, &prompt).await);
        }
    }
    threads
}

/// Kills the runtime after a random number of events, again and again.
async fn kill_at_random(world: &World, kills: usize) {
    let mut events = world.codex.events().unwrap();
    for number in 0..kills {
        let random = RandomState::new().hash_one(number) % 400;
        for _ in 0..random {
            match events.next().await.unwrap() {
                Ok(_) | Err(Error::Lagged { .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        kill(world.codex.client().process_id().unwrap());
        loop {
            match events.next().await.unwrap() {
                Ok(_) | Err(Error::Lagged { .. }) => {}
                Err(Error::Restarted(report)) => {
                    let lost = report.lost.iter().map(|lost| lost.thread_id.clone());
                    world.told.lock().unwrap().lost.extend(lost);
                    break;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

/// The results are those that the runtime has stored.
async fn assert_stored(world: &World, threads: &[Thread]) {
    let told = world.told.lock().unwrap().completed.clone();
    let mut found = 0;
    for thread in threads {
        let turns = thread.turns().all().collect_all().await.unwrap();
        for turn in turns {
            if told.contains_key(turn.id.as_str()) {
                assert_eq!(turn.status, TurnStatus::Completed);
                found += 1;
            }
        }
    }
    assert!(found > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_kills_leave_no_wrong_result_and_no_process() {
    let kills = std::env::var("CODEX_KILLS");
    let kills = kills.map_or(KILLS, |kills| kills.parse().unwrap());
    let harness = harness();
    let pauses = (Duration::from_millis(1), Duration::from_millis(20));
    let restart = Restart::on_failure().max_restarts(usize::MAX);
    let restart = restart.backoff(pauses.0, pauses.1);
    let codex = builder(&harness).supervise(restart).build().await.unwrap();
    let world = Arc::new(World {
        codex,
        told: Mutex::default(),
        is_over: AtomicBool::new(false),
    });
    let streams: Vec<_> = (0..THREADS)
        .map(|number| tokio::spawn(stream(Arc::clone(&world), number)))
        .collect();
    let limit = LIMIT * u32::try_from(1 + kills / 10).unwrap();
    let killing = kill_at_random(&world, kills);
    tokio::time::timeout(limit, killing)
        .await
        .expect("nothing hangs");
    world.is_over.store(true, Ordering::Release);
    let mut threads = Vec::new();
    for stream in streams {
        let stream = tokio::time::timeout(LIMIT, stream).await;
        threads.extend(stream.expect("nothing hangs").unwrap());
    }
    for (number, thread) in threads.iter().enumerate() {
        if !world.told.lock().unwrap().lost.contains(thread.id()) {
            assert!(run(&world, thread, &format!("last {number}")).await);
        }
    }
    assert_stored(&world, &threads).await;
    println!(
        "{kills} kills: {:?}",
        Summary::of(&world.told.lock().unwrap())
    );
    world.codex.close().await;
    ProcessTree::in_folder(&harness.workspace()).assert_empty_soon("the runtimes");
}

/// Counts of the outcomes.
#[derive(Debug)]
#[expect(dead_code, reason = "it is printed")]
struct Summary {
    completed: usize,
    interrupted: usize,
    in_flight: usize,
    lost_threads: usize,
}

impl Summary {
    fn of(told: &Told) -> Self {
        Self {
            completed: told.completed.len(),
            interrupted: told.interrupted,
            in_flight: told.in_flight,
            lost_threads: told.lost.len(),
        }
    }
}
