//! Moves `null` from a definition to its references.
//!
//! `"N": { "type": ["string", "null"] }` allows `null` at every reference to `N`, but a type in
//! Rust is not nullable: the fields of that type are.

use std::collections::{BTreeMap, BTreeSet};

use super::{Schema, Shape};

/// Marks every reference to a definition that allows `null`; returns the names of these
/// definitions.
pub(crate) fn resolve(definitions: &mut BTreeMap<String, Schema>) -> BTreeSet<String> {
    let mut nullable = BTreeSet::new();
    loop {
        let before = nullable.len();
        for (name, schema) in definitions.iter_mut() {
            mark(schema, &nullable);
            if std::mem::take(&mut schema.nullable) {
                nullable.insert(name.clone());
            }
        }
        if nullable.len() == before {
            return nullable;
        }
    }
}

fn mark(schema: &mut Schema, nullable: &BTreeSet<String>) {
    schema.for_each_child_mut(&mut |child| mark(child, nullable));
    schema.nullable |= match &mut schema.shape {
        Shape::Reference(name) => nullable.contains(name),
        Shape::Union(union) => {
            let mut allowed = false;
            for branch in &mut union.branches {
                allowed |= std::mem::take(&mut branch.nullable);
            }
            allowed
        }
        _ => false,
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::decode::decode;

    #[test]
    fn null_moves_to_references_through_aliases_and_unions() {
        let text = json!({ "type": ["string", "null"] });
        let alias = json!({ "$ref": "#/definitions/N" });
        let union = json!({ "anyOf": [{ "$ref": "#/definitions/A" }, { "type": "boolean" }] });
        let holder = json!({
            "type": "object",
            "properties": { "u": { "$ref": "#/definitions/U" }, "b": { "type": "boolean" } },
        });
        let definitions = [("N", text), ("A", alias), ("U", union), ("Holder", holder)];
        let mut definitions: BTreeMap<String, Schema> = definitions
            .iter()
            .map(|(name, json)| ((*name).to_owned(), decode(json, name).unwrap()))
            .collect();
        let nullable = resolve(&mut definitions);
        assert_eq!(nullable, ["A", "N", "U"].map(str::to_owned).into());
        let holder = definitions["Holder"].as_object().unwrap();
        assert!(holder.properties["u"].schema.nullable);
        assert!(!holder.properties["b"].schema.nullable);
        assert!(definitions.values().all(|schema| !schema.nullable));
    }
}
