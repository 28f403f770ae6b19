//! The token counts a response ends with.

use serde_json::{Value, json};

/// Token counts of one response.
///
/// ```
/// use codex_testing::events::Usage;
///
/// let usage = Usage::new(120, 30).cached(100).reasoning(20);
/// # let _ = usage;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    input: u64,
    cached: Option<u64>,
    output: u64,
    reasoning: Option<u64>,
}

impl Usage {
    /// So many tokens in and out; their sum is the total.
    pub fn new(input: u64, output: u64) -> Self {
        Self {
            input,
            cached: None,
            output,
            reasoning: None,
        }
    }

    /// Input tokens that came from the cache.
    #[must_use]
    pub fn cached(mut self, tokens: u64) -> Self {
        self.cached = Some(tokens);
        self
    }

    /// Output tokens that went into reasoning.
    #[must_use]
    pub fn reasoning(mut self, tokens: u64) -> Self {
        self.reasoning = Some(tokens);
        self
    }

    pub(super) fn to_json(self) -> Value {
        json!({
            "input_tokens": self.input,
            "input_tokens_details": self.cached.map(|tokens| json!({ "cached_tokens": tokens })),
            "output_tokens": self.output,
            "output_tokens_details": self
                .reasoning
                .map(|tokens| json!({ "reasoning_tokens": tokens })),
            "total_tokens": self.input.saturating_add(self.output),
        })
    }
}

/// One token in, one out: for tests that do not care.
impl Default for Usage {
    fn default() -> Self {
        Self::new(1, 1)
    }
}
