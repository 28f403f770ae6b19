//! Overrides of the configuration, for one thread.

use std::collections::BTreeMap;
use std::fmt;

use codex_types::Field;
use serde_json::{Map, Value};

/// Overrides of the configuration for one thread: values by key. Keys may be dotted.
///
/// Converts from a JSON object, from a map and from pairs:
///
/// ```
/// use codex_client::ConfigOverrides;
/// use serde_json::json;
///
/// let object = ConfigOverrides::from(json!({"model_verbosity": "low", "tools.view_image": false}));
/// let pairs = ConfigOverrides::from([("model_verbosity", json!("low")), ("tools.view_image", json!(false))]);
/// assert_eq!(object, pairs);
/// ```
///
/// Any other JSON is rejected with [`Error::InvalidArgument`](crate::Error::InvalidArgument) when
/// the request is sent. `Debug` shows the keys only: values may be secret.
#[derive(Clone, PartialEq)]
pub struct ConfigOverrides(Result<BTreeMap<String, Value>, &'static str>);

impl From<Value> for ConfigOverrides {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(object) => object.into(),
            Value::Null => Self(Err("`config` is null instead of an object")),
            Value::Bool(_) => Self(Err("`config` is a boolean instead of an object")),
            Value::Number(_) => Self(Err("`config` is a number instead of an object")),
            Value::String(_) => Self(Err("`config` is a string instead of an object")),
            Value::Array(_) => Self(Err("`config` is an array instead of an object")),
        }
    }
}

impl From<Map<String, Value>> for ConfigOverrides {
    fn from(object: Map<String, Value>) -> Self {
        object.into_iter().collect()
    }
}

impl From<BTreeMap<String, Value>> for ConfigOverrides {
    fn from(map: BTreeMap<String, Value>) -> Self {
        Self(Ok(map))
    }
}

impl<K: Into<String>, V: Into<Value>, const N: usize> From<[(K, V); N]> for ConfigOverrides {
    fn from(pairs: [(K, V); N]) -> Self {
        pairs.into_iter().collect()
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for ConfigOverrides {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        let mut map = BTreeMap::new();
        map.extend(pairs.map(|(key, value)| (key.into(), value.into())));
        Self(Ok(map))
    }
}

impl ConfigOverrides {
    /// Adds the overrides to those of a request. A repeated key has its last value.
    pub(crate) fn add_to(
        self,
        config: &mut Field<BTreeMap<String, Value>>,
    ) -> Result<(), &'static str> {
        let overrides = self.0?;
        match config {
            Field::Value(config) => config.extend(overrides),
            _ => *config = Field::Value(overrides),
        }
        Ok(())
    }
}

impl fmt::Debug for ConfigOverrides {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(overrides) => formatter.debug_set().entries(overrides.keys()).finish(),
            Err(problem) => formatter.write_str(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use codex_types::Field;
    use serde_json::{Value, json};

    use super::ConfigOverrides;

    #[test]
    fn repeated_overrides_add_up() {
        let mut config = Field::Absent;
        let first = json!({"model_verbosity": "low", "a.b": {"c": [1]}});
        ConfigOverrides::from(first).add_to(&mut config).unwrap();
        let second = [("model_verbosity", "high")];
        ConfigOverrides::from(second).add_to(&mut config).unwrap();
        let expected = json!({"model_verbosity": "high", "a.b": {"c": [1]}});
        assert_eq!(serde_json::to_value(config.as_option()).unwrap(), expected);
    }

    #[test]
    fn other_json_is_rejected() {
        for other in [
            json!(null),
            json!(true),
            json!(1),
            json!("a=1"),
            json!([["a", 1]]),
        ] {
            let mut config: Field<BTreeMap<String, Value>> = Field::Absent;
            let problem = ConfigOverrides::from(other)
                .add_to(&mut config)
                .unwrap_err();
            assert!(problem.ends_with(" instead of an object"), "{problem}");
            assert_eq!(config, Field::Absent);
        }
    }

    #[test]
    fn debug_hides_values() {
        let overrides = ConfigOverrides::from([("experimental_bearer_token", "hunter2")]);
        assert_eq!(format!("{overrides:?}"), r#"{"experimental_bearer_token"}"#);
    }
}
