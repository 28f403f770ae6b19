//! The inputs of the started process: arguments, prompt, environment, directory, schema.

use codex_exec::find_exec_only_argument;

#[test]
fn arguments_of_exec_itself_are_found() {
    let cases: [(&[&str], Option<&str>); 12] = [
        (&[], None),
        (&["-c", "notify=[]"], None),
        (&["--skip-git-repo-check"], Some("--skip-git-repo-check")),
        (&["--color=never"], Some("--color=never")),
        (&["--output-schema", "schema.json"], Some("--output-schema")),
        (
            &["--output-last-message=out.txt"],
            Some("--output-last-message=out.txt"),
        ),
        (&["-o", "out.txt"], Some("-o")),
        (&["-oout.txt"], Some("-oout.txt")),
        (&["-c", "a=1", "--json"], Some("--json")),
        (&["--output-schema=s.json"], Some("--output-schema=s.json")),
        (&["--color", "never"], Some("--color")),
        (&["--oss", "--colors", "--search"], None),
    ];
    for (arguments, expected) in cases {
        assert_eq!(
            find_exec_only_argument(arguments.iter().copied()),
            expected,
            "{arguments:?}"
        );
    }
}

#[cfg(unix)]
mod fake_process {
    use std::path::Path;

    use codex_exec::{
        ApprovalPolicy, ExecError, ExecRunner, Prompt, ResumeToken, Sandbox, WebSearch,
    };
    use serde_json::json;

    use crate::fake::{Fake, THREAD, thread_started, token, turn_completed};
    use crate::modes::{MODES, Mode, block_on, completed};

    /// Writes its arguments, one per line, and succeeds.
    fn listing() -> Fake {
        let fake = Fake::new(
            "cat > $here/prompt\nprintf '%s\\n' \"$@\" > $here/arguments\ncat $here/lines",
        );
        std::fs::write(
            fake.path("lines"),
            format!("{}\n{}\n", thread_started(), turn_completed()),
        )
        .unwrap();
        fake
    }

    fn arguments(fake: &Fake) -> Vec<String> {
        fake.read("arguments").lines().map(str::to_owned).collect()
    }

    #[test]
    fn flags_of_exec_come_after_exec() {
        for mode in MODES {
            let fake = listing();
            let runner = fake.builder().args(["-c", "notify=[]"]).build().unwrap();
            assert!(completed(&mode.collect(&runner, None, "hi")).ok);
            assert_eq!(
                arguments(&fake),
                [
                    "-c",
                    "notify=[]",
                    "exec",
                    "--json",
                    "--skip-git-repo-check",
                    "--color=never",
                    "-",
                ]
            );
            assert_eq!(fake.read("prompt"), "hi");
        }
    }

    #[test]
    fn every_choice_has_its_place() {
        for mode in MODES {
            let fake = listing();
            let runner = fake
                .builder()
                .arg("--search")
                .model("m-1")
                .reasoning_effort("high")
                .sandbox(Sandbox::WorkspaceWrite)
                .output_schema_file("/schemas/answer.json")
                .build()
                .unwrap();
            let events = mode.collect(&runner, Some(&token(THREAD)), "go on");
            assert!(completed(&events).ok);
            assert_eq!(
                arguments(&fake),
                [
                    "--search",
                    "--model",
                    "m-1",
                    "-c",
                    "model_reasoning_effort=high",
                    "-c",
                    "sandbox_mode=workspace-write",
                    "exec",
                    "--json",
                    "--skip-git-repo-check",
                    "--color=never",
                    "--output-schema",
                    "/schemas/answer.json",
                    "resume",
                    THREAD,
                    "-",
                ]
            );
        }
    }

    /// Runs in a mode, with a prompt that may have images.
    fn run(mode: Mode, runner: &ExecRunner, session: Option<&ResumeToken>, prompt: Prompt) {
        let done = match (mode, session) {
            (Mode::Async, None) => block_on(runner.run(prompt).finish()),
            (Mode::Async, Some(session)) => block_on(runner.resume(session, prompt).finish()),
            (Mode::Blocking, None) => runner.run_blocking(prompt).finish(),
            (Mode::Blocking, Some(session)) => runner.resume_blocking(session, prompt).finish(),
        };
        assert!(done.unwrap().ok);
    }

