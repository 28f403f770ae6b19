//! The members of a message that JSON-RPC and this protocol do not define.

use std::fmt;

use serde_core::ser::SerializeMap;
use serde_json::{Map, Value};

use crate::support::Extra;
use crate::support::decode::{Done, Failed, Reader};
use crate::support::exact::Exact;
use crate::support::object::Bits;

/// The members of a message beside `method`, `id`, `params`, `emittedAtMs`, `result` and `error`:
/// `trace`, `jsonrpc`, or whatever else there is.
///
/// They are kept and written again as they came.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Members(Extra);

/// The bit for `params` that came as `null` where there are none.
const NULL_PARAMS: Bits = 1;

impl Members {
    /// The members, by name.
    pub fn get(&self) -> &Map<String, Value> {
        self.0.fields()
    }

    /// The members, by name, to change.
    pub fn get_mut(&mut self) -> &mut Map<String, Value> {
        self.0.fields_mut()
    }

    pub(super) fn read(&mut self, name: String, reader: &mut Reader<'_>) -> Done {
        match reader.any_exactly() {
            Ok((value, text)) => {
                self.0.keep(name, value, text);
                Ok(())
            }
            Err(Failed) => Err(reader.at_key(&name)),
        }
    }

    pub(super) fn keep(&mut self, name: &str, value: Value, text: Option<Exact>) {
        self.0.keep(name.to_owned(), value, text);
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Writes them behind the parts of a message.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    #[doc(hidden)]
    pub fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.write(map)
    }

    /// Notes that there were `params`, but no parameters.
    pub(super) fn note_null_params(&mut self) {
        self.0.note_unusual(NULL_PARAMS);
    }

    /// Returns true if the message had `params`, but no parameters.
    #[doc(hidden)]
    pub fn has_null_params(&self) -> bool {
        self.0.is_unusual(0)
    }
}

impl fmt::Debug for Members {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
