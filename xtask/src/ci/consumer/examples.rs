//! The Rust examples of a Markdown text, as whole programs.
//!
//! Reads them as rustdoc does: `# ` hides a line, and what has no `main` gets one.

/// An example.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Example {
    /// The line of its fence, counted from one.
    pub(super) line: usize,
    pub(super) program: String,
    /// True if it runs without a model.
    pub(super) runs: bool,
}

/// The fenced blocks whose language is Rust.
pub(super) fn of(markdown: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut lines = markdown.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let body: Vec<&str> = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| !line.starts_with("```"))
            .map(shown)
            .collect();
        let mut words = info.split(',');
        if words.next() == Some("rust") {
            examples.push(Example {
                line: number + 1,
                program: program(&body.join("\n")),
                runs: words.next().is_none(),
            });
        }
    }
    examples
}

/// The line without the mark that hides it; `##` stands for a `#` that is shown.
fn shown(line: &str) -> &str {
    match line.strip_prefix('#') {
        Some("") => "",
        Some(rest) if rest.starts_with([' ', '#']) => rest,
        _ => line,
    }
}

fn program(body: &str) -> String {
    if body.contains("fn main()") {
        return body.to_owned();
    }
    if body.trim_end().ends_with("(())") {
        return format!(
            "fn main() {{\n    example().unwrap();\n}}\n\n\
             fn example() -> Result<(), impl std::fmt::Debug> {{\n{body}\n}}\n"
        );
    }
    format!("fn main() {{\n{body}\n}}\n")
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn only_rust_is_an_example_and_some_only_compile() {
        let text =
            "```toml\na = 1\n```\n\n```rust\nlet a = 1;\n```\n```rust,no_run\nfn main() {}\n```";
        let found = of(text);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].line, found[0].runs), (5, true));
        assert_eq!(found[0].program, "fn main() {\nlet a = 1;\n}\n");
        assert_eq!((found[1].line, found[1].runs), (8, false));
        assert_eq!(found[1].program, "fn main() {}");
    }

    #[test]
    fn hidden_lines_count_and_failures_are_seen() {
        let program = &of("```rust\nlet a = f()?;\n# Ok::<(), Error>(())\n```")[0].program;
        assert!(program.contains("\n Ok::<(), Error>(())\n"), "{program}");
        assert!(program.contains("example().unwrap()"), "{program}");
    }

    #[test]
    fn an_attribute_is_not_hidden() {
        let program = &of("```rust\n#[derive(Debug)]\nstruct A;\n```")[0].program;
        assert!(program.contains("#[derive(Debug)]"), "{program}");
    }
}
