//! The page that decodes a recording.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

use crate::webdriver::Browser;

/// The built page.
fn folder() -> PathBuf {
    let folder = std::env::var_os("RECORDING_VIEWER");
    folder
        .expect("`cargo xtask ci browser` builds the page for this test")
        .into()
}

/// Serves the files of a folder. Returns the address.
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let folder = folder.clone();
            // A browser opens connections before it needs them. A closed one needs no answer.
            thread::spawn(move || answer(connection, &folder));
        }
    });
    format!("http://{address}/")
}

fn answer(mut connection: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(&connection).lines();
    let request = lines.next().unwrap_or(Ok(String::new()))?;
    // The header ends with an empty line.
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let name = request
        .split(' ')
        .nth(1)
        .unwrap_or_default()
        .trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    let kind = match Path::new(name).extension().and_then(|it| it.to_str()) {
        Some("html") => "text/html",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    let (status, body) = match std::fs::read(folder.join(name)) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let length = body.len();
    write!(
        connection,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    connection.write_all(&body)
}

#[test]
fn a_recording_is_decoded_in_the_browser() {
    let address = serve(folder());
    let browser = Browser::start();
    browser.resize(1000, 800);
    browser.open(&address);
    browser.wait_text("#count", "messages");
    let count = browser.text("#count");
    assert!(count.contains(", 0 malformed, "), "{count}");
    browser.wait_text("td", "item/commandExecution/requestApproval");
    // Responses have their types, and secrets are not shown.
    browser.wait_text("td", "ThreadStartResponse");
    browser.screenshot("recording");
    browser.types("#filter", "turn/completed");
    browser.wait("document.querySelectorAll('#rows tr').length < 5");
    browser.click("summary");
    browser.wait_text("details[open] pre", "TurnCompletedNotification");
    browser.prefers("dark");
    browser.screenshot("recording-dark");
    assert!(
        browser.console_errors().is_empty(),
        "{:?}",
        browser.console_errors()
    );
}
