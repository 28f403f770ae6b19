//! Sums and differences of token counts.

use std::ops::{Add, AddAssign};

use crate::TokenUsageBreakdown;

/// Adds up what several turns or requests have used. Counts saturate.
impl Add for TokenUsageBreakdown {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign for TokenUsageBreakdown {
    fn add_assign(&mut self, other: Self) {
        combine(self, &other, i64::saturating_add);
    }
}

impl TokenUsageBreakdown {
    /// Returns the difference to an earlier count of the same thread; `None` when the earlier one
    /// is larger in any part, which is no earlier count then.
    pub fn since(&self, earlier: &Self) -> Option<Self> {
        let mut difference = self.clone();
        combine(&mut difference, earlier, i64::saturating_sub);
        let parts = [
            difference.total_tokens,
            difference.input_tokens,
            difference.cached_input_tokens,
            difference.cache_write_input_tokens.unwrap_or_default(),
            difference.output_tokens,
            difference.reasoning_output_tokens,
        ];
        parts.iter().all(|part| *part >= 0).then_some(difference)
    }
}

fn combine(into: &mut TokenUsageBreakdown, other: &TokenUsageBreakdown, with: fn(i64, i64) -> i64) {
    into.total_tokens = with(into.total_tokens, other.total_tokens);
    into.input_tokens = with(into.input_tokens, other.input_tokens);
    into.cached_input_tokens = with(into.cached_input_tokens, other.cached_input_tokens);
    into.output_tokens = with(into.output_tokens, other.output_tokens);
    into.reasoning_output_tokens =
        with(into.reasoning_output_tokens, other.reasoning_output_tokens);
    let writes = (
        into.cache_write_input_tokens,
        other.cache_write_input_tokens,
    );
    into.cache_write_input_tokens = match writes {
        (None, None) => None,
        (ours, theirs) => Some(with(ours.unwrap_or_default(), theirs.unwrap_or_default())),
    };
}

#[cfg(test)]
mod tests {
    use crate::TokenUsageBreakdown;

    fn usage(input: i64, output: i64) -> TokenUsageBreakdown {
        serde_json::from_value(serde_json::json!({
            "totalTokens": input + output, "inputTokens": input, "cachedInputTokens": 1,
            "outputTokens": output, "reasoningOutputTokens": 0,
        }))
        .unwrap()
    }

    #[test]
    fn sum_and_difference_are_inverse() {
        let sum = usage(200, 20) + usage(300, 30);
        assert_eq!((sum.input_tokens, sum.output_tokens), (500, 50));
        assert_eq!((sum.total_tokens, sum.cached_input_tokens), (550, 2));
        assert_eq!(sum.since(&usage(200, 20)).unwrap(), usage(300, 30));
    }

    #[test]
    fn difference_to_a_larger_count_is_none() {
        assert_eq!(usage(1, 1).since(&usage(2, 1)), None);
    }

    #[test]
    fn counts_saturate() {
        let most = usage(i64::MAX / 2, i64::MAX / 2);
        assert_eq!((most.clone() + most).input_tokens, i64::MAX - 1);
    }
}
