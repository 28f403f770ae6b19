//! A small terminal program: a conversation with streamed responses, the commands and changes of
//! the model, and decisions about actions beyond its sandbox.
//!
//! Lines typed during a turn steer it. Ctrl-C interrupts the turn, `/quit` ends the program.
//!
//! `cargo run -p codex-client --example repl`: an echo instead of a model, or the real one, in the
//! current folder, if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::error::Error;
use std::io::{BufRead as _, Write as _};

use codex_client::types::{
    CommandExecutionApprovalDecision, FileChangeApprovalDecision, ServerNotification, ThreadItem,
};
use codex_client::{
    ApprovalMode, Codex, CodexBuilder, Event, Handlers, Sandbox, Thread, TurnHandle,
};
use codex_testing::{CapturedRequest, Reply};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

async fn talk(builder: CodexBuilder) -> Result<(), Box<dyn Error>> {
    let (asking, questions) = mpsc::channel(1);
    let codex = builder.handler(handlers(&asking)).build().await?;
    let thread = codex
        .thread_start()
        .approval_mode(ApprovalMode::AskClient)
        .sandbox(Sandbox::WorkspaceWrite)
        .await?;
    let mut terminal = Terminal {
        lines: lines(),
        questions,
    };
    while let Some(line) = terminal.prompt().await? {
        match line.trim() {
            "" => {}
            "/quit" => break,
            line => terminal.answer(&thread, line).await?,
        }
    }
    codex.close().await;
    Ok(())
}

/// A question with a yes or a no as its answer.
struct Question {
    text: String,
    answer: oneshot::Sender<bool>,
}

/// Asks the person at the terminal; without one, the answer is no.
async fn ask(asking: mpsc::Sender<Question>, text: String) -> bool {
    let (answer, answered) = oneshot::channel();
    let question = Question { text, answer };
    asking.send(question).await.is_ok() && answered.await.unwrap_or(false)
}

fn handlers(asking: &mpsc::Sender<Question>) -> Handlers {
    let (commands, changes) = (asking.clone(), asking.clone());
    Handlers::new()
        .on_command(move |request, _| {
            let text = format!("run `{}`?", request.command.unwrap_or_default());
            let answer = ask(commands.clone(), text);
            async {
                Ok(if answer.await {
                    CommandExecutionApprovalDecision::Accept
                } else {
                    CommandExecutionApprovalDecision::Decline
                })
            }
        })
        .on_file_change(move |request, _| {
            let why = request
                .reason
                .unwrap_or_else(|| "no reason given".to_owned());
            let answer = ask(changes.clone(), format!("change these files ({why})?"));
            async {
                Ok(if answer.await {
                    FileChangeApprovalDecision::Accept
                } else {
                    FileChangeApprovalDecision::Decline
                })
            }
        })
}

/// Standard input, line by line, from a thread of its own: it cannot be read without blocking.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

struct Terminal {
    lines: mpsc::UnboundedReceiver<String>,
    questions: mpsc::Receiver<Question>,
}

impl Terminal {
    /// The next line; `None` at the end of the input.
    async fn prompt(&mut self) -> Result<Option<String>, Box<dyn Error>> {
        loop {
            show("> ")?;
            tokio::select! {
                line = self.lines.recv() => return Ok(line),
                pressed = tokio::signal::ctrl_c() => pressed?,
            }
            println!("\n(/quit ends the program)");
        }
    }

    /// Shows one turn, and passes on typed lines meanwhile.
    async fn answer(&mut self, thread: &Thread, line: &str) -> Result<(), Box<dyn Error>> {
        let mut turn = thread.turn(line).await?;
        // Lines that were there before belong to the next prompts.
        let mut typing = self.lines.is_empty();
        loop {
            tokio::select! {
                event = turn.next() => match event {
                    Some(event) => show_event(event?.event())?,
                    None => break,
                },
                Some(question) = self.questions.recv() => self.decide(question).await?,
                line = self.lines.recv(), if typing => match line {
                    Some(line) => steer(&turn, line.trim()).await,
                    None => typing = false,
                },
                pressed = tokio::signal::ctrl_c() => {
                    pressed?;
                    turn.interrupt().await?;
                }
            }
        }
        match turn.run().await {
            Ok(result) => println!("\n[{}]", result.status.as_str()),
            Err(error) => println!("\n[{error}]"),
        }
        Ok(())
    }

    /// Only a yes is a yes.
    async fn decide(&mut self, question: Question) -> Result<(), Box<dyn Error>> {
        show(&format!("\n{} [y/n] ", question.text))?;
        let yes = tokio::select! {
            line = self.lines.recv() => line.is_some_and(|line| line.trim() == "y"),
            pressed = tokio::signal::ctrl_c() => pressed.map(|()| false)?,
        };
        // It may have been decided elsewhere by now.
        let _ = question.answer.send(yes);
        Ok(())
    }
}

async fn steer(turn: &TurnHandle, line: &str) {
    if let Err(error) = turn.steer(line).await {
        println!("\n[{error}]");
    }
}

fn show(text: &str) -> std::io::Result<()> {
    print!("{text}");
    std::io::stdout().flush()
}

fn show_event(event: &Event) -> std::io::Result<()> {
    match event.notification() {
        ServerNotification::ItemAgentMessageDelta(delta) => show(&delta.delta),
        ServerNotification::ItemStarted(started) => match &started.item {
            ThreadItem::CommandExecution(command) => show(&format!("\n$ {}\n", command.command)),
            _ => Ok(()),
        },
        ServerNotification::ItemCompleted(completed) => match &completed.item {
            ThreadItem::CommandExecution(command) => {
                let output = command.aggregated_output.as_deref().unwrap_or_default();
                show(&format!("{output}[{}]\n", command.status.as_str()))
            }
            ThreadItem::FileChange(change) => {
                let paths = change.changes.iter().map(|change| change.path.as_str());
                let paths = paths.collect::<Vec<_>>().join(", ");
                show(&format!("\n[changed: {paths}]\n"))
            }
            _ => Ok(()),
        },
        ServerNotification::Error(error) => show(&format!("\n[{}]\n", error.error.message)),
        _ => Ok(()),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = support::Stage::new([])?;
    if let Some(mock) = stage.mock() {
        println!("(OPENAI_API_KEY is not set: you are talking to an echo)");
        mock.responses().respond_with(echo);
    }
    stage.log_in_once().await?;
    talk(Codex::builder().launch(stage.launch())).await
}

/// The mock model: repeats the prompt, and runs the text after a `!` as a command.
fn echo(request: &CapturedRequest) -> Option<Reply> {
    let last = request.input().last()?;
    if last["type"] == "function_call_output" {
        return Some(Reply::streaming(["So ", "be ", "it."]));
    }
    let text = request.last_user_text()?;
    Some(match text.strip_prefix('!') {
        Some(command) => {
            let escalated = json!({
                "cmd": command,
                "sandbox_permissions": "require_escalated",
                "justification": "you have asked for it",
            });
            Reply::new().function_call("call-1", "exec_command", escalated)
        }
        None => Reply::streaming(text.split_inclusive(' ')),
    })
}
