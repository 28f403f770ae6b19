//! Traits that tie the wire name of a method to its types.

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use crate::support::decode::{Decode, Done, Reader};

/// The stability in the schema of the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stability {
    /// In the stable schema.
    Stable,
    /// Only in the experimental schema: needs `capabilities.experimentalApi`.
    Experimental,
}

/// A request, by its method: what is sent, and what comes back.
pub trait Method {
    /// The name on the wire, such as `thread/start`.
    const NAME: &'static str;
    /// The stability of the method.
    const STABILITY: Stability;
    /// The first runtime that has the method; `None` if every supported one has.
    const SINCE: Option<&'static str>;
    /// The first runtime whose stable API has the method, if older ones have it as experimental.
    const STABLE_SINCE: Option<&'static str>;
    /// The parameters; [`NoParams`] for a method without any, an `Option` where they are optional.
    type Params: Serialize + DeserializeOwned;
    /// The response.
    type Response: Serialize + DeserializeOwned;
}

/// A request that a client sends.
pub trait ClientMethod: Method {}

/// A request that the server sends.
pub trait ServerMethod: Method {}

/// A notification, by its method.
pub trait NotificationMethod {
    /// The name on the wire, such as `turn/completed`.
    const NAME: &'static str;
    /// The stability of the payload's definition.
    const STABILITY: Stability;
    /// The first runtime that sends or takes it; `None` if every supported one does.
    const SINCE: Option<&'static str>;
    /// The payload.
    type Params: Serialize + DeserializeOwned;
}

/// The parameters of a method that takes none; the message has no `params`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "there is nothing to add to nothing"
)]
pub struct NoParams;

impl Serialize for NoParams {
    fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// Any value is ignored, as it is by the runtime.
impl<'de> serde_core::Deserialize<'de> for NoParams {
    fn deserialize<D: serde_core::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_core::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl Decode for NoParams {
    fn blank() -> Self {
        Self
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Done {
        reader.raw().map(|_| ())
    }
}
