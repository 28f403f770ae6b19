//! Finds the ids in a message that cannot be read.
//!
//! A message belongs to a thread and a turn even if something in it is malformed, and a turn ends
//! even if its last message is. So the ids are found by a scan of brackets and strings only: the
//! rest of the line may be cut off, nested without end, or no JSON at all.

use std::borrow::Cow;

use crate::RequestId;

/// The ids that a message names, as far as they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ids<'a> {
    /// `threadId`, or the `id` of the `thread`.
    pub thread: Option<Cow<'a, str>>,
    /// `turnId`, or the `id` of the `turn`.
    pub turn: Option<Cow<'a, str>>,
    /// `itemId`, or the `id` of the `item`.
    pub item: Option<Cow<'a, str>>,
    /// `loginId`.
    pub login: Option<Cow<'a, str>>,
    /// `processId`.
    pub process: Option<Cow<'a, str>>,
    /// `requestId`, the id of another request.
    pub request: Option<RequestId>,
}

impl<'a> Ids<'a> {
    /// Finds the ids in the parameters of one message, which is given as it came.
    pub fn find(message: &'a str) -> Self {
        Found::in_message(message).ids()
    }

    /// The same ids by themselves.
    pub fn into_owned(self) -> Ids<'static> {
        let owned = |id: Option<Cow<'a, str>>| id.map(|id| Cow::Owned(id.into_owned()));
        Ids {
            thread: owned(self.thread),
            turn: owned(self.turn),
            item: owned(self.item),
            login: owned(self.login),
            process: owned(self.process),
            request: self.request,
        }
    }

    /// Finds the ids in parameters alone.
    pub(super) fn in_params(params: &'a str) -> Self {
        let mut found = Found::default();
        Scan::new(params, &[Some("params")]).run(&mut found);
        found.ids()
    }
}

/// The findings of a scan.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) method: Option<Cow<'a, str>>,
    /// The beginning of the method, when the message was cut off within it.
    pub(super) cut_method: Option<&'a str>,
    pub(super) id: Option<RequestId>,
    /// There is a result or an error, and no method, be it malformed.
    pub(super) is_response: bool,
    is_call: bool,
    /// Ids that the parameters name.
    named: Ids<'a>,
    /// Ids of the things that the parameters hold.
    held: Ids<'a>,
}

impl<'a> Found<'a> {
    pub(super) fn in_message(message: &'a str) -> Self {
        let mut found = Self::default();
        Scan::new(message, &[]).run(&mut found);
        found
    }

    /// Notes a key of the message itself.
    fn note_key(&mut self, key: &str) {
        self.is_call |= key == "method";
        self.is_response |= matches!(key, "result" | "error");
        self.is_response &= !self.is_call;
    }

    pub(super) fn ids(self) -> Ids<'a> {
        Ids {
            thread: self.named.thread.or(self.held.thread),
            turn: self.named.turn.or(self.held.turn),
            item: self.named.item.or(self.held.item),
            ..self.named
        }
    }

    /// Takes a value at a path of keys; of duplicate keys the last one counts.
    fn take(&mut self, path: &[Option<&str>], value: &'a str) {
        match path {
            [Some("method")] => self.method = string(value),
            [Some("id")] => self.id = request_id(value),
            [Some("params"), Some(name)] => match *name {
                "threadId" => self.named.thread = string(value),
                "turnId" => self.named.turn = string(value),
                "itemId" => self.named.item = string(value),
                "loginId" => self.named.login = string(value),
                "processId" => self.named.process = string(value),
                "requestId" => self.named.request = request_id(value),
                _ => {}
            },
            [Some("params"), Some(name), Some("id")] => match *name {
                "thread" => self.held.thread = string(value),
                "turn" => self.held.turn = string(value),
                "item" => self.held.item = string(value),
                _ => {}
            },
            _ => {}
        }
    }
}

