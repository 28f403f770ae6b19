//! How the generated list of builders becomes a builder for each, on both faces.
//!
//! A builder collects parameters and sends nothing; what its request leads to is written by
//! hand beside the type it gives (`send`), except where that is the plain answer.

use std::time::Duration;

use crate::error::Error;

/// What a builder collects besides the parameters of its request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extras {
    /// An argument that cannot be sent; told when the builder is used.
    pub(crate) fault: Option<Error>,
    /// Who decides about approvals was said.
    pub(crate) approval_said: bool,
    /// The turn writes in its working folder, with the details as configured.
    pub(crate) configured_sandbox: bool,
    /// How long the turn may take.
    pub(crate) deadline: Option<Duration>,
    /// Whether a turn that nobody waits for any more is interrupted.
    pub(crate) interrupt_on_drop: bool,
}

impl Extras {
    /// Tells of an argument that cannot be sent.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        self.fault.take().map_or(Ok(()), Err)
    }

    pub(crate) fn fault(&mut self, method: &str, problem: impl Into<String>) {
        self.fault = Some(Error::InvalidArgument {
            method: method.to_owned(),
            problem: problem.into(),
        });
    }
}

/// The builders of both faces, from one list.
macro_rules! wrappers {
    ($(
        $(#[$docs:meta])*
        $builder:ident: $method:ident($params:ident) of $owner:ident {$($made:tt)*} -> $kind:ident $gives:ty {
            $($setters:tt)*
        }
    )*) => {
        /// The builders of the async face: nothing is sent until they are awaited.
        #[cfg(feature = "async")]
        pub mod asynchronous {
            #[allow(unused_imports, clippy::wildcard_imports, reason = "what the arguments are made of")]
            use codex_types::*;
            #[allow(unused_imports, reason = "what the arguments are made of")]
            use {serde_json::Value, std::collections::BTreeMap};
            #[allow(unused_imports, reason = "what builders hang on and give")]
            use crate::{Codex, CompactHandle, GoalHandle, Thread, TurnControl, TurnHandle, TurnResult};

            $(
                crate::wrappers::builder! {
                    [$(#[$docs])*] [#[must_use = "nothing is sent until this is awaited"]]
                    $builder $method $params $owner
                }
                crate::wrappers::constructor! { [$(#[$docs])*] $builder $params $owner $($made)* }
                crate::wrappers::setters! { $builder $method $($setters)* }
                crate::wrappers::send_async! { $kind $builder $method $gives }

                impl IntoFuture for $builder {
                    type Output = Result<$gives, crate::Error>;
                    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

                    fn into_future(self) -> Self::IntoFuture {
                        Box::pin(self.send())
                    }
                }
            )*
        }

        /// The builders of the blocking face: nothing is sent until they are called.
        #[cfg(feature = "blocking")]
        pub mod blocking {
            #[allow(unused_imports, clippy::wildcard_imports, reason = "what the arguments are made of")]
            use codex_types::*;
            #[allow(unused_imports, reason = "what the arguments are made of")]
            use {serde_json::Value, std::collections::BTreeMap};
            #[allow(unused_imports, reason = "what builders hang on and give")]
            use crate::{TurnResult, blocking::{Codex, CompactHandle, GoalHandle, Thread, TurnControl, TurnHandle}};

            $(
                crate::wrappers::builder! {
                    [$(#[$docs])*] [#[must_use = "nothing is sent until `call` is called"]]
                    $builder $method $params $owner
                }
                crate::wrappers::constructor! { [$(#[$docs])*] $builder $params $owner $($made)* }
                crate::wrappers::setters! { $builder $method $($setters)* }
                crate::wrappers::send_blocking! { $kind $builder $method $gives }

                impl $builder {
                    /// Sends the request and waits for what comes of it.
                    ///
                    /// # Errors
                    ///
                    /// As for [`Client::request`](crate::blocking::Client::request), and what
                    /// the documentation of the builder says.
                    pub fn call(self) -> Result<$gives, crate::Error> {
                        self.send()
                    }
                }
            )*
        }
    };
}

/// The type itself.
macro_rules! builder {
    ([$($docs:tt)*] [$($must_use:tt)*] $builder:ident $method:ident $params:ident $owner:ident) => {
        $($docs)*
        ///
        /// Anything that is not set is not sent.
        $($must_use)*
        #[derive(Clone, Debug)]
        pub struct $builder {
            pub(crate) target: $owner,
            pub(crate) params: codex_types::$params,
            pub(crate) extras: crate::wrappers::Extras,
        }

        impl $builder {
            pub(crate) fn new(target: &$owner, params: codex_types::$params) -> Self {
                Self {
                    target: target.clone(),
                    params,
                    extras: crate::wrappers::Extras::default(),
                }
            }

            /// Changes the parameters of the request itself: the way to fields that the
            /// builder does not offer, and to send `null`.
            pub fn with_params(
                mut self,
                change: impl FnOnce(codex_types::$params) -> codex_types::$params,
            ) -> Self {
                self.params = change(self.params);
                self
            }
        }
    };
}

/// The function that makes the builder, where the list has one.
macro_rules! constructor {
    ([$($docs:tt)*] $builder:ident $params:ident $owner:ident) => {};
    ([$($docs:tt)*] $builder:ident $params:ident $owner:ident
        $function:ident($($argument:ident: $type:ty),*)
    ) => {
        impl $owner {
            $($docs)*
            pub fn $function(&self, $($argument: $type),*) -> $builder {
                $builder::new(self, codex_types::$params::new($($argument),*))
            }
        }
    };
    // The owner's id comes first...
    ([$($docs:tt)*] $builder:ident $params:ident $owner:ident
        $function:ident(own $own:ident $(, $argument:ident: $type:ty)*)
    ) => {
        impl $owner {
            $($docs)*
            pub fn $function(&self, $($argument: $type),*) -> $builder {
                let $own = self.id();
                $builder::new(self, codex_types::$params::new($own, $($argument),*))
            }
        }
    };
    // ...or second.
    ([$($docs:tt)*] $builder:ident $params:ident $owner:ident
        $function:ident($argument:ident: $type:ty, own $own:ident)
    ) => {
        impl $owner {
            $($docs)*
            pub fn $function(&self, $argument: $type) -> $builder {
                let $own = self.id();
                $builder::new(self, codex_types::$params::new($argument, $own))
            }
        }
    };
}

/// The optional arguments.
macro_rules! setters {
    ($builder:ident $method:ident) => {};
    ($builder:ident $method:ident $(#[$docs:meta])* plain $field:ident($type:ty); $($rest:tt)*) => {
        impl $builder {
            $(#[$docs])*
            pub fn $field(mut self, value: $type) -> Self {
                self.params = self.params.$field(value);
                self
            }
        }
        crate::wrappers::setters! { $builder $method $($rest)* }
    };
    ($builder:ident $method:ident $(#[$docs:meta])* path $field:ident; $($rest:tt)*) => {
        impl $builder {
            $(#[$docs])*
            ///
            /// A path that is not valid Unicode cannot be sent and is an error.
            pub fn $field(mut self, path: impl AsRef<std::path::Path>) -> Self {
                match path.as_ref().to_str() {
                    Some(path) => self.params = self.params.$field(path),
                    None => {
                        let method = <codex_types::methods::$method as codex_types::Method>::NAME;
                        let problem = concat!("`", stringify!($field), "` is not valid Unicode");
                        self.extras.fault(method, problem);
                    }
                }
                self
            }
        }
        crate::wrappers::setters! { $builder $method $($rest)* }
    };
    ($builder:ident $method:ident approval_mode; $($rest:tt)*) => {
        impl $builder {
            /// Who decides what the runtime may not do by itself.
            pub fn approval_mode(mut self, mode: crate::ApprovalMode) -> Self {
                (self.params.approval_policy, self.params.approvals_reviewer) = mode.fields();
                self.extras.approval_said = true;
                self
            }
        }
        crate::wrappers::setters! { $builder $method $($rest)* }
    };
    ($builder:ident $method:ident sandbox_of_thread; $($rest:tt)*) => {
        impl $builder {
            /// What the thread's commands may touch. A policy that a thread cannot be told is
            /// an error.
            pub fn sandbox(mut self, sandbox: impl Into<crate::Sandbox>) -> Self {
                let (mode, config) = (&mut self.params.sandbox, &mut self.params.config);
                let set = crate::sandbox::set_for_thread(&sandbox.into(), mode, config);
                if let Err(problem) = set {
                    let method = <codex_types::methods::$method as codex_types::Method>::NAME;
                    self.extras.fault(method, problem);
                }
                self
            }
        }
        crate::wrappers::setters! { $builder $method $($rest)* }
    };
    ($builder:ident $method:ident sandbox_of_turn; $($rest:tt)*) => {
        impl $builder {
            /// What the turn's commands may touch, and those of later turns.
            pub fn sandbox(mut self, sandbox: impl Into<crate::Sandbox>) -> Self {
                match sandbox.into().for_turn() {
                    Some(policy) => {
                        self.params = self.params.sandbox_policy(policy);
                        self.extras.configured_sandbox = false;
                    }
                    None => self.extras.configured_sandbox = true,
                }
                self
            }

            /// How long the turn may take. The runtime does not give up by itself when there
            /// is no network. After the deadline the turn is interrupted, and
            /// [`Error::TurnTimedOut`](crate::Error::TurnTimedOut) is what comes of it.
            pub fn deadline(mut self, deadline: std::time::Duration) -> Self {
                self.extras.deadline = Some(deadline);
                self
            }

            /// Interrupts the turn when nobody waits for it any more: when what this builder
            /// gives is dropped before the turn has ended. By default the turn goes on.
            pub fn interrupt_on_drop(mut self) -> Self {
                self.extras.interrupt_on_drop = true;
                self
            }
        }
        crate::wrappers::setters! { $builder $method $($rest)* }
    };
}

/// What the request leads to, on the async face.
#[cfg(feature = "async")]
macro_rules! send_async {
    (hand $builder:ident $method:ident $gives:ty) => {};
    (answer $builder:ident $method:ident $gives:ty) => {
        impl $builder {
            async fn send(mut self) -> Result<$gives, crate::Error> {
                self.extras.check()?;
                let client = self.target.client();
                client
                    .request::<codex_types::methods::$method>(&self.params)
                    .await
            }
        }
    };
}

/// What the request leads to, on the blocking face.
#[cfg(feature = "blocking")]
macro_rules! send_blocking {
    (hand $builder:ident $method:ident $gives:ty) => {};
    (answer $builder:ident $method:ident $gives:ty) => {
        impl $builder {
            fn send(mut self) -> Result<$gives, crate::Error> {
                self.extras.check()?;
                let client = self.target.client();
                client.request::<codex_types::methods::$method>(&self.params)
            }
        }
    };
}

#[cfg(feature = "async")]
pub(crate) use send_async;
#[cfg(feature = "blocking")]
pub(crate) use send_blocking;
pub(crate) use {builder, constructor, setters, wrappers};
