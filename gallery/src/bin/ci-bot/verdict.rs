//! The typed answer of the agent, and the report around it. Independent of runs.

use anyhow::Context as _;
use codex_exec::Completed;
use codex_exec::event::Usage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The cause of a failed build. Doc comments are read by the model.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Verdict {
    /// One sentence.
    cause: String,
    kind: Kind,
    /// The file to change, relative to the project, if the project has to be changed.
    file: Option<String>,
    /// The smallest change that fixes the build.
    remedy: String,
}

/// The kind of a cause.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// The change broke the build.
    Change,
    /// A test that sometimes fails.
    Flaky,
    /// The machine or the network.
    Infrastructure,
}

// Prices of tokens, which this program does not know. Not documentation: that would become the text of
// `--help`.
#[derive(clap::Args)]
pub(crate) struct Prices {
    /// Price of a million input tokens
    #[arg(long = "price-input", env = "CI_BOT_PRICE_INPUT")]
    input: Option<f64>,
    /// Price of a million input tokens from the cache
    #[arg(long = "price-cached", env = "CI_BOT_PRICE_CACHED")]
    cached: Option<f64>,
    /// Price of a million output tokens
    #[arg(long = "price-output", env = "CI_BOT_PRICE_OUTPUT")]
    output: Option<f64>,
}

#[derive(Serialize)]
pub(crate) struct Report {
    verdict: Verdict,
    usage: Option<Usage>,
    /// Absent without prices or usage: a cost that is not known is not zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<f64>,
    /// Continues the conversation: `codex exec resume ID`.
    session: Option<codex_exec::ResumeToken>,
}

impl Report {
    pub(crate) fn new(completed: &Completed, prices: &Prices) -> anyhow::Result<Self> {
        let answer = completed.answer.as_deref();
        let answer = answer.context("the agent has not answered")?;
        let verdict = serde_json::from_str(answer).context("the answer is no verdict")?;
        let usage = completed.usage.clone();
        Ok(Self {
            verdict,
            cost: usage.as_ref().and_then(|usage| prices.cost(usage)),
            usage,
            session: completed.resume.clone(),
        })
    }
}

impl Prices {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 tokens")]
    fn cost(&self, usage: &Usage) -> Option<f64> {
        let input = self.input?;
        let cached = usage.cached_input_tokens;
        let parts = [
            (usage.input_tokens.saturating_sub(cached), input),
            (cached, self.cached.unwrap_or(input)),
            (usage.output_tokens, self.output?),
        ];
        let cost = |(tokens, price): (u64, f64)| tokens as f64 * price / 1e6;
        Some(parts.into_iter().map(cost).sum())
    }
}
