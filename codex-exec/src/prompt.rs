//! The prompt of a run.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The text of a prompt, with optional images. A plain text converts into a prompt:
/// `runner.run("Fix it.")`.
///
/// ```
/// use codex_exec::Prompt;
///
/// let prompt = Prompt::new("What is wrong here?").image("screenshot.png");
/// assert_eq!(prompt.text(), "What is wrong here?");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Prompt {
    text: Arc<str>,
    images: Vec<PathBuf>,
}

impl Prompt {
    /// A prompt without images.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into().into(),
            images: Vec::new(),
        }
    }

    /// Adds a paragraph to the text, after a blank line.
    #[must_use]
    pub fn paragraph(mut self, text: impl AsRef<str>) -> Self {
        self.text = format!("{}\n\n{}", self.text, text.as_ref()).into();
        self
    }

    /// Adds an image file, relative to the working directory of this process.
    #[must_use]
    pub fn image(mut self, file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        // The process may run in another directory.
        self.images.push(std::path::absolute(&file).unwrap_or(file));
        self
    }

    /// Adds image files.
    #[must_use]
    pub fn images<P: Into<PathBuf>>(self, files: impl IntoIterator<Item = P>) -> Self {
        files.into_iter().fold(self, Self::image)
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The image files, as absolute paths.
    pub fn image_files(&self) -> impl Iterator<Item = &Path> {
        self.images.iter().map(PathBuf::as_path)
    }

    pub(crate) fn shared_text(&self) -> &Arc<str> {
        &self.text
    }
}

impl From<&str> for Prompt {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Prompt {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&String> for Prompt {
    fn from(text: &String) -> Self {
        Self::new(text.as_str())
    }
}

/// The text is private; its length is not.
impl fmt::Debug for Prompt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Prompt")
            .field("length", &self.text.len())
            .field("images", &self.images.len())
            .finish()
    }
}
