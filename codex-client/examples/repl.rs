//! A small terminal program: talk to Codex, and see its answers as they come.
//!
//! What is typed while it answers steers it; `/stop` interrupts it, `/quit` ends.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use std::io::{BufRead as _, Write as _};

use codex_client::testing::Reply;
use codex_client::types::{ServerNotification, ThreadItem};
use codex_client::{Event, Thread, TurnHandle};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stage = support::Stage::new([])?;
    if let Some(mock) = stage.mock() {
        println!("(OPENAI_API_KEY is not set: you are talking to an echo)");
        mock.responses().respond_with(|request| {
            let words = request.last_user_text()?.split_inclusive(' ');
            Some(Reply::streaming(words))
        });
    }
    let codex = stage.codex().await?;
    let thread = codex.thread_start().await?;
    let mut lines = lines();
    while let Some(line) = prompt(&mut lines).await {
        match line.trim() {
            "" => {}
            "/quit" => break,
            line => answer(&thread, line, &mut lines).await?,
        }
    }
    codex.close().await;
    Ok(())
}

/// Standard input, line by line, from a thread of its own: it cannot be read without blocking.
fn lines() -> UnboundedReceiver<String> {
    let (sender, receiver) = unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

async fn prompt(lines: &mut UnboundedReceiver<String>) -> Option<String> {
    print!("> ");
    std::io::stdout().flush().ok()?;
    lines.recv().await
}

/// Shows one turn, and passes on what is typed meanwhile.
async fn answer(
    thread: &Thread,
    line: &str,
    lines: &mut UnboundedReceiver<String>,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut turn = thread.turn(line).await?;
    let mut typing = true;
    loop {
        tokio::select! {
            event = turn.next() => match event {
                Some(event) => show(&event?)?,
                None => break,
            },
            line = lines.recv(), if typing => match line {
                Some(line) => act(&turn, line.trim()).await,
                None => typing = false,
            },
        }
    }
    match turn.run().await {
        Ok(result) => println!("\n[{}]", result.status.as_str()),
        Err(error) => println!("\n[{error}]"),
    }
    Ok(())
}

async fn act(turn: &TurnHandle, line: &str) {
    let done = match line {
        "/stop" => turn.interrupt().await,
        line => turn.steer(line).await.map(drop),
    };
    if let Err(error) = done {
        println!("\n[{error}]");
    }
}

fn show(event: &Event) -> std::io::Result<()> {
    match event.notification() {
        ServerNotification::ItemAgentMessageDelta(delta) => print!("{}", delta.delta),
        ServerNotification::ItemStarted(started) => {
            if let ThreadItem::CommandExecution(command) = &started.item {
                println!("\n$ {}", command.command);
            }
        }
        ServerNotification::Error(error) => println!("\n[{}]", error.error.message),
        _ => {}
    }
    std::io::stdout().flush()
}
