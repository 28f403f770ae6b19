//! The handshake.

use codex_client::transport::memory;
use codex_client::{Error, Launch, ServerErrorKind};
use codex_runtime::VersionPolicy;
use codex_testing::scripted::{Script, ScriptedPeer};
use serde_json::json;

use crate::mode::{Mode, Setup, both_modes};
use crate::talk::{initialized, scripted};

both_modes! {
    handshake_exchanges_identities;
    rejected_initialization_is_an_error;
    a_server_that_never_answers_is_given_up;
    other_version_is_rejected_by_policy;
    server_without_a_version_is_served;
    program_that_is_no_codex_is_named;
}

fn handshake_exchanges_identities<M: Mode>() {
    let (transport, end) = memory::pair();
    let script = Script::new()
        .expect_with("initialize", |params| {
            let expected = json!({
                "clientInfo": {"name": "tests", "version": "1.0.0"},
                "capabilities": {
                    "experimentalApi": true,
                    "optOutNotificationMethods": ["thread/started"],
                },
            });
            assert_eq!(params, &expected);
        })
        .reply(initialized(
            "tests/0.169.0 (Debian 12; x86_64) xterm (tests; 1.0.0)",
        ))
        .expect("initialized");
    let _peer = ScriptedPeer::start(script, end);
    let mut setup = Setup {
        experimental_api: true,
        ..Setup::default()
    };
    setup.opt_out_notifications = vec!["thread/started".into()];
    let info = M::connect(&setup, transport).unwrap().info();
    assert_eq!(info.version.unwrap().to_string(), "0.169.0");
    assert_eq!(info.codex_home.to_str(), Some("/scripted"));
    assert_eq!(
        (&*info.platform_family, &*info.platform_os),
        ("unix", "linux")
    );
    assert!(info.user_agent.starts_with("tests/"));
}

fn rejected_initialization_is_an_error<M: Mode>() {
    let (transport, end) = memory::pair();
    let script = Script::new()
        .expect("initialize")
        .reply_error(-32600, "Already initialized");
    let _peer = ScriptedPeer::start(script, end);
    let error = M::connect(&Setup::default(), transport).err().unwrap();
    let kind = error.server().unwrap().kind();
    assert_eq!(kind, ServerErrorKind::AlreadyInitialized);
}

fn a_server_that_never_answers_is_given_up<M: Mode>() {
    let (transport, _peer) = memory::pair();
    let deadline = std::time::Duration::from_millis(50);
    let setup = Setup {
        deadline,
        ..Setup::default()
    };
    match M::connect(&setup, transport).err().unwrap() {
        Error::Timeout { method, after } => assert_eq!((&*method, after), ("initialize", deadline)),
        error => panic!("{error}"),
    }
}

fn other_version_is_rejected_by_policy<M: Mode>() {
    for (policy, refused) in [
        (VersionPolicy::Refuse, true),
        (VersionPolicy::Warn, false),
        (VersionPolicy::Ignore, false),
    ] {
        let (transport, end) = memory::pair();
        let script = Script::new()
            .expect("initialize")
            .reply(initialized("x/0.1.0 (x)"));
        let script = if refused {
            script
        } else {
            script.expect("initialized")
        };
        let _peer = ScriptedPeer::start(script, end);
        let setup = Setup {
            version_policy: policy,
            ..Setup::default()
        };
        let connected = M::connect(&setup, transport);
        assert_eq!(connected.is_err(), refused);
        if let Err(error) = connected {
            assert!(
                error.to_string().contains("older than the pinned"),
                "{error}"
            );
        }
    }
    let refuse = Setup {
        version_policy: VersionPolicy::Refuse,
        ..Setup::default()
    };
    drop(scripted::<M>(&refuse, |script| script));
}

fn server_without_a_version_is_served<M: Mode>() {
    for agent in ["", "something (else)", "codex/none (x)"] {
        let (transport, end) = memory::pair();
        let script = Script::new()
            .expect("initialize")
            .reply(initialized(agent))
            .expect("initialized")
            .expect("test/ask")
            .reply(json!("fine"));
        let _peer = ScriptedPeer::start(script, end);
        let client = M::connect(&Setup::default(), transport).unwrap();
        assert_eq!(client.info().version, None);
        assert_eq!(client.raw("test/ask", &json!({})).unwrap(), json!("fine"));
    }
}

/// Programs that somebody may name as the runtime by mistake; what each is called with is what the
/// runtime is called with.
fn program_that_is_no_codex_is_named<M: Mode>() {
    for program in ["/bin/true", "/bin/false", "/bin/ls", "/bin/sh", "/bin/cat"] {
        let launch = Launch::new().binary(program);
        let error = M::spawn(&Setup::default(), &launch).err().unwrap();
        let Error::Handshake(handshake) = &error else {
            panic!("{program}: {error:?}");
        };
        let named = handshake.program().unwrap();
        assert!(
            named.ends_with(program.trim_start_matches("/bin/")),
            "{error}"
        );
        let shown = error.to_string();
        assert!(shown.contains(program) && !shown.contains('\n'), "{shown}");
        if ["/bin/ls", "/bin/sh", "/bin/cat"].contains(&program) {
            assert!(shown.contains("stderr: "), "{shown}");
            assert!(handshake.stderr_tail().contains("app-server"), "{shown}");
        }
    }
}