    /// All options of the official SDK, and the arguments of a run with a schema and an image.
    const OFFICIAL: &str = "-c|raw=[1, 2|--model|m-1|\
        -c|openai_base_url='http://localhost:1/\"v1\"'|-c|model_reasoning_effort=xhigh|\
        -c|sandbox_mode=workspace-write|-c|approval_policy=on-failure|-c|web_search=cached|\
        -c|sandbox_workspace_write.network_access=true|\
        exec|--json|--color=never|--profile|terse|--add-dir|/one|--add-dir|/two, and three|\
        SOURCE--cyber-access-program|standard|--strict-config|--output-schema|/schema.json|\
        RESUME--image=IMAGE|-";

    #[test]
    fn every_option_of_the_official_sdk_has_its_argument() {
        let image = tempfile::NamedTempFile::new().unwrap();
        let file = image.path().to_str().unwrap();
        for mode in MODES {
            let fake = listing();
            let builder = fake
                .builder()
                .base_url("http://localhost:1/\"v1\"")
                .args(["-c", "raw=[1, 2"])
                .model("m-1")
                .thread_source("my bot")
                .sandbox(Sandbox::WorkspaceWrite)
                .additional_folder("/one")
                .additional_folder("/two, and three")
                .git_repo_check(true)
                .output_schema_file("/schema.json")
                .cyber_access_program("standard")
                .reasoning_effort("xhigh");
            let builder = builder
                .network_access(true)
                .web_search(WebSearch::Cached)
                .approval_policy(ApprovalPolicy::OnFailure)
                .profile("terse")
                .exec_arg("--strict-config");
            let runner = builder.build().unwrap();
            let new = ("--thread-source|my bot|", String::new());
            let resumed = ("", format!("resume|{THREAD}|"));
            for (session, (source, resume)) in [(None, new), (Some(token(THREAD)), resumed)] {
                run(
                    mode,
                    &runner,
                    session.as_ref(),
                    Prompt::new("hi").image(file),
                );
                let expected = OFFICIAL.replace("SOURCE", source);
                let expected = expected.replace("RESUME", &resume).replace("IMAGE", file);
                assert_eq!(arguments(&fake).join("|"), expected);
            }
        }
    }

    #[test]
    fn entries_of_a_map_are_overrides_of_their_own() {
        let fake = listing();
        let nested = json!({ "a": true, "b": { "c": 1.5, "d-e": ["x", { "y": 2 }] }, "f": {} });
        let quoted = json!({ "g.h": "i", "j": 1 });
        let builder = fake.builder().config("top", nested);
        let runner = builder.config("other", quoted).build().unwrap();
        run(Mode::Blocking, &runner, None, "hi".into());
        let arguments = arguments(&fake);
        let overrides = arguments.iter().take_while(|it| *it != "exec");
        let overrides: Vec<&str> = overrides
            .map(String::as_str)
            .filter(|it| *it != "-c")
            .collect();
        assert_eq!(
            overrides,
            [
                "top.a=true",
                "top.b.c=1.5",
                "top.b.d-e=[\"x\", { y = 2 }]",
                "top.f={}",
                "other={ \"g.h\" = \"i\", j = 1 }",
            ]
        );
    }

    #[test]
    fn paragraphs_of_a_prompt_are_apart() {
        for mode in MODES {
            let fake = listing();
            let prompt = Prompt::new("Describe file changes").paragraph("Focus on tests");
            run(mode, &fake.runner(), None, prompt);
            let expected = "Describe file changes\n\nFocus on tests";
            assert_eq!(fake.read("prompt"), expected);
        }
    }

    #[test]
    fn arguments_of_exec_itself_are_rejected_by_name() {
        let fake = listing();
        let error = fake.builder().args(["-c", "a=1", "-o", "out"]).build();
        let error = error.unwrap_err();
        assert!(matches!(&error, ExecError::ExecOnlyArgument { argument } if argument == "-o"));
        assert!(error.to_string().contains("`-o`"), "{error}");
    }

