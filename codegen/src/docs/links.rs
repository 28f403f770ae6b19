//! Turns the names of types and methods in texts into links.
//!
//! Code such as `` `thread/start` `` or `` `ThreadItem` `` becomes a link wherever its target is in
//! scope: the core of the models lacks types that only clients send and the markers of methods.
//! Targets are relative to a scope with everything of `codex_types`, which applies to all generated
//! files of the models and of the client.

use std::collections::{BTreeMap, BTreeSet};

use crate::ir::Model;
use crate::protocol::Protocol;

/// The crate of a text, which determines the possible links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the core of the models.
    Core,
    /// Anywhere else.
    Outside,
}

/// The direction and kind of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    ClientRequest,
    ServerRequest,
    ServerNotification,
    ClientNotification,
}

/// Everything that can be linked.
#[derive(Debug)]
pub(crate) struct Links {
    core: BTreeSet<String>,
    types: BTreeSet<String>,
    /// The direction of a method, and its name in Rust.
    methods: BTreeMap<String, (Direction, String)>,
}

impl Links {
    pub(super) fn new(model: &Model, protocol: &Protocol, core: BTreeSet<String>) -> Self {
        let client = protocol.client_requests.iter();
        let server = protocol.server_requests.iter();
        let told = protocol.server_notifications.iter();
        let said = protocol.client_notifications.iter();
        let mut methods = BTreeMap::new();
        methods.extend(client.map(|it| {
            (
                it.method.clone(),
                (Direction::ClientRequest, it.name.clone()),
            )
        }));
        methods.extend(server.map(|it| {
            (
                it.method.clone(),
                (Direction::ServerRequest, it.name.clone()),
            )
        }));
        methods.extend(told.map(|it| {
            (
                it.method.clone(),
                (Direction::ServerNotification, it.name.clone()),
            )
        }));
        methods.extend(said.map(|it| {
            (
                it.method.clone(),
                (Direction::ClientNotification, it.name.clone()),
            )
        }));
        Self {
            core,
            types: model.definitions.keys().cloned().collect(),
            methods,
        }
    }

    /// The crate of a type's text.
    pub(crate) fn place(&self, type_name: &str) -> Place {
        if self.core.contains(type_name) {
            Place::Core
        } else {
            Place::Outside
        }
    }

    /// A method, as a link if possible.
    pub(crate) fn method(&self, method: &str, place: Place) -> String {
        match self.method_target(method, place) {
            Some(target) => format!("[`{method}`]({target})"),
            None => format!("`{method}`"),
        }
    }

    /// A type, as a link if possible.
    pub(crate) fn type_name(&self, name: &str, place: Place) -> String {
        if self.can_name(name, place) {
            format!("[`{name}`]")
        } else {
            format!("`{name}`")
        }
    }

    /// A member of a type, as a link if possible: `kind` is rustdoc's term for such a member.
    pub(super) fn member(&self, owner: &str, kind: &str, member: &str, place: Place) -> String {
        let label = format!("`{owner}::{member}`");
        if self.can_name(owner, place) {
            format!("[{label}]({owner}#{kind}.{member})")
        } else {
            label
        }
    }

    /// Links the names in a text, except `own`.
    pub(crate) fn link(&self, text: &str, own: &str, place: Place) -> String {
        let mut linked = String::new();
        let mut is_fenced = false;
        for (index, line) in text.lines().enumerate() {
            if index > 0 {
                linked.push('\n');
            }
            if line.trim_start().starts_with("```") {
                is_fenced = !is_fenced;
            }
            if is_fenced || line.trim_start().starts_with("```") {
                linked.push_str(line);
            } else {
                self.link_line(line, own, place, &mut linked);
            }
        }
        linked
    }

    fn link_line(&self, line: &str, own: &str, place: Place, linked: &mut String) {
        let spans: Vec<&str> = line.split('`').collect();
        let last = spans.len() - 1;
        for (index, span) in spans.iter().enumerate() {
            let is_code = index % 2 == 1 && index < last;
            // Code that is already a link stays unchanged.
            let is_linked = is_code && spans[index - 1].ends_with('[');
            match (is_code, is_linked) {
                (true, false) if *span != own => linked.push_str(&self.code(span, place)),
                (true, _) => linked.extend(["`", span, "`"]),
                // The last of an odd number of backticks opens no code span.
                (false, _) if index % 2 == 1 => linked.extend(["`", span]),
                (false, _) => linked.push_str(span),
            }
        }
    }

    fn code(&self, span: &str, place: Place) -> String {
        if self.types.contains(span) {
            self.type_name(span, place)
        } else if self.methods.contains_key(span) {
            self.method(span, place)
        } else {
            format!("`{span}`")
        }
    }

    fn can_name(&self, type_name: &str, place: Place) -> bool {
        match place {
            Place::Core => self.core.contains(type_name),
            Place::Outside => self.types.contains(type_name),
        }
    }

    fn method_target(&self, method: &str, place: Place) -> Option<String> {
        let (direction, name) = self.methods.get(method)?;
        match (direction, place) {
            (Direction::ServerNotification, Place::Core) => {
                Some(format!("ServerNotification::{name}"))
            }
            (Direction::ServerRequest, Place::Core) => Some(format!("ServerRequest::{name}")),
            (_, Place::Core) => None,
            (Direction::ClientRequest | Direction::ServerRequest, Place::Outside) => {
                Some(format!("methods::{name}"))
            }
            (_, Place::Outside) => Some(format!("notifications::{name}")),
        }
    }
}
