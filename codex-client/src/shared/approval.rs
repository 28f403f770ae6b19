//! The modes of approval: what decides about actions that the runtime may not take by itself.

use std::fmt;
use std::str::FromStr;

use codex_types::{ApprovalsReviewer, AskForApproval, Field, UnknownValue};

/// What decides when a command, a change or a connection needs an approval.
///
/// A thread that is started without a mode asks this client ([`ApprovalMode::AskClient`]) if the
/// client has a handler that decides about approvals. Otherwise the runtime's reviewer decides
/// ([`ApprovalMode::AutoReview`]): a model, which may approve. Both replace the approval policy of
/// the user's configuration; [`ApprovalMode::Inherit`] leaves it alone. Resuming, forking, and
/// turns send a mode only where one is set, so that what is set for a thread stays set; what is
/// set for a turn holds for the later turns, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApprovalMode {
    /// The runtime's own reviewer decides: a model that approves what it takes for harmless.
    AutoReview,
    /// Nothing is approved: what the sandbox does not allow fails, and the model is informed.
    DenyAll,
    /// Nothing is sent: the user's configuration, or what was set before, decides.
    Inherit,
    /// This client decides: requests go to the handler that it was built with. Without one
    /// everything is declined.
    AskClient,
}

impl ApprovalMode {
    const KNOWN: &'static [&'static str] = &["auto-review", "deny-all", "inherit", "ask-client"];

    /// The name for command lines and configuration files, such as `ask-client`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AutoReview => "auto-review",
            Self::DenyAll => "deny-all",
            Self::Inherit => "inherit",
            Self::AskClient => "ask-client",
        }
    }

    /// The two fields of the protocol, where nothing means that they are left out.
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
        match name {
            "auto-review" => Ok(Self::AutoReview),
            "deny-all" => Ok(Self::DenyAll),
            "inherit" => Ok(Self::Inherit),
            "ask-client" => Ok(Self::AskClient),
            _ => Err(UnknownValue::new(name, Self::KNOWN)),
        }
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
    fn modes_say_what_they_mean_and_nothing_more() {
        let review = json!({"approvalPolicy": "on-request", "approvalsReviewer": "auto_review"});
        assert_eq!(on_the_wire(ApprovalMode::AutoReview), review);
        let ask = json!({"approvalPolicy": "on-request", "approvalsReviewer": "user"});
        assert_eq!(on_the_wire(ApprovalMode::AskClient), ask);
        let deny = json!({"approvalPolicy": "never"});
        assert_eq!(on_the_wire(ApprovalMode::DenyAll), deny);
        assert_eq!(on_the_wire(ApprovalMode::Inherit), json!({}));
    }
}
