//! The parameters that are newer than their method, as paths into the parameters of a request.
//!
//! Follows objects, lists and maps; not unions, whose unknown variants a runtime rejects itself.

use crate::ir::{Definition, Kind, Model, Since, Type};
use crate::protocol::{Protocol, Request};

/// A step in a path for every element of a list or map.
const ELEMENT: &str = "*";

/// The rows of the table.
pub(super) fn rows(model: &Model, protocol: &Protocol) -> Vec<String> {
    let mut rows = Vec::new();
    for request in &protocol.client_requests {
        let mut walk = Walk {
            model,
            request,
            open: Vec::new(),
            path: Vec::new(),
            rows: &mut rows,
        };
        walk.root();
    }
    rows
}

struct Walk<'a> {
    model: &'a Model,
    request: &'a Request,
    /// The definitions around the place, which stop the recursion.
    open: Vec<&'a str>,
    path: Vec<&'a str>,
    rows: &'a mut Vec<String>,
}

impl<'a> Walk<'a> {
    fn root(&mut self) {
        let name = self.request.params.type_name();
        let Some(params) = name.and_then(|name| self.model.definitions.get(name)) else {
            return;
        };
        // Skips a method that had no parameters at first.
        if params.since.first != self.request.since.first {
            self.row(&params.since);
        }
        self.definition(params);
    }

    fn definition(&mut self, definition: &'a Definition) {
        if self.open.contains(&definition.name.as_str()) {
            return;
        }
        self.open.push(&definition.name);
        match &definition.kind {
            Kind::Struct(object) => {
                for field in &object.fields {
                    self.path.push(&field.wire.0);
                    if field.since.first.is_some() || field.since.stable.is_some() {
                        self.row(&field.since);
                    }
                    self.value(&field.value);
                    self.path.pop();
                }
            }
            Kind::Alias(value) => self.value(value),
            _ => {}
        }
        self.open.pop();
    }

    fn value(&mut self, value: &'a Type) {
        match value {
            Type::Named(name) => {
                if let Some(definition) = self.model.definitions.get(name) {
                    self.definition(definition);
                }
            }
            Type::List(inner) | Type::Listing(inner) | Type::Map(inner) => {
                self.path.push(ELEMENT);
                self.value(inner);
                self.path.pop();
            }
            Type::Nullable(inner) => self.value(inner),
            _ => {}
        }
    }

    fn row(&mut self, since: &Since) {
        self.rows.push(format!(
            "ParameterInfo::new({:?}, &{:?}, {:?}, {:?})",
            self.request.method, self.path, since.first, since.stable
        ));
    }
}
