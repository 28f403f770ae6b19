//! The agent with typed tools.

use codex_testing::{AppServerHarness, Reply};
use serde_json::{Value, json};

use crate::support::run;

fn hours(from: u8, to: u8) -> Value {
    json!({"room": "Attic", "day": "2030-01-07", "from_hour": from, "to_hour": to, "purpose": "talk"})
}

/// Lets the model call a tool and then respond. Returns the output of the tool, and what the
/// program has printed.
fn call(harness: &AppServerHarness, tool: &str, arguments: Value) -> (String, String) {
    harness.responses().enqueue_all([
        Reply::new().function_call("call", tool, arguments),
        Reply::assistant("As you see."),
    ]);
    let mut program = harness.program(env!("CARGO_BIN_EXE_rooms"));
    let ended = run(program.arg("A room, please."), "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let last = harness.responses().requests().pop().unwrap();
    (last.tool_output("call").unwrap().to_string(), ended.output)
}

#[test]
fn the_model_corrects_itself_and_the_booking_is_kept() {
    let harness = AppServerHarness::start().unwrap();
    let (output, printed) = call(
        &harness,
        "book",
        json!({
            "room": "Cellar", "day": "2030-01-07", "from_hour": 9, "to_hour": 10, "purpose": "talk",
        }),
    );
    assert!(output.contains("there is no room `Cellar`"), "{output}");
    assert_eq!(printed, "As you see.\n0 bookings\n");

    let (output, printed) = call(&harness, "book", hours(9, 11));
    assert!(output.contains(r#"{\"booking\":1}"#), "{output}");
    assert_eq!(
        printed,
        "booked Attic on 2030-01-07\nAs you see.\n1 bookings\n"
    );

    // Another run of the program.
    let (output, _) = call(&harness, "book", hours(10, 12));
    assert!(output.contains("Attic is taken at that time"), "{output}");
    let wanted = json!({"day": "2030-01-07", "from_hour": 10, "to_hour": 11, "people": 5});
    let (output, _) = call(&harness, "free_rooms", wanted);
    assert!(output.contains("Hall") && !output.contains("Attic") && !output.contains("Cabin"));
    let (_, printed) = call(&harness, "cancel", json!({"booking": 1}));
    assert!(printed.ends_with("0 bookings\n"), "{printed}");
    harness.responses().assert_exhausted();
}

#[test]
fn wrong_arguments_are_explained_to_the_model() {
    let harness = AppServerHarness::start().unwrap();
    let (output, _) = call(&harness, "book", hours(17, 30));
    assert!(output.contains("rooms are open from 8 to 18"), "{output}");
    let mut wrong = hours(9, 10);
    wrong["from_hour"] = "nine".into();
    let (output, _) = call(&harness, "book", wrong);
    assert!(output.contains("from_hour"), "{output}");
}

#[test]
fn descriptions_of_arguments_reach_the_model() {
    let harness = AppServerHarness::start().unwrap();
    call(&harness, "cancel", json!({"booking": 7}));
    let request = &harness.responses().requests()[0];
    let tools = serde_json::to_string(request.tools()).unwrap();
    for text in ["The day, as YYYY-MM-DD.", "free_rooms", "smallest first"] {
        assert!(tools.contains(text), "{text}: {tools}");
    }
    let instructions = request.message_texts("developer").join("\n");
    assert!(
        instructions.contains("You book meeting rooms"),
        "{instructions}"
    );
}
