//! The making of links, as far as both APIs have it in common.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::connection::Link;
use crate::connection::session::{Session, SessionState};
use crate::connection::settings::Settings;
use crate::connection::supervisor::Restart;
use crate::error::Error;
use crate::process::Launch;

/// A link that is to be driven, and the session that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct LinkPlace {
    pub(crate) link: Link,
    pub(crate) state: Arc<SessionState>,
    pub(crate) session: Weak<Session>,
}

/// The options of a link whose transport is established. `H` handles requests of the server.
pub(crate) struct Starter<H: ?Sized> {
    pub(crate) place: LinkPlace,
    pub(crate) handler: Arc<H>,
}

impl<H: ?Sized> Starter<H> {
    pub(crate) fn settings(&self) -> &Settings {
        &self.place.state.settings
    }
}

/// A function `C` that connects to a server.
pub(crate) struct Connect<C: ?Sized> {
    pub(crate) connect: Box<C>,
    /// False if it can be used once only.
    pub(crate) is_repeatable: bool,
}

impl<C: ?Sized> fmt::Debug for Connect<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Connect").finish_non_exhaustive()
    }
}

/// Makes the links of a connection: by a function `C`, or of processes.
pub(crate) struct Links<H: ?Sized, C: ?Sized> {
    /// The place of the first link.
    pub(crate) first: LinkPlace,
    handler: Arc<H>,
    pub(crate) launch: Launch,
    pub(crate) transport: Option<Connect<C>>,
}

impl<H: ?Sized, C: ?Sized> Links<H, C> {
    /// Creates a session without a link.
    ///
    /// # Errors
    ///
    /// Returns an error if it is to be supervised, and its link cannot be made again, or if two tools
    /// have one name.
    pub(crate) fn new(
        settings: Settings,
        launch: Launch,
        handler: Arc<H>,
        transport: Option<Connect<C>>,
    ) -> Result<(Arc<Session>, Self), Error> {
        settings.check_restart(transport.as_ref().is_none_or(|it| it.is_repeatable))?;
        settings.tools.check("tool")?;
        let folder = launch.folder().filter(|_| transport.is_none());
        let session = Arc::new(Session::new(settings, folder));
        let first = LinkPlace {
            link: Link::present(&session.connection),
            state: Arc::clone(&session.state),
            session: Arc::downgrade(&session),
        };
        let links = Self {
            first,
            handler,
            launch,
            transport,
        };
        Ok((session, links))
    }

    /// The supervision of the session, if it is requested: its state, and the policy.
    pub(crate) fn supervision(&self) -> Option<(Arc<SessionState>, Restart)> {
        let state = &self.first.state;
        Some((Arc::clone(state), state.settings.restart?))
    }

    pub(crate) fn starter(&self, link: Link) -> Starter<H> {
        Starter {
            place: LinkPlace {
                link,
                ..self.first.clone()
            },
            handler: Arc::clone(&self.handler),
        }
    }
}

/// A value that is taken once.
pub(crate) struct Once<T>(Mutex<Option<T>>);

impl<T> Once<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(Some(value)))
    }

    /// Takes the value.
    ///
    /// # Errors
    ///
    /// Returns an error if it was taken before.
    pub(crate) fn take(&self) -> Result<T, Error> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.ok_or_else(|| connect_error("it was used before"))
    }
}

/// The error of a transport, or of pipes, that could not be made.
#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
pub(crate) fn connect_error(problem: impl ToString) -> Error {
    Error::Connect {
        endpoint: "the transport".to_owned(),
        problem: problem.to_string(),
    }
}
