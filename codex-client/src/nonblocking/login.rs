//! Logging in and out.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use codex_types::{
    CancelLoginAccountParams, CancelLoginAccountResponse, LoginAccountParams, LoginId, methods,
};

use crate::error::Error;
use crate::nonblocking::codex::Codex;
use crate::shared::login::{PendingLogin, api_key, chatgpt, chatgpt_tokens, device_code};

mod progress;

use progress::LoginProgress;

/// Logging in and out.
impl Codex {
    /// Logs in with an API key. It is stored where the runtime keeps its credentials.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::Client::request).
    pub async fn login_api_key(&self, key: impl Into<String>) -> Result<(), Error> {
        self.log_in(&api_key(key.into())).await
    }

    /// Logs in with tokens that this program has obtained, and renews on request of the runtime:
    /// see
    /// [`account_chatgpt_auth_tokens_refresh`](crate::ServerRequestHandler::account_chatgpt_auth_tokens_refresh).
    /// Needs the experimental API.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::Client::request).
    pub async fn login_chatgpt_tokens(
        &self,
        access_token: impl Into<String>,
        account_id: impl Into<String>,
    ) -> Result<(), Error> {
        self.log_in(&chatgpt_tokens(access_token.into(), account_id.into()))
            .await
    }

    /// Starts a login in the browser: the user opens [`LoginHandle::url`] on this machine.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::Client::request).
    pub async fn login_chatgpt(&self) -> Result<LoginHandle, Error> {
        self.begin_login(&chatgpt()).await
    }

    /// Starts a login on another device: the user opens [`LoginHandle::url`] there and enters
    /// [`LoginHandle::user_code`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::Client::request).
    pub async fn login_device_code(&self) -> Result<LoginHandle, Error> {
        self.begin_login(&device_code()).await
    }

    /// Logs out.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::Client::request).
    pub async fn logout(&self) -> Result<(), Error> {
        self.client().account_logout().await?;
        Ok(())
    }

    async fn log_in(&self, params: &LoginAccountParams) -> Result<(), Error> {
        self.client()
            .request::<methods::AccountLoginStart>(params)
            .await?;
        Ok(())
    }

    async fn begin_login(&self, params: &LoginAccountParams) -> Result<LoginHandle, Error> {
        let asked = self
            .client()
            .request_login::<methods::AccountLoginStart>(params);
        let (response, events) = asked.await?;
        Ok(LoginHandle {
            codex: self.clone(),
            pending: Arc::new(PendingLogin::of(response)?),
            progress: Arc::new(LoginProgress::new(events)),
        })
    }
}

/// A pending login. Clones share it. Its completion is kept until it is waited for. Dropping the
/// handle does not cancel it.
#[derive(Clone)]
pub struct LoginHandle {
    codex: Codex,
    pending: Arc<PendingLogin>,
    progress: Arc<LoginProgress>,
}

impl LoginHandle {
    /// The login.
    pub fn id(&self) -> &LoginId {
        &self.pending.id
    }

    /// Returns the URL that the user has to open. It allows access to the user's account: do not log
    /// it.
    pub fn url(&self) -> &str {
        &self.pending.url.0
    }

    /// Returns the code that the user has to enter there, for a login on another device.
    pub fn user_code(&self) -> Option<&str> {
        self.pending.user_code.as_ref().map(|code| code.0.as_str())
    }

    /// Waits until the user has logged in. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Error::LoginFailed`], also when it was cancelled; [`Error::Closed`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no events: it can be called again.
    pub async fn wait(&self) -> Result<(), Error> {
        let mut ended = self.progress.wait();
        let outcome = poll_fn(|context| ended.poll(context)).await;
        outcome.into_result()
    }

    /// Cancels the login. [`LoginHandle::wait`] returns that it has failed.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::Client::request).
    pub async fn cancel(&self) -> Result<CancelLoginAccountResponse, Error> {
        let params = CancelLoginAccountParams::new(&self.pending.id);
        self.codex
            .client()
            .request::<methods::AccountLoginCancel>(&params)
            .await
    }
}

impl fmt::Debug for LoginHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoginHandle")
            .field("id", self.id())
            .finish_non_exhaustive()
    }
}
