//! The parameters of a request, encoded once for all of its attempts.
//!
//! Independent of the method and of the connection.

use std::sync::Arc;

use serde::Serialize;

use super::one_line;
use crate::engine::{Body, Frame};
use crate::error::Error;

/// Size from which parameters are shared with the frames of a request instead of copied, in bytes: a
/// writer sends it in several pieces in any case.
const SHARED: usize = 64 * 1024;

/// Encoded parameters. Clones share them.
#[derive(Clone)]
pub(crate) struct Params(Arc<Body>);

impl Params {
    /// Encodes the parameters of a request.
    ///
    /// # Errors
    ///
    /// Returns an error if they cannot be written as JSON.
    pub(crate) fn encode<P>(method: &str, params: &P) -> Result<Self, Error>
    where
        P: Serialize + ?Sized,
    {
        Self::encoded(method, serde_json::to_string(params))
    }

    fn encoded(method: &str, text: serde_json::Result<String>) -> Result<Self, Error> {
        let mut text = text.map_err(|error| Error::Encode {
            method: method.to_owned(),
            problem: error.into(),
        })?;
        if text.len() >= SHARED {
            // It may have grown to twice its length.
            text.shrink_to_fit();
        }
        Ok(Self(Arc::new(Body::new(one_line(text)))))
    }

    /// The parameters as JSON, without the long texts in them: these are empty.
    pub(crate) fn outline(&self) -> &str {
        self.0.outline()
    }

    /// Returns whether they are `null`, which is not sent.
    pub(crate) fn are_null(&self) -> bool {
        self.outline() == "null"
    }

    /// Inserts the parameters into the text of a message.
    pub(crate) fn insert_into(&self, mut head: String, tail: &str) -> Frame {
        let at = head.len();
        if self.0.len() >= SHARED {
            head.push_str(tail);
            return Frame::around(head, at, Arc::clone(&self.0));
        }
        head.extend(self.0.parts().chain([tail]));
        Frame::from(head)
    }
}
