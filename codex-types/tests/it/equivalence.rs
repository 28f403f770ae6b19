//! The models' reader and `serde_json` agree: on every value, and on every error with its path.
//!
//! `cargo xtask equivalence` runs the same with more chance, and for minutes.

mod texts;

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use codex_types::rpc::{Parser, ServerMessage};
use codex_types::{CLIENT_METHODS, DecodeError, NOTIFICATIONS, SERVER_METHODS};
use fastrand::Rng;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::codec::Codec;
use crate::generated::codecs::{CODECS, RESPONSES};
use crate::instances::report;
use crate::oracle::{Verdict, judge};
use crate::recordings::{Record, Sender, sessions};
use crate::schema::DEFINITIONS;
use crate::schema::generate::some_instances;
use texts::{bent, mutant, written};

/// The number of random instances for each alternative of a model, unless the environment sets
/// more.
const BY_CHANCE: usize = 4;

/// Counts what was compared, and keeps what differed.
#[derive(Default)]
struct Comparison {
    accepted: usize,
    refused: usize,
    broken: usize,
    open: usize,
    faults: Vec<String>,
}

impl Comparison {
    fn compare(&mut self, codec: &Codec, text: &str) {
        let verdict = judge(&DEFINITIONS[codec.name], text);
        match &verdict {
            Verdict::Accepted => self.accepted += 1,
            Verdict::Refused(_) => self.refused += 1,
            Verdict::Broken(_) => self.broken += 1,
            Verdict::Open => self.open += 1,
        }
        let outcome = (codec.rewrite)(text).map_err(|error| error.to_string());
        if !agrees(&verdict, &outcome, text) {
            let name = codec.name;
            self.faults
                .push(format!("{name}: {outcome:?}, not {verdict:?}\n  {text}"));
        }
    }

    fn count(&self) -> usize {
        self.accepted + self.refused + self.broken + self.open
    }

    /// Fails if anything differed; prints what was compared, which `cargo xtask equivalence` shows.
    #[track_caller]
    #[expect(clippy::print_stdout, reason = "the report of a longer run")]
    fn finish(&self) {
        let count = self.count();
        let (accepted, refused, broken) = (self.accepted, self.refused, self.broken);
        println!("{count} texts: {accepted} accepted, {refused} refused, {broken} broken JSON");
        assert!(
            self.faults.is_empty(),
            "of {count}: {}",
            report(&self.faults)
        );
        assert!(
            self.open * 20 <= count,
            "no opinion on {} of {count}",
            self.open
        );
    }
}

fn agrees(verdict: &Verdict, outcome: &Result<String, String>, text: &str) -> bool {
    match (verdict, outcome) {
        (Verdict::Accepted | Verdict::Open, Ok(written)) => is_same(text, written),
        (Verdict::Refused(errors), Err(error)) => errors.contains(error),
        (Verdict::Broken(words), Err(error)) => {
            error.contains(words.as_str()) || is_fault_of_a_value(error)
        }
        (Verdict::Open, Err(_)) => true,
        _ => false,
    }
}

/// Returns true if a value was found that does not fit; it may stand before what is broken.
fn is_fault_of_a_value(error: &str) -> bool {
    let (_, problem) = error.split_once(": ").unwrap_or_default();
    let faults = [
        "invalid type: ",
        "invalid value: ",
        "missing field",
        "number out of range",
        // Of a number whose exponent no `i32` can hold.
        "invalid number",
    ];
    let mut texts = [error, problem].into_iter();
    texts.any(|text| faults.iter().any(|fault| text.starts_with(fault)))
}

/// Compares two texts as `serde_json` reads them, where it can.
fn is_same(text: &str, written: &str) -> bool {
    let read: Result<Value, _> = serde_json::from_str(text);
    read.map_or(true, |value| {
        serde_json::from_str::<Value>(written).is_ok_and(|written| written == value)
    })
}

/// A number from the environment, for longer runs.
fn setting(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |value| value.parse().expect("it is a number"))
}

fn modeled() -> impl Iterator<Item = &'static Codec> {
    let codecs = CODECS.iter();
    codecs.filter(|codec| DEFINITIONS.contains_key(codec.name))
}

/// The payloads of everything that was recorded, each with its model.
fn recorded() -> Vec<(&'static Codec, String)> {
    let mut payloads = Vec::new();
    for session in ["0.169.0", "0.163.0"].into_iter().flat_map(sessions) {
        let mut asked = HashMap::new();
        for record in session {
            payloads.extend(payload(&record, &mut asked));
        }
    }
    payloads
}

/// The parameters or the result of a message, with its model; `asked` has the methods of the
/// requests without response.
fn payload(
    record: &Record,
    asked: &mut HashMap<(Sender, String), String>,
) -> Option<(&'static Codec, String)> {
    let message: BTreeMap<String, &RawValue> = serde_json::from_str(&record.text).ok()?;
    let id = message.get("id").map(|id| id.get().to_owned());
    let Some(method) = message.get("method") else {
        let other = match record.sender {
            Sender::Client => Sender::Server,
            Sender::Server => Sender::Client,
        };
        let method = asked.remove(&(other, id?))?;
        let (_, response) = RESPONSES.iter().find(|(known, _)| *known == method)?;
        return Some((named(response)?, message.get("result")?.get().to_owned()));
    };
    let method: String = serde_json::from_str(method.get()).ok()?;
    let name = params_of(&method)?;
    if let Some(id) = id {
        asked.insert((record.sender, id), method);
    }
    Some((named(name)?, message.get("params")?.get().to_owned()))
}

