//! Recordings: into a file and back, and played to a client.

use std::io::ErrorKind;

use codex_client::transport::recording::{Direction, Record, Recorder, Recording, RecordingError};
use codex_testing::scripted::Replay;

const SESSION: [(Direction, &str); 8] = [
    (
        Direction::Client,
        r#"{"id":1,"method":"initialize","params":{}}"#,
    ),
    (
        Direction::Server,
        r#"{"id":1,"result":{"userAgent":"recorded"}}"#,
    ),
    (Direction::Client, r#"{"method":"initialized"}"#),
    (Direction::Server, r#"{"method":"note","params":{}}"#),
    (Direction::Server, r#"{"method":"ask","id":0,"params":{}}"#),
    (
        Direction::Client,
        r#"{"id":0,"result":{"decision":"decline"}}"#,
    ),
    (
        Direction::Client,
        r#"{"id":2,"method":"thread/start","params":{}}"#,
    ),
    (
        Direction::Server,
        r#"{"error":{"code":-32600,"message":"no"},"id":2}"#,
    ),
];

fn session() -> Recording {
    SESSION
        .into_iter()
        .map(|(direction, frame)| Record::new(direction, frame))
        .collect()
}

#[test]
fn a_recorded_session_reads_back_frame_by_frame() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session.jsonl");
    let recorder = Recorder::create(&file).unwrap();
    for (direction, frame) in SESSION {
        recorder.record(direction, frame.as_bytes()).unwrap();
    }
    let odd: [&[u8]; 2] = ["U+2028 \u{2028} inside".as_bytes(), b"\xff no text"];
    for frame in odd {
        recorder.record(Direction::Server, frame).unwrap();
    }
    let recording = Recording::open(&file).unwrap();

    let server: Vec<&[u8]> = recording.frames(Direction::Server).collect();
    let session = session();
    let expected: Vec<&[u8]> = session.frames(Direction::Server).chain(odd).collect();
    assert_eq!(server, expected);
    assert_eq!(recording.frames(Direction::Client).count(), 4);
    assert!(recording.records().iter().all(|record| record.at.is_some()));
    assert!(recording.records().is_sorted_by_key(|record| record.at));

    let mut again = Vec::new();
    recording.write(&mut again).unwrap();
    assert_eq!(again, std::fs::read(&file).unwrap());
}

#[test]
fn recordings_can_be_written_by_hand() {
    let text = "\n{\"direction\":\"client\",\"frame\":\"{}\"}\n\n{\"direction\":\"server\",\"at_ms\":7,\"bytes\":[255]}";
    let recording = Recording::read(text.as_bytes()).unwrap();
    let [first, second] = recording.records() else {
        panic!("{recording:?}");
    };
    assert_eq!((first.direction, first.at), (Direction::Client, None));
    assert_eq!(first.frame, b"{}");
    assert_eq!(second.at.unwrap().as_millis(), 7);
    assert_eq!(second.frame, [255]);
}

#[test]
fn a_line_that_is_no_record_is_named() {
    let good = r#"{"direction":"client","frame":"{}"}"#;
    for bad in [
        "no json",
        "[]",
        r#"{"frame":"{}"}"#,
        r#"{"direction":"sideways","frame":"{}"}"#,
        r#"{"direction":"client"}"#,
        r#"{"direction":"client","frame":"{}","bytes":[1]}"#,
        r#"{"direction":"client","frame":"{}","at_ms":"soon"}"#,
    ] {
        let text = format!("{good}\n{bad}\n");
        let error = Recording::read(text.as_bytes()).unwrap_err();
        assert!(
            matches!(error, RecordingError::Line { line: 2, .. }),
            "{bad}: {error:?}"
        );
    }
    let missing = Recording::open("no/such/file").unwrap_err();
    assert!(matches!(missing, RecordingError::Io(error) if error.kind() == ErrorKind::NotFound));
}

#[test]
fn a_replay_speaks_when_the_client_has_and_uses_the_clients_ids() {
    let mut replay = Replay::new(&session());
    let mut said = Vec::new();
    for frame in [
        r#"{"id":"one","method":"initialize","params":{"other":true}}"#,
        r#"{"method":"initialized"}"#,
        r#"{"id":0,"result":{}}"#,
        r#"{"id":77,"method":"thread/start"}"#,
    ] {
        assert!(replay.next_frame().unwrap().is_none());
        replay.receive(frame.as_bytes()).unwrap();
        while let Some(frame) = replay.next_frame().unwrap() {
            said.push(String::from_utf8(frame).unwrap());
        }
    }
    assert!(replay.is_finished());
    assert_eq!(
        said,
        [
            r#"{"id":"one","result":{"userAgent":"recorded"}}"#,
            SESSION[3].1,
            SESSION[4].1,
            r#"{"error":{"code":-32600,"message":"no"},"id":77}"#,
        ]
    );
}

#[test]
fn departure_from_the_recording_is_described() {
    let mut replay = Replay::new(&session());
    let mut said = |frame: &str| replay.receive(frame.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        said(r#"{"id":1,"method":"thread/start"}"#),
        "record 0 of the replay expects the request `initialize` from the client, got the \
         request `thread/start`"
    );
    assert!(said(r#"{"method":"initialize"}"#).ends_with("got the notification `initialize`"));
    assert!(said(r#"{"id":1,"result":{}}"#).ends_with("got the answer to request 1"));
    assert_eq!(said("{"), "a frame of the client is not a JSON-RPC message");

    replay.receive(SESSION[0].1.as_bytes()).unwrap();
    let early = replay.receive(SESSION[2].1.as_bytes()).unwrap_err();
    assert!(
        early
            .to_string()
            .contains("nothing before the server has spoken")
    );
}

#[test]
fn response_without_a_request_is_an_error() {
    let recording: Recording = [Record::new(Direction::Server, r#"{"id":9,"result":{}}"#)]
        .into_iter()
        .collect();
    let error = Replay::new(&recording).next_frame().unwrap_err();
    assert!(
        error.to_string().contains("answers the request 9"),
        "{error}"
    );
}
