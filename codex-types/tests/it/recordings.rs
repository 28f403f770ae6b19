//! Sessions of real runtimes, recorded message by message.
//!
//! One record per line: `{"dir": "c2s" | "s2c", "t": seconds, "msg": message}`,
//! in the order in which the client wrote and read them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

/// The sender of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sender {
    Client,
    Server,
}

/// A message with where it was found.
pub(crate) struct Record {
    /// The file below the corpus and the line, for those who look for a fault.
    pub(crate) place: String,
    pub(crate) sender: Sender,
    /// The text of the message.
    pub(crate) text: String,
}

/// The recordings of one version of the runtime, each a list of messages.
pub(crate) fn sessions(version: &str) -> Vec<Vec<Record>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(version);
    let entries = std::fs::read_dir(&folder).expect("the corpus is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the corpus is readable").path())
        .collect();
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Vec<Record> {
    let text = std::fs::read_to_string(file).expect("a recording is text");
    let name = file
        .file_name()
        .expect("a file has a name")
        .to_string_lossy();
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(index, line)| record(&format!("{name}:{}", index + 1), line))
        .collect()
}

/// A line without a message describes the end of the recording.
fn record(place: &str, line: &str) -> Option<Record> {
    let mut record: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{place}: {error}"));
    let message = record.remove("msg")?;
    let sender = match record["dir"].get() {
        r#""c2s""# => Sender::Client,
        r#""s2c""# => Sender::Server,
        other => panic!("{place}: unknown direction {other}"),
    };
    Some(Record {
        place: place.to_owned(),
        sender,
        text: message.get().to_owned(),
    })
}
