//! Conveniences beside the generated models that only clients send.
//!
//! Hand-written; the methods that every model has are generated.

use crate::{DynamicToolCallResponse, InputTextDynamicToolCallOutputContentItem};

impl DynamicToolCallResponse {
    /// Creates the response of a tool that succeeded with a text.
    ///
    /// ```
    /// use codex_types::DynamicToolCallResponse;
    ///
    /// let response = DynamicToolCallResponse::text("It rains in Oslo.");
    /// assert!(response.success);
    /// assert_eq!(
    ///     serde_json::to_string(&response)?,
    ///     r#"{"contentItems":[{"type":"inputText","text":"It rains in Oslo."}],"success":true}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn text(text: impl Into<String>) -> Self {
        let item = InputTextDynamicToolCallOutputContentItem::new(text);
        Self::new([item.into()], true)
    }

    /// Creates the response of a tool that failed. The model is shown the text and may try again.
    pub fn failure(text: impl Into<String>) -> Self {
        let item = InputTextDynamicToolCallOutputContentItem::new(text);
        Self::new([item.into()], false)
    }
}
