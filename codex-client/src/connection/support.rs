//! Finds the parts of a request that are newer than the connected server.
//!
//! The tables contain the first runtimes of methods and parameters. Values and variants are not
//! checked: the runtime rejects those itself, and ignores unknown parameters.

use codex_types::registry::ParameterInfo;
use codex_types::{Method, PARAMETERS, Stability};
use semver::Version;
use serde_json::Value;

/// The facts about the method of a request, as values: what depends on them is compiled once.
pub(crate) struct Sent {
    pub(crate) method: &'static str,
    pub(crate) stability: Stability,
    /// The first runtime that has the method, and that takes it without the experimental API.
    pub(crate) since: Option<&'static str>,
    pub(crate) stable_since: Option<&'static str>,
}

impl Sent {
    pub(crate) const fn of<M: Method>() -> Self {
        Self {
            method: M::NAME,
            stability: M::STABILITY,
            since: M::SINCE,
            stable_since: M::STABLE_SINCE,
        }
    }
}

/// A part of a request that the server does not support.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// The method, or the method and the path of a parameter (`thread/list.projectId`).
    pub(crate) what: String,
    /// The first runtime that supports it.
    pub(crate) since: &'static str,
}

/// The properties of a server that the tables depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Server<'a> {
    pub(crate) version: &'a Version,
    /// True if this client uses the experimental API.
    pub(crate) experimental_api: bool,
}

impl Server<'_> {
    /// Returns the first part of the request that the server does not support.
    pub(crate) fn unknown(
        &self,
        method: &str,
        since: Option<&'static str>,
        params: &str,
    ) -> Option<Unknown> {
        if let Some(since) = since.filter(|since| self.is_older_than(since)) {
            let what = method.to_owned();
            return Some(Unknown { what, since });
        }
        let rows: Vec<_> = self.unknown_parameters(method).collect();
        if rows.is_empty() {
            return None;
        }
        // Decoded only for a server that lacks some parameter of the method.
        let params: Value = serde_json::from_str(params).ok()?;
        let (row, since) = rows
            .into_iter()
            .find(|(row, _)| is_set(&params, row.path))?;
        let path = row.path.iter().map(|name| format!(".{name}"));
        let what = format!("{method}{}", path.collect::<String>());
        Some(Unknown { what, since })
    }

    /// Returns whether the server supports a parameter of a supported method.
    pub(crate) fn knows(&self, method: &str, path: &[&str]) -> bool {
        let mut unknown = self.unknown_parameters(method);
        !unknown.any(|(row, _)| row.path == path)
    }

    fn unknown_parameters(
        &self,
        method: &str,
    ) -> impl Iterator<Item = (&'static ParameterInfo, &'static str)> {
        // The table is sorted by method.
        let start = PARAMETERS.partition_point(|row| row.method < method);
        let rows = PARAMETERS.iter().skip(start);
        let rows = rows.take_while(move |row| row.method == method);
        rows.filter_map(move |row| {
            let stable = row.stable_since.filter(|_| !self.experimental_api);
            let since = stable.or(row.since)?;
            self.is_older_than(since).then_some((row, since))
        })
    }

    fn is_older_than(&self, since: &str) -> bool {
        Version::parse(since).is_ok_and(|since| *self.version < since)
    }
}

/// Returns whether there is a value other than `null` at a path; `*` is every element.
fn is_set(value: &Value, path: &[&str]) -> bool {
    match (path.split_first(), value) {
        (None, value) => !value.is_null(),
        (Some((&"*", rest)), Value::Array(elements)) => {
            elements.iter().any(|element| is_set(element, rest))
        }
        (Some((&"*", rest)), Value::Object(map)) => map.values().any(|it| is_set(it, rest)),
        (Some((name, rest)), value) => value.get(*name).is_some_and(|it| is_set(it, rest)),
    }
}

#[cfg(test)]
mod tests {
    use codex_runtime::Pin;
    use semver::Version;
    use serde_json::{Value, json};

    use super::{PARAMETERS, Server, is_set};

    fn unknown(version: &str, method: &str, params: &Value) -> Option<(String, &'static str)> {
        let version = Version::parse(version).unwrap();
        let server = Server {
            version: &version,
            experimental_api: false,
        };
        let params = params.to_string();
        let infos = codex_types::CLIENT_METHODS;
        let since = infos.iter().find(|it| it.method == method).unwrap().since;
        let unknown = server.unknown(method, since, &params);
        unknown.map(|unknown| (unknown.what, unknown.since))
    }

    #[test]
    fn method_that_came_later() {
        let params = json!({"threadId": "t"});
        let delete = |version| unknown(version, "thread/delete", &params);
        assert_eq!(delete("0.139.0"), Some(("thread/delete".into(), "0.140.0")));
        assert_eq!(delete("0.140.0"), None);
    }

    #[test]
    fn parameter_that_came_later_is_unknown_only_if_it_is_set() {
        let list = |params: Value| unknown("0.148.0", "thread/list", &params);
        let expected = Some(("thread/list.projectId".into(), "0.149.0"));
        assert_eq!(list(json!({"projectId": "p"})), expected);
        assert_eq!(list(json!({"projectId": null, "limit": 3})), None);
        assert_eq!(
            unknown("0.149.0", "thread/list", &json!({"projectId": "p"})),
            None
        );
    }

    #[test]
    fn parameter_that_was_experimental() {
        let version = Version::new(0, 149, 0);
        let server = |experimental_api| Server {
            version: &version,
            experimental_api,
        };
        assert!(!server(false).knows("thread/resume", &["excludeTurns"]));
        assert!(server(true).knows("thread/resume", &["excludeTurns"]));
    }

    #[test]
    fn pinned_runtime_has_everything() {
        let methods = codex_types::CLIENT_METHODS.iter();
        let methods = methods.flat_map(|method| [method.since, method.stable_since]);
        let parameters = PARAMETERS.iter();
        let parameters = parameters.flat_map(|row| [row.since, row.stable_since]);
        let version = Pin::current().version();
        let sinces: Vec<&str> = methods.chain(parameters).flatten().collect();
        assert!(sinces.len() > 100);
        for since in sinces {
            assert!(Version::parse(since).unwrap() <= *version, "{since}");
        }
    }

    #[test]
    fn parameters_of_a_method_that_took_none() {
        let read = |params: Value| unknown("0.153.0", "account/rateLimits/read", &params);
        assert_eq!(read(Value::Null), None);
        assert_eq!(read(json!({})).unwrap().1, "0.154.0");
    }

    #[test]
    fn paths_lead_through_lists_and_maps() {
        let value = json!({"a": [{"b": null}, {"b": {"x": 1}}], "c": {"k": {"d": false}}});
        assert!(is_set(&value, &["a", "*", "b", "x"]));
        assert!(is_set(&value, &["c", "*", "d"]));
        assert!(!is_set(&value, &["a", "*", "c"]));
        assert!(!is_set(&value, &["a", "b"]));
    }
}
