//! Who decides about what the runtime may not do by itself.

use codex_types::{ApprovalsReviewer, AskForApproval, Field};

/// Who decides when a command, a change or a connection needs an approval.
///
/// A new thread is started with [`ApprovalMode::AutoReview`] unless told otherwise. All other
/// calls send nothing unless told, so that what is set for a thread stays set; what is set for
/// a turn holds for the later turns, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApprovalMode {
    /// The runtime's own reviewer decides: it lets pass what is harmless.
    AutoReview,
    /// Nobody: what is not allowed by the sandbox fails, and the model has to live with it.
    DenyAll,
    /// Nothing is sent: what is configured, or was set before, decides.
    Inherit,
    /// This client: requests come to the handler that it was built with. Without one
    /// everything is declined.
    AskClient,
}

impl ApprovalMode {
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
