//! From a reply to what is sent: the ending is put on, and ids are filled in.

use super::script::{Action, Step};
use super::{Ending, Reply, script};
use crate::events;

/// A reply in the form that the endpoint sends.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) holds: Vec<Action>,
    pub(crate) actions: Vec<Action>,
}

impl Reply {
    /// The reply as the `response`-th of its server.
    pub(crate) fn lower(mut self, response: usize) -> Lowered {
        self.push_ending();
        if self.opening {
            let opening = Step::event(|response| events::created(&response_id(response)));
            self.steps.insert(0, opening);
        }
        Lowered {
            status: self.status,
            headers: self.headers,
            holds: script::lower(self.holds, response, None),
            actions: script::lower(self.steps, response, self.pace),
        }
    }

    fn push_ending(&mut self) {
        match self.ending.clone() {
            Ending::Completed(usage) => {
                self.begin_item();
                self.push(move |response| events::completed(&response_id(response), usage));
            }
            Ending::Failed { code, message } => {
                self.push(move |response| events::failed(&response_id(response), &code, &message));
            }
            Ending::Incomplete { reason } => {
                self.push(move |response| events::incomplete(&response_id(response), &reason));
            }
            Ending::Cut => self.steps.push(Step::Cut),
            Ending::Nothing => {}
        }
    }
}

fn response_id(response: usize) -> String {
    format!("resp-{response}")
}

pub(super) fn message_id(response: usize, index: usize) -> String {
    format!("msg-{response}-{index}")
}
