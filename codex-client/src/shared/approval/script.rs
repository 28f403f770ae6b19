//! Recognizes a shell script that is one command of plain words.
//!
//! Deliberately no parser of a shell: whatever could mean something else in any of them is rejected.

/// The shells whose scripts are read, by their file names, and where they have to be.
const SHELLS: &[&str] = &["bash", "dash", "ksh", "sh", "zsh"];
const FOLDERS: &[&str] = &[
    "/bin/",
    "/usr/bin/",
    "/usr/local/bin/",
    "/opt/homebrew/bin/",
    "",
];

/// Returns the words of a command: those of the script if it is a shell with a script, otherwise its
/// own. `None` if the script is anything but one command.
pub(super) fn single_command(argv: Vec<String>) -> Option<Vec<String>> {
    let program = argv.first()?;
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    if !SHELLS.contains(&name) {
        return Some(argv);
    }
    let folder = program.strip_suffix(name)?;
    match &argv[..] {
        [_, flag, script] if FOLDERS.contains(&folder) && matches!(flag.as_str(), "-c" | "-lc") => {
            words(script)
        }
        _ => None,
    }
}

/// Splits a script of plain and quoted words.
fn words(script: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = script.chars();
    while let Some(next) = rest.next() {
        match next {
            ' ' | '\t' => words.extend(word.take()),
            quote @ ('\'' | '"') => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        end if end == quote => break,
                        // Expansions and escapes; a history expansion of an interactive shell.
                        '$' | '`' | '\\' | '!' if quote == '"' => return None,
                        inside if inside.is_control() => return None,
                        inside => word.push(inside),
                    }
                }
            }
            // At the start of a word, zsh expands `=`, and a shell may take `%` for a job.
            '=' | '%' if word.is_none() => return None,
            plain if is_plain(plain) => word.get_or_insert_default().push(plain),
            _ => return None,
        }
    }
    words.extend(word);
    // An assignment is no program.
    let program: &String = words.first()?;
    let is_program = !program.is_empty() && !program.contains('=');
    is_program.then_some(words)
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_-./:=,@%+".contains(character)
}

#[cfg(test)]
mod tests {
    use super::single_command;

    fn parsed(argv: &[&str]) -> Option<Vec<String>> {
        single_command(argv.iter().map(|word| (*word).to_owned()).collect())
    }

    fn script(script: &str) -> Option<Vec<String>> {
        parsed(&["/bin/bash", "-lc", script])
    }

    #[test]
    fn one_command_of_words_is_recognized() {
        for (text, words) in [
            ("git status", &["git", "status"][..]),
            ("  git\tstatus  ", &["git", "status"]),
            ("git log --format=%H", &["git", "log", "--format=%H"]),
            ("git log -1 'a b; c'", &["git", "log", "-1", "a b; c"]),
            (r#"grep "a|b" src/x.rs"#, &["grep", "a|b", "src/x.rs"]),
            ("'git' st\"at\"us", &["git", "status"]),
            ("echo '' \"\"", &["echo", "", ""]),
        ] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(script(text), Some(words), "{text}");
        }
    }

    #[test]
    fn everything_else_is_rejected() {
        for text in [
            "git status; rm -rf .",
            "git status && rm x",
            "git status || rm x",
            "git status | sh",
            "git status & rm x",
            "git status\nrm x",
            "git status\rrm x",
            "git status > x",
            "git status 2>x",
            "git status < x",
            "git status $(rm x)",
            "git status `rm x`",
            "git status \"$(rm x)\"",
            "git status \"`rm x`\"",
            "git status $x",
            "git status ${x}",
            "git status <(rm x)",
            "git status *",
            "git status ?",
            "git status [a]",
            "git status {a,b}",
            "git status ~/x",
            "git status # rm",
            "git status \\; rm",
            "git status \"!x\"",
            "git status !x",
            "(git status)",
            "{ git status; }",
            "GIT_DIR=/tmp git status",
            "=git status",
            "%1 status",
            "git 'status",
            "git \"status",
            "git status\u{a0}x",
            "git status 'a\nb'",
            "git status \0",
            "",
            "   ",
            "'' git",
        ] {
            assert_eq!(script(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_known_shells_with_one_script_are_read() {
        assert_eq!(script("ls"), parsed(&["sh", "-c", "ls"]));
        for argv in [
            &["/tmp/bash", "-lc", "ls"][..],
            &["./bash", "-lc", "ls"],
            &["bash", "-ic", "ls"],
            &["bash", "-lc", "ls", "x"],
            &["bash", "ls"],
            &["bash"],
            &["bash", "--rcfile", "x", "-c", "ls"],
            &[],
        ] {
            assert_eq!(parsed(argv), None, "{argv:?}");
        }
        let direct = parsed(&["git", "status", "a; b"]).unwrap();
        assert_eq!(direct, ["git", "status", "a; b"]);
    }
}
