//! The methods that register tools: the same for Codex and the builders of threads, with the functions
//! of each API.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Mode, insert};
use crate::emit::documentation::docs;
use crate::emit::tokens::ident;
use crate::{Error, FileTree};

/// The builders of threads with tools, and what their tools are.
const BUILDERS: &[(&str, &str)] = &[
    (
        "ThreadStartBuilder",
        "Adds a tool of this thread, beside those of the connection: a function of this program that \
         the model can call. See [`CodexBuilder::tool`]. The runtime stores the description of the \
         tool with the thread, and not the function: add it again when the thread is resumed by \
         another process.",
    ),
    (
        "ThreadResumeBuilder",
        "Adds the function of a tool that the thread was started with, see [`CodexBuilder::tool`]. \
         The runtime has stored its description; a tool that the thread was not started with is \
         not offered to the model.",
    ),
    (
        "ThreadForkBuilder",
        "Adds the function of a tool that the original was started with, as when a thread is \
         resumed. See [`CodexBuilder::tool`].",
    ),
];

pub(super) fn emit(mode: Mode, tree: &mut FileTree) -> Result<(), Error> {
    let builder = match mode {
        Mode::Async => quote!(crate::nonblocking::connect::CodexBuilder),
        Mode::Blocking => quote!(crate::blocking::CodexBuilder),
    };
    let on_codex = tool(mode, &text(mode), &quote!(self.settings.add_tool(tool);));
    let on_threads = BUILDERS.iter().map(|(name, about)| {
        let (name, tool) = (
            ident(name),
            tool(mode, about, &quote!(self.state.tools.push(tool);)),
        );
        quote!(impl #name { #tool })
    });
    let items = quote! {
        use schemars::JsonSchema;
        use serde_core::de::DeserializeOwned;

        use super::builders::{ThreadForkBuilder, ThreadResumeBuilder, ThreadStartBuilder};
        use crate::shared::tools::Tool;
        use crate::{ToolOutput, ToolResult};
        use #builder;

        impl CodexBuilder { #on_codex }

        #(#on_threads)*
    };
    let about = match mode {
        Mode::Async => "Tools that are functions of the program; async API.",
        Mode::Blocking => "Tools that are functions of the program; blocking API.",
    };
    insert(tree, &mode.module("tools"), about, items)
}

/// The documentation, with an example.
fn text(mode: Mode) -> String {
    let (path, before, wait, main) = match mode {
        Mode::Async => (
            "codex_client::Codex",
            "|place: Place| async move {",
            ".await",
            "# #[tokio::main(flavor = \"current_thread\")]\n# async fn main()",
        ),
        Mode::Blocking => (
            "codex_client::blocking::Codex",
            "|place: Place| {",
            "",
            "# fn main()",
        ),
    };
    let call = match mode {
        Mode::Async => ".await",
        Mode::Blocking => ".call()",
    };
    format!(
        "Adds a tool to every thread that is started from now on: a function of this program that \
         the model can call. The schema of its arguments comes from their type, a struct. Needs the \
         feature `schemars`; the experimental API of the runtime is requested.\n\n\
         The model is told about everything that goes wrong: arguments that do not fit, an error \
         (`?` works on any), and a panic. The result is anything that converts into a \
         [`ToolOutput`](crate::ToolOutput). {}\n\n\
         Two tools with one name are rejected by `build`, with \
         [`Error::InvalidArgument`](crate::Error::InvalidArgument). A call of an unknown tool goes to \
         the handler of the connection, and without one the model is told which tools exist.\n\n\
         ```\n\
         use {path};\n\n\
         /// A place on a map.\n\
         #[derive(serde::Deserialize, schemars::JsonSchema)]\n\
         struct Place {{\n    /// The name of a city.\n    city: String,\n}}\n\n\
         {main} -> Result<(), Box<dyn std::error::Error>> {{\n\
         # use codex_testing::{{AppServerHarness, Reply}};\n\
         # let harness = AppServerHarness::start()?;\n\
         # let call = serde_json::json!({{\"city\": \"Oslo\"}});\n\
         # harness.responses().enqueue_all([Reply::new().function_call(\"c\", \"weather\", call), \
         Reply::assistant(\"Take an umbrella.\")]);\n\
         let codex = Codex::builder()\n    \
         .tool(\"weather\", \"Returns the weather.\", {before}\n        \
         Ok(format!(\"It rains in {{}}.\", place.city))\n    }})\n\
         #   .launch(harness.launch())\n    .build(){wait}?;\n\
         let thread = codex.thread_start(){call}?;\n\
         let result = thread.run(\"Do I need an umbrella in Oslo?\"){call}?;\n\
         # assert_eq!(result.final_response.as_deref(), Some(\"Take an umbrella.\"));\n\
         # let output = harness.responses().requests()[1].tool_output(\"c\").unwrap().to_string();\n\
         # assert!(output.contains(\"It rains in Oslo.\"), \"{{output}}\");\n\
         # Ok(())\n# }}\n```",
        match mode {
            Mode::Async =>
                "The future is dropped when the turn is interrupted, or takes longer than the \
                 limit of handlers.",
            Mode::Blocking =>
                "It runs on a thread of its own, which continues when the turn is interrupted; its \
                 result is ignored then.",
        }
    )
}

fn tool(mode: Mode, about: &str, add: &TokenStream) -> TokenStream {
    let about = docs(about);
    match mode {
        Mode::Async => quote! {
            #about
            #[doc(alias = "function")]
            pub fn tool<I, O, F, Fut>(
                mut self,
                name: impl Into<String>,
                description: impl Into<String>,
                tool: F,
            ) -> Self
            where
                I: JsonSchema + DeserializeOwned,
                O: Into<ToolOutput>,
                F: Fn(I) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = ToolResult<O>> + Send + 'static,
            {
                let tool = Tool::asynchronous(name.into(), description.into(), tool);
                #add
                self
            }
        },
        Mode::Blocking => quote! {
            #about
            #[doc(alias = "function")]
            pub fn tool<I, O, F>(
                mut self,
                name: impl Into<String>,
                description: impl Into<String>,
                tool: F,
            ) -> Self
            where
                I: JsonSchema + DeserializeOwned,
                O: Into<ToolOutput>,
                F: Fn(I) -> ToolResult<O> + Send + Sync + 'static,
            {
                let tool = Tool::blocking(name.into(), description.into(), tool);
                #add
                self
            }
        },
    }
}
