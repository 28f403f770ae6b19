//! The server's side of a recorded session, played to a live client.
//!
//! Does no I/O: frames of the client go in, frames of the server come out.

use std::collections::BTreeMap;

use codex_client::transport::recording::{Direction, Record, Recording};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Plays the server of a recording.
///
/// The client must send what the recorded one sent, in the same order, as far as methods and
/// answers to the server's requests go; parameters are not compared. Its request ids may
/// differ: responses are sent under the ids the live client uses.
///
/// A [`ScriptedPeer`](super::ScriptedPeer) moves the frames; a replay by
/// itself does no I/O:
///
/// ```
/// use codex_client::transport::recording::{Direction, Record, Recording};
/// use codex_testing::scripted::Replay;
///
/// let recording: Recording = [
///     Record::new(Direction::Client, r#"{"id":1,"method":"initialize","params":{}}"#),
///     Record::new(Direction::Server, r#"{"id":1,"result":{"userAgent":"recorded"}}"#),
/// ]
/// .into_iter()
/// .collect();
/// let mut replay = Replay::new(&recording);
/// assert!(replay.next_frame()?.is_none(), "the client begins");
/// replay.receive(br#"{"id":"mine","method":"initialize","params":{}}"#)?;
/// let response = replay.next_frame()?.unwrap_or_default();
/// assert_eq!(response, br#"{"id":"mine","result":{"userAgent":"recorded"}}"#);
/// assert!(replay.is_finished());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Replay {
    records: Vec<Record>,
    position: usize,
    /// The live client's id for each recorded one, both as JSON text.
    ids: BTreeMap<String, String>,
}

/// The reason for which a replay cannot continue.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The client sent another message than the recorded one.
    #[error("record {position} of the replay expects {expected} from the client, got {got}")]
    Unexpected {
        /// Counted from 0.
        position: usize,
        /// The message of the recorded client.
        expected: String,
        /// The message of the live client.
        got: String,
    },
    /// A frame of the client's, recorded or live, is not a message.
    #[error("a frame of the client is not a JSON-RPC message")]
    NotAMessage(#[from] serde_json::Error),
    /// The recorded server answered a request that no recorded client sent.
    #[error("record {position} of the replay answers the request {id}, which was never sent")]
    UnknownId {
        /// Counted from 0.
        position: usize,
        /// The recorded id.
        id: String,
    },
}

/// Of a message, what decides which one it is.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: Option<String>,
}

/// A response, its parts untouched.
#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

impl Replay {
    /// Starts at the beginning.
    pub fn new(recording: &Recording) -> Self {
        Self {
            records: recording.records().to_vec(),
            position: 0,
            ids: BTreeMap::new(),
        }
    }

    /// The next frame the server sends, or `None` when it is the client's turn or the session
    /// is over.
    ///
    /// # Errors
    ///
    /// [`ReplayError::UnknownId`] when the recording answers a request that was never sent.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, ReplayError> {
        let frame = match self.records.get(self.position) {
            Some(record) if record.direction == Direction::Server => record.frame.as_slice(),
            _ => return Ok(None),
        };
        let frame = match answered_id(frame) {
            Some(id) => self.under_live_id(frame, &id)?,
            None => frame.to_vec(),
        };
        self.position += 1;
        Ok(Some(frame))
    }

    /// Takes what the live client sent. Everything the server sends before must have been
    /// taken from [`Replay::next_frame`].
    ///
    /// # Errors
    ///
    /// [`ReplayError::Unexpected`] when the recorded client sent another message here,
    /// [`ReplayError::NotAMessage`] when one of both cannot be understood. The replay stays
    /// where it was.
    pub fn receive(&mut self, frame: &[u8]) -> Result<(), ReplayError> {
        let live: Head<'_> = serde_json::from_slice(frame)?;
        let recorded = match self.records.get(self.position) {
            Some(record) if record.direction == Direction::Client => {
                Some(serde_json::from_slice::<Head<'_>>(&record.frame)?)
            }
            _ => None,
        };
        let Some(recorded) = recorded.filter(|recorded| recorded.agrees_with(&live)) else {
            return Err(self.unexpected(&live));
        };
        if let (Some(_), Some(old), Some(new)) = (&recorded.method, recorded.id, live.id) {
            self.ids.insert(old.get().to_owned(), new.get().to_owned());
        }
        self.position += 1;
        Ok(())
    }

    /// Returns true when everything was played.
    pub fn is_finished(&self) -> bool {
        self.position == self.records.len()
    }

    fn under_live_id(&self, frame: &[u8], id: &str) -> Result<Vec<u8>, ReplayError> {
        let live = self.ids.get(id).ok_or_else(|| ReplayError::UnknownId {
            position: self.position,
            id: id.to_owned(),
        })?;
        let response: Response<'_> = serde_json::from_slice(frame)?;
        let text = match (response.result, response.error) {
            (_, Some(error)) => format!(r#"{{"error":{error},"id":{live}}}"#),
            (Some(result), None) => format!(r#"{{"id":{live},"result":{result}}}"#),
            (None, None) => format!(r#"{{"id":{live}}}"#),
        };
        Ok(text.into_bytes())
    }

    fn unexpected(&self, live: &Head<'_>) -> ReplayError {
        ReplayError::Unexpected {
            position: self.position,
            expected: self.expected().unwrap_or_else(|| "nothing more".to_owned()),
            got: live.describe(),
        }
    }

    /// The next message expected from the client; `None` at the end.
    pub(super) fn expected(&self) -> Option<String> {
        let record = self.records.get(self.position)?;
        if record.direction == Direction::Server {
            return Some("nothing before the server has spoken".to_owned());
        }
        let head: Option<Head<'_>> = serde_json::from_slice(&record.frame).ok();
        Some(head.map_or_else(|| "something unreadable".to_owned(), |head| head.describe()))
    }
}

/// The id of a frame that is a response. Frames that are no messages are played as they are.
fn answered_id(frame: &[u8]) -> Option<String> {
    let head: Head<'_> = serde_json::from_slice(frame).ok()?;
    let id = head.id.filter(|_| head.method.is_none())?;
    Some(id.get().to_owned())
}

impl Head<'_> {
    /// Requests and notifications agree by method, answers by the id they answer.
    fn agrees_with(&self, other: &Self) -> bool {
        let id = |head: &Self| head.id.map(|id| id.get().to_owned());
        self.method == other.method
            && self.id.is_some() == other.id.is_some()
            && (self.method.is_some() || id(self) == id(other))
    }

    fn describe(&self) -> String {
        match (&self.method, self.id) {
            (Some(method), Some(_)) => format!("the request `{method}`"),
            (Some(method), None) => format!("the notification `{method}`"),
            (None, Some(id)) => format!("the answer to request {id}"),
            (None, None) => "a malformed message".to_owned(),
        }
    }
}
