//! Approvals as text: the question, and the answers of a person. Independent of the terminal.

use std::fmt::Write as _;

use codex_client::{ApprovalRequest, ApprovalSubject, Decision};

/// Describes the action, complete: a person decides about what is shown and nothing else.
pub(crate) fn describe(request: &ApprovalRequest) -> String {
    let mut text = match request.subject() {
        ApprovalSubject::Command(command) => format!("Run this command?\n  {}", command.line),
        ApprovalSubject::Network(connection) => format!(
            "Allow this connection?\n  {} ({})",
            connection.target.host,
            connection.line.unwrap_or("unknown command")
        ),
        // The screen shows them.
        ApprovalSubject::FileChange(change) if change.changes.is_some() => {
            "Make these changes?".to_owned()
        }
        ApprovalSubject::FileChange(_) => "Change files that the runtime does not name?".to_owned(),
        ApprovalSubject::McpTool(call) => format!(
            "Call this tool?\n  {} of {}, with {}",
            call.tool,
            call.server,
            call.arguments.map(ToString::to_string).unwrap_or_default()
        ),
        other => format!("Allow this?\n  {other:?}"),
    };
    for (label, value) in [("in", request.cwd()), ("because", request.reason())] {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n  {label}: {value}");
        }
    }
    text
}

/// Reads an answer. Only a whole word is one; after an unclear answer the question is repeated.
pub(crate) fn read(line: &str) -> Option<Decision> {
    match line {
        "y" | "yes" => Some(Decision::Accept),
        "a" | "always" => Some(Decision::AcceptForSession),
        "n" | "no" => Some(Decision::Decline),
        _ => None,
    }
}
