//! Selects the final answer among the model's messages.

use codex_types::{MessagePhase, ThreadItem};

/// Returns the final answer of a turn: the last message whose phase is `final_answer`; if there is
/// none, the last message without a phase. Commentary is never the answer. An answer may be empty.
pub fn final_response<'a>(items: impl IntoIterator<Item = &'a ThreadItem>) -> Option<&'a str> {
    let (mut last_final, mut last_plain) = (None, None);
    for item in items {
        let ThreadItem::AgentMessage(message) = item else {
            continue;
        };
        match &message.phase {
            Some(MessagePhase::FinalAnswer) => last_final = Some(message.text.as_str()),
            None => last_plain = Some(message.text.as_str()),
            Some(_) => {}
        }
    }
    last_final.or(last_plain)
}

#[cfg(test)]
mod tests {
    use codex_types::{AgentMessageThreadItem, MessagePhase, ReasoningThreadItem, ThreadItem};

    use super::final_response;

    fn message(phase: Option<MessagePhase>, text: &str) -> ThreadItem {
        let mut message = AgentMessageThreadItem::new("m", text);
        message.phase = phase;
        ThreadItem::AgentMessage(Box::new(message))
    }

    #[track_caller]
    fn check(items: &[ThreadItem], expected: Option<&str>) {
        assert_eq!(final_response(items), expected);
    }

    #[test]
    fn a_final_answer_wins_over_everything_else() {
        use MessagePhase::{Commentary, FinalAnswer};
        let first = message(Some(FinalAnswer), "first");
        let last = message(Some(FinalAnswer), "last");
        let plain = message(None, "plain");
        let aside = message(Some(Commentary), "aside");
        check(&[first, last.clone(), plain, aside], Some("last"));
        check(
            &[message(Some(FinalAnswer), ""), message(None, "x")],
            Some(""),
        );
    }

    #[test]
    fn without_one_the_last_message_without_a_phase_is_the_answer() {
        let aside = || message(Some(MessagePhase::Commentary), "aside");
        check(
            &[message(None, "one"), message(None, "two"), aside()],
            Some("two"),
        );
        check(&[message(None, "one"), message(None, "")], Some(""));
        check(&[aside()], None);
        let partial = message(Some(MessagePhase::PartialAnswer), "half");
        let unknown = message(Some(MessagePhase::from("musing")), "hm");
        check(&[partial, unknown], None);
    }

    #[test]
    fn other_items_are_no_answers() {
        check(&[], None);
        check(&[ReasoningThreadItem::new("r").into()], None);
    }
}
