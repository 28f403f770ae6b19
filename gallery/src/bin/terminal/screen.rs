//! The terminal: streamed text, commands, diffs, and a spinner while nothing arrives.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::time::Duration;

use codex_client::types::{FileUpdateChange, ServerNotification, ThreadItem};
use codex_client::{ApprovalRequest, ApprovalSubject, Event, TurnResult};
use console::style;
use indicatif::ProgressBar;

pub(crate) struct Screen {
    spinner: Option<ProgressBar>,
    /// True if the cursor is behind text.
    in_line: bool,
    /// True if the text of the current message, or the output of the command, was streamed.
    streamed: bool,
    /// The change of files that was shown with its question, by its id.
    asked: Option<String>,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self {
            spinner: None,
            in_line: false,
            streamed: false,
            asked: None,
        }
    }

    /// Shows an event of a turn. Most of them are not for a terminal.
    pub(crate) fn show(&mut self, event: &Event) -> io::Result<()> {
        match event.notification() {
            ServerNotification::ItemAgentMessageDelta(delta) => {
                self.streamed = true;
                self.text(&printable(&delta.delta))
            }
            ServerNotification::ItemCommandExecutionOutputDelta(output) => {
                self.streamed = true;
                self.text(&style(printable(&output.delta)).dim().to_string())
            }
            ServerNotification::ItemStarted(started) => self.started(&started.item),
            ServerNotification::ItemCompleted(completed) => self.completed(&completed.item),
            ServerNotification::Error(error) => self.note(&error.error.message),
            _ => Ok(()),
        }
    }

    fn started(&mut self, item: &ThreadItem) -> io::Result<()> {
        self.streamed = false;
        if let ThreadItem::CommandExecution(command) = item {
            let line = format!("$ {}", printable(&command.command));
            self.line(&style(line).bold().to_string())?;
            self.wait("running");
        }
        Ok(())
    }

    fn completed(&mut self, item: &ThreadItem) -> io::Result<()> {
        match item {
            // Not every model streams.
            ThreadItem::AgentMessage(message) if !self.streamed => {
                self.line(&printable(&message.text))?;
            }
            ThreadItem::CommandExecution(command) => {
                if let Some(output) = command
                    .aggregated_output
                    .as_ref()
                    .filter(|_| !self.streamed)
                {
                    self.line(&style(printable(output)).dim().to_string())?;
                }
                self.note(&match command.exit_code {
                    Some(code) => format!("{}, exit code {code}", command.status.as_str()),
                    None => command.status.as_str().to_owned(),
                })?;
                self.wait("thinking");
            }
            ThreadItem::FileChange(change) => {
                if self.asked.as_deref() != Some(change.id.as_str()) {
                    change.changes.iter().try_for_each(|it| self.diff(it))?;
                }
                self.note(change.status.as_str())?;
                self.wait("thinking");
            }
            _ => {}
        }
        Ok(())
    }

    fn diff(&mut self, change: &FileUpdateChange) -> io::Result<()> {
        self.line(&style(printable(&change.path)).bold().to_string())?;
        for line in printable(&change.diff).lines() {
            let line = match line.as_bytes().first() {
                Some(b'+') => style(line).green(),
                Some(b'-') => style(line).red(),
                _ => style(line).dim(),
            };
            self.line(&line.to_string())?;
        }
        Ok(())
    }

    /// Shows the end of a turn.
    pub(crate) fn end(&mut self, result: &TurnResult) -> io::Result<()> {
        let tokens = result.usage.as_ref().map_or(0, |usage| usage.total_tokens);
        self.note(&format!("{}, {tokens} tokens", result.status.as_str()))
    }

    /// Shows the question before an [`ask`](Self::ask), with all changes of files that it is about.
    pub(crate) fn question(&mut self, text: &str, request: &ApprovalRequest) -> io::Result<()> {
        if let ApprovalSubject::FileChange(change) = request.subject() {
            let mut changes = change.changes.iter().flat_map(|changes| changes.iter());
            changes.try_for_each(|change| self.diff(change))?;
            self.asked = request.item_id().map(str::to_owned);
        }
        self.line(&style(printable(text)).yellow().to_string())
    }

    /// Shows a prompt, behind which a person types a line.
    pub(crate) fn ask(&mut self, prompt: &str) -> io::Result<()> {
        self.end_line()?;
        print!("{}", style(prompt).cyan());
        io::stdout().flush()
    }

    pub(crate) fn note(&mut self, text: &(impl Display + ?Sized)) -> io::Result<()> {
        self.line(&style(format!("[{text}]")).dim().to_string())
    }

    /// Shows a spinner until something is printed. It goes to stderr, and only if that is a terminal.
    pub(crate) fn wait(&mut self, message: &'static str) {
        self.stop_waiting();
        if !self.in_line {
            let spinner = ProgressBar::new_spinner().with_message(message);
            spinner.enable_steady_tick(Duration::from_millis(100));
            self.spinner = Some(spinner);
        }
    }

    fn stop_waiting(&mut self) {
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        self.stop_waiting();
        print!("{text}");
        self.in_line = !text.ends_with('\n');
        io::stdout().flush()
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        self.end_line()?;
        self.text(text)?;
        self.end_line()
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.stop_waiting();
        if self.in_line {
            println!();
            self.in_line = false;
        }
        io::stdout().flush()
    }
}

/// Text of a model or a command, without the characters that could move the cursor, clear the screen,
/// or show a command in another order than it has.
pub(crate) fn printable(text: &str) -> String {
    let is_safe = |it: &char| match it {
        '\n' | '\t' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        other => !other.is_control(),
    };
    text.chars().filter(is_safe).collect()
}
