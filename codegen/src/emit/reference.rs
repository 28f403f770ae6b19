//! The reference of the protocol: a page for each domain, with its messages and types.
//!
//! A page is a documentation module whose text lists the messages, and which re-exports the types.
//! A reviewed list assigns files of types to domains; a message belongs to the domain of its
//! parameters or its response.

use super::TYPES;
use crate::builders::{Origin, Resolved};
use crate::docs::{Documented, Domain, Place, first_sentence};
use crate::ir::Model;
use crate::names::snake_case;
use crate::protocol::{Notification, Protocol, Request};
use crate::render::{Source, doc_lines};
use crate::{Error, FileTree};

/// The contents of all pages.
struct Reference<'a> {
    model: &'a Model,
    protocol: &'a Protocol,
    builders: &'a [Resolved<'a>],
    documented: &'a Documented,
}

/// The page of messages without types.
const CONNECTION: &str = "connection";

pub(super) fn emit(
    model: &Model,
    protocol: &Protocol,
    builders: &[Resolved<'_>],
    documented: &Documented,
    tree: &mut FileTree,
) -> Result<(), Error> {
    let reference = Reference {
        model,
        protocol,
        builders,
        documented,
    };
    reference.require_all()?;
    let mut source = Source::new(INDEX);
    let domains = &documented.overlay.domains;
    let links = domains.iter().map(|domain| {
        let about = first_sentence(&domain.about);
        format!("//! - [`{}`]: {}.\n", domain.name, about.replace('\n', " "))
    });
    source.amend_docs(&links.collect::<String>());
    source.raw("use crate::*;\n\n");
    for domain in domains {
        source.raw(&reference.page(domain));
    }
    tree.insert(format!("{TYPES}/protocol.rs"), source.finish());
    Ok(())
}

const INDEX: &str = "The protocol by domain: requests, notifications and their types.
//!
//! All items are also at the root of the crate; these modules group them. Each page lists the
//! requests of the client with their parameters, response and the notifications they cause, then
//! the requests of the server, and the notifications. Items marked as experimental need the
//! capability `experimentalApi`.
//!";

impl Reference<'_> {
    /// Every file of types must be on a page.
    fn require_all(&self) -> Result<(), Error> {
        let domains = &self.documented.overlay.domains;
        let is_on_a_page = |module: &String| domains.iter().any(|it| it.modules.contains(module));
        let definitions = self.model.definitions.values();
        let mut modules = definitions.map(|definition| &definition.module);
        match modules.find(|module| !is_on_a_page(module)) {
            None => Ok(()),
            Some(module) => Err(Error::schema(
                format!("codegen/docs/domains.toml: {module}"),
                "no page has these types; add the module to one",
            )),
        }
    }

    fn page(&self, domain: &Domain) -> String {
        let text = [
            domain.about.clone(),
            self.client_requests(domain),
            self.server_requests(domain),
            self.notifications(domain),
        ];
        let text: Vec<String> = text.into_iter().filter(|it| !it.is_empty()).collect();
        let text = self
            .documented
            .links
            .link(&text.join("\n\n"), "", Place::Outside);
        let definitions = self.model.definitions.values();
        let names = definitions.filter(|it| domain.modules.contains(&it.module));
        let names: Vec<String> = names.map(|it| format!("        {},\n", it.name)).collect();
        let types = match names.concat() {
            names if names.is_empty() => String::new(),
            names => format!("    #[doc(inline)]\n    pub use crate::{{\n{names}    }};\n"),
        };
        let docs = doc_lines(&text, "");
        format!("{docs}pub mod {} {{\n{types}}}\n\n", domain.name)
    }

    fn client_requests(&self, domain: &Domain) -> String {
        let requests = self.protocol.client_requests.iter();
        let requests =
            requests.filter(|it| self.is_of(domain, it.params.type_name(), &it.response));
        let entries = requests.map(|request| {
            let events = self.documented.overlay.events.get(&request.method);
            let events = events.map(|events| {
                let events: Vec<_> = events.iter().map(|event| format!("`{event}`")).collect();
                format!("Causes {}.", events.join(", "))
            });
            let calls = format!("In the client: {}.", self.calls(request));
            let rest: Vec<String> = events.into_iter().chain([calls]).collect();
            request_entry(request, &rest.join(" "))
        });
        section("Requests of the client", &entries.collect::<Vec<_>>())
    }

    fn server_requests(&self, domain: &Domain) -> String {
        let requests = self.protocol.server_requests.iter();
        let requests =
            requests.filter(|it| self.is_of(domain, it.params.type_name(), &it.response));
        let entries = requests.map(|request| {
            let handler = snake_case(&request.name);
            let rest = format!("In the client: `ServerRequestHandler::{handler}`.");
            request_entry(request, &rest)
        });
        section("Requests of the server", &entries.collect::<Vec<_>>())
    }

    fn notifications(&self, domain: &Domain) -> String {
        let notifications = self.protocol.server_notifications.iter();
        let notifications = notifications.chain(&self.protocol.client_notifications);
        let notifications =
            notifications.filter(|it| self.is_of(domain, it.params.type_name(), ""));
        section(
            "Notifications",
            &notifications.map(notification_entry).collect::<Vec<_>>(),
        )
    }

    /// The functions and builders of the client that send a request.
    fn calls(&self, request: &Request) -> String {
        let call = format!("`Client::{}`", snake_case(&request.name));
        let builders = self.builders.iter();
        let builders = builders.filter(|it| it.request.method == request.method);
        let builders = builders.map(|it| match it.builder.origin {
            Origin::Codex(function) => format!("`Codex::{function}`"),
            Origin::Thread(function) => format!("`codex_client::Thread::{function}`"),
            Origin::HandWrittenOnThread | Origin::HandWrittenOnTurn => {
                format!("the builder `codex_client::{}`", it.builder.name)
            }
        });
        [call]
            .into_iter()
            .chain(builders)
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn is_of(&self, domain: &Domain, params: Option<&str>, response: &str) -> bool {
        let definition = params.and_then(|name| self.model.definitions.get(name));
        let definition = definition.or_else(|| self.model.definitions.get(response));
        match definition {
            Some(definition) => domain.modules.contains(&definition.module),
            None => domain.name == CONNECTION,
        }
    }
}

fn section(title: &str, entries: &[String]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    format!("# {title}\n\n{}", entries.join("\n"))
}

fn request_entry(request: &Request, rest: &str) -> String {
    let takes = match request.params.type_name() {
        Some(params) => format!("`{params}`"),
        None => "No parameters".to_owned(),
    };
    let lead = lead(
        &request.method,
        request.docs.as_deref(),
        request.experimental,
        request.deprecated.is_some(),
    );
    format!("{lead}\\\n  {takes} → `{}`. {rest}", request.response)
}

fn notification_entry(notification: &Notification) -> String {
    let lead = lead(
        &notification.method,
        notification.docs.as_deref(),
        notification.experimental,
        notification.deprecated.is_some(),
    );
    match notification.params.type_name() {
        Some(params) => format!("{lead}\\\n  Payload: `{params}`."),
        None => lead,
    }
}

fn lead(method: &str, docs: Option<&str>, is_experimental: bool, is_deprecated: bool) -> String {
    let sentence = docs.map(|docs| format!(": {}.", first_sentence(docs)));
    let marks = [
        (is_experimental, " *Experimental.*"),
        (is_deprecated, " *Deprecated.*"),
    ];
    let marks: String = marks
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, mark)| *mark)
        .collect();
    format!("- `{method}`{}{marks}", sentence.unwrap_or_default())
}
