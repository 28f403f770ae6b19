//! Errors as people see them: one line each, every cause once, and `Debug` without syntax.

use std::error::Error as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use codex_client::runtime::Environment;
use codex_client::transport::memory;
use codex_client::{Error, Launch};
use serde_json::json;

use crate::mode::{Async, Mode, Setup};
use crate::talk::manual_peer;

/// A program without an interpreter.
fn unstartable(folder: &Path) -> Launch {
    let program = folder.join("codex");
    std::fs::write(&program, "#!/nonexistent/interpreter\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    Launch::new().binary(program)
}

fn spawned(launch: &Launch) -> Error {
    Async::spawn(&Setup::default(), launch).err().unwrap()
}

/// Errors of every origin: the machine, a foreign program, a server, the connection.
fn provoked() -> Vec<Error> {
    let folder = tempfile::tempdir().unwrap();
    let missing = Launch::new()
        .environment(Environment::empty().with_runtime_dir(folder.path().join("nothing")));
    let (client, peer) = manual_peer::<Async>(&Setup::default());
    let asked = |answer: &(dyn Fn(&serde_json::Value) + Sync)| {
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| client.start_turn("t").err().unwrap());
            answer(&peer.receive());
            asking.join().unwrap()
        })
    };
    let refused = asked(&|request| peer.refuse(request, -32600, "two\nlines"));
    let undecodable = asked(&|request| peer.answer(request, &json!({"turn": 5})));
    client.close();
    let closed = client.raw("after/close", &json!({})).unwrap_err();
    let (transport, end) = memory::pair();
    drop(end);
    vec![
        spawned(&unstartable(folder.path())),
        spawned(&missing),
        spawned(&Launch::new().binary("/nonexistent/codex")),
        spawned(&Launch::new().binary("/bin/sh").cwd("/nonexistent/folder")),
        spawned(&Launch::new().binary("/bin/ls")),
        Async::connect(&Setup::default(), transport).err().unwrap(),
        refused,
        undecodable,
        closed,
    ]
}

/// The error and its causes, as text.
fn chain(error: &Error) -> Vec<String> {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    texts
}

#[test]
fn every_cause_is_printed_once() {
    for error in provoked() {
        let texts = chain(&error);
        for (at, cause) in texts.iter().enumerate().skip(1) {
            for earlier in &texts[..at] {
                assert!(!earlier.contains(cause), "{texts:?}");
            }
        }
        assert!(texts.iter().all(|text| !text.contains('\n')), "{texts:?}");
    }
}

#[test]
fn reason_of_a_failed_start_is_in_the_message() {
    let folder = tempfile::tempdir().unwrap();
    let error = spawned(&unstartable(folder.path()));
    assert!(matches!(error, Error::Start { .. }), "{error}");
    assert!(error.to_string().contains("No such file"), "{error}");
    assert!(error.source().is_none(), "{error}");
}

/// As `main() -> Result<(), Error>` and `unwrap` print it.
#[test]
fn debug_is_for_people() {
    for error in provoked() {
        let [message, causes @ ..] = &chain(&error)[..] else {
            panic!("{error}");
        };
        let mut expected = message.clone();
        for cause in causes {
            expected.push_str("\n  caused by: ");
            expected.push_str(cause);
        }
        assert_eq!(format!("{error:?}"), expected);
        assert_eq!(format!("{error:#?}"), expected);
        for noise in ["{ ", " }", "Some(", "Arc", "Os {", "\\\""] {
            assert!(!expected.contains(noise), "{expected}");
        }
    }
}
