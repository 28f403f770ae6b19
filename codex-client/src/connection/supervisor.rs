//! The supervisor of a connection: replaces a lost link by another one, within the limits of a
//! policy. The same for both APIs: the async one runs it in a task, the blocking one on a thread.
//!
//! Independent of the way to make a link ([`Connector`]) and of the content of what is restored.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder as _, ExponentialBuilder};

use super::link::abandoned;
use super::race::stopped_by;
use super::restore::restore;
use super::session::SessionState;
use super::timer;
use super::{Connection, Link};
use crate::error::{CloseReason, Closed, Error};

/// The policy of a supervised connection: when its process has died or its socket is broken, another
/// process is started, or the server is connected again.
///
/// Five restarts a minute by default, after pauses that double from a tenth of a second to ten
/// seconds, with random jitter.
///
/// ```
/// use codex_client::Restart;
/// use std::time::Duration;
///
/// let restart = Restart::on_failure()
///     .max_restarts(10)
///     .within(Duration::from_secs(600))
///     .backoff(Duration::from_millis(50), Duration::from_secs(30));
/// ```
#[doc(alias("reconnect", "supervise", "respawn"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart {
    times: usize,
    within: Duration,
    shortest: Duration,
    longest: Duration,
}

impl Restart {
    /// Restarts the server whenever the connection is lost, unless this client has closed it.
    pub fn on_failure() -> Self {
        Self {
            times: 5,
            within: Duration::from_secs(60),
            shortest: Duration::from_millis(100),
            longest: Duration::from_secs(10),
        }
    }

    /// Sets the maximum number of restarts within the period, failed attempts included. One more
    /// closes the connection, with [`CloseReason::CrashLoop`].
    #[must_use]
    pub fn max_restarts(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Sets the period in which restarts count.
    #[must_use]
    pub fn within(mut self, period: Duration) -> Self {
        self.within = period;
        self
    }

    /// Sets the pauses before a restart: of the first within the period, and the longest. Half of a
    /// pause is random.
    #[must_use]
    pub fn backoff(mut self, shortest: Duration, longest: Duration) -> Self {
        (self.shortest, self.longest) = (shortest, longest);
        self
    }

    /// The pause before a restart, of which there were this number within the period.
    fn pause(self, earlier: usize) -> Duration {
        // The jitter adds as much again, at most.
        let mut delays = ExponentialBuilder::new()
            .with_min_delay(self.shortest.min(self.longest) / 2)
            .with_max_delay(self.longest / 2)
            .without_max_times()
            .with_jitter()
            .build();
        let pause = delays.nth(earlier.min(64));
        pause.unwrap_or(self.longest).min(self.longest)
    }
}

/// The restarts within the period of a policy.
#[derive(Debug)]
struct History {
    policy: Restart,
    restarts: VecDeque<Instant>,
}

impl History {
    fn new(policy: Restart) -> Self {
        Self {
            policy,
            restarts: VecDeque::new(),
        }
    }

    /// Returns the pause before another restart; `None` if there were too many.
    fn next_pause(&mut self, now: Instant) -> Option<Duration> {
        let within = self.policy.within;
        let is_old = |restart: &Instant| now.saturating_duration_since(*restart) > within;
        while self.restarts.front().is_some_and(is_old) {
            self.restarts.pop_front();
        }
        let earlier = self.restarts.len();
        if earlier >= self.policy.times {
            return None;
        }
        self.restarts.push_back(now);
        Some(self.policy.pause(earlier))
    }
}

/// A future whose code is compiled once, with this crate.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Makes links.
pub(crate) trait Connector: Send + Sync {
    /// Starts a process or connects to the server, and starts the reader and the writer.
    fn connect(&self, link: Link) -> Boxed<'_, Result<(), Error>>;
}

/// Supervises a connection until it is closed.
pub(crate) fn supervise(
    state: Arc<SessionState>,
    connector: impl Connector + 'static,
    policy: Restart,
) -> Boxed<'static, ()> {
    Box::pin(run(state, Box::new(connector), policy))
}

async fn run(state: Arc<SessionState>, connector: Box<dyn Connector>, policy: Restart) {
    let connection = Arc::clone(&state.connection);
    let _guard = SupervisorGuard(Arc::clone(&connection));
    let mut history = History::new(policy);
    while let Some(loss) = until_lost(&connection).await {
        tracing::warn!(reason = %loss.explanation(), "the server was lost");
        let mut last = Failure::of(&loss);
        let mut attempts = 0;
        loop {
            let Some(pause) = history.next_pause(timer::now()) else {
                return give_up(&state, &history, last);
            };
            tracing::debug!(?pause, "before another restart");
            if is_closed_within(&connection, pause).await {
                return;
            }
            attempts += 1;
            match attempt(&state, &*connector, &loss, attempts).await {
                Ok(()) => break,
                Err(error) => {
                    tracing::warn!(%error, "the restart has failed");
                    last = Failure::of_attempt(&state, &error);
                }
            }
        }
        tracing::info!(attempts, "the server is connected again");
    }
}

