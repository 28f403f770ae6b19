//! The trace that a request belongs to, in the form of W3C Trace Context.
//!
//! Checked here, because a server never responds to a request whose trace has another type.
//! Independent of who makes traces.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde_core::ser::{Serialize, SerializeMap as _, Serializer};

#[cfg_attr(not(feature = "opentelemetry"), path = "trace/none.rs")]
mod current;

pub(crate) use current::current;

/// The trace that a request belongs to: a [W3C Trace Context](https://www.w3.org/TR/trace-context/).
/// The runtime continues it in its own spans and in its requests to the model, if its configuration has
/// a `trace_exporter` (table `otel`); otherwise it ignores the trace.
///
/// ```
/// use codex_client::TraceContext;
///
/// let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// let trace: TraceContext = header.parse()?;
/// assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
/// assert_eq!(trace.to_string(), header);
/// let trace = trace.with_state("vendor=1,other=x")?;
/// assert!("7".parse::<TraceContext>().is_err());
/// # assert_eq!(trace.state(), Some("vendor=1,other=x"));
/// # Ok::<(), codex_client::InvalidTraceContext>(())
/// ```
#[doc(alias("traceparent", "tracestate", "opentelemetry", "otel", "span"))]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TraceContext {
    /// Of version 00, and ASCII.
    parent: Arc<str>,
    state: Option<Arc<str>>,
}

/// The error of a text that is no W3C Trace Context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTraceContext {
    header: &'static str,
    problem: &'static str,
}

impl fmt::Display for InvalidTraceContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "not a W3C {}: {}", self.header, self.problem)
    }
}

impl std::error::Error for InvalidTraceContext {}

/// Length of a `traceparent` of version 00.
const PARENT_LENGTH: usize = 55;
/// Maximum length of a `tracestate`, in bytes, which every system has to keep.
const LONGEST_STATE: usize = 512;
/// Maximum number of entries of a `tracestate`.
const MOST_ENTRIES: usize = 32;

impl TraceContext {
    /// The id of the trace: 32 hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        &self.parent[3..35]
    }

    /// The id of the calling span: 16 hexadecimal digits.
    pub fn parent_id(&self) -> &str {
        &self.parent[36..52]
    }

    /// Returns whether the caller records the trace.
    pub fn is_sampled(&self) -> bool {
        u8::from_str_radix(&self.parent[53..], 16).is_ok_and(|flags| flags & 1 == 1)
    }

    /// Returns the `tracestate`, if it is set.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Sets the `tracestate`, the data of tracing systems; an empty one is not sent.
    ///
    /// # Errors
    ///
    /// Returns an error if it is no list of `key=value`, or is longer than 512 bytes.
    pub fn with_state(mut self, state: &str) -> Result<Self, InvalidTraceContext> {
        let state = state.trim_matches([' ', '\t']);
        check_state(state).map_err(|problem| InvalidTraceContext {
            header: "tracestate",
            problem,
        })?;
        self.state = Some(state.into()).filter(|_| !state.is_empty());
        Ok(self)
    }
}

/// From a `traceparent`. One of a later version is read as far as version 00 defines it, as the
/// specification has it.
impl FromStr for TraceContext {
    type Err = InvalidTraceContext;

    fn from_str(text: &str) -> Result<Self, InvalidTraceContext> {
        let rest = check_parent(text).map_err(|problem| InvalidTraceContext {
            header: "traceparent",
            problem,
        })?;
        Ok(Self {
            parent: format!("00{rest}").into(),
            state: None,
        })
    }
}

/// The `traceparent`.
impl fmt::Display for TraceContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.parent)
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TraceContext")
            .field("parent", &self.parent)
            .field("state", &self.state)
            .finish()
    }
}

/// The form of the protocol.
impl Serialize for TraceContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("traceparent", &*self.parent)?;
        if let Some(state) = &self.state {
            map.serialize_entry("tracestate", &**state)?;
        }
        map.end()
    }
}

