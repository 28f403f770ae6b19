//! Shows an installation on the terminal: a bar where there is one, plain lines elsewhere.

use std::io::{IsTerminal as _, stderr};
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use codex_runtime::{Progress, Step};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows the steps on stderr, so that stdout stays a command's result.
pub(crate) struct Terminal {
    bar: Option<ProgressBar>,
    current: Option<Discriminant<Step>>,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        Self {
            bar: stderr().is_terminal().then(ProgressBar::new_spinner),
            current: None,
        }
    }

    fn begin(&self, step: &Step) {
        let title = title(step);
        let Some(bar) = &self.bar else {
            eprintln!("{title}");
            return;
        };
        let template = match amounts(step) {
            Some(_) => "{msg} {wide_bar} {bytes}/{total_bytes}",
            None => "{spinner} {msg} {elapsed}",
        };
        // Both templates are constants: a bad one shows in the first run.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(title);
        bar.reset_elapsed();
        bar.enable_steady_tick(Duration::from_millis(120));
    }
}

impl Progress for Terminal {
    fn report(&mut self, step: &Step) {
        let kind = Some(discriminant(step));
        if self.current != kind {
            self.current = kind;
            self.begin(step);
        }
        if let (Some(bar), Some((done, total))) = (&self.bar, amounts(step)) {
            bar.set_length(total);
            bar.set_position(done);
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn amounts(step: &Step) -> Option<(u64, u64)> {
    match step {
        Step::Verifying { done, total, .. } | Step::Unpacking { done, total, .. } => {
            Some((*done, *total))
        }
        _ => None,
    }
}

fn title(step: &Step) -> String {
    match step {
        Step::Waiting => "waiting for another installation of the runtime".to_owned(),
        Step::Downloading { package, .. } => {
            format!("fetching {package} with npm (about 170 MB)")
        }
        Step::Verifying { .. } => "checking the archive".to_owned(),
        Step::Unpacking { .. } => "unpacking the runtime".to_owned(),
        _ => "installing the runtime".to_owned(),
    }
}