    #[test]
    fn an_inline_schema_is_a_file_for_the_time_of_the_run() {
        for mode in MODES {
            let fake = listing();
            let schema = json!({"type": "object", "additionalProperties": false});
            let script = fake.read("codex").replace(
                "cat $here/lines",
                "shift 5; cat \"$1\" > $here/schema; cat $here/lines",
            );
            std::fs::write(fake.path("codex"), script).unwrap();
            let runner = fake
                .builder()
                .output_schema(schema.clone())
                .build()
                .unwrap();
            assert!(completed(&mode.collect(&runner, None, "hi")).ok);
            let seen: serde_json::Value = serde_json::from_str(&fake.read("schema")).unwrap();
            assert_eq!(seen, schema);
            let arguments = arguments(&fake);
            assert_eq!(arguments[4], "--output-schema");
            assert!(!Path::new(&arguments[5]).exists(), "{}", arguments[5]);
        }
    }

    #[test]
    fn environment_and_folder_are_the_chosen_ones() {
        for mode in MODES {
            let fake = Fake::new(
                "echo \"$ONE,$TWO,${CARGO_PKG_NAME-none}\" > $here/environment\npwd > $here/folder\ncat $here/lines",
            );
            std::fs::write(
                fake.path("lines"),
                format!("{}\n{}\n", thread_started(), turn_completed()),
            )
            .unwrap();
            let folder = tempfile::tempdir().unwrap();
            let builder = fake
                .builder()
                .env("ONE", "1")
                .env("TWO", "2")
                .env_remove("TWO")
                .env_remove("CARGO_PKG_NAME")
                .cwd(folder.path());
            let runner = builder.build().unwrap();
            assert!(completed(&mode.collect(&runner, None, "hi")).ok);
            assert_eq!(fake.read("environment"), "1,,none\n");
            let seen = std::fs::canonicalize(fake.read("folder").trim()).unwrap();
            assert_eq!(seen, folder.path().canonicalize().unwrap());

            // The script lists its environment; a shell sets some variables itself.
            let fake = Fake::new("env > $here/environment; cat $here/lines");
            std::fs::write(
                fake.path("lines"),
                format!("{}\n{}\n", thread_started(), turn_completed()),
            )
            .unwrap();
            let builder = fake.builder().env("LOST", "1").env_clear().env("KEPT", "1");
            let runner = builder.env("PATH", "/usr/bin:/bin").build().unwrap();
            assert!(completed(&mode.collect(&runner, None, "hi")).ok);
            let environment = fake.read("environment");
            assert!(environment.contains("KEPT=1\n"), "{environment}");
            assert!(!environment.contains("LOST"), "{environment}");
            assert!(!environment.contains("CARGO"), "{environment}");
        }
    }

    #[test]
    fn tools_of_the_package_come_first_on_the_search_path() {
        let fake = Fake::new("");
        let package = fake.path("package");
        for folder in ["bin", "codex-path"] {
            std::fs::create_dir_all(package.join(folder)).unwrap();
        }
        let script = format!(
            "#!/bin/sh\necho \"$PATH\" > {0}/path\necho '{1}'\necho '{2}'\n",
            fake.path("").display(),
            thread_started(),
            turn_completed()
        );
        let binary = package.join("bin/codex");
        std::fs::write(&binary, script).unwrap();
        std::fs::set_permissions(
            &binary,
            std::fs::metadata(fake.path("codex")).unwrap().permissions(),
        )
        .unwrap();
        std::fs::write(
            package.join("codex-package.json"),
            r#"{"layoutVersion":1,"version":"1.0.0","target":"t","variant":"codex","entrypoint":"bin/codex","resourcesDir":"codex-resources","pathDir":"codex-path"}"#,
        )
        .unwrap();
        for mode in MODES {
            let runner = ExecRunner::builder()
                .runtime(codex_runtime::RuntimeSource::Binary(binary.clone()))
                .env("PATH", "/usr/bin:/bin")
                .build()
                .unwrap();
            assert!(completed(&mode.collect(&runner, None, "hi")).ok);
            let expected = format!("{}:/usr/bin:/bin\n", package.join("codex-path").display());
            assert_eq!(fake.read("path"), expected);
        }
    }

    #[test]
    fn nothing_private_is_in_debug_output() {
        let fake = listing();
        let builder = fake
            .builder()
            .args(["-c", "api_key=secret-1"])
            .env("API_KEY", "secret-2");
        let runner = builder.clone().build().unwrap();
        let stream = runner.run("secret-3");
        let events = runner.run_blocking("secret-4");
        let text = format!("{builder:?} {runner:?} {stream:?} {events:?}");
        assert!(!text.contains("secret"), "{text}");
    }
}
