//! An agent for the terminal: streamed text, commands with their output, diffs, and approvals with
//! yes, no and always. Ctrl-C interrupts a turn; a conversation can be continued later.
//!
//! With the mock model: `cargo run -p gallery --bin demo -- terminal`.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

mod approvals;
mod keyboard;
mod screen;

use clap::Parser;
use codex_client::types::ThreadId;
use codex_client::{
    Approval, ApprovalMode, Codex, Decision, Error, Sandbox, Thread, TurnEvent, TurnHandle,
    final_response,
};

use keyboard::{Keyboard, Typed};
use screen::Screen;

/// Talks with an agent about the project in this folder.
///
/// Ctrl-C interrupts the agent. At the prompt, Ctrl-C or the end of the input ends the program.
#[derive(Parser)]
struct Options {
    /// Continues the newest conversation of this folder
    #[arg(long, conflicts_with = "resume")]
    last: bool,
    /// Continues a conversation, by the ID that was printed at its end
    #[arg(long, value_name = "ID")]
    resume: Option<ThreadId>,
    /// Access of the agent's commands: read-only, workspace-write or danger-full-access
    #[arg(long, default_value = "workspace-write")]
    sandbox: Sandbox,
    /// One prompt, instead of a conversation
    prompt: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let codex = Codex::builder().build().await?;
    let conversation = open(&codex, &options).await?;
    let id = conversation.id().clone();
    let mut session = Session {
        conversation,
        keyboard: Keyboard::new()?,
        screen: Screen::new(),
    };
    session.talk(options.prompt).await?;
    codex.close().await;
    println!("\nTo continue: terminal --resume {id}");
    Ok(())
}

/// Starts or continues a conversation. Actions beyond the sandbox need an approval.
async fn open(codex: &Codex, options: &Options) -> anyhow::Result<Thread> {
    let earlier = match &options.resume {
        Some(id) => Some(id.clone()),
        None if options.last => {
            let newest = codex.latest_thread(std::env::current_dir()?).await?;
            newest.map(|thread| thread.id)
        }
        None => None,
    };
    let Some(id) = earlier else {
        let start = codex.thread_start().sandbox(options.sandbox.clone());
        return Ok(start.approval_mode(ApprovalMode::AskClient).await?);
    };
    let resume = codex.thread_resume(id).sandbox(options.sandbox.clone());
    let thread = resume.approval_mode(ApprovalMode::AskClient).await?;
    let turns = thread.read().include_turns(true).await?.thread.turns;
    println!("({} earlier turns)", turns.len());
    if let Some(answer) = turns.last().and_then(|turn| final_response(&turn.items)) {
        println!("{}", screen::printable(answer));
    }
    Ok(thread)
}

struct Session {
    conversation: Thread,
    keyboard: Keyboard,
    screen: Screen,
}

impl Session {
    async fn talk(&mut self, prompt: Option<String>) -> anyhow::Result<()> {
        if let Some(prompt) = prompt {
            return self.answer(&prompt).await;
        }
        loop {
            self.screen.ask("> ")?;
            match self.keyboard.line().await {
                Typed::Line(line) if line.is_empty() => {}
                Typed::Line(prompt) => self.answer(&prompt).await?,
                Typed::CtrlC | Typed::End => return Ok(()),
            }
        }
    }

    /// Runs one turn. One that fails does not end the conversation.
    async fn answer(&mut self, prompt: &str) -> anyhow::Result<()> {
        let mut turn = self
            .conversation
            .turn(prompt)
            .approvals_in_stream()
            .interrupt_on_drop()
            .await?;
        self.screen.wait("thinking");
        self.follow(&mut turn).await?;
        match turn.run().await {
            Ok(result) => self.screen.end(&result)?,
            Err(error @ (Error::TurnFailed(_) | Error::TurnTimedOut(_))) => {
                self.screen.note(&error)?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn follow(&mut self, turn: &mut TurnHandle) -> anyhow::Result<()> {
        let control = turn.control();
        loop {
            let event = tokio::select! {
                event = turn.next() => event,
                () = self.keyboard.ctrl_c() => {
                    self.screen.note("interrupting")?;
                    // It may have ended meanwhile.
                    if let Err(error) = control.interrupt().await {
                        self.screen.note(&error)?;
                    }
                    continue;
                }
            };
            match event {
                Some(Ok(TurnEvent::Approval(approval))) => self.decide(&approval).await?,
                Some(Ok(event)) => self.screen.show(event.event())?,
                // A terminal that was too slow; what begins and ends things is never dropped.
                Some(Err(error @ Error::Lagged { .. })) => self.screen.note(&error)?,
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            }
        }
    }

    /// Asks the person at the terminal. Without one, the answer is no.
    async fn decide(&mut self, approval: &Approval) -> anyhow::Result<()> {
        self.screen
            .question(&approvals::describe(approval), approval)?;
        // Typed before the question was seen.
        self.keyboard.discard();
        let decision = loop {
            self.screen.ask("[y]es, [n]o, [a]lways? ")?;
            match self.keyboard.line().await {
                Typed::CtrlC => break Decision::Cancel,
                Typed::End => break Decision::Decline,
                Typed::Line(line) => {
                    if let Some(decision) = approvals::read(&line) {
                        break decision;
                    }
                }
            }
        };
        match approval.decide(decision) {
            // Another client was faster.
            Err(error @ Error::ApprovalResolved { .. }) => self.screen.note(&error)?,
            decided => decided?,
        }
        self.screen.wait("working");
        Ok(())
    }
}
