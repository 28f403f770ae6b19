//! A view of a thread that feeds itself: with the history, then with the events of the connection.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use codex_types::{List, SortDirection, ThreadReadParams, Turn, TurnItemsView, methods};

use crate::error::Error;
use crate::nonblocking::client::Events;
use crate::nonblocking::thread::Thread;
use crate::shared::event::Event;
use crate::view::{Changes, ThreadView};

/// Number of turns that are read at once.
const PAGE: u32 = 50;
/// Maximum number of turns that are read.
const MOST: usize = 100_000;

type Reading = Pin<Box<dyn Future<Output = Result<History, Error>> + Send>>;

/// A thread with its history.
struct History {
    thread: codex_types::Thread,
    turns: Turns,
}

/// The newest turns of a thread, as far as a view keeps them.
#[derive(Default)]
struct Turns {
    kept: List<Turn>,
    /// Number of the older ones.
    omitted: usize,
}

impl Thread {
    /// Begins a [`LiveView`] of the thread: reads its history, the newest turns as far as the view keeps
    /// them, and follows its events from now on. Requests of the server on the thread that wait for a
    /// response already are [pending](ThreadView::pending) in it.
    ///
    /// Sends `thread/read` and `thread/turns/list`. The thread has to be loaded: started or resumed
    /// by this connection, or its events are not sent to it.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::Client::request).
    pub async fn view(&self) -> Result<LiveView, Error> {
        // Before the history is read, so that nothing between the two is missed.
        let (events, open) = self.client().observe_thread(self.id().as_str())?;
        let mut live = LiveView {
            thread: self.clone(),
            events,
            view: ThreadView::new(self.id()),
            reading: None,
        };
        live.reread();
        poll_fn(|context| live.poll_history(context)).await?;
        // Those that are resolved meanwhile are resolved by an event that is not read yet.
        for request in &open {
            live.view.apply(request);
        }
        Ok(live)
    }
}

/// A [`ThreadView`] that follows a thread: the events of all its turns, whoever starts them, and the
/// requests of the server that wait for a response. After lost events it reads the history again.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use codex_testing::{AppServerHarness, Reply};
/// # let harness = AppServerHarness::start()?;
/// # harness.responses().enqueue(Reply::streaming(["Hel", "lo."]));
/// # let thread = harness.codex().await?.thread_start().await?;
/// let mut live = thread.view().await?;
/// let turn = thread.turn("Say hello.").await?;
/// while live.view().turn(turn.id()).is_none_or(|turn| turn.is_running()) {
///     let changes = live.next().await.expect("the connection is open")?;
///     println!("{} items to paint", changes.items.len());
/// }
/// # let text = serde_json::to_string(live.view())?;
/// # assert!(text.contains("Hello."), "{text}");
/// # Ok(())
/// # }
/// ```
pub struct LiveView {
    thread: Thread,
    events: Events,
    view: ThreadView,
    /// The history that is being read.
    reading: Option<Reading>,
}

impl LiveView {
    /// Returns the view.
    pub fn view(&self) -> &ThreadView {
        &self.view
    }

    /// Returns the view, to set its limits.
    pub fn view_mut(&mut self) -> &mut ThreadView {
        &mut self.view
    }

    /// Returns the thread.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// Waits until the view changes; `None` after the end of the connection. Cancel safe.
    ///
    /// After lost events ([`Error::Lagged`], [`Error::Restarted`]) and reverted turns the history is
    /// read again, which is a change and no error. An error is [`Error::Closed`] or
    /// [`Error::Overrun`], after which there are no more changes, or that of a history that could not
    /// be read: then the view continues and [is stale](ThreadView::is_stale).
    pub async fn next(&mut self) -> Option<Result<Changes, Error>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    pub(crate) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Changes, Error>>> {
        loop {
            if self.reading.is_some() {
                match ready!(self.poll_history(context)) {
                    Ok(changes) if changes.is_empty() => {}
                    result => return Poll::Ready(Some(result)),
                }
            }
            let changes = match ready!(self.events.poll_next(context)) {
                Some(Ok(event)) => self.fold(&event),
                Some(Err(error)) if error.ends_events() => return Poll::Ready(Some(Err(error))),
                Some(Err(_)) => {
                    self.reread();
                    self.view.mark_stale()
                }
                None => return Poll::Ready(None),
            };
            if !changes.is_empty() {
                return Poll::Ready(Some(Ok(changes)));
            }
        }
    }

