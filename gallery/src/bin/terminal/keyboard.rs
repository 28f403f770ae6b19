//! Lines and Ctrl-C of the person at the terminal. Independent of agents.

use std::io::{self, BufRead as _};

use tokio::sync::mpsc;

#[cfg(unix)]
use tokio::signal::unix::Signal as CtrlC;
#[cfg(windows)]
use tokio::signal::windows::CtrlC;

/// Something a person has typed.
pub(crate) enum Typed {
    /// A line, without the space around it.
    Line(String),
    CtrlC,
    /// The end of the input.
    End,
}

pub(crate) struct Keyboard {
    lines: mpsc::UnboundedReceiver<String>,
    /// From the start on, so that none is missed while the program does something else.
    ctrl_c: CtrlC,
}

impl Keyboard {
    /// Begins to read. Standard input cannot be read without blocking, so that a thread does.
    pub(crate) fn new() -> io::Result<Self> {
        let (sender, lines) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                if sender.send(line.trim().to_owned()).is_err() {
                    return;
                }
            }
        });
        let ctrl_c = listen()?;
        Ok(Self { lines, ctrl_c })
    }

    /// Waits for a line.
    pub(crate) async fn line(&mut self) -> Typed {
        tokio::select! {
            line = self.lines.recv() => line.map_or(Typed::End, Typed::Line),
            _ = self.ctrl_c.recv() => Typed::CtrlC,
        }
    }

    /// Waits for Ctrl-C.
    pub(crate) async fn ctrl_c(&mut self) {
        self.ctrl_c.recv().await;
    }

    /// Discards the lines that were typed before the question.
    pub(crate) fn discard(&mut self) {
        while self.lines.try_recv().is_ok() {}
    }
}

#[cfg(unix)]
fn listen() -> io::Result<CtrlC> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

#[cfg(windows)]
fn listen() -> io::Result<CtrlC> {
    tokio::signal::windows::ctrl_c()
}
