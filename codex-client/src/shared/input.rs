//! The input of a turn: the user's input, or a message from a tool.
//!
//! Only builds values of the protocol; sends nothing.

mod check;
mod external;
mod run;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codex_types::{
    AudioUserInput, ImageUserInput, LocalAudioUserInput, LocalImageUserInput, MentionUserInput,
    SkillUserInput, TextUserInput, UserInput,
};

pub use external::ExternalMessage;
pub use run::RunInput;

/// The user's input: text, images, sounds, skills and mentions, in order.
///
/// A string converts into an input; this type is for several parts, or other parts.
///
/// ```
/// use codex_client::Input;
///
/// let input = Input::text("What is wrong here?").and_local_image("screenshot.png");
/// ```
///
/// Paths and media are sent to the runtime unchanged, without a check that the model supports them.
/// What cannot be sent, such as a path that is not Unicode, or an image without any content, is an
/// error ([`Error::InvalidArgument`](crate::Error::InvalidArgument)) when the input is used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    parts: Vec<UserInput>,
    /// The error of a part that could not be created.
    problem: Option<String>,
}

impl Input {
    /// Creates an input without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new().and_text(text)
    }

    /// Adds a part; see [`Input::text`].
    #[must_use]
    pub fn and_text(self, text: impl Into<String>) -> Self {
        self.and(TextUserInput::new(text))
    }

    /// An image by its URL, which must be a data URL, since the runtime does not download images.
    #[must_use]
    pub fn image_url(url: impl Into<String>) -> Self {
        Self::new().and_image_url(url)
    }

    /// Adds a part; see [`Input::image_url`].
    #[must_use]
    pub fn and_image_url(self, url: impl Into<String>) -> Self {
        self.and(ImageUserInput::new().url(url))
    }

    /// An image by its bytes and its media type, such as `image/png`.
    #[must_use]
    pub fn image(media_type: &str, bytes: &[u8]) -> Self {
        Self::new().and_image(media_type, bytes)
    }

    /// Adds a part; see [`Input::image`].
    #[must_use]
    pub fn and_image(self, media_type: &str, bytes: &[u8]) -> Self {
        self.and(ImageUserInput::new().url(data_url(media_type, bytes)))
    }

    /// An image in a file on the server's machine. The path is sent as text, and has to be Unicode.
    #[must_use]
    pub fn local_image(path: impl AsRef<Path>) -> Self {
        Self::new().and_local_image(path)
    }

    /// Adds a part; see [`Input::local_image`].
    #[must_use]
    pub fn and_local_image(self, path: impl AsRef<Path>) -> Self {
        let (input, path) = self.text_of(path.as_ref());
        input.and(LocalImageUserInput::new(path))
    }

    /// A recording by its URL; a data URL.
    #[must_use]
    pub fn audio_url(url: impl Into<String>) -> Self {
        Self::new().and_audio_url(url)
    }

    /// Adds a part; see [`Input::audio_url`].
    #[must_use]
    pub fn and_audio_url(self, url: impl Into<String>) -> Self {
        self.and(AudioUserInput::new().url(url))
    }

    /// A recording by its bytes and its media type, such as `audio/wav`. A model that does not
    /// support audio receives a notice instead.
    #[must_use]
    pub fn audio(media_type: &str, bytes: &[u8]) -> Self {
        Self::new().and_audio(media_type, bytes)
    }

    /// Adds a part; see [`Input::audio`].
    #[must_use]
    pub fn and_audio(self, media_type: &str, bytes: &[u8]) -> Self {
        self.and(AudioUserInput::new().url(data_url(media_type, bytes)))
    }

    /// A recording in a file on the server's machine.
    #[must_use]
    pub fn local_audio(path: impl AsRef<Path>) -> Self {
        Self::new().and_local_audio(path)
    }

    /// Adds a part; see [`Input::local_audio`].
    #[must_use]
    pub fn and_local_audio(self, path: impl AsRef<Path>) -> Self {
        let (input, path) = self.text_of(path.as_ref());
        input.and(LocalAudioUserInput::new(path))
    }

    /// A skill, by its name and the path of its `SKILL.md`. The model receives its text.
    #[must_use]
    pub fn skill(name: impl Into<String>, path: impl AsRef<Path>) -> Self {
        Self::new().and_skill(name, path)
    }

    /// Adds a part; see [`Input::skill`].
    #[must_use]
    pub fn and_skill(self, name: impl Into<String>, path: impl AsRef<Path>) -> Self {
        let (input, path) = self.text_of(path.as_ref());
        input.and(SkillUserInput::new(name, path))
    }

    /// A mention of an app or a plugin, by its name and its path, such as `app://ID`. It belongs to
    /// a text that names it; one that is unknown to the runtime adds nothing for the model.
    #[must_use]
    pub fn mention(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self::new().and_mention(name, path)
    }

    /// Adds a part; see [`Input::mention`].
    #[must_use]
    pub fn and_mention(self, name: impl Into<String>, path: impl Into<String>) -> Self {
        self.and(MentionUserInput::new(name, path))
    }

    /// Adds any other part of the protocol.
    #[must_use]
    pub fn and(mut self, part: impl Into<UserInput>) -> Self {
        self.parts.push(part.into());
        self
    }

    /// A path as text, whose problem is noted if it is not Unicode.
    fn text_of(mut self, path: &Path) -> (Self, String) {
        if path.to_str().is_none() {
            self.problem = Some(format!("the path {} is not Unicode", path.display()));
        }
        (self, path.to_string_lossy().into_owned())
    }

    /// The parts.
    pub fn parts(&self) -> &[UserInput] {
        &self.parts
    }

    pub(crate) fn into_parts(self) -> Vec<UserInput> {
        self.parts
    }
}

