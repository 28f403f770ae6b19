//! One request, with its limit of time and its retries. Not generic, so that it is compiled
//! once and not once per method.

use std::future::poll_fn;

use serde_json::value::RawValue;
use tracing::Instrument as _;

use super::Client;
use crate::connection::Subscription;
use crate::connection::session::{server_error, thread_of};
use crate::engine::Opens;
use crate::error::Error;

type Called = (Box<RawValue>, Option<Subscription>);

impl Client {
    pub(super) async fn call(
        &self,
        method: &str,
        params: &RawValue,
        opens: Option<&Opens>,
    ) -> Result<Called, Error> {
        let span = tracing::debug_span!("codex.request", method, thread = thread_of(opens));
        let call = self
            .call_with_retries(method, params, opens)
            .instrument(span);
        let Some(after) = self.options.deadline else {
            return call.await;
        };
        match tokio::time::timeout(after, call).await {
            Ok(result) => result,
            Err(_) => Err(Error::Timeout {
                method: method.to_owned(),
                after,
            }),
        }
    }

    async fn call_with_retries(
        &self,
        method: &str,
        params: &RawValue,
        opens: Option<&Opens>,
    ) -> Result<Called, Error> {
        let mut delays = self.options.retry.delays();
        loop {
            let error = match self.call_once(method, params, opens).await {
                Err(error) if error.is_retryable() => error,
                result => return result,
            };
            let Some(delay) = delays.next() else {
                return Err(error);
            };
            tracing::debug!(method, ?delay, "the server is overloaded: trying again");
            tokio::time::sleep(delay).await;
        }
    }

    async fn call_once(
        &self,
        method: &str,
        params: &RawValue,
        opens: Option<&Opens>,
    ) -> Result<Called, Error> {
        let connection = &self.shared.session.connection;
        let subscription = match opens {
            Some(opens) => Some(connection.prepare(opens.clone())?),
            None => None,
        };
        let pending = connection.submit(method, params, subscription.as_ref())?;
        match poll_fn(|context| pending.poll(context)).await? {
            Ok(answer) => Ok((answer, subscription)),
            Err(refusal) => Err(server_error(method, refusal)),
        }
    }
}
