//! Options of the agent: model, sandbox, configuration, the form of its answer.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::ExecRunnerBuilder;
use crate::launch::Schema;
use crate::{ApprovalPolicy, Sandbox, WebSearch};

impl ExecRunnerBuilder {
    /// Sets the model, instead of the configured one.
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.choices.model = Some(model.into());
        self
    }

    /// Sets the reasoning effort, such as `low` or `high`; the available values depend on the
    /// model.
    pub fn reasoning_effort(mut self, effort: impl Into<String>) -> Self {
        self.choices.reasoning_effort = Some(effort.into());
        self
    }

    /// Sets the sandbox of the agent's commands.
    pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
        self.choices.sandbox = Some(sandbox);
        self
    }

    /// Sets the approval policy of commands.
    #[doc(alias("approve", "permission"))]
    pub fn approval_policy(mut self, policy: ApprovalPolicy) -> Self {
        self.choices.approval_policy = Some(policy);
        self
    }

    /// Allows commands to use the network, in the sandbox
    /// [`WorkspaceWrite`](Sandbox::WorkspaceWrite).
    pub fn network_access(mut self, allowed: bool) -> Self {
        self.choices.network_access = Some(allowed);
        self
    }

    /// Sets the mode of web searches; also accepts `true` and `false`.
    pub fn web_search(mut self, search: impl Into<WebSearch>) -> Self {
        self.choices.web_search = Some(search.into());
        self
    }

    /// Adds a directory beside the working directory that commands may write to.
    pub fn additional_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        self.choices.additional_folders.push(folder);
        self
    }

    /// Requires the working directory to be a git repository, or trusted. Default: not required.
    pub fn git_repo_check(mut self, checked: bool) -> Self {
        self.choices.checks_git_repository = checked;
        self
    }

    /// Selects a layer of configuration: the file `<name>.config.toml` in the runtime's home.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.choices.profile = Some(name.into());
        self
    }

    /// Classifies new sessions by their source, such as the name of the program. Sessions that are
    /// resumed keep theirs.
    pub fn thread_source(mut self, source: impl Into<String>) -> Self {
        self.choices.thread_source = Some(source.into());
        self
    }

    /// Requests a cyber access program: `standard`, `daybreak_blue` or `daybreak_red`. Experimental;
    /// only for the provider `openai`.
    pub fn cyber_access_program(mut self, program: impl Into<String>) -> Self {
        self.choices.cyber_access_program = Some(program.into());
        self
    }

    /// Overrides a value of the configuration, by its dotted key. The value is written in TOML:
    /// texts, numbers, lists and maps keep their types. Each entry of a map is an override of its own;
    /// other entries of the configuration remain. Options of this builder have precedence.
    ///
    /// ```
    /// use codex_exec::ExecRunner;
    ///
    /// let builder = ExecRunner::builder()
    ///     .config("model_verbosity", "low")
    ///     .config("features", std::collections::BTreeMap::from([("apps", false)]))
    ///     .config("sandbox_workspace_write.writable_roots", ["/var/cache"]);
    /// # drop(builder);
    /// ```
    pub fn config(mut self, key: impl Into<String>, value: impl Serialize) -> Self {
        let key = key.into();
        match toml::Value::try_from(value) {
            Ok(value) => assign(key, value, &mut self.choices.config),
            Err(error) => {
                let reason = error.to_string();
                self.invalid.get_or_insert((key, reason));
            }
        }
        self
    }

    /// Sets the JSON Schema of the answer. The model's endpoint requires `"additionalProperties":
    /// false` in every object of it.
    pub fn output_schema(mut self, schema: Value) -> Self {
        self.surroundings.schema = Some(Schema::Inline(Arc::new(schema)));
        self
    }

    /// Sets the file with the JSON Schema of the answer, relative to the working directory of this
    /// process.
    pub fn output_schema_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.surroundings.schema = Some(Schema::File(file.into()));
        self
    }
}

/// Adds the overrides of a value. The entries of a map are overrides of their own, where their keys
/// can be a part of a dotted key.
fn assign(key: String, value: toml::Value, config: &mut Vec<(String, String)>) {
    let is_plain = |name: &String| {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        !name.is_empty() && name.chars().all(is_allowed)
    };
    match value {
        toml::Value::Table(entries) if !entries.is_empty() && entries.keys().all(is_plain) => {
            for (name, value) in entries {
                assign(format!("{key}.{name}"), value, config);
            }
        }
        value => config.push((key, value.to_string())),
    }
}
