//! The page of the web service.

use codex_testing::{AppServerHarness, Gate, Reply};
use serde_json::json;

use crate::webdriver::Browser;

#[allow(dead_code, reason = "the page needs a part of it")]
#[path = "../it/support.rs"]
mod support;

use support::{LIMIT, Running, escalated};

struct Page {
    browser: Browser,
    service: Running,
    // Last: the programs have ended when their folders are removed.
    harness: AppServerHarness,
}

impl Page {
    fn open() -> Self {
        // Offers the model a tool for patches.
        let harness = AppServerHarness::builder()
            .model("gpt-5.5")
            .start()
            .unwrap();
        let mut command = harness.program(env!("CARGO_BIN_EXE_web"));
        let mut service = Running::start(command.args(["--listen", "127.0.0.1:0"]));
        service.expect("listening on ");
        let address = service.expect("\n");
        let browser = Browser::start();
        browser.resize(1000, 800);
        browser.open(&address);
        browser.wait_text("#state", "ready");
        Self {
            browser,
            service,
            harness,
        }
    }

    /// Types a prompt, and sends it with Enter.
    fn prompt(&self, text: &str) {
        self.browser.types("#prompt", &format!("{text}\u{e007}"));
    }

    fn close(self) {
        assert_eq!(self.browser.console_errors(), [json!(null); 0]);
        self.harness.responses().assert_exhausted();
        drop(self.browser);
        self.service.signal(rustix::process::Signal::TERM);
        assert!(self.service.end().0.success());
    }
}

#[test]
fn a_prompt_is_answered_piece_by_piece() {
    let page = Page::open();
    page.browser.screenshot("empty");
    let gate = Gate::new();
    let reply = Reply::streaming(["It is ", "a"])
        .gate(&gate)
        .deltas([" <b>library</b>."]);
    page.harness.responses().enqueue(reply);
    page.prompt("Describe this project.");
    page.browser.wait_text(".user", "Describe this project.");
    page.browser.wait_text("#conversation", "It is a");
    page.browser.wait_text("#state", "working");
    page.browser.screenshot("streaming");
    gate.release();
    // Shown as it is, never as markup.
    page.browser
        .wait_text("#conversation", "It is a <b>library</b>.");
    page.browser.wait_text("#state", "ready");
    assert_eq!(
        page.browser.value("document.querySelector('#stop').hidden"),
        true
    );
    page.close();
}

#[test]
fn a_command_waits_for_the_button() {
    let page = Page::open();
    page.harness.responses().enqueue_all([
        escalated("one", "echo fresh air; touch one"),
        Reply::assistant("The window is open."),
    ]);
    page.prompt("Open a window.");
    page.browser
        .wait_text(".approval", "echo fresh air; touch one");
    page.browser.wait_text("#state", "waiting for you");
    assert!(
        page.browser
            .text(".approval")
            .contains("to see what happens")
    );
    assert!(!page.harness.workspace().join("one").exists());
    page.browser.screenshot("approval");
    page.browser.prefers("dark");
    page.browser.screenshot("approval-dark");
    page.browser.prefers("light");
    page.browser.click(".approval button");
    page.browser.wait("!document.querySelector('.approval')");
    page.browser.wait_text(".card pre", "fresh air");
    page.browser
        .wait_text("#conversation", "The window is open.");
    assert!(page.harness.workspace().join("one").exists());
    page.browser.screenshot("approved");
    page.close();
}

#[test]
fn a_change_is_shown_before_it_is_approved() {
    let page = Page::open();
    let patch = "*** Begin Patch\n*** Add File: /nowhere/note.txt\n+remember\n*** End Patch\n";
    page.harness.responses().enqueue_all([
        Reply::new().custom_tool_call("change", "apply_patch", patch),
        Reply::assistant("Then not."),
    ]);
    page.prompt("Take a note.");
    page.browser.wait_text(".approval", "Make these changes?");
    page.browser.wait_text(".card pre", "remember");
    page.browser.screenshot("diff");
    page.browser.click(".approval button:last-child");
    page.browser.wait_text("#conversation", "Then not.");
    page.close();
}

#[test]
fn stop_interrupts_and_a_reload_shows_the_conversation_again() {
    let page = Page::open();
    let gate = Gate::new();
    page.harness
        .responses()
        .enqueue(Reply::streaming(["One, "]).gate(&gate).deltas(["two."]));
    page.prompt("Count.");
    page.browser.wait_text("#conversation", "One, ");
    gate.wait_reached(LIMIT).unwrap();
    page.browser.click("#stop");
    page.browser.wait_text(".outcome", "interrupted");
    let address = page.browser.value("location.href");
    page.browser.open("about:blank");
    page.browser.open(address.as_str().unwrap());
    page.browser.wait_text(".user", "Count.");
    page.browser.wait_text(".outcome", "interrupted");
    page.browser.screenshot("reloaded");
    page.close();
}

#[test]
fn a_narrow_dark_window_needs_no_scrolling_sideways() {
    let page = Page::open();
    page.browser.prefers("dark");
    page.browser.resize(500, 800);
    let long = format!("See {}.", "averylongword".repeat(20));
    page.harness.responses().enqueue(Reply::assistant(&long));
    page.prompt(&format!("{} please", "longer".repeat(30)));
    page.browser.wait_text("#conversation", &long);
    page.browser.wait_text("#state", "ready");
    page.browser.screenshot("narrow-dark");
    let fits = "document.documentElement.scrollWidth <= innerWidth";
    assert_eq!(page.browser.value(fits), true);
    page.close();
}
