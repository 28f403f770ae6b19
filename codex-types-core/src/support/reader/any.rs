//! Values that no model describes.
//!
//! Everything that is JSON can be read, also what no `Value` can hold exactly: such a part is
//! replaced by the nearest value, and noted, so that the text can be kept beside it.

use serde_json::{Map, Value};

use super::{DEPTH, Failed, Reader};
use crate::support::exact::Exact;

impl Reader<'_> {
    /// Reads any value.
    ///
    /// Deeper than the limit, which is counted from here, there is `null`; half a surrogate pair is
    /// U+FFFD; a number is the nearest that `serde_json` can hold.
    pub(crate) fn any(&mut self) -> Result<Value, Failed> {
        let around = std::mem::replace(&mut self.depth, DEPTH);
        let value = self.part();
        self.depth = around;
        value
    }

    #[inline(never)]
    fn part(&mut self) -> Result<Value, Failed> {
        match self.peek() {
            b'"' => self.any_string().map(Value::String),
            b'{' | b'[' if self.depth == 0 => {
                self.inexact = true;
                self.raw().map(|_| Value::Null)
            }
            b'{' => self.any_object().map(Value::Object),
            b'[' => self.any_list().map(Value::Array),
            b't' => self.literal("true").map(|()| Value::Bool(true)),
            b'f' => self.literal("false").map(|()| Value::Bool(false)),
            b'n' => self.literal("null").map(|()| Value::Null),
            b'-' | b'0'..=b'9' => self.number().map(Value::Number),
            _ => Err(self.syntax()),
        }
    }

    /// Reads any value, and its text where the value alone would lose something.
    pub(crate) fn any_exactly(&mut self) -> Result<(Value, Option<Exact>), Failed> {
        let before = self.take_inexact();
        let mark = self.mark();
        let value = self.any()?;
        let exact = self.take_inexact().then(|| Exact::new(self.since(mark)));
        self.inexact = before;
        Ok((value, exact))
    }

    fn any_object(&mut self) -> Result<Map<String, Value>, Failed> {
        self.open(b'{', "an object")?;
        let mut fields = Map::new();
        let mut first = true;
        while self.more(&mut first, b'}')? {
            if self.peek() != b'"' {
                return Err(self.syntax());
            }
            let name = self.any_string()?;
            if self.peek() != b':' {
                return Err(self.syntax());
            }
            self.at += 1;
            let value = self.part()?;
            fields.insert(name, value);
        }
        Ok(fields)
    }

    fn any_list(&mut self) -> Result<Vec<Value>, Failed> {
        self.open(b'[', "an array")?;
        let mut items = Vec::new();
        let mut first = true;
        while self.more(&mut first, b']')? {
            items.push(self.part()?);
        }
        Ok(items)
    }
}
