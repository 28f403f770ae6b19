//! The line `codex resume <id>`.

use codex_exec::ResumeToken;

#[test]
fn a_printed_token_is_read_again() {
    let token = ResumeToken::new("019b73c4-0c3f-7701-a0bb-aac6b4d8a3bc").unwrap();
    assert_eq!(token.to_string().parse(), Ok(token.clone()));
    assert_eq!(format!("`{token}`").parse(), Ok(token));
}

#[test]
fn spacing_and_case_of_the_words_do_not_matter() {
    for line in [
        "codex resume sid",
        "  codex   resume\tsid  ",
        "Codex Resume sid",
        "`codex resume sid`",
        "codex resume sid\r",
    ] {
        let token: ResumeToken = line.parse().unwrap();
        assert_eq!(token.id(), "sid", "{line}");
    }
}

#[test]
fn other_lines_are_no_tokens() {
    for line in [
        "",
        "codex resume",
        "codex resume --last",
        "codex resume a b",
        "run codex resume sid",
        "claude --resume sid",
        "codex exec sid",
        "codex resume `sid",
    ] {
        let error = line.parse::<ResumeToken>().unwrap_err();
        assert!(error.to_string().contains("names no session"), "{error}");
    }
    for id in ["", "-", "--last", "a b", "a\nb", "a`b"] {
        assert!(ResumeToken::new(id).is_err(), "{id:?}");
    }
}

#[test]
fn the_last_line_of_a_text_counts() {
    let text = "done\n\n`codex resume one`\nor\n`codex resume two`\nbye";
    assert_eq!(ResumeToken::find(text).unwrap().id(), "two");
    assert_eq!(ResumeToken::find("nothing here"), None);
}
