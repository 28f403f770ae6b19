//! The optional arguments of the client's builders.

use proc_macro2::TokenStream;
use quote::quote;

use crate::Error;
use crate::builders::{Offered, Resolved};
use crate::emit::documentation::{docs, with_history};
use crate::emit::tokens::{argument_type, ident};
use crate::ir::Field;
use crate::names::snake_case;

/// The methods of one argument.
pub(super) fn setter(resolved: &Resolved<'_>, offered: &Offered) -> Result<TokenStream, Error> {
    let field = |name: &str| {
        let missing = || Error::schema(resolved.params, format!("no field `{name}`"));
        resolved.field(name).ok_or_else(missing)
    };
    Ok(match *offered {
        Offered::Plain(name, description) => plain(field(name)?, description),
        Offered::Path(name, description) => path(resolved, field(name)?, description),
        Offered::Config(description) => config(resolved, description),
        Offered::ApprovalMode => approval_mode(),
        Offered::SandboxOfThread => sandbox_of_thread(resolved),
        Offered::SandboxOfTurn => of_turn(),
        Offered::ApprovalsInStream => approvals_in_stream(),
        Offered::ApprovalPolicy => approval_policy(),
    })
}

fn plain(field: &Field, description: &str) -> TokenStream {
    let about = docs(&text(field, description));
    let (name, value) = (
        ident(&snake_case(&field.rust.0)),
        argument_type(&field.value),
    );
    quote! {
        #about
        pub fn #name(mut self, value: #value) -> Self {
            self.params = self.params.#name(value);
            self
        }
    }
}

fn path(resolved: &Resolved<'_>, field: &Field, description: &str) -> TokenStream {
    let text = text(field, description);
    let about = docs(&format!(
        "{text}\n\nA path that is not valid Unicode cannot be sent and results in an error."
    ));
    let (name, method) = (
        ident(&snake_case(&field.rust.0)),
        ident(&resolved.request.name),
    );
    let label = &field.rust.0;
    quote! {
        #about
        pub fn #name(mut self, path: impl AsRef<Path>) -> Self {
            let path = path.as_ref();
            if let Some(path) = self.state.path(methods::#method::NAME, #label, path) {
                self.params = self.params.#name(path);
            }
            self
        }
    }
}

