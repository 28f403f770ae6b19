//! One request, with its limit of time and its retries. Not generic, so that it is compiled
//! once and not once per method.

use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use serde_json::value::RawValue;

use super::Client;
use crate::connection::Subscription;
use crate::connection::park;
use crate::connection::session::{server_error, thread_of};
use crate::engine::Opens;
use crate::error::Error;

type Called = (Box<RawValue>, Option<Subscription>);

impl Client {
    pub(super) fn call(
        &self,
        method: &str,
        params: &RawValue,
        opens: Option<&Opens>,
    ) -> Result<Called, Error> {
        let _span =
            tracing::debug_span!("codex.request", method, thread = thread_of(opens)).entered();
        let deadline = self.deadline();
        let mut delays = self.options.retry.delays();
        loop {
            let error = match self.call_once(method, params, opens, deadline) {
                Err(error) if error.is_retryable() => error,
                result => return result,
            };
            let Some(delay) = delays.next() else {
                return Err(error);
            };
            tracing::debug!(method, ?delay, "the server is overloaded: trying again");
            self.pause(method, delay, deadline)?;
        }
    }

    fn call_once(
        &self,
        method: &str,
        params: &RawValue,
        opens: Option<&Opens>,
        deadline: Option<Instant>,
    ) -> Result<Called, Error> {
        let connection = &self.session.connection;
        let subscription = match opens {
            Some(opens) => Some(connection.prepare(opens.clone())?),
            None => None,
        };
        let pending = connection.submit(method, params, subscription.as_ref())?;
        let answer = park::until(deadline, |context| match pending.poll(context) {
            Poll::Ready(answer) => Poll::Ready(answer),
            Poll::Pending => self.poll_cancelled(method, context).map(Err),
        });
        match answer.unwrap_or_else(|| Err(self.timeout(method)))? {
            Ok(answer) => Ok((answer, subscription)),
            Err(refusal) => Err(server_error(method, refusal)),
        }
    }

    /// Waits before a retry, within the limit of the call.
    fn pause(&self, method: &str, delay: Duration, deadline: Option<Instant>) -> Result<(), Error> {
        let end = Instant::now().checked_add(delay);
        let (until, late) = match (end, deadline) {
            (Some(end), Some(deadline)) if deadline < end => (Some(deadline), true),
            (end, _) => (end, false),
        };
        match park::until(until, |context| self.poll_cancelled(method, context)) {
            Some(cancelled) => Err(cancelled),
            None if late => Err(self.timeout(method)),
            None => Ok(()),
        }
    }

    fn poll_cancelled(&self, method: &str, context: &Context<'_>) -> Poll<Error> {
        match &self.cancellation {
            Some(cancellation) => cancellation
                .poll_cancelled(context)
                .map(|()| Error::Cancelled {
                    method: method.to_owned(),
                }),
            None => Poll::Pending,
        }
    }

    fn timeout(&self, method: &str) -> Error {
        Error::Timeout {
            method: method.to_owned(),
            after: self.options.deadline.unwrap_or_default(),
        }
    }
}