/// One attempt: a new link, the handshake, and the threads in use.
async fn attempt(
    state: &Arc<SessionState>,
    connector: &dyn Connector,
    loss: &Arc<Closed>,
    attempts: u32,
) -> Result<(), Error> {
    end_process(state).await;
    let link = state.connection.begin_link()?;
    let restored = async {
        until_closed_or(&state.connection, connector.connect(link.clone())).await?;
        restore(state, &link, loss, attempts).await
    };
    let result = restored.await;
    if let Err(error) = &result {
        let problem = error.to_string();
        link.lose(Closed::new(CloseReason::Transport(problem)));
    }
    result
}

/// Time limit for a lost process to exit, which is being ended.
const EXIT_LIMIT: Duration = Duration::from_secs(5);

/// Ends what is left of the lost process: two at a time would work on the same threads.
async fn end_process(state: &SessionState) {
    if let Some(watch) = state.detach() {
        let exit = poll_fn(|context| watch.poll_exit(context));
        let _ = timer::within(Some(EXIT_LIMIT), exit).await;
    }
}

/// The last reason why there is no connection.
struct Failure {
    text: String,
    closed: Closed,
}

impl Failure {
    fn of(closed: &Closed) -> Self {
        Self {
            text: closed.explanation().to_string(),
            closed: closed.clone(),
        }
    }

    fn of_attempt(state: &SessionState, error: &Error) -> Self {
        let mut closed = match error {
            Error::ConnectionLost { closed, .. } | Error::Closed(closed) => Closed::clone(closed),
            _ => Closed::new(CloseReason::Transport(error.to_string())),
        };
        if let Some(watch) = state.watch() {
            closed.exit_status = closed.exit_status.or(watch.exit_status());
            closed.stderr_tail = watch.final_stderr_tail();
        }
        let text = match error {
            Error::ConnectionLost { closed, .. } => closed.explanation().to_string(),
            _ => error.to_string(),
        };
        Self { text, closed }
    }
}

fn give_up(state: &SessionState, history: &History, last: Failure) {
    let restarts = u32::try_from(history.restarts.len()).unwrap_or(u32::MAX);
    tracing::error!(restarts, "too many restarts: given up");
    state.connection.close(Closed {
        reason: CloseReason::CrashLoop {
            restarts,
            last: last.text,
        },
        ..last.closed
    });
    state.detach();
}

/// Waits until the link is lost; `None` when the connection is closed.
async fn until_lost(connection: &Arc<Connection>) -> Option<Arc<Closed>> {
    let mut ended = Link::present(connection).until_ended();
    poll_fn(|context| match connection.lost() {
        Some(lost) => Poll::Ready(Some(lost)),
        None if connection.closed().is_some() => Poll::Ready(None),
        None => ended.poll(context).map(|_| connection.lost()),
    })
    .await
}

async fn is_closed_within(connection: &Arc<Connection>, pause: Duration) -> bool {
    let mut closed = connection.until_closed();
    let closed = poll_fn(|context| closed.poll(context));
    timer::within(Some(pause), closed).await.is_some()
}

/// Runs a future until the connection is closed.
async fn until_closed_or(
    connection: &Arc<Connection>,
    future: impl Future<Output = Result<(), Error>>,
) -> Result<(), Error> {
    let mut closed = connection.until_closed();
    let closed = poll_fn(|context| closed.poll(context));
    let ended = stopped_by(closed, future).await;
    ended.unwrap_or_else(|closed| Err(closed.into()))
}

/// Closes the connection when the supervisor ends without doing so: it panicked, or the async
/// runtime has ended.
struct SupervisorGuard(Arc<Connection>);

impl Drop for SupervisorGuard {
    fn drop(&mut self) {
        // No effect if it is closed already.
        self.0.close(abandoned("supervises"));
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{History, Restart};

    #[test]
    fn pauses_grow_to_their_limit() {
        let policy = Restart::on_failure();
        for (earlier, longest) in [(0, 100), (1, 200), (3, 800), (20, 10_000), (9999, 10_000)] {
            let longest = Duration::from_millis(longest);
            for _ in 0..20 {
                let pause = policy.pause(earlier);
                assert!(
                    pause >= longest / 2 && pause <= longest,
                    "{earlier}: {pause:?}"
                );
            }
        }
    }

    #[test]
    fn pauses_of_any_length_do_not_panic() {
        for shortest in [Duration::ZERO, Duration::MAX] {
            for longest in [Duration::ZERO, Duration::MAX] {
                let policy = Restart::on_failure().backoff(shortest, longest);
                assert!(policy.pause(3) <= longest);
            }
        }
    }

    #[test]
    fn only_restarts_within_the_period_count() {
        let policy = Restart::on_failure().max_restarts(2);
        let mut history = History::new(policy);
        let now = Instant::now();
        assert!(history.next_pause(now).is_some());
        assert!(history.next_pause(now + Duration::from_secs(30)).is_some());
        assert!(history.next_pause(now + Duration::from_secs(31)).is_none());
        assert!(history.next_pause(now + Duration::from_secs(61)).is_some());
        assert!(history.next_pause(now + Duration::from_secs(62)).is_none());
    }
}