fn named(name: &str) -> Option<&'static Codec> {
    modeled().find(|codec| codec.name == name)
}

/// The name of the parameters of a method of either direction.
fn params_of(method: &str) -> Option<&'static str> {
    let mut requests = CLIENT_METHODS.iter().chain(SERVER_METHODS);
    let request = requests.find(|info| info.method == method);
    let notification = || NOTIFICATIONS.iter().find(|info| info.method == method);
    request.map_or_else(|| notification()?.params, |info| info.params)
}

#[test]
fn recorded_payloads() {
    let mut comparison = Comparison::default();
    for (codec, text) in recorded() {
        comparison.compare(codec, &text);
    }
    comparison.finish();
    assert!(comparison.accepted > 2_000, "{}", comparison.accepted);
    assert_eq!(comparison.broken, 0);
}

#[test]
fn instances_and_their_mutants() {
    let by_chance = setting("EQUIVALENCE_INSTANCES", BY_CHANCE);
    let mut rng = Rng::with_seed(169);
    let mut comparison = Comparison::default();
    for codec in modeled() {
        for (_, value) in some_instances(codec.name, by_chance) {
            comparison.compare(codec, &written(&value, false, &mut rng));
            comparison.compare(codec, &written(&value, true, &mut rng));
            for _ in 0..2 {
                let mutant = mutant(&value, &mut rng);
                let free = rng.bool();
                comparison.compare(codec, &written(&mutant, free, &mut rng));
            }
        }
    }
    comparison.finish();
    let (accepted, refused) = (comparison.accepted, comparison.refused);
    assert!(
        accepted > 20_000 && refused > 5_000,
        "{accepted}, {refused}"
    );
}

#[test]
fn every_truncation_of_recorded_payloads() {
    let mut comparison = Comparison::default();
    let mut payloads = recorded();
    payloads.retain(|(_, text)| text.len() < 4_000);
    let step = payloads.len() / 200;
    for (codec, text) in payloads.iter().step_by(step) {
        for length in 0..text.len() {
            if let Some(start) = text.get(..length) {
                comparison.compare(codec, start);
            }
        }
    }
    comparison.finish();
    assert_eq!(comparison.count(), comparison.broken);
    assert!(comparison.broken > 20_000, "{}", comparison.broken);
}

#[test]
fn bent_texts() {
    let limit = setting("EQUIVALENCE_SECONDS", 2);
    let end = Instant::now() + Duration::from_secs(limit as u64);
    let mut rng = Rng::with_seed(setting("EQUIVALENCE_SEED", 163) as u64);
    let mut seeds = recorded();
    for codec in modeled() {
        let instances = some_instances(codec.name, 2).into_iter();
        seeds.extend(instances.map(|(_, value)| (codec, value.to_string())));
    }
    seeds.retain(|(_, text)| text.len() < 8_000);
    let mut comparison = Comparison::default();
    while comparison.count() < 1_000 || Instant::now() < end {
        let (codec, text) = &seeds[rng.usize(..seeds.len())];
        if let Some(text) = bent(text, &mut rng) {
            comparison.compare(codec, &text);
        }
    }
    comparison.finish();
}

/// The fault of a value is found before what is broken behind it.
#[test]
fn faults_before_broken_json() {
    let mut comparison = Comparison::default();
    for text in [
        "1e99999999999999999999999$",
        "{\"type\":\"failed\\ud800\"}\u{a0}",
        "\"t\\ud800otal\"\u{b}",
    ] {
        modeled().for_each(|codec| comparison.compare(codec, text));
    }
    comparison.finish();
}

/// Text around a payload changes neither its value nor its error.
#[test]
fn payloads_in_messages() {
    let mut rng = Rng::with_seed(5);
    let mut parser = Parser::new();
    let mut count = 0;
    for info in NOTIFICATIONS {
        let Some(codec) = info.params.and_then(named) else {
            continue;
        };
        for (_, value) in some_instances(codec.name, 1) {
            for value in [mutant(&value, &mut rng), value] {
                let params = written(&value, true, &mut rng);
                let method = info.method;
                let line = format!(r#"{{"method":"{method}","params":{params},"emittedAtMs":1}}"#);
                let message = in_message(ServerMessage::parse(&line));
                assert_eq!(message, alone(codec, &params), "{line}");
                assert_eq!(message, in_message(parser.parse(&line)), "{line}");
                count += 1;
            }
        }
    }
    assert!(count > 500, "only {count} messages");
}

fn in_message(read: Result<ServerMessage<'_>, DecodeError>) -> Result<Value, String> {
    match read.expect("it is a message") {
        ServerMessage::Notification(notification) => {
            let text = serde_json::to_string(&notification).expect("it can be written");
            let mut message: Value = serde_json::from_str(&text).expect("it is JSON");
            Ok(message["params"].take())
        }
        ServerMessage::Undecodable(message) => Err(message.error.to_string()),
        other => panic!("not a notification: {other:?}"),
    }
}

fn alone(codec: &Codec, params: &str) -> Result<Value, String> {
    match (codec.rewrite)(params) {
        Ok(text) => Ok(serde_json::from_str(&text).expect("it is JSON")),
        Err(error) if error.path().is_empty() => Err(format!("params: {}", error.problem())),
        Err(error) => Err(format!("params.{error}")),
    }
}
