//! Plays the server: answers requests with the same words, and streams.

use std::io::{BufWriter, Write};

use serde_json::Value;

pub(crate) const THREAD: &str = "019a0000-0000-7000-8000-000000000001";
const INITIALIZED: &str = r#"{"userAgent":"figures/0.169.0 (x; y) z","codexHome":"/tmp","platformFamily":"unix","platformOs":"linux"}"#;

pub(crate) fn turn(number: u64) -> String {
    format!("019a0000-0000-7000-8000-1{number:011}")
}

fn turn_object(id: &str, status: &str) -> String {
    format!(
        r#"{{"id":"{id}","items":[],"itemsView":"notLoaded","status":"{status}","error":null,"startedAt":null,"completedAt":null,"durationMs":null}}"#
    )
}

pub(crate) fn delta(turn: &str) -> String {
    format!(
        r#"{{"method":"item/agentMessage/delta","params":{{"threadId":"{THREAD}","turnId":"{turn}","itemId":"msg-1","delta":"word "}},"emittedAtMs":1790000000000}}"#
    )
}

fn completed(turn: &str) -> String {
    let turn = turn_object(turn, "completed");
    format!(
        r#"{{"method":"turn/completed","params":{{"threadId":"{THREAD}","turn":{turn}}},"emittedAtMs":1790000000000}}"#
    )
}

/// Answers requests, each by its method and number.
fn serve(mut answer: impl FnMut(&str, &mut dyn Write, &Value)) {
    let mut output = BufWriter::with_capacity(64 * 1024, std::io::stdout());
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let message: Value = serde_json::from_str(&line).expect("a client writes JSON");
        let (Some(id), Some(method)) = (message.get("id"), message["method"].as_str()) else {
            continue;
        };
        if method == "initialize" {
            writeln!(output, r#"{{"id":{id},"result":{INITIALIZED}}}"#).expect("it is read");
        } else {
            answer(method, &mut output, id);
        }
        output.flush().expect("it is read");
    }
}

/// Streams deltas of all turns in turn, as soon as so many were started.
pub(crate) fn stream(events: u64, turns: u64) {
    let mut started = 0;
    serve(|_, output, id| {
        let turn_started = turn_object(&turn(started), "inProgress");
        writeln!(
            output,
            r#"{{"id":{id},"result":{{"turn":{turn_started},"turnId":"{}"}}}}"#,
            turn(started)
        )
        .expect("it is read");
        started += 1;
        if started < turns {
            return;
        }
        let lines: Vec<String> = (0..turns).map(|number| delta(&turn(number))).collect();
        for line in lines
            .iter()
            .cycle()
            .take(usize::try_from(events).expect("it fits"))
        {
            writeln!(output, "{line}").expect("it is read");
        }
        for number in 0..turns {
            writeln!(output, "{}", completed(&turn(number))).expect("it is read");
        }
    });
}

/// Answers every request with an empty object.
pub(crate) fn answer_all() {
    serve(|_, output, id| {
        writeln!(output, r#"{{"id":{id},"result":{{}}}}"#).expect("it is read");
    });
}

/// Answers `thread/read` with a thread of so many bytes, whose items have the fields that the runtime
/// writes.
pub(crate) fn thread(bytes: usize) {
    let item = r#"{"type":"agentMessage","moderation":null,"id":"msg_0123456789","text":"TEXT","phase":null,"memoryCitation":null,"delivery":null,"questions":null,"startedAtMs":1790000000000,"completedAtMs":1790000000000}"#;
    let item = item.replace("TEXT", &"Some words of an answer. ".repeat(40));
    let items = vec![item.as_str(); bytes / item.len()].join(",");
    serve(|_, output, id| {
        let turn = turn_object(&turn(0), "completed").replace("[]", &format!("[{items}]"));
        let thread = format!(
            r#"{{"id":"{THREAD}","sessionId":"s","preview":"","ephemeral":false,"modelProvider":"openai","createdAt":1,"updatedAt":1,"status":{{"type":"idle"}},"path":null,"cwd":"/","cliVersion":"1","source":"appServer","threadSource":null,"agentNickname":null,"agentRole":null,"gitInfo":null,"name":null,"turns":[{turn}]}}"#
        );
        writeln!(output, r#"{{"id":{id},"result":{{"thread":{thread}}}}}"#).expect("it is read");
    });
}
