//! An agent with typed tools: it books meeting rooms. The tools are functions of this program, on
//! state that they share; the model receives errors, and corrects itself.
//!
//! With the mock model: `cargo run -p gallery --bin demo -- rooms`.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

mod calendar;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clap::Parser;
use codex_client::{ApprovalMode, Codex, CodexBuilder, Sandbox, ToolOutput, ToolResult};
use schemars::JsonSchema;
use serde::Deserialize;

use calendar::{Booking, Calendar};

/// Books a meeting room, from a request in plain words.
#[derive(Parser)]
struct Options {
    /// The bookings; the file is created by the first one
    #[arg(long, default_value = "bookings.json")]
    calendar: PathBuf,
    /// The request, such as "A room for six on Monday at ten, for an hour"
    request: String,
}

/// The arguments of `free_rooms`. Doc comments of arguments are read by the model.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The day, as YYYY-MM-DD.
    day: String,
    /// The first hour, from 8 to 17.
    from_hour: u8,
    /// The hour at which the meeting is over.
    to_hour: u8,
    /// The number of people.
    people: u32,
}

/// The arguments of `cancel`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Cancelled {
    /// The number of the booking, as `book` has returned it.
    booking: usize,
}

const INSTRUCTIONS: &str = "You book meeting rooms with the tools, and with nothing else. Take the \
    smallest room that is large enough. If there is none, propose another time instead of booking.";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let calendar = Shared::new(Calendar::read(&options.calendar)?);
    let codex = with_tools(Codex::builder(), &calendar).build().await?;
    // It can use the calendar, and nothing of this machine.
    let thread = codex
        .thread_start()
        .ephemeral(true)
        .developer_instructions(INSTRUCTIONS)
        .sandbox(Sandbox::ReadOnly)
        .approval_mode(ApprovalMode::DenyAll)
        .await?;
    let request = thread.run(options.request);
    let result = request.deadline(Duration::from_secs(300)).await?;
    codex.close().await;
    println!("{}", result.final_response.unwrap_or_default());
    println!("{} bookings", calendar.lock().bookings().count());
    Ok(())
}

/// Adds the tools. Names and descriptions are read by the model.
fn with_tools(builder: CodexBuilder, calendar: &Shared) -> CodexBuilder {
    let (rooms, books, cancels) = (calendar.clone(), calendar.clone(), calendar.clone());
    let builder = builder.tool(
        "free_rooms",
        "Lists the rooms that are free and large enough, smallest first.",
        move |wanted: Wanted| {
            let rooms = rooms.clone();
            async move { rooms.free(&wanted) }
        },
    );
    let builder = builder.tool(
        "book",
        "Books a room that is free. Returns the number of the booking.",
        move |booking: Booking| {
            let books = books.clone();
            async move { books.book(booking) }
        },
    );
    builder.tool("cancel", "Cancels a booking.", move |it: Cancelled| {
        let cancels = cancels.clone();
        async move { cancels.lock().cancel(it.booking).map_err(Into::into) }
    })
}

/// The calendar, for tools that run at the same time.
#[derive(Clone)]
struct Shared(Arc<Mutex<Calendar>>);

impl Shared {
    fn new(calendar: Calendar) -> Self {
        Self(Arc::new(Mutex::new(calendar)))
    }

    fn lock(&self) -> MutexGuard<'_, Calendar> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn free(&self, wanted: &Wanted) -> ToolResult<ToolOutput> {
        let calendar = self.lock();
        let free = calendar.free(&wanted.day, wanted.from_hour..wanted.to_hour, wanted.people)?;
        Ok(ToolOutput::json(&free.collect::<Vec<_>>())?)
    }

    fn book(&self, booking: Booking) -> ToolResult<ToolOutput> {
        let text = format!("{} on {}", booking.room, booking.day);
        let number = self.lock().book(booking)?;
        println!("booked {text}");
        Ok(ToolOutput::json(&serde_json::json!({ "booking": number }))?)
    }
}