    fn fold(&mut self, event: &Event) -> Changes {
        let was_stale = self.view.is_stale();
        let changes = self.view.apply(event);
        if self.view.is_stale() && !was_stale {
            self.reread();
        }
        changes
    }

    /// Begins to read the history.
    fn reread(&mut self) {
        let memory = self.view.memory_limit();
        self.reading = Some(Box::pin(history(self.thread.clone(), memory)));
    }

    fn poll_history(&mut self, context: &mut Context<'_>) -> Poll<Result<Changes, Error>> {
        let Some(reading) = &mut self.reading else {
            return Poll::Ready(Ok(Changes::default()));
        };
        let history = ready!(reading.as_mut().poll(context));
        self.reading = None;
        Poll::Ready(history.map(|History { thread, turns }| {
            let mut changes = self.view.apply_thread(&thread);
            changes.merge(self.view.replace_turns(&turns.kept));
            self.view.omit_turns(turns.omitted);
            changes
        }))
    }
}

#[cfg(feature = "async")]
impl futures_core::Stream for LiveView {
    type Item = Result<Changes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Self::poll_next(&mut self, context)
    }
}

impl fmt::Debug for LiveView {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LiveView")
            .field("thread_id", self.thread.id())
            .field("is_stale", &self.view.is_stale())
            .finish_non_exhaustive()
    }
}

/// Reads a thread, and of its turns the newest of about this size.
async fn history(thread: Thread, memory: usize) -> Result<History, Error> {
    let client = thread.client();
    let params = ThreadReadParams::new(thread.id());
    let mut read = client.request::<methods::ThreadRead>(&params).await?.thread;
    let turns = match turns(&thread, memory).await {
        // Nothing is stored: the thread has not run yet, or is ephemeral.
        Err(Error::Server(error)) if !error.is_overloaded() => Turns::default(),
        Err(Error::Unsupported { .. }) => {
            let params = params.include_turns(true);
            match client.request::<methods::ThreadRead>(&params).await {
                Ok(response) => {
                    read = response.thread;
                    Turns {
                        kept: std::mem::take(&mut read.turns),
                        omitted: 0,
                    }
                }
                Err(Error::Server(error)) if !error.is_overloaded() => Turns::default(),
                Err(error) => return Err(error),
            }
        }
        turns => turns?,
    };
    let thread = read;
    Ok(History { thread, turns })
}

/// Reads turns from the newest on. Those beyond the memory are only counted.
async fn turns(thread: &Thread, memory: usize) -> Result<Turns, Error> {
    let list = thread.turns().items_view(TurnItemsView::Full);
    let list = list.sort_direction(SortDirection::Desc).limit(PAGE);
    let mut list = list.all();
    let (mut turns, mut weight, mut count) = (Turns::default(), 0, 0);
    while let Some(entry) = list.next().await {
        count += 1;
        match entry {
            _ if count > MOST => break,
            Ok(_) | Err(Error::MalformedElement(_)) if weight > memory => turns.omitted += 1,
            Ok(turn) => {
                weight += size(&turn);
                turns.kept.push(turn);
            }
            Err(Error::MalformedElement(entry)) => {
                weight += size(entry.value());
                turns.kept.push_malformed(*entry);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(turns)
}

/// The size of its text, in bytes.
fn size<T: serde::Serialize>(value: &T) -> usize {
    serde_json::to_vec(value).map_or(0, |text| text.len())
}
