//! A live view of a thread: a terminal that paints only what has changed.
//!
//! `cargo run -p codex-client --example live_view`: a mock model follows the script at the end, or
//! the real one is used if `OPENAI_API_KEY` is set.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

mod support;

use codex_client::types::ThreadItem;
use codex_client::view::{ItemChange, ItemChangeKind, ItemView, ThreadView, TurnView};
use codex_client::{Codex, CodexBuilder, Error, Sandbox};
use codex_testing::Reply;

async fn watch(builder: CodexBuilder) -> Result<(), Error> {
    let codex: Codex = builder.build().await?;
    let thread = codex.thread_start().sandbox(Sandbox::ReadOnly).await?;
    let mut live = thread.view().await?;

    let turn = thread.turn("Which files are here?").await?;
    while live.view().turn(turn.id()).is_none_or(TurnView::is_running) {
        let Some(changes) = live.next().await.transpose()? else {
            break;
        };
        for change in &changes.items {
            paint(live.view(), change);
        }
    }
    // A browser would receive the whole view once, and then the changed items.
    let size = serde_json::to_string(live.view()).map_or(0, |text| text.len());
    println!("\n(the view is {size} bytes of JSON)");
    codex.close().await;
    Ok(())
}

fn paint(view: &ThreadView, change: &ItemChange) {
    let turn = view.turn(&change.turn_id);
    let Some(item) = turn.and_then(|turn| turn.item(&change.item_id)) else {
        return;
    };
    match &change.kind {
        ItemChangeKind::Appended(pieces) => {
            for piece in pieces {
                let text = item.text(piece.field).unwrap_or_default();
                print!("{}", text.get(piece.range.clone()).unwrap_or_default());
            }
        }
        ItemChangeKind::Added => println!("\n[{}]", title(item)),
        _ => {}
    }
}

fn title(item: &ItemView) -> &str {
    match &item.item {
        ThreadItem::UserMessage(_) => "you",
        ThreadItem::AgentMessage(_) => "agent",
        ThreadItem::CommandExecution(command) => &command.command,
        _ => "something else",
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let call = serde_json::json!({ "cmd": "for i in 1 2 3; do echo file-$i; done" });
    let stage = support::Stage::new([
        Reply::new().function_call("list", "exec_command", call),
        Reply::streaming(["There are ", "three files."]),
    ])?;
    stage.log_in_once().await?;
    watch(Codex::builder().launch(stage.launch())).await?;
    Ok(())
}
