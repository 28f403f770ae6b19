//! Checks an input before it is sent: it rejects what the runtime would reject with errors that do
//! not name the part, and what would be sent as something else.

use codex_types::UserInput;

use super::Input;
use crate::error::Error;

impl Input {
    /// Finds what cannot be sent with this method.
    pub(crate) fn check(&self, method: &str) -> Result<(), Error> {
        let incomplete = self.parts.iter().find_map(incomplete);
        match self.problem.clone().or(incomplete.map(str::to_owned)) {
            Some(problem) => Err(Error::InvalidArgument {
                method: method.to_owned(),
                problem,
            }),
            None => Ok(()),
        }
    }
}

/// The missing field of a part. Its fields are all optional in the schema; the runtime requires one
/// of them.
fn incomplete(part: &UserInput) -> Option<&'static str> {
    match part {
        UserInput::Image(image) if image.url.is_none() && image.file_id.is_none() => {
            Some("an image needs a `url` or a `file_id`")
        }
        UserInput::Audio(audio) if audio.url.is_none() && audio.file_id.is_none() => {
            Some("a recording needs a `url` or a `file_id`")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use codex_types::{AudioUserInput, ImageUserInput};

    use super::Input;

    #[test]
    fn incomplete_parts_are_named() {
        let image = Input::text("look").and(ImageUserInput::new());
        let error = image.check("turn/start").unwrap_err().to_string();
        assert!(error.contains("turn/start: an image needs"), "{error}");
        let audio = Input::from(vec![AudioUserInput::new().into()]);
        assert!(audio.check("turn/steer").is_err());
        for complete in [
            Input::new(),
            Input::text(""),
            Input::image_url("data:,x"),
            Input::new().and(ImageUserInput::new().file_id("f")),
            Input::new().and(AudioUserInput::new().file_id("f")),
        ] {
            complete.check("turn/start").unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn path_that_is_not_unicode_is_not_sent_as_another_one() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        let path = OsStr::from_bytes(b"/tmp/caf\xe9.png");
        for input in [
            Input::local_image(path),
            Input::local_audio(path),
            Input::skill("s", path),
        ] {
            let input = input.and_text("more");
            let error = input.check("turn/start").unwrap_err().to_string();
            assert!(error.contains("is not Unicode"), "{error}");
        }
    }
}