fn config(resolved: &Resolved<'_>, description: &str) -> TokenStream {
    let about = docs(description);
    let method = ident(&resolved.request.name);
    quote! {
        #about
        pub fn config(mut self, overrides: impl Into<ConfigOverrides>) -> Self {
            let config = &mut self.params.config;
            self.state.config(methods::#method::NAME, config, overrides.into());
            self
        }
    }
}

fn approval_mode() -> TokenStream {
    quote! {
        /// Sets the approval policy and the reviewer for actions beyond the sandbox.
        #[doc(alias = "approve")]
        #[doc(alias = "permission")]
        pub fn approval_mode(mut self, mode: ApprovalMode) -> Self {
            (self.params.approval_policy, self.params.approvals_reviewer) = mode.fields();
            self.state.approval_set = true;
            self
        }
    }
}

fn approvals_in_stream() -> TokenStream {
    quote! {
        /// Yields the approvals that the turn waits for in its stream, as
        /// [`TurnEvent::Approval`](crate::TurnEvent::Approval), instead of sending them to the
        /// handler of the connection. Unless the turn has an approval mode of its own, it uses
        /// [`ApprovalMode::AskClient`], which applies to later turns as well.
        ///
        /// An approval that is dropped without a decision is declined. Approvals that are not read
        /// are left to the handler of the connection, which declines by default: those that remain
        /// when the stream is dropped, and those that come while its result or its text alone is
        /// read.
        #[doc(alias = "approve")]
        #[doc(alias = "permission")]
        pub fn approvals_in_stream(mut self) -> Self {
            self.state.approvals_in_stream = true;
            self
        }
    }
}

fn approval_policy() -> TokenStream {
    quote! {
        /// Sets the policy that decides first about the approvals of the turn, and of the sub-agents
        /// that it calls. What it leaves is decided as without it: by the policy of the connection,
        /// then by the stream or the handler. What the connection's policy
        /// [declines](crate::ApprovalPolicy::decline) by a rule stays declined.
        ///
        /// Unless the turn has an approval mode of its own, it uses [`ApprovalMode::AskClient`],
        /// which applies to later turns as well; the policy does not. If a running turn is joined,
        /// the policy replaces that of the turn.
        #[doc(alias = "approve")]
        #[doc(alias = "permission")]
        pub fn approvals(mut self, policy: crate::ApprovalPolicy) -> Self {
            self.state.policy = Some(policy);
            self
        }
    }
}

fn sandbox_of_thread(resolved: &Resolved<'_>) -> TokenStream {
    let method = ident(&resolved.request.name);
    quote! {
        /// Sets the sandbox of the thread's commands. A policy that only a turn supports is an
        /// error.
        #[doc(alias = "permission")]
        pub fn sandbox(mut self, sandbox: impl Into<Sandbox>) -> Self {
            let (mode, config) = (&mut self.params.sandbox, &mut self.params.config);
            if let Err(problem) = crate::shared::sandbox::set_for_thread(&sandbox.into(), mode, config) {
                self.state.reject(methods::#method::NAME, problem);
            }
            self
        }
    }
}

/// The sandbox of a turn, and the options of a turn that are no part of the request.
fn of_turn() -> TokenStream {
    let sandbox = sandbox_of_turn();
    let limits = limits_of_turn();
    let cancellation = cancellation_of_turn();
    let trace = trace_of_turn();
    quote!(#sandbox #limits #cancellation #trace)
}

fn sandbox_of_turn() -> TokenStream {
    quote! {
        /// Sets the sandbox of the turn's commands, and of later turns.
        #[doc(alias = "permission")]
        pub fn sandbox(mut self, sandbox: impl Into<Sandbox>) -> Self {
            match sandbox.into().for_turn() {
                Some(policy) => {
                    self.params = self.params.sandbox_policy(policy);
                    self.state.configured_sandbox = false;
                }
                None => self.state.configured_sandbox = true,
            }
            self
        }
    }
}

fn limits_of_turn() -> TokenStream {
    quote! {
        /// Sets the timeout of the turn; the runtime itself has none, even without a network
        /// connection. After the deadline the turn is interrupted, and its outcome is
        /// [`Error::TurnTimedOut`](crate::Error::TurnTimedOut).
        #[doc(alias = "timeout")]
        pub fn deadline(mut self, deadline: Duration) -> Self {
            self.state.deadline = Some(deadline);
            self
        }

        /// Sets the maximum time without an event of the turn. After that the turn is interrupted,
        /// and its outcome is [`Error::TurnTimedOut`](crate::Error::TurnTimedOut). Without a
        /// network connection, a turn reports a few attempts to connect and then stays silent
        /// forever. A silent command and a slow handler count as idle as well.
        #[doc(alias = "timeout")]
        pub fn idle_limit(mut self, limit: Duration) -> Self {
            self.state.idle_limit = Some(limit);
            self
        }

        /// Interrupts the turn if the result of this builder is dropped before the turn completes.
        /// By default the turn continues.
        #[doc(alias = "cancel")]
        pub fn interrupt_on_drop(mut self) -> Self {
            self.state.interrupt_on_drop = true;
            self
        }
    }
}

fn trace_of_turn() -> TokenStream {
    quote! {
        /// Sets the trace that the turn belongs to: the runtime continues it in its requests to the
        /// model, if the export of traces is [configured](crate::TraceContext). The trace of
        /// [`CallOptions`](crate::CallOptions) by default.
        #[doc(alias = "traceparent")]
        #[doc(alias = "opentelemetry")]
        pub fn trace(mut self, trace: crate::TraceContext) -> Self {
            self.state.trace = Some(trace);
            self
        }
    }
}

fn cancellation_of_turn() -> TokenStream {
    quote! {
        /// Makes the turn cancellable from another task or thread: it is interrupted, and its
        /// result contains the output up to that point, with the status `interrupted`. A
        /// cancellation before the turn starts results in
        /// [`Error::Cancelled`](crate::Error::Cancelled); a turn that starts nevertheless is
        /// interrupted.
        #[doc(alias = "abort")]
        #[doc(alias = "stop")]
        pub fn cancellation(mut self, cancellation: &crate::Cancellation) -> Self {
            self.state.cancellation = Some(cancellation.clone());
            self
        }
    }
}

/// The listed text, or that of the field.
fn text(field: &Field, listed: &str) -> String {
    if listed.is_empty() {
        return field.docs.clone().unwrap_or_default();
    }
    with_history(Some(listed.to_owned()), field.experimental, &field.since).unwrap_or_default()
}
