//! `JsonSchema` of the models, as the users of the feature see it.

use codex_types::rpc::ServerMessage;
use codex_types::{RequestId, ServerNotification, Thread, ThreadItem, TurnId};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator, schema_for};
use serde_json::{Value, json};

use crate::generated::codecs::CODECS;
use crate::recordings::{Sender, sessions};
use crate::schema::DEFINITIONS;

#[test]
fn recorded_items_are_valid() {
    let schema = schema_for!(ThreadItem).to_value();
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let mut count = 0;
    for item in recorded_items() {
        if let Err(error) = validator.validate(&item) {
            panic!("{error}: {item}");
        }
        count += 1;
    }
    assert!(count > 150, "only {count} items");
    let wrong = json!({ "type": "agentMessage", "id": 5, "text": "" });
    assert!(!validator.is_valid(&wrong));
}

fn recorded_items() -> Vec<Value> {
    let records = sessions("0.169.0").into_iter().flatten();
    let messages = records.filter(|record| record.sender == Sender::Server);
    let item = |text: &str| match ServerMessage::parse(text) {
        Ok(ServerMessage::Notification(notification)) => match notification.payload {
            ServerNotification::ItemCompleted(completed) => {
                Some(serde_json::to_value(&completed.item).expect("an item can be written"))
            }
            _ => None,
        },
        _ => None,
    };
    messages.filter_map(|record| item(&record.text)).collect()
}

/// A type of the caller with the name of a model.
mod theirs {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    pub(super) struct Turn;

    impl JsonSchema for Turn {
        fn schema_name() -> Cow<'static, str> {
            "Turn".into()
        }

        fn schema_id() -> Cow<'static, str> {
            "theirs::Turn".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({ "type": "boolean" })
        }
    }
}

#[test]
fn a_type_of_the_same_name_is_kept_apart() {
    let mut generator = SchemaGenerator::default();
    let theirs = generator.subschema_for::<theirs::Turn>();
    let _ = generator.subschema_for::<Thread>();
    assert_eq!(theirs, schemars::json_schema!({ "$ref": "#/$defs/Turn" }));
    let definitions = generator.definitions();
    assert_eq!(definitions["Turn"], json!({ "type": "boolean" }));
    let turns = &definitions["Thread"]["properties"]["turns"]["items"];
    assert_eq!(*turns, json!({ "$ref": "#/$defs/Turn2" }));
}

#[test]
fn the_settings_of_the_caller_count() {
    let mut settings = SchemaSettings::draft07();
    settings.inline_subschemas = true;
    let schema = settings
        .into_generator()
        .into_root_schema_for::<RequestId>();
    assert_eq!(
        schema.get("$schema"),
        Some(&json!("http://json-schema.org/draft-07/schema#"))
    );
    assert_eq!(
        schema.get("anyOf").and_then(Value::as_array).map(Vec::len),
        Some(2)
    );
}

#[test]
fn an_id_without_a_definition_is_a_string() {
    let schema = TurnId::json_schema(&mut SchemaGenerator::default());
    assert_eq!(schema.get("type"), Some(&json!("string")));
}

/// The largest union reaches most of the models; none of the references dangles.
#[test]
fn references_lead_somewhere() {
    let schema = schema_for!(codex_types::ThreadStartResponse).to_value();
    let definitions = schema["$defs"].as_object().expect("there are definitions");
    assert!(definitions.len() > 50, "only {}", definitions.len());
    let text = schema.to_string();
    for part in text.split("\"$ref\":\"").skip(1) {
        let reference = part.split('"').next().unwrap_or_default();
        let name = reference.trim_start_matches("#/$defs/");
        assert!(definitions.contains_key(name), "{reference}");
        assert!(DEFINITIONS.contains_key(name) || CODECS.iter().any(|codec| codec.name == name));
    }
}
