//! Classifies events that may be dropped, and those that resolve a request.

use codex_types::rpc::Ids;
use codex_types::{RequestId, ServerNotification};

use crate::json;

/// Returns whether an event must not be dropped. Dropping any other one only causes a gap in a text
/// or a progress bar: a later event contains the complete state.
///
/// Unknown methods may be dropped: no program can depend on them. A malformed payload does not make
/// a known one less important.
#[expect(deprecated, reason = "older runtimes send them")]
pub(super) fn is_lifecycle(notification: &ServerNotification) -> bool {
    use ServerNotification as N;
    match notification {
        N::CommandExecOutputDelta(_)
        | N::FuzzyFileSearchSessionUpdated(_)
        | N::ItemAgentMessageDelta(_)
        | N::ItemCommandExecutionOutputDelta(_)
        | N::ItemFileChangeOutputDelta(_)
        | N::ItemFileChangePatchUpdated(_)
        | N::ItemMcpToolCallProgress(_)
        | N::ItemPlanDelta(_)
        | N::ItemReasoningSummaryPartAdded(_)
        | N::ItemReasoningSummaryTextDelta(_)
        | N::ItemReasoningTextDelta(_)
        | N::ProcessOutputDelta(_)
        | N::ThreadRealtimeItemTranscriptDelta(_)
        | N::ThreadRealtimeOutputAudioDelta(_)
        | N::ThreadRealtimeTranscriptDelta(_)
        | N::TurnDiffUpdated(_) => false,
        N::Unrecognized(message) => is_known(message.method()) || is_request(message.method()),
        _ => true,
    }
}

/// The key of the state that an event contains as a whole, if any: a later one supersedes it.
pub(super) fn snapshot_of(notification: &ServerNotification) -> Option<String> {
    use ServerNotification as N;
    match notification {
        N::TurnDiffUpdated(it) => Some(format!("diff {}", it.turn_id)),
        N::ItemFileChangePatchUpdated(it) => Some(format!("patch {} {}", it.turn_id, it.item_id)),
        N::FuzzyFileSearchSessionUpdated(it) => Some(format!("search {}", it.session_id)),
        _ => None,
    }
}

fn is_known(method: &str) -> bool {
    ServerNotification::METHODS.binary_search(&method).is_ok()
}

/// Returns `true` for the method of a request of the server.
pub(super) fn is_request(method: &str) -> bool {
    codex_types::SERVER_METHODS
        .iter()
        .any(|known| known.method == method)
}

/// Returns `true` for an event that may be kept for long: one that is not dropped, and one of
/// which the last is kept.
pub(super) fn is_kept(notification: &ServerNotification) -> bool {
    use ServerNotification as N;
    is_lifecycle(notification)
        || matches!(
            notification,
            N::TurnDiffUpdated(_)
                | N::ItemFileChangePatchUpdated(_)
                | N::FuzzyFileSearchSessionUpdated(_)
        )
}

/// The id of a request, from its text.
pub(super) fn request_id(raw: &str) -> Option<RequestId> {
    json::member::<Option<RequestId>>(raw, &["id"])
        .ok()?
        .flatten()
}

/// The request that `serverRequest/resolved` names; found in the text, so that it is found
/// however the rest of the payload changes.
pub(super) fn resolved_request(raw: &str) -> Option<RequestId> {
    Ids::find(raw).request
}
