//! The client's builders: a row per builder for a macro that is written by hand in the client.

use crate::Error;
use crate::FileTree;
use crate::ir::Field;
use crate::names::snake_case;
use crate::render::{Source, doc_lines};
use crate::wrappers::{Gives, MadeBy, Offered, Resolved, is_required};

use super::client::CLIENT;
use super::tokens::argument_type;

pub(super) fn emit(wrappers: &[Resolved<'_>], tree: &mut FileTree) -> Result<(), Error> {
    let mut source = Source::new("The builders of `Codex`, `Thread` and turns, for both faces.");
    let rows = wrappers.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    source.table("wrappers", "", &rows);
    tree.insert(format!("{CLIENT}/wrappers.rs"), source.finish());
    Ok(())
}

fn row(resolved: &Resolved<'_>) -> Result<String, Error> {
    let wrapper = resolved.wrapper;
    let experimental = resolved.request.experimental;
    let docs = docs(wrapper.docs, experimental, "    ");
    let builder = wrapper.builder;
    let (owner, made_by) = match wrapper.made_by {
        MadeBy::Codex(function) => ("Codex", constructor(resolved, function, None)),
        MadeBy::Thread(function) => ("Thread", constructor(resolved, function, Some("thread_id"))),
        MadeBy::HandOfThread => ("Thread", String::new()),
        MadeBy::HandOfTurn => ("TurnControl", String::new()),
    };
    let gives = match wrapper.gives {
        Gives::Answer => format!("answer {}", resolved.request.response),
        Gives::Hand(name) => format!("hand {name}"),
    };
    let setters: Result<Vec<_>, _> = resolved.offered().map(|it| setter(resolved, it)).collect();
    let (params, method) = (resolved.params, &resolved.request.name);
    Ok(format!(
        "{docs}    {builder}: {method}({params}) of {owner} {{{made_by}}} -> {gives} {{\n{}    }}",
        setters?.concat()
    ))
}

/// The function that makes the builder: the required fields are its arguments.
fn constructor(resolved: &Resolved<'_>, function: &str, own: Option<&str>) -> String {
    let required = resolved.fields.iter().filter(|field| is_required(field));
    let arguments: Vec<String> = required
        .map(|field| match &field.rust.0 {
            name if Some(name.as_str()) == own => format!("own {name}"),
            name => format!("{name}: {}", argument(field)),
        })
        .collect();
    format!("{function}({})", arguments.join(", "))
}

fn setter(resolved: &Resolved<'_>, offered: &Offered) -> Result<String, Error> {
    let field = |name: &str| {
        let missing = || Error::schema(resolved.params, format!("no field `{name}`"));
        resolved.field(name).ok_or_else(missing)
    };
    match *offered {
        Offered::Plain(name, words) => {
            let field = field(name)?;
            let docs = field_words(field, words);
            Ok(format!(
                "{docs}        plain {}({});\n",
                snake_case(name),
                argument(field)
            ))
        }
        Offered::Path(name, words) => {
            let docs = field_words(field(name)?, words);
            Ok(format!("{docs}        path {name};\n"))
        }
        Offered::ApprovalMode => Ok("        approval_mode;\n".to_owned()),
        Offered::SandboxOfThread => Ok("        sandbox_of_thread;\n".to_owned()),
        Offered::SandboxOfTurn => Ok("        sandbox_of_turn;\n".to_owned()),
    }
}

/// The list's words, or the dump's, or the name.
fn field_words(field: &Field, words: &str) -> String {
    let text = match (words, &field.docs) {
        ("", Some(docs)) => docs.clone(),
        ("", None) => format!("`{}` on the wire.", field.wire.0),
        (words, _) => words.to_owned(),
    };
    docs(&text, field.experimental, "        ")
}

fn docs(text: &str, experimental: bool, indent: &str) -> String {
    let mut text = text.to_owned();
    if experimental {
        text.push_str("\n\nOnly in the experimental schema.");
    }
    let lines = doc_lines(&text, indent);
    // A table indents the first line of its rows by itself.
    match indent.len() {
        4 => lines.trim_start().to_owned(),
        _ => lines,
    }
}

fn argument(field: &Field) -> String {
    let text = argument_type(&field.value).to_string();
    let text = text
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace(" ,", ",");
    text.replace("< ", "<")
}
