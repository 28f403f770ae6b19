//! Approvals: the modes that select the reviewer, and requests and decisions in one form.

use std::fmt;
use std::str::FromStr;

use codex_types::{ApprovalsReviewer, AskForApproval, Field, UnknownValue};

mod decision;
mod pending;
mod policy;
mod record;
mod request;
mod response;
mod script;

pub use decision::Decision;
pub use pending::Approval;
pub(crate) use pending::PassedOn;
pub use policy::{ApprovalPolicy, Approve, PolicyDecision};
pub(crate) use record::Origin;
pub use record::{ApprovalRecord, DecidedBy};
pub use request::{
    ApprovalRequest, ApprovalSubject, CommandSubject, FileChangeSubject, McpToolSubject,
    NetworkSubject,
};

/// The reviewer of commands, changes and connections that need an approval.
///
/// A thread that is started without a mode uses [`ApprovalMode::AskClient`] if the client has a
/// handler that decides about approvals. Otherwise it uses [`ApprovalMode::AutoReview`]: a model,
/// which may approve. Both replace the approval policy of the user's configuration;
/// [`ApprovalMode::Inherit`] keeps it. Resuming, forking, and turns send a mode only if one is set,
/// so that the mode of a thread is kept; the mode of a turn applies to later turns as well.
#[doc(alias("approve", "permission", "confirm"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApprovalMode {
    /// The runtime's own reviewer decides: a model that approves actions it considers harmless.
    AutoReview,
    /// Nothing is approved: actions beyond the sandbox fail, and the model is informed.
    DenyAll,
    /// No mode is sent: the user's configuration, or an earlier setting, applies.
    Inherit,
    /// This client decides: requests are sent to the handler that it was built with. Without one
    /// all of them are declined.
    AskClient,
}

impl ApprovalMode {
    const ALL: [Self; 4] = [
        Self::AutoReview,
        Self::DenyAll,
        Self::Inherit,
        Self::AskClient,
    ];
    const KNOWN: &'static [&'static str] = &[
        Self::ALL[0].as_str(),
        Self::ALL[1].as_str(),
        Self::ALL[2].as_str(),
        Self::ALL[3].as_str(),
    ];

    /// The name for command lines and configuration files, such as `ask-client`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AutoReview => "auto-review",
            Self::DenyAll => "deny-all",
            Self::Inherit => "inherit",
            Self::AskClient => "ask-client",
        }
    }

    /// The two fields of the protocol; unset ones are omitted.
    pub(crate) fn fields(self) -> (Field<AskForApproval>, Field<ApprovalsReviewer>) {
        let asks = |reviewer| {
            (
                Field::Value(AskForApproval::OnRequest),
                Field::Value(reviewer),
            )
        };
        match self {
            Self::AutoReview => asks(ApprovalsReviewer::AutoReview),
            Self::AskClient => asks(ApprovalsReviewer::User),
            Self::DenyAll => (Field::Value(AskForApproval::Never), Field::Absent),
            Self::Inherit => (Field::Absent, Field::Absent),
        }
    }
}

impl fmt::Display for ApprovalMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// Reads the name for command lines.
impl FromStr for ApprovalMode {
    type Err = UnknownValue;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let mode = Self::ALL.into_iter().find(|mode| mode.as_str() == name);
        mode.ok_or_else(|| UnknownValue::new(name, Self::KNOWN))
    }
}

#[cfg(test)]
mod tests {
    use codex_types::TurnStartParams;
    use serde_json::{Value, json, to_value};

    use super::ApprovalMode;

    fn on_the_wire(mode: ApprovalMode) -> Value {
        let mut params = TurnStartParams::new("t", Vec::new());
        (params.approval_policy, params.approvals_reviewer) = mode.fields();
        let mut params = to_value(params).unwrap();
        let fields = params.as_object_mut().unwrap();
        fields.retain(|name, _| name.starts_with("approval"));
        params
    }

    #[test]
    fn names_are_parsed_and_printed() {
        for name in ApprovalMode::KNOWN {
            let mode: ApprovalMode = name.parse().unwrap();
            assert_eq!(mode.to_string(), *name);
        }
        let error = "yes".parse::<ApprovalMode>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown value `yes`: expected auto-review, deny-all, inherit or ask-client"
        );
    }

    #[test]
    fn modes_set_only_their_fields() {
        let review = json!({"approvalPolicy": "on-request", "approvalsReviewer": "auto_review"});
        assert_eq!(on_the_wire(ApprovalMode::AutoReview), review);
        let ask = json!({"approvalPolicy": "on-request", "approvalsReviewer": "user"});
        assert_eq!(on_the_wire(ApprovalMode::AskClient), ask);
        let deny = json!({"approvalPolicy": "never"});
        assert_eq!(on_the_wire(ApprovalMode::DenyAll), deny);
        assert_eq!(on_the_wire(ApprovalMode::Inherit), json!({}));
    }
}
