//! Logging in and out.

use codex_types::{CancelLoginAccountResponse, LoginId};

use super::Codex;
use crate::connection::park::block_on;
use crate::error::Error;
use crate::nonblocking;

/// Logging in and out.
impl Codex {
    /// Logs in with an API key. It is stored where the runtime keeps its credentials.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request).
    #[inline]
    pub fn login_api_key(&self, key: impl Into<String>) -> Result<(), Error> {
        block_on(self.0.login_api_key(key))
    }

    /// Logs in with tokens that this program has obtained, and renews on request of the runtime:
    /// see
    /// [`account_chatgpt_auth_tokens_refresh`](crate::blocking::ServerRequestHandler::account_chatgpt_auth_tokens_refresh).
    /// Needs the experimental API.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request).
    #[inline]
    pub fn login_chatgpt_tokens(
        &self,
        access_token: impl Into<String>,
        account_id: impl Into<String>,
    ) -> Result<(), Error> {
        block_on(self.0.login_chatgpt_tokens(access_token, account_id))
    }

    /// Starts a login in the browser: the user opens [`LoginHandle::url`] on this machine.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request).
    #[inline]
    pub fn login_chatgpt(&self) -> Result<LoginHandle, Error> {
        block_on(self.0.login_chatgpt()).map(LoginHandle)
    }

    /// Starts a login on another device: the user opens [`LoginHandle::url`] there and enters
    /// [`LoginHandle::user_code`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request).
    #[inline]
    pub fn login_device_code(&self) -> Result<LoginHandle, Error> {
        block_on(self.0.login_device_code()).map(LoginHandle)
    }

    /// Logs out.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request).
    #[inline]
    pub fn logout(&self) -> Result<(), Error> {
        block_on(self.0.logout())
    }
}

/// A pending login. Clones share it. Its completion is kept until it is waited for. Dropping the
/// handle does not cancel it.
#[derive(Clone, Debug)]
pub struct LoginHandle(nonblocking::LoginHandle);

impl LoginHandle {
    /// Returns the id of the login.
    pub fn id(&self) -> &LoginId {
        self.0.id()
    }

    /// Returns the URL that the user has to open. It allows access to the user's account: do not
    /// log it.
    pub fn url(&self) -> &str {
        self.0.url()
    }

    /// Returns the code that the user has to enter there, for a login on another device.
    pub fn user_code(&self) -> Option<&str> {
        self.0.user_code()
    }

    /// Waits until the user has logged in. Idempotent.
    ///
    /// # Errors
    ///
    /// [`Error::LoginFailed`], also when it was cancelled; [`Error::Closed`].
    #[inline]
    pub fn wait(&self) -> Result<(), Error> {
        block_on(self.0.wait())
    }

    /// Cancels the login. [`LoginHandle::wait`] returns that it has failed.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Client::request`](crate::blocking::Client::request).
    #[inline]
    pub fn cancel(&self) -> Result<CancelLoginAccountResponse, Error> {
        block_on(self.0.cancel())
    }
}
