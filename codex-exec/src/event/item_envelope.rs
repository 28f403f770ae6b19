//! Reads and writes the envelope of an item: its `id`, its `type`, and the fields beside them.
//!
//! Of two fields named `id` the first belongs to the item and the second to its payload: the
//! runtime writes a `web_search` in this form.

use std::fmt;

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::envelope::decode_fields;
use super::{Item, ItemDetails, UnrecognizedItem};

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ItemVisitor)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an item: an object with an `id` and a `type`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        let mut id = None;
        let mut item_type = None;
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "id" if id.is_none() => id = Some(map.next_value::<String>()?),
                "type" if item_type.is_none() => item_type = Some(map.next_value::<String>()?),
                _ => {
                    fields.insert(key, map.next_value()?);
                }
            }
        }
        let item_type = item_type.ok_or_else(|| A::Error::missing_field("type"))?;
        Ok(Item {
            id: id.ok_or_else(|| A::Error::missing_field("id"))?,
            details: decode_details(item_type, fields)?,
        })
    }
}

fn decode_details<E: Error>(
    item_type: String,
    fields: Map<String, Value>,
) -> Result<ItemDetails, E> {
    let owner = item_type.as_str();
    Ok(match owner {
        "agent_message" => ItemDetails::AgentMessage(decode_fields(owner, fields)?),
        "reasoning" => ItemDetails::Reasoning(decode_fields(owner, fields)?),
        "command_execution" => ItemDetails::CommandExecution(decode_fields(owner, fields)?),
        "file_change" => ItemDetails::FileChange(decode_fields(owner, fields)?),
        "mcp_tool_call" => ItemDetails::McpToolCall(decode_fields(owner, fields)?),
        "collab_tool_call" => ItemDetails::CollabToolCall(decode_fields(owner, fields)?),
        "web_search" => ItemDetails::WebSearch(decode_fields(owner, fields)?),
        "todo_list" => ItemDetails::TodoList(decode_fields(owner, fields)?),
        "error" => ItemDetails::Error(decode_fields(owner, fields)?),
        _ => ItemDetails::Unrecognized(UnrecognizedItem { item_type, fields }),
    })
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.details {
            ItemDetails::AgentMessage(details) => self.write(details, serializer),
            ItemDetails::Reasoning(details) => self.write(details, serializer),
            ItemDetails::CommandExecution(details) => self.write(details, serializer),
            ItemDetails::FileChange(details) => self.write(details, serializer),
            ItemDetails::McpToolCall(details) => self.write(details, serializer),
            ItemDetails::CollabToolCall(details) => self.write(details, serializer),
            ItemDetails::WebSearch(details) => self.write(details, serializer),
            ItemDetails::TodoList(details) => self.write(details, serializer),
            ItemDetails::Error(details) => self.write(details, serializer),
            ItemDetails::Unrecognized(details) => self.write(&details.fields, serializer),
        }
    }
}

impl Item {
    fn write<T: Serialize, S: Serializer>(
        &self,
        details: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Envelope<'a, T: Serialize> {
            id: &'a str,
            #[serde(rename = "type")]
            item_type: &'a str,
            #[serde(flatten)]
            details: &'a T,
        }
        Envelope {
            id: &self.id,
            item_type: self.details.item_type(),
            details,
        }
        .serialize(serializer)
    }
}

impl ItemDetails {
    /// The value of `type`.
    pub fn item_type(&self) -> &str {
        match self {
            Self::AgentMessage(_) => "agent_message",
            Self::Reasoning(_) => "reasoning",
            Self::CommandExecution(_) => "command_execution",
            Self::FileChange(_) => "file_change",
            Self::McpToolCall(_) => "mcp_tool_call",
            Self::CollabToolCall(_) => "collab_tool_call",
            Self::WebSearch(_) => "web_search",
            Self::TodoList(_) => "todo_list",
            Self::Error(_) => "error",
            Self::Unrecognized(details) => &details.item_type,
        }
    }
}
