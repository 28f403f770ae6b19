//! The JSON Schema of a type, in the form that the model's endpoint accepts.
//!
//! This file is the same in `codex-client` and in `codex-exec`, which have no dependency in common that
//! it belongs in; a test compares them.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// Returns the JSON Schema of a type in the form that the model's endpoint accepts: every object
/// lists all of its properties as required and allows no others, and keywords that the endpoint
/// rejects are omitted. An optional value has to allow `null`, which `Option` does. The type itself
/// must be an object.
pub fn output_schema<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    make_strict(&mut schema);
    schema
}

/// Returns whether the endpoint accepts the schema: the model has to return an object.
pub(crate) fn is_object(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object")
}

/// Keywords that the endpoint rejects.
const REFUSED: &[&str] = &["$schema", "default", "examples"];

fn make_strict(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            make_object_strict(object);
            for (keyword, part) in object.iter_mut() {
                match (keyword.as_str(), part) {
                    // Names of properties are no keywords.
                    ("properties" | "$defs", Value::Object(parts)) => {
                        parts.values_mut().for_each(make_strict);
                    }
                    ("enum" | "const" | "required", _) => {}
                    (_, part) => make_strict(part),
                }
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(make_strict),
        _ => {}
    }
}

fn make_object_strict(object: &mut Map<String, Value>) {
    for keyword in REFUSED {
        object.remove(*keyword);
    }
    // A reference must not have siblings.
    if object.contains_key("$ref") {
        object.retain(|keyword, _| keyword == "$ref" || keyword == "$defs");
    }
    // The endpoint supports no formats of numbers.
    if object
        .get("type")
        .is_some_and(|kind| names(kind, &["integer", "number"]))
    {
        object.remove("format");
    }
    if let Some(alternatives) = object.remove("oneOf") {
        object.insert("anyOf".to_owned(), alternatives);
    }
    if let Some(Value::Object(properties)) = object.get("properties") {
        let required = properties.keys().cloned().map(Value::String).collect();
        object.insert("required".to_owned(), Value::Array(required));
        object.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}

/// Returns whether a `type` is, or contains, one of these.
fn names(kind: &Value, names: &[&str]) -> bool {
    let is = |kind: &Value| kind.as_str().is_some_and(|kind| names.contains(&kind));
    is(kind) || kind.as_array().is_some_and(|kinds| kinds.iter().any(is))
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde_json::json;

    use super::{is_object, output_schema};

    /// A shape.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Shape {
        /// Documented, so that the reference has a sibling.
        kind: Kind,
        sides: Option<u8>,
        /// A property with the name of a keyword.
        default: String,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    enum Kind {
        Round { radius: f64 },
        Edged,
    }

    #[test]
    fn schema_has_only_supported_keywords() {
        let schema = output_schema::<Shape>();
        let object = &schema["properties"];
        assert_eq!(schema["required"], json!(["default", "kind", "sides"]));
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(
            object["kind"],
            json!({"$ref": "#/$defs/Kind"}),
            "nothing beside it"
        );
        assert_eq!(object["sides"]["type"], json!(["integer", "null"]));
        assert_eq!(object["default"]["type"], "string");
        let kind = &schema["$defs"]["Kind"];
        assert_eq!(kind.get("oneOf"), None);
        let round = kind["anyOf"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["type"] == "object");
        let round = round.unwrap();
        assert_eq!(round["additionalProperties"], false);
        let radius = &round["properties"]["Round"];
        assert_eq!(radius["required"], json!(["radius"]));
        let text = schema.to_string();
        for refused in ["$schema", "\"format\"", "oneOf"] {
            assert!(!text.contains(refused), "{refused}: {text}");
        }
    }

    #[test]
    fn only_objects_are_accepted() {
        assert!(is_object(&output_schema::<Shape>()));
        for other in [output_schema::<Kind>(), output_schema::<Vec<Shape>>()] {
            assert!(!is_object(&other), "{other}");
        }
    }
}
