//! Input of a user, in one call per kind.
//!
//! Opens no files: paths and URLs are passed on unchanged.

use serde_json::{Map, Value};

use crate::support::union::reread;
use crate::{
    LocalAudioUserInput, LocalImageUserInput, MentionUserInput, SkillUserInput, TextUserInput,
    UnrecognizedVariant, UserInput,
};

impl UserInput {
    /// Words.
    ///
    /// ```
    /// use codex_types::{TurnStartParams, UserInput};
    ///
    /// let input = vec![
    ///     UserInput::text("What is in this picture?"),
    ///     UserInput::local_image("/tmp/picture.png"),
    /// ];
    /// let params = TurnStartParams::new("thread", input);
    /// # assert_eq!(params.input.len(), 2);
    /// ```
    pub fn text(text: impl Into<String>) -> Self {
        TextUserInput::new(text).into()
    }

    /// An image that the model fetches, or a `data:` URL that holds it.
    pub fn image_url(url: impl Into<String>) -> Self {
        Self::of_field("image", "url", url.into())
    }

    /// An image that was uploaded before.
    pub fn image_file(file_id: impl Into<String>) -> Self {
        Self::of_field("image", "fileId", file_id.into())
    }

    /// An image on the machine of the server.
    pub fn local_image(path: impl Into<String>) -> Self {
        LocalImageUserInput::new(path).into()
    }

    /// A recording that the model fetches, or a `data:` URL that holds it.
    pub fn audio_url(url: impl Into<String>) -> Self {
        Self::of_field("audio", "url", url.into())
    }

    /// A recording on the machine of the server.
    pub fn local_audio(path: impl Into<String>) -> Self {
        LocalAudioUserInput::new(path).into()
    }

    /// A skill to use, by its name and the path of its file.
    pub fn skill(name: impl Into<String>, path: impl Into<String>) -> Self {
        SkillUserInput::new(name, path).into()
    }

    /// A thing that the words refer to, such as an app, by its name and path.
    pub fn mention(name: impl Into<String>, path: impl Into<String>) -> Self {
        MentionUserInput::new(name, path).into()
    }

    /// A variant with one field.
    ///
    /// Which of these fields a variant requires changes from runtime to runtime, and with it
    /// its constructor; what is on the wire does not.
    fn of_field(tag: &str, name: &str, value: String) -> Self {
        let fields = Map::from_iter([(name.to_owned(), Value::String(value))]);
        let mut variant = fields.clone();
        variant.insert("type".to_owned(), Value::from(tag));
        reread(&Value::Object(variant))
            .unwrap_or_else(|_| Self::Unrecognized(UnrecognizedVariant::new(tag, fields)))
    }
}

impl From<&str> for UserInput {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for UserInput {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}
