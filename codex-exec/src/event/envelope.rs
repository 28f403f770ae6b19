//! Reads and writes the envelope of an event: its `type`, and the payload beside it.

use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{SerializeMap as _, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Item, ItemEvent, RawEvent, UnrecognizedEvent};

impl<'de> Deserialize<'de> for RawEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EventVisitor)
    }
}

/// An event before its type is interpreted. The item is read directly from the line: going through
/// [`Value`] would lose the first of two fields with the same name.
struct Parts {
    event_type: String,
    item: Option<Item>,
    fields: Map<String, Value>,
}

struct EventVisitor;

impl<'de> Visitor<'de> for EventVisitor {
    type Value = RawEvent;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an event: an object with a `type`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut event_type = None;
        let mut item = None;
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => event_type = Some(map.next_value::<String>()?),
                // The type comes first. If it does not, or is unknown, the item is kept like any
                // other field.
                "item" if is_about_item(event_type.as_deref()) => item = Some(map.next_value()?),
                _ => {
                    fields.insert(key, map.next_value()?);
                }
            }
        }
        Parts {
            event_type: event_type.ok_or_else(|| A::Error::missing_field("type"))?,
            item,
            fields,
        }
        .into_event()
    }
}

fn is_about_item(event_type: Option<&str>) -> bool {
    matches!(
        event_type,
        Some("item.started" | "item.updated" | "item.completed")
    )
}

impl Parts {
    fn into_event<E: Error>(self) -> Result<RawEvent, E> {
        Ok(match self.event_type.as_str() {
            "thread.started" => RawEvent::ThreadStarted(self.payload()?),
            "turn.started" => RawEvent::TurnStarted(self.payload()?),
            "turn.completed" => RawEvent::TurnCompleted(self.payload()?),
            "turn.failed" => RawEvent::TurnFailed(self.payload()?),
            "item.started" => RawEvent::ItemStarted(self.item_event()?),
            "item.updated" => RawEvent::ItemUpdated(self.item_event()?),
            "item.completed" => RawEvent::ItemCompleted(self.item_event()?),
            "error" => RawEvent::Error(self.payload()?),
            _ => RawEvent::Unrecognized(UnrecognizedEvent {
                event_type: self.event_type,
                fields: self.fields,
            }),
        })
    }

    fn payload<T: DeserializeOwned, E: Error>(self) -> Result<T, E> {
        decode_fields(&self.event_type, self.fields)
    }

    fn item_event<E: Error>(mut self) -> Result<ItemEvent, E> {
        let item = match (self.item, self.fields.remove("item")) {
            (Some(item), _) => item,
            (None, Some(value)) => decode_value(&self.event_type, value)?,
            (None, None) => {
                let event_type = self.event_type;
                return Err(E::custom(format_args!(
                    "{event_type}: missing field `item`"
                )));
            }
        };
        Ok(ItemEvent {
            item,
            extra: self.fields,
        })
    }
}

/// Reads a payload; the error message names its type.
pub(super) fn decode_fields<T: DeserializeOwned, E: Error>(
    owner: &str,
    fields: Map<String, Value>,
) -> Result<T, E> {
    decode_value(owner, Value::Object(fields))
}

fn decode_value<T: DeserializeOwned, E: Error>(owner: &str, value: Value) -> Result<T, E> {
    serde_json::from_value(value).map_err(|error| E::custom(format_args!("{owner}: {error}")))
}

impl Serialize for RawEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::ThreadStarted(payload) => tagged("thread.started", payload, serializer),
            Self::TurnStarted(payload) => tagged("turn.started", payload, serializer),
            Self::TurnCompleted(payload) => tagged("turn.completed", payload, serializer),
            Self::TurnFailed(payload) => tagged("turn.failed", payload, serializer),
            Self::ItemStarted(event) => tagged_item("item.started", event, serializer),
            Self::ItemUpdated(event) => tagged_item("item.updated", event, serializer),
            Self::ItemCompleted(event) => tagged_item("item.completed", event, serializer),
            Self::Error(payload) => tagged("error", payload, serializer),
            Self::Unrecognized(event) => event.serialize(serializer),
        }
    }
}

impl Serialize for UnrecognizedEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        tagged(&self.event_type, &self.fields, serializer)
    }
}

/// The payload's fields, after the type.
#[derive(Serialize)]
struct Tagged<'a, T: Serialize> {
    #[serde(rename = "type")]
    event_type: &'a str,
    #[serde(flatten)]
    payload: &'a T,
}

fn tagged<T: Serialize, S: Serializer>(
    event_type: &str,
    payload: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Tagged {
        event_type,
        payload,
    }
    .serialize(serializer)
}

fn tagged_item<S: Serializer>(
    event_type: &str,
    event: &ItemEvent,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("type", event_type)?;
    map.serialize_entry("item", &event.item)?;
    for (name, value) in &event.extra {
        map.serialize_entry(name, value)?;
    }
    map.end()
}