/// The text of a string without its quotes, or of anything else.
fn string(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    // An id with something else in the place of what was there is none.
    if inner.contains('\u{fffd}') {
        return None;
    }
    if inner.contains('\\') {
        return serde_json::from_str(value).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

fn request_id(value: &str) -> Option<RequestId> {
    match string(value) {
        Some(text) => Some(RequestId::String(text.into_owned())),
        None => value.parse().ok().map(RequestId::Integer),
    }
}

/// Nothing that is looked for is deeper.
const LEVELS: usize = 3;

/// Walks over brackets, strings and what is between them.
struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// The number of open brackets.
    depth: usize,
    /// The last key at each level.
    keys: [Option<&'a str>; LEVELS],
}

impl<'a> Scan<'a> {
    /// Begins below the given keys.
    fn new(text: &'a str, path: &[Option<&'a str>]) -> Self {
        let mut keys = [None; LEVELS];
        for (key, given) in keys.iter_mut().zip(path) {
            *key = *given;
        }
        Self {
            text,
            at: 0,
            depth: path.len(),
            keys,
        }
    }

    fn run(mut self, found: &mut Found<'a>) {
        while let Some(byte) = self.byte(self.at) {
            let start = self.at;
            match byte {
                b'{' | b'[' => self.open(),
                b'}' | b']' => self.close(),
                b',' => self.next_member(),
                b'"' => match self.string_end() {
                    Some(end) => self.string(start, end, found),
                    None => return self.cut(found),
                },
                b'-' | b'0'..=b'9' => {
                    self.at = self.word_end();
                    self.value(start, found);
                }
                _ => self.at += 1,
            }
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn open(&mut self) {
        self.at += 1;
        if let Some(key) = self.keys.get_mut(self.depth) {
            *key = None;
        }
        self.depth += 1;
    }

    fn close(&mut self) {
        self.at += 1;
        self.depth = self.depth.saturating_sub(1);
    }

    /// Ends the value of the last key.
    fn next_member(&mut self) {
        self.at += 1;
        let level = self.depth.checked_sub(1);
        if let Some(key) = level.and_then(|level| self.keys.get_mut(level)) {
            *key = None;
        }
    }

    /// Takes a string that the message was cut off in.
    fn cut(&self, found: &mut Found<'a>) {
        if self.keys.get(..self.depth) == Some(&[Some("method")]) {
            found.cut_method = self.text.get(self.at + 1..);
        }
    }

    /// Behind the string that begins here.
    fn string_end(&self) -> Option<usize> {
        let mut at = self.at + 1;
        loop {
            match self.byte(at)? {
                b'"' => return Some(at + 1),
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
    }

    fn word_end(&self) -> usize {
        let mut at = self.at;
        while let Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'e' | b'E') = self.byte(at) {
            at += 1;
        }
        at
    }

    /// Takes a string: a key, if a colon follows.
    fn string(&mut self, start: usize, end: usize, found: &mut Found<'a>) {
        self.at = end;
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte(self.at) {
            self.at += 1;
        }
        if self.byte(self.at) != Some(b':') {
            self.at = end;
            return self.value(start, found);
        }
        self.at += 1;
        let level = self.depth.checked_sub(1);
        if let Some(key) = level.and_then(|level| self.keys.get_mut(level)) {
            *key = self.text.get(start + 1..end - 1);
        }
        if let (0, Some(key)) = (self.depth.saturating_sub(1), self.keys[0]) {
            found.note_key(key);
        }
    }

    /// Takes the value that ends here.
    fn value(&mut self, start: usize, found: &mut Found<'a>) {
        let path = self.keys.get(..self.depth);
        if let (Some(path), Some(value)) = (path, self.text.get(start..self.at)) {
            found.take(path, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(message: &str) -> String {
        let ids = Ids::find(message);
        let texts = [ids.thread, ids.turn, ids.item, ids.login];
        let texts: Vec<_> = texts
            .iter()
            .map(|id| id.as_deref().unwrap_or("-"))
            .collect();
        texts.join(" ")
    }

    #[test]
    fn ids_are_found_beside_anything() {
        for fault in [
            r#""\ud83d""#,
            "1e999",
            r#""\q""#,
            "t",
            "[1,,2]",
            r#""}]""#,
            r#"{"threadId":"x","turn":{"id":"x"}}"#,
            r#"["threadId","x"]"#,
            &("[".repeat(500) + &"]".repeat(500)),
        ] {
            for message in [
                format!(
                    r#"{{"method":"m","params":{{"a":{fault},"threadId":"t","turn":{{"b":{fault},"id":"u"}},"itemId":"i"}}}}"#
                ),
                format!(
                    r#"{{"params" : {{"itemId": "i", "turn": {{"id": "u", "a": {fault}}}, "thread": {{"id": "t"}}}}, "method": "m"}}"#
                ),
                format!(
                    r#"{{"x":{fault},"params":{{"item":{{"id":"i"}},"turnId":"u","threadId":"t","z":{fault}"#
                ),
            ] {
                assert_eq!(ids(&message), "t u i -", "{message}");
            }
        }
    }

    #[test]
    fn only_what_names_a_thing_counts() {
        assert_eq!(
            ids(r#"{"params":{"deep":{"threadId":"x"},"list":[{"threadId":"x"}]}}"#),
            "- - - -"
        );
        assert_eq!(
            ids(r#"{"threadId":"x","params":["threadId","x"]}"#),
            "- - - -"
        );
        assert_eq!(
            ids(r#"{"params":{"turn":{"id":"held"},"turnId":"named"}}"#),
            "- named - -"
        );
        assert_eq!(
            ids(r#"{"params":{"threadId":"a","threadId":"\u0062"}}"#),
            "b - - -"
        );
        assert_eq!(
            ids(r#"{"params":{"loginId":"l","threadId":5,"turnId":null}}"#),
            "- - - l"
        );
        assert_eq!(ids(r#"{"params":{"threadId":"cut"#), "- - - -");
        assert_eq!(ids(""), "- - - -");
    }

    #[test]
    fn key_without_a_value_is_none() {
        let found = Found::in_message(r#"{"method":"m","params":{"threadId":"t","turnId""#);
        assert_eq!(found.method.as_deref(), Some("m"));
        let ids = found.ids();
        assert_eq!((ids.thread.as_deref(), ids.turn), (Some("t"), None));
        let found = Found::in_message(r#"{"method":"m","params""#);
        assert_eq!(found.method.as_deref(), Some("m"));
    }

    #[test]
    fn cut_method_is_noted() {
        assert_eq!(
            Found::in_message(r#"{"method":"turn/co"#).cut_method,
            Some("turn/co")
        );
        assert_eq!(Found::in_message(r#"{"x":"turn/co"#).cut_method, None);
        assert_eq!(
            Found::in_message(r#"{"a":{"method":"turn/co"#).cut_method,
            None
        );
    }

    #[test]
    fn method_and_id_are_found() {
        let found = Found::in_message(
            r#"{"id":7,"method":"a\/b","params":{"id":1,"method":"x","requestId":"r""#,
        );
        assert_eq!(found.method.as_deref(), Some("a/b"));
        assert_eq!(found.id, Some(RequestId::Integer(7)));
        assert_eq!(found.ids().request, Some(RequestId::String("r".to_owned())));
    }
}
