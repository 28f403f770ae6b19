//! Tools that are functions of the program: what the model is offered and told.

use codex_client::types::{
    DynamicToolCallStatus, DynamicToolSpec, FunctionDynamicToolSpec, TurnStatus,
};
use codex_client::{Error, ToolOutput, ToolResult};
use codex_testing::Reply;
use codex_testing::scripted::Script;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::inputs::PNG;
use super::{CodexBuilder, World, answering_calls, scripted_with};
use crate::occasions::call_status;
use crate::support::{LIMIT, calling, harness_with, told};

/// A place and a time.
#[derive(Deserialize, JsonSchema)]
struct Where {
    /// The name of a city.
    city: String,
    #[serde(default)]
    days: Vec<Day>,
    unit: Option<Unit>,
}

#[derive(Deserialize, JsonSchema)]
struct Day {
    month: u8,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Celsius,
    Kelvin,
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

fn forecast(place: &Where) -> String {
    let months = place.days.iter().map(|day| day.month.to_string());
    let unit = match place.unit {
        Some(Unit::Celsius) => "C",
        Some(Unit::Kelvin) => "K",
        None => "?",
    };
    format!(
        "{} {unit} {}",
        place.city,
        months.collect::<Vec<_>>().join(",")
    )
}

fn with_weather(builder: CodexBuilder) -> CodexBuilder {
    builder.tool(
        "weather",
        "Returns the weather",
        tool!(|place: Where| { Ok(forecast(&place)) }),
    )
}

/// A world whose model calls a tool once.
fn calls(name: &str, arguments: &Value, setup: impl FnOnce(CodexBuilder) -> CodexBuilder) -> World {
    World::start(harness_with(calling(name, arguments)), setup)
}

/// Runs a turn on a new thread: what the model was told, and the status of the call.
fn run(world: &World) -> (String, DynamicToolCallStatus) {
    let thread = call!(world.codex.thread_start()).unwrap();
    let result = call!(thread.run("go")).unwrap();
    assert_eq!(result.status, TurnStatus::Completed);
    let requests = world.harness.responses().requests();
    (told(requests.last().unwrap()), call_status(&result.items))
}

/// The schema of a tool's arguments, as the model receives it.
fn offered(world: &World, name: &str) -> Value {
    let requests = world.harness.responses().requests();
    let request = requests[0].body_json();
    let tools = request["tools"].as_array().unwrap();
    let tool = tools.iter().find(|tool| tool["name"] == name);
    let tool = tool.unwrap_or_else(|| panic!("not offered: {tools:?}"));
    assert_eq!(tool["description"], "Returns the weather");
    tool["parameters"].clone()
}

#[test]
fn a_typed_function_is_offered_and_called() {
    let arguments = json!({"city": "Oslo", "days": [{"month": 1}, {"month": 2}], "unit": "kelvin"});
    let world = calls("weather", &arguments, with_weather);
    let (told, status) = run(&world);
    assert_eq!(told, "Oslo K 1,2");
    assert_eq!(status, DynamicToolCallStatus::Completed);
    let schema = offered(&world, "weather");
    let properties = &schema["properties"];
    assert_eq!(properties["city"]["type"], "string", "{schema}");
    assert_eq!(properties["city"]["description"], "The name of a city.");
    let month = &properties["days"]["items"]["properties"]["month"];
    assert_eq!(month["type"], "integer", "{schema}");
    assert!(schema.to_string().contains("kelvin"), "{schema}");
    assert!(!schema.to_string().contains("$ref"), "{schema}");
    assert_eq!(schema["required"], json!(["city"]));
}

#[test]
fn arguments_that_do_not_fit_are_told_with_their_path() {
    for (arguments, expected) in [
        (
            json!({"city": "Oslo", "days": [{"month": 1}, {"month": "May"}]}),
            &["days[1].month", "invalid type: string"][..],
        ),
        (json!({"days": []}), &["missing field `city`"]),
        (
            json!({"city": "Oslo", "unit": "yards"}),
            &["`unit`", "yards", "celsius"],
        ),
    ] {
        let world = calls("weather", &arguments, with_weather);
        let (told, status) = run(&world);
        for part in expected {
            assert!(told.contains(part), "{told}");
        }
        assert_eq!(status, DynamicToolCallStatus::Failed);
    }
}

fn parsed(text: &str) -> ToolResult<i32> {
    let number: i32 = text.parse()?;
    if number > 100 {
        return Err("too hot".into());
    }
    Ok(number)
}

#[test]
fn errors_and_panics_are_told_and_the_turn_goes_on() {
    for (city, expected) in [
        ("nine", "invalid digit found in string"),
        ("101", "too hot"),
        ("0", "the tool `weather` panicked"),
    ] {
        let world = calls("weather", &json!({ "city": city }), |builder| {
            builder.tool(
                "weather",
                "Returns the weather",
                tool!(|place: Where| {
                    let number = parsed(&place.city)?;
                    assert!(number > 0, "as planned");
                    Ok(json!({ "degrees": number }))
                }),
            )
        });
        let (told, status) = run(&world);
        assert_eq!(told, expected);
        assert_eq!(status, DynamicToolCallStatus::Failed);
    }
}

#[test]
fn results_are_texts_values_and_images() {
    for (city, expected) in [
        ("text", json!("sunny")),
        ("value", json!(r#"{"degrees":21}"#)),
        ("nothing", json!("done")),
        (
            "image",
            json!([
                {"type": "input_text", "text": "The map:"},
                {"type": "input_image"},
            ]),
        ),
    ] {
        let world = calls("weather", &json!({ "city": city }), |builder| {
            builder.tool(
                "weather",
                "Returns the weather",
                tool!(|place: Where| {
                    Ok(match place.city.as_str() {
                        "text" => ToolOutput::from("sunny"),
                        "value" => json!({"degrees": 21}).into(),
                        "nothing" => ().into(),
                        _ => ToolOutput::text("The map:").and_image("image/png", PNG),
                    })
                }),
            )
        });
        let (_, status) = run(&world);
        assert_eq!(status, DynamicToolCallStatus::Completed);
        let request = world.harness.responses().requests().pop().unwrap();
        let output = request.tool_output("call").unwrap();
        let mut output = output.clone();
        for part in output.as_array_mut().into_iter().flatten() {
            let part = part.as_object_mut().unwrap();
            part.remove("detail");
            if let Some(url) = part.remove("image_url") {
                let is_png = url
                    .as_str()
                    .unwrap()
                    .starts_with("data:image/png;base64,iVBORw0KGgo");
                assert!(is_png, "{url}");
            }
        }
        assert_eq!(output, expected);
    }
}

#[test]
fn tools_of_thread_and_connection_are_offered_together() {
    let replies = [
        Reply::new().function_call("1", "weather", json!({"city": "Oslo"})),
        Reply::new().function_call("2", "clock", json!({})),
        Reply::assistant("done"),
        Reply::assistant("done"),
    ];
    let world = World::start(harness_with(replies), with_weather);
    let clock = tool!(|_nothing: Nothing| { Ok("noon") });
    let thread = world
        .codex
        .thread_start()
        .tool("clock", "Tells the time", clock);
    let thread = call!(thread).unwrap();
    call!(thread.run("go")).unwrap();
    let requests = world.harness.responses().requests();
    let names = requests[0].tool_names();
    assert!(
        names.contains(&"weather") && names.contains(&"clock"),
        "{names:?}"
    );
    assert_eq!(requests[1].tool_output("1"), Some(&json!("Oslo ? ")));
    assert_eq!(requests[2].tool_output("2"), Some(&json!("noon")));
    // The clock is that of the other thread only.
    let thread = call!(world.codex.thread_start()).unwrap();
    call!(thread.run("go")).unwrap();
    let names = world.harness.responses().requests()[3].clone();
    assert!(!names.tool_names().contains(&"clock"));
}

#[test]
fn a_resumed_thread_calls_the_functions_that_are_added_again() {
    let mut replies = vec![Reply::assistant("done")];
    for id in ["1", "2"] {
        let call = Reply::new().function_call(id, "clock", json!({}));
        replies.extend([call, Reply::assistant("done")]);
    }
    let world = World::start(harness_with(replies), with_weather);
    let clock = tool!(|_nothing: Nothing| { Ok("noon") });
    let thread = world
        .codex
        .thread_start()
        .tool("clock", "Tells the time", clock);
    let thread = call!(thread).unwrap();
    call!(thread.run("go")).unwrap();
    let id = thread.id().clone();
    wait!(world.codex.close());

    for (is_added, expected) in [
        (false, "there is no tool `clock`; the tools are `weather`"),
        (true, "noon"),
    ] {
        let builder = CodexBuilder::default().launch(world.harness.launch());
        let codex = wait!(with_weather(builder).build()).unwrap();
        let mut thread = codex.thread_resume(id.clone());
        if is_added {
            let clock = tool!(|_nothing: Nothing| { Ok("noon") });
            thread = thread.tool("clock", "Tells the time", clock);
        }
        let thread = call!(thread).unwrap();
        call!(thread.run("go")).unwrap();
        let requests = world.harness.responses().requests();
        assert_eq!(told(requests.last().unwrap()), expected);
        wait!(codex.close());
    }
}

#[test]
fn a_name_twice_and_arguments_without_names_are_refused() {
    let world = World::start(harness_with([]), with_weather);
    let refused = |error: Error, part: &str| {
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
        assert!(error.to_string().contains(part), "{error}");
    };
    let twice = "there are two tools called `weather`";
    let builder = CodexBuilder::default().launch(world.harness.launch());
    let error = wait!(with_weather(with_weather(builder)).build()).unwrap_err();
    refused(error, twice);
    let again = tool!(|_nothing: Nothing| { Ok("noon") });
    let thread = world.codex.thread_start().tool("weather", "Again", again);
    refused(call!(thread).unwrap_err(), twice);
    let spec = FunctionDynamicToolSpec::new("weather", "Again", json!({"type": "object"}));
    let thread = world.codex.thread_start();
    let thread = thread.with_params(|params| params.dynamic_tools([DynamicToolSpec::from(spec)]));
    refused(call!(thread).unwrap_err(), twice);
    let number = tool!(|number: u8| { Ok(number.to_string()) });
    let thread = world
        .codex
        .thread_start()
        .tool("number", "A number", number);
    refused(call!(thread).unwrap_err(), "`number` are no object");
}

#[test]
fn a_tool_of_a_thread_needs_the_experimental_api() {
    let world = World::start(harness_with([]), |builder| builder);
    let clock = tool!(|_nothing: Nothing| { Ok("noon") });
    let thread = world
        .codex
        .thread_start()
        .tool("clock", "Tells the time", clock);
    let error = call!(thread).unwrap_err();
    assert!(error.is_experimental_required(), "{error:?}");
    assert!(
        error.to_string().contains("experimental_api(true)"),
        "{error}"
    );
}

fn call(tool: &str) -> Value {
    json!({
        "threadId": "t", "turnId": "u", "callId": "c", "tool": tool, "arguments": {},
        "namespace": null,
    })
}

fn map() -> ToolOutput {
    let output = ToolOutput::text("a \"map\":\n").and_image("image/png", &vec![0xA5; 200_000]);
    let output = output.and_text("word ".repeat(20_000));
    output.and_audio("audio/wav", &vec![0x5A; 100_000])
}

#[test]
fn long_images_and_texts_of_a_tool_arrive_whole() {
    let expected = serde_json::to_value(map().items()).unwrap();
    let check = move |answer: &Value| {
        assert!(
            answer["result"]["contentItems"] == expected,
            "another output"
        );
        assert_eq!(answer["result"]["success"], true);
    };
    let draw = tool!(|_it: Nothing| { Ok(map()) });
    let (codex, peer) = scripted_with(
        |builder| builder.tool("draw", "Draws a map", draw),
        |script| {
            let script = script.request(1, "item/tool/call", call("draw"));
            script.expect_answer(1, check)
        },
    );
    peer.finish(LIMIT);
    drop(codex);
}

#[test]
fn a_call_of_an_unknown_tool_goes_to_the_handler_first() {
    for (is_handled, expected) in [(true, "handled other"), (false, "the tools are `weather`")] {
        let check = move |answer: &Value| {
            let text = answer["result"]["contentItems"][0]["text"].as_str();
            assert!(text.unwrap().contains(expected), "{answer}");
        };
        let script = move |script: Script| {
            let script = script.request(1, "item/tool/call", call("other"));
            script.expect_answer(1, check)
        };
        let (codex, peer) = scripted_with(
            |builder| {
                let builder = with_weather(builder);
                if is_handled {
                    builder.handler(answering_calls())
                } else {
                    builder
                }
            },
            script,
        );
        peer.finish(LIMIT);
        drop(codex);
    }
}
