//! A browser: Chromium, driven over `WebDriver` by the driver that belongs to it.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

/// Time limit of everything that is waited for.
const LIMIT: Duration = Duration::from_millis(LIMIT_MS);
const LIMIT_MS: u64 = 60_000;
const REMEDY: &str = "install Chromium and its driver (Debian: `apt-get install chromium \
    chromium-driver`), or set CHROMEDRIVER and CHROMIUM to their paths";

/// One window. Dropping it ends the browser.
pub(crate) struct Browser {
    driver: Child,
    agent: Agent,
    session: String,
    /// Removed with the browser.
    profile: tempfile::TempDir,
}

impl Browser {
    /// Starts a browser with a new profile.
    pub(crate) fn start() -> Self {
        let driver = std::env::var_os("CHROMEDRIVER").unwrap_or("chromedriver".into());
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("there is no browser driver ({error}): {REMEDY}"));
        let port = port(&mut driver);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(LIMIT + LIMIT));
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self {
            driver,
            agent: config.build().into(),
            session: format!("http://127.0.0.1:{port}/session"),
            profile,
        };
        let options = options(browser.profile.path().to_str().unwrap());
        let started = browser.post("", &json!({"capabilities": {"alwaysMatch": options}}));
        let id = started["sessionId"].as_str();
        let id = id.unwrap_or_else(|| panic!("no browser has started ({started}): {REMEDY}"));
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    pub(crate) fn open(&self, url: &str) {
        self.command("/url", &json!({ "url": url }));
    }

    /// The value of an expression of the page.
    pub(crate) fn value(&self, expression: &str) -> Value {
        let script = format!("return {expression}");
        self.command("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// The text of the element that a selector finds.
    pub(crate) fn text(&self, selector: &str) -> String {
        let text = self.value(&format!("document.querySelector({selector:?})?.innerText"));
        text.as_str()
            .unwrap_or_else(|| panic!("no {selector}"))
            .to_owned()
    }

    /// Waits until an expression is true, which is looked at after each change of the page.
    #[track_caller]
    pub(crate) fn wait(&self, expression: &str) {
        let script = format!(
            "const done = arguments[0];
             const observer = new MutationObserver(check);
             function check() {{
               if ({expression}) {{ observer.disconnect(); done(true); }}
             }}
             observer.observe(document, {{
               subtree: true, childList: true, attributes: true, characterData: true
             }});
             check();"
        );
        let body = json!({"script": script, "args": []});
        let answer = self.post("/execute/async", &body);
        if answer != json!(true) {
            let page = self.value("document.body.innerText");
            panic!("not true: {expression} ({answer}). The page:\n{page}");
        }
    }

    /// Waits until the page has a text.
    #[track_caller]
    pub(crate) fn wait_text(&self, selector: &str, text: &str) {
        let selected = format!("[...document.querySelectorAll({selector:?})]");
        self.wait(&format!(
            "{selected}.some((it) => it.textContent.includes({text:?}))"
        ));
    }

    pub(crate) fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.command(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types on the keyboard, into the element that a selector finds.
    pub(crate) fn types(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.command(
            &format!("/element/{element}/value"),
            &json!({ "text": text }),
        );
    }

    fn element(&self, selector: &str) -> String {
        let using = json!({"using": "css selector", "value": selector});
        let found = self.command("/element", &using);
        let id = found.as_object().and_then(|it| it.values().next());
        id.and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {selector}: {found}"))
            .to_owned()
    }

    pub(crate) fn resize(&self, width: u32, height: u32) {
        self.command("/window/rect", &json!({"width": width, "height": height}));
    }

    pub(crate) fn prefers(&self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        let params = json!({ "features": [feature] });
        let body = json!({"cmd": "Emulation.setEmulatedMedia", "params": params});
        self.command("/goog/cdp/execute", &body);
    }

    /// Messages of the console that are errors, such as a violated policy or a missing file.
    pub(crate) fn console_errors(&self) -> Vec<Value> {
        let log = self.command("/se/log", &json!({"type": "browser"}));
        let entries = log.as_array().cloned().unwrap_or_default();
        entries
            .into_iter()
            .filter(|it| it["level"] == "SEVERE")
            .collect()
    }

    /// Keeps a picture of the window.
    pub(crate) fn screenshot(&self, name: &str) {
        let Some(folder) = std::env::var_os("GALLERY_SCREENSHOTS").map(PathBuf::from) else {
            return;
        };
        let body = json!({"cmd": "Page.captureScreenshot", "params": {"format": "png"}});
        let picture = self.command("/goog/cdp/execute", &body);
        let picture = picture["data"].as_str().unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        // The file is for people, who have a tool for it; a decoder would be another dependency.
        std::fs::write(folder.join(format!("{name}.png.base64")), picture).unwrap();
    }

    #[track_caller]
    fn command(&self, path: &str, body: &Value) -> Value {
        let value = self.post(path, body);
        assert!(value.get("error").is_none(), "{path}: {value}");
        value
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.agent.post(format!("{}{path}", self.session));
        let mut response = request.send(body.to_string()).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        answer["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port that the driver has chosen.
fn port(driver: &mut Child) -> u16 {
    let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let ports = lines.map_while(Result::ok).filter_map(|line| {
        let (_, port) = line.split_once("successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    { ports }
        .next()
        .unwrap_or_else(|| panic!("the browser driver has ended: {REMEDY}"))
}

/// A browser without a window, which talks to nothing but the page.
fn options(profile: &str) -> Value {
    let mut arguments = vec![
        "--headless".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        format!("--user-data-dir={profile}"),
    ];
    // Chromium has no sandbox for root.
    if rustix::process::geteuid().is_root() {
        arguments.push("--no-sandbox".to_owned());
    }
    let mut chrome = json!({ "args": arguments });
    if let Ok(binary) = std::env::var("CHROMIUM") {
        chrome["binary"] = binary.into();
    }
    json!({
        "goog:chromeOptions": chrome,
        "goog:loggingPrefs": {"browser": "ALL"},
        "timeouts": {"script": LIMIT_MS},
    })
}
