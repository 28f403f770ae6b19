//! The runtime's configuration: quiet, with the mock model as its only provider.

use serde_json::{Value, json};

use super::HarnessError;
use crate::MockResponses;

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) model: String,
    pub(super) requires_openai_auth: bool,
    pub(super) request_max_retries: u32,
    pub(super) stream_max_retries: u32,
    /// TOML documents, merged over the rest in this order.
    pub(super) extra: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: "mock-model".to_owned(),
            requires_openai_auth: false,
            request_max_retries: 0,
            stream_max_retries: 0,
            extra: Vec::new(),
        }
    }
}

/// The text of `config.toml`.
pub(super) fn render(settings: &Settings, model: &MockResponses) -> Result<String, HarnessError> {
    let mut config = quiet(settings, &model.base_url());
    for extra in &settings.extra {
        merge(&mut config, toml::from_str(extra).map_err(invalid)?);
    }
    toml::to_string(&config).map_err(invalid)
}

/// With the default configuration the runtime fetches plugins, asks for updates, reports
/// analytics and talks to the vendor's backend as soon as it starts.
fn quiet(settings: &Settings, base_url: &str) -> Value {
    json!({
        "model": settings.model,
        "model_provider": "mock",
        "approval_policy": "never",
        "sandbox_mode": "read-only",
        "check_for_update_on_startup": false,
        "chatgpt_base_url": format!("{base_url}/backend-api/"),
        // Never the user's keyring.
        "cli_auth_credentials_store": "file",
        "mcp_oauth_credentials_store": "file",
        "analytics": { "enabled": false },
        "features": { "apps": false, "plugins": false, "remote_plugin": false },
        "model_providers": {
            "mock": {
                "name": "Mock model",
                "base_url": base_url,
                "wire_api": "responses",
                "request_max_retries": settings.request_max_retries,
                "stream_max_retries": settings.stream_max_retries,
                "requires_openai_auth": settings.requires_openai_auth,
            },
        },
    })
}

/// Tables are merged, everything else is replaced.
fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over,
    }
}

fn invalid(error: impl std::fmt::Display) -> HarnessError {
    HarnessError::Config {
        reason: error.to_string().trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(settings: &Settings) -> Value {
        let model = MockResponses::start().unwrap();
        toml::from_str(&render(settings, &model).unwrap()).unwrap()
    }

    #[test]
    fn settings_reach_the_file() {
        let config = rendered(&Settings {
            model: "a \"quoted\" model".to_owned(),
            requires_openai_auth: true,
            request_max_retries: 2,
            stream_max_retries: 3,
            extra: Vec::new(),
        });
        assert_eq!(config["model"], "a \"quoted\" model");
        let provider = &config["model_providers"]["mock"];
        assert_eq!(provider["requires_openai_auth"], true);
        assert_eq!(provider["request_max_retries"], 2);
        assert_eq!(provider["stream_max_retries"], 3);
    }

    #[test]
    fn extra_tables_are_merged_and_later_ones_win() {
        let config = rendered(&Settings {
            extra: vec![
                "model = \"first\"\n[features]\ngoals = true".to_owned(),
                "model = \"second\"".to_owned(),
            ],
            ..Settings::default()
        });
        assert_eq!(config["model"], "second");
        assert_eq!(config["features"]["goals"], true);
        assert_eq!(config["features"]["plugins"], false);
    }

    #[test]
    fn malformed_toml_is_reported() {
        let model = MockResponses::start().unwrap();
        let settings = Settings {
            extra: vec!["model =".to_owned()],
            ..Settings::default()
        };
        let error = render(&settings, &model).unwrap_err().to_string();
        assert!(error.starts_with("the extra configuration is not valid TOML: "));
    }
}
