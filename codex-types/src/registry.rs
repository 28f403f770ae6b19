//! The entries of the tables of methods and notifications.

use crate::Stability;

/// A request, as data.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MethodInfo {
    /// The name on the wire.
    pub method: &'static str,
    /// The name of the type of its parameters, if it takes any.
    pub params: Option<&'static str>,
    /// The name of the type of its answer.
    pub response: &'static str,
    /// The stability of the method.
    pub stability: Stability,
    /// The first runtime that has it; `None` if every supported one has.
    pub since: Option<&'static str>,
    /// The first runtime whose stable API has it, if older ones have it as experimental.
    pub stable_since: Option<&'static str>,
    /// Its description in the schema; often empty.
    pub docs: &'static str,
    /// The locations of ids in its parameters.
    pub routes: &'static [Route],
}

impl MethodInfo {
    /// For the generated code.
    #[doc(hidden)]
    pub const fn new(
        method: &'static str,
        params: Option<&'static str>,
        response: &'static str,
        stability: Stability,
        since: Option<&'static str>,
        docs: &'static str,
        routes: &'static [Route],
    ) -> Self {
        Self {
            method,
            params,
            response,
            stability,
            since,
            stable_since: None,
            docs,
            routes,
        }
    }

    /// For the generated code.
    #[doc(hidden)]
    #[must_use]
    pub const fn stable_since(mut self, version: &'static str) -> Self {
        self.stable_since = Some(version);
        self
    }
}

/// A notification, as data.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NotificationInfo {
    /// The name on the wire.
    pub method: &'static str,
    /// The name of the type of its parameters, if it has any.
    pub params: Option<&'static str>,
    /// The stability of the notification.
    pub stability: Stability,
    /// The first runtime that has it; `None` if every supported one has.
    pub since: Option<&'static str>,
    /// Its description in the schema; often empty.
    pub docs: &'static str,
    /// The locations of ids in its parameters.
    pub routes: &'static [Route],
}

impl NotificationInfo {
    /// For the generated code.
    #[doc(hidden)]
    pub const fn new(
        method: &'static str,
        params: Option<&'static str>,
        stability: Stability,
        since: Option<&'static str>,
        docs: &'static str,
        routes: &'static [Route],
    ) -> Self {
        Self {
            method,
            params,
            stability,
            since,
            docs,
            routes,
        }
    }

    /// True if the schema marks it as deprecated.
    pub fn is_deprecated(&self) -> bool {
        self.docs.starts_with("Deprecated")
    }
}

/// A parameter of a client's request that came later than its method, as data.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ParameterInfo {
    /// The name of the method on the wire.
    pub method: &'static str,
    /// The path of wire names in the parameters; `*` stands for every element of a list
    /// or map. Empty for the parameters as a whole.
    pub path: &'static [&'static str],
    /// The first runtime that supports it; `None` if every runtime with the method does.
    pub since: Option<&'static str>,
    /// The first runtime whose stable schema has it, if older ones take it only from clients
    /// with the experimental API.
    pub stable_since: Option<&'static str>,
}

impl ParameterInfo {
    /// For the generated code.
    #[doc(hidden)]
    pub const fn new(
        method: &'static str,
        path: &'static [&'static str],
        since: Option<&'static str>,
        stable_since: Option<&'static str>,
    ) -> Self {
        Self {
            method,
            path,
            since,
            stable_since,
        }
    }
}

/// The location of an id in the parameters of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The kind of thing it identifies.
    pub kind: IdKind,
    /// The path of wire names, such as `turn`, `id`.
    pub path: &'static [&'static str],
    /// True if it is always present.
    pub required: bool,
}

impl Route {
    /// For the generated code.
    #[doc(hidden)]
    pub const fn new(kind: IdKind, path: &'static [&'static str], required: bool) -> Self {
        Self {
            kind,
            path,
            required,
        }
    }
}

/// The kind of thing that an id identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdKind {
    /// A thread.
    Thread,
    /// A turn.
    Turn,
    /// An item.
    Item,
    /// A login that was started.
    Login,
    /// A process that was started.
    Process,
    /// A JSON-RPC request.
    Request,
    /// A session.
    Session,
    /// A file watch.
    Watch,
}