/// Returns the part behind the version.
fn check_parent(text: &str) -> Result<&str, &'static str> {
    if !text.is_ascii() {
        return Err("it is not ASCII");
    }
    let known = text.get(..PARENT_LENGTH).ok_or("it is too short")?;
    let (version, rest) = known.split_at(2);
    if !is_hex(version) || version == "ff" {
        return Err("its version is unknown");
    }
    let more = &text[PARENT_LENGTH..];
    if !more.is_empty() && (version == "00" || !more.starts_with('-')) {
        return Err("it is too long");
    }
    let mut parts = rest.split('-');
    let is_empty = parts.next() == Some("");
    let mut part = |length: usize| {
        let part = parts.next();
        part.filter(|part| part.len() == length && is_hex(part))
    };
    match (is_empty, part(32), part(16), part(2)) {
        (true, Some(trace), Some(parent), Some(_)) if !is_zero(trace) && !is_zero(parent) => {
            Ok(rest)
        }
        (true, Some(_), Some(_), Some(_)) => Err("an id is zero"),
        _ => Err("it is not `VERSION-TRACE-PARENT-FLAGS` in lower-case hexadecimal digits"),
    }
}

fn is_hex(text: &str) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.bytes().all(is_digit)
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'0')
}

fn check_state(text: &str) -> Result<(), &'static str> {
    if text.len() > LONGEST_STATE {
        return Err("it is longer than 512 bytes");
    }
    let entries = text.split(',').map(|entry| entry.trim_matches([' ', '\t']));
    let entries: Vec<&str> = entries.filter(|entry| !entry.is_empty()).collect();
    if entries.len() > MOST_ENTRIES {
        return Err("it has more than 32 entries");
    }
    let is_entry = |entry: &&str| {
        let parts = entry.split_once('=');
        parts.is_some_and(|(key, value)| is_key(key) && is_value(value))
    };
    if entries.iter().all(is_entry) {
        Ok(())
    } else {
        Err("an entry is not `key=value`")
    }
}

fn is_key(key: &str) -> bool {
    let is_start = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_rest = |byte: u8| is_start(byte) || b"_-*/@".contains(&byte);
    key.len() <= 256 && key.bytes().next().is_some_and(is_start) && key.bytes().all(is_rest)
}

fn is_value(value: &str) -> bool {
    let is_part = |byte: u8| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=';
    (1..=256).contains(&value.len()) && value.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::TraceContext;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn parsed(text: &str) -> Result<String, String> {
        let parsed = text.parse::<TraceContext>();
        parsed.map(|it| it.to_string()).map_err(|it| it.to_string())
    }

    #[test]
    fn parts_of_a_trace() {
        let trace: TraceContext = PARENT.parse().unwrap();
        assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(trace.parent_id(), "b7ad6b7169203331");
        assert!(trace.is_sampled());
        assert_eq!(to_value(&trace).unwrap(), json!({"traceparent": PARENT}));
        let trace = trace.with_state(" a=1, b@v=x y ,").unwrap();
        let expected = json!({"traceparent": PARENT, "tracestate": "a=1, b@v=x y ,"});
        assert_eq!(to_value(&trace).unwrap(), expected);
        assert_eq!(trace.with_state("").unwrap().state(), None);
    }

    #[test]
    fn later_version_is_read_as_far_as_it_is_known() {
        assert_eq!(parsed(&PARENT.replacen("00", "cc", 1)).unwrap(), PARENT);
        let longer = format!("{}-more", PARENT.replacen("00", "cc", 1));
        assert_eq!(parsed(&longer).unwrap(), PARENT);
        assert!(parsed(&format!("{}x", PARENT.replacen("00", "cc", 1))).is_err());
    }

    #[test]
    fn other_texts_are_rejected() {
        let zero_trace = PARENT.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32));
        let zero_parent = PARENT.replace("b7ad6b7169203331", &"0".repeat(16));
        let more = format!("{PARENT}-00");
        let upper = PARENT.to_uppercase();
        let broken = PARENT.replace("-01", "-0g");
        let shifted = PARENT.replacen("-0af", "0-af", 1);
        let version = PARENT.replacen("00", "ff", 1);
        let wide = PARENT.replacen("0af", "0\u{e4}", 1);
        let split = format!("0\u{e4}{PARENT}");
        for text in [
            "",
            "7",
            "garbage",
            &zero_trace,
            &zero_parent,
            &more,
            &upper,
            &broken,
            &shifted,
            &version,
            &wide,
            &split,
        ] {
            assert!(
                parsed(text)
                    .unwrap_err()
                    .starts_with("not a W3C traceparent"),
                "{text}"
            );
        }
    }

    #[test]
    fn states_are_lists_of_entries() {
        let trace: TraceContext = PARENT.parse().unwrap();
        let long = format!("a={}", "x".repeat(511));
        let many = "k=v,".repeat(33);
        for state in [
            "a", "A=1", "a=", "=1", "a=1=2", "a=\u{e4}", "a=1\nb=2", &long, &many,
        ] {
            assert!(trace.clone().with_state(state).is_err(), "{state}");
        }
    }
}
