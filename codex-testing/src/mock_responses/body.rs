//! Bodies that are sent step by step, can stop at gates, and can break off.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame};
use tokio::sync::mpsc;

use crate::reply::Action;

/// Capacity of the channel between the script and the connection, in pieces.
const PIECES: usize = 16;

enum Piece {
    Data(Bytes),
    Cut,
}

/// A body that sends what a task feeds it.
pub(super) struct StreamedBody {
    pieces: mpsc::Receiver<Piece>,
}

/// Makes the HTTP server break the connection.
#[derive(Debug, thiserror::Error)]
#[error("the reply was cut on purpose")]
pub(super) struct Cut;

/// Waits through what comes before the status line.
pub(super) async fn hold(actions: Vec<Action>) {
    for action in actions {
        match action {
            Action::Gate(gate) => gate.pass().await,
            Action::Pause(time) => tokio::time::sleep(time).await,
            // There is nothing to send yet, and nothing to cut.
            Action::Send(_) | Action::Cut => {}
        }
    }
}

/// A body that performs the actions. They end early when the client goes away.
pub(super) fn stream(actions: Vec<Action>) -> StreamedBody {
    let (feed, pieces) = mpsc::channel(PIECES);
    tokio::spawn(async move {
        tokio::select! {
            () = feed.closed() => {}
            _ = perform(actions, &feed) => {}
        }
    });
    StreamedBody { pieces }
}

/// `None` when the client went away.
async fn perform(actions: Vec<Action>, feed: &mpsc::Sender<Piece>) -> Option<()> {
    for action in actions {
        match action {
            Action::Send(bytes) => feed.send(Piece::Data(bytes)).await.ok()?,
            Action::Pause(time) => tokio::time::sleep(time).await,
            Action::Gate(gate) => {
                sent(feed).await?;
                gate.pass().await;
            }
            Action::Cut => {
                sent(feed).await?;
                feed.send(Piece::Cut).await.ok()?;
            }
        }
    }
    Some(())
}

/// Waits until the connection has taken every piece. It takes them until there is none left
/// and then writes to the socket, all in one go: this task runs again only after that.
async fn sent(feed: &mpsc::Sender<Piece>) -> Option<()> {
    feed.reserve_many(PIECES).await.ok().map(drop)
}

impl Body for StreamedBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        Poll::Ready(match ready!(self.pieces.poll_recv(context)) {
            Some(Piece::Data(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Piece::Cut) => Some(Err(Cut)),
            None => None,
        })
    }
}