/// A `data:` URL of these bytes.
pub(crate) fn data_url(media_type: &str, bytes: &[u8]) -> String {
    let length = bytes.len().div_ceil(3).saturating_mul(4);
    let mut url = String::with_capacity(media_type.len() + "data:;base64,".len() + length);
    url.extend(["data:", media_type, ";base64,"]);
    STANDARD.encode_string(bytes, &mut url);
    url
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&String> for Input {
    fn from(text: &String) -> Self {
        Self::text(text)
    }
}

impl From<UserInput> for Input {
    fn from(part: UserInput) -> Self {
        Self::new().and(part)
    }
}

impl From<Vec<UserInput>> for Input {
    fn from(parts: Vec<UserInput>) -> Self {
        let problem = None;
        Self { parts, problem }
    }
}

impl<const N: usize> From<[UserInput; N]> for Input {
    fn from(parts: [UserInput; N]) -> Self {
        Self::from(Vec::from(parts))
    }
}

impl FromIterator<UserInput> for Input {
    fn from_iter<I: IntoIterator<Item = UserInput>>(parts: I) -> Self {
        Self::from(Vec::from_iter(parts))
    }
}

impl Extend<UserInput> for Input {
    fn extend<I: IntoIterator<Item = UserInput>>(&mut self, parts: I) {
        self.parts.extend(parts);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::Input;

    #[test]
    fn every_part_has_its_form_on_the_wire() {
        let input = Input::text("hello")
            .and_image("image/png", b"\x01\x02\x03")
            .and_image_url("data:,x")
            .and_local_image("a.png")
            .and_audio("audio/wav", b"\xff")
            .and_local_audio("a.wav")
            .and_skill("s", "/s/SKILL.md")
            .and_mention("m", "app://m");
        let expected = json!([
            {"type": "text", "text": "hello"},
            {"type": "image", "url": "data:image/png;base64,AQID"},
            {"type": "image", "url": "data:,x"},
            {"type": "localImage", "path": "a.png"},
            {"type": "audio", "url": "data:audio/wav;base64,/w=="},
            {"type": "localAudio", "path": "a.wav"},
            {"type": "skill", "name": "s", "path": "/s/SKILL.md"},
            {"type": "mention", "name": "m", "path": "app://m"},
        ]);
        assert_eq!(to_value(input.parts()).unwrap(), expected);
    }
}
