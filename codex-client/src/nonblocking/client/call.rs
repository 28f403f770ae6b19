//! One request, with its deadline, its cancellation and its retries. Not generic, so that it is
//! compiled once and not once per method.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use codex_types::{DecodeError, rpc};
use serde_core::de::DeserializeOwned;
use serde_json::value::RawValue;
use tracing::Instrument as _;

use super::Client;
use crate::connection::Subscription;
use crate::connection::cancellation::Cancellation;
use crate::connection::params::Params;
use crate::connection::session::{decode_error, server_error, thread_of};
use crate::connection::support::Sent;
use crate::connection::timer::{self, Timer};
use crate::engine::Opening;
use crate::error::Error;
use crate::shared::trace;

type Called = (Box<RawValue>, Option<Subscription>);

impl Client {
    /// Sends a request of the protocol, if the server has it.
    pub(crate) async fn checked(
        &self,
        sent: Sent,
        params: Result<Params, Error>,
        opening: Option<&Opening>,
    ) -> Result<Called, Error> {
        let params = params?;
        self.session.check(&sent, &params)?;
        let called = self.call(sent.method, &params, opening).await;
        called.map_err(|error| error.with_mismatch(self.session.mismatch()))
    }

    /// Decodes the response to a request.
    pub(crate) fn typed<T: DeserializeOwned>(
        &self,
        method: &str,
        response: &RawValue,
    ) -> Result<T, Error> {
        rpc::decode(response).map_err(|error| self.undecodable(method, error, response))
    }

    /// Reads a part of a response.
    pub(crate) fn part<T>(
        &self,
        method: &str,
        response: &RawValue,
        read: impl FnOnce(&str) -> serde_json::Result<T>,
    ) -> Result<T, Error> {
        read(response.get()).map_err(|error| self.undecodable(method, error.into(), response))
    }

    #[inline(never)]
    fn undecodable(&self, method: &str, error: DecodeError, response: &RawValue) -> Error {
        decode_error(method, error, response).with_mismatch(self.session.mismatch())
    }

    pub(super) async fn call(
        &self,
        method: &str,
        params: &Params,
        opening: Option<&Opening>,
    ) -> Result<Called, Error> {
        if self
            .cancellation
            .as_ref()
            .is_some_and(Cancellation::is_cancelled)
        {
            let method = method.to_owned();
            return Err(Error::Cancelled { method });
        }
        self.session.threads.check(method, params.outline())?;
        let span = tracing::debug_span!("codex.request", method, thread = thread_of(opening));
        let attempts = self.attempt_until_accepted(method, params, opening);
        let mut attempts = pin!(attempts.instrument(span));
        let mut cancelled = self.cancellation.as_ref().map(Cancellation::wait);
        let mut timer = Timer::after(self.options.deadline);
        poll_fn(|context| {
            if let Poll::Ready(result) = attempts.as_mut().poll(context) {
                return Poll::Ready(result);
            }
            let cancelled = cancelled.as_mut().map(|it| it.poll(context).is_ready());
            if cancelled == Some(true) {
                let method = method.to_owned();
                return Poll::Ready(Err(Error::Cancelled { method }));
            }
            timer
                .poll_passed(context)
                .map(|()| Err(self.timeout(method)))
        })
        .await
    }

    fn timeout(&self, method: &str) -> Error {
        Error::Timeout {
            method: method.to_owned(),
            after: self.options.deadline.unwrap_or_default(),
        }
    }

    async fn attempt_until_accepted(
        &self,
        method: &str,
        params: &Params,
        opening: Option<&Opening>,
    ) -> Result<Called, Error> {
        let mut delays = self.options.retry.delays();
        loop {
            let error = match self.attempt(method, params, opening).await {
                Err(error) if error.is_retryable() => error,
                result => return result,
            };
            let Some(delay) = delays.next() else {
                return Err(error);
            };
            tracing::debug!(method, ?delay, "the server is overloaded: retrying");
            timer::sleep(delay).await;
        }
    }

    async fn attempt(
        &self,
        method: &str,
        params: &Params,
        opening: Option<&Opening>,
    ) -> Result<Called, Error> {
        let connection = &self.session.connection;
        let subscription = match opening {
            Some(opening) => Some(connection.prepare(opening.clone())?),
            None => None,
        };
        let trace = self.options.trace.clone().or_else(trace::current);
        let pending = connection.submit(method, params, subscription.as_ref(), trace.as_ref())?;
        match poll_fn(|context| pending.poll(method, context)).await? {
            Ok(response) => {
                self.session.threads.accepted(method, params.outline());
                Ok((response, subscription))
            }
            Err(refusal) => Err(server_error(method, refusal)),
        }
    }
}
