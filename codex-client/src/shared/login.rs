//! Logins: their parameters, instructions for the user, and outcome. Shared by both APIs.

use codex_types::{
    ApiKeyLoginAccountParams, ChatgptAuthTokensLoginAccountParams,
    ChatgptDeviceCodeLoginAccountParams, ChatgptLoginAccountParams, LoginAccountParams,
    LoginAccountResponse, LoginId, ServerNotification,
};

use crate::error::Error;
use crate::secret::Secret;
use crate::shared::event::Event;

pub(crate) fn api_key(key: String) -> LoginAccountParams {
    ApiKeyLoginAccountParams::new(key).into()
}

pub(crate) fn chatgpt() -> LoginAccountParams {
    ChatgptLoginAccountParams::new().into()
}

pub(crate) fn device_code() -> LoginAccountParams {
    ChatgptDeviceCodeLoginAccountParams::new().into()
}

pub(crate) fn chatgpt_tokens(access_token: String, account_id: String) -> LoginAccountParams {
    ChatgptAuthTokensLoginAccountParams::new(access_token, account_id).into()
}

/// Instructions for the user.
#[derive(Debug)]
pub(crate) struct PendingLogin {
    pub(crate) id: LoginId,
    pub(crate) url: Secret<String>,
    pub(crate) user_code: Option<Secret<String>>,
}

impl PendingLogin {
    pub(crate) fn of(response: LoginAccountResponse) -> Result<Self, Error> {
        match response {
            LoginAccountResponse::Chatgpt(response) => Ok(Self {
                id: response.login_id,
                url: Secret(response.auth_url),
                user_code: None,
            }),
            LoginAccountResponse::ChatgptDeviceCode(response) => Ok(Self {
                id: response.login_id,
                url: Secret(response.verification_url),
                user_code: Some(Secret(response.user_code)),
            }),
            _ => Err(Error::LoginFailed {
                message: "the runtime started another kind of login than the requested one"
                    .to_owned(),
            }),
        }
    }
}

/// The outcome of a login.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Succeeded,
    Failed(String),
    /// Its end could not be received.
    Unknown(Error),
}

impl Outcome {
    pub(crate) fn unseen() -> Self {
        Self::Failed("its events ended without its completion".to_owned())
    }

    pub(crate) fn into_result(self) -> Result<(), Error> {
        match self {
            Self::Succeeded => Ok(()),
            Self::Failed(message) => Err(Error::LoginFailed { message }),
            Self::Unknown(error) => Err(error),
        }
    }
}

const COMPLETED: &str = "account/login/completed";

/// The outcome of a login according to one of its events.
pub(crate) fn outcome(event: &Event) -> Option<Outcome> {
    let ServerNotification::AccountLoginCompleted(completed) = event.notification() else {
        // A damaged end is an end, and no success.
        let error = event
            .decode_error()
            .filter(|_| event.method() == COMPLETED)?;
        let message = format!("`{COMPLETED}` could not be decoded: {error}");
        return Some(Outcome::Failed(message));
    };
    if completed.success {
        return Some(Outcome::Succeeded);
    }
    let message = completed.error.clone();
    Some(Outcome::Failed(message.unwrap_or_else(|| {
        "the runtime reported no reason".to_owned()
    })))
}
