//! A line of text being typed.

/// A prompt; the cursor is at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    text: String,
}

impl Prompt {
    /// The most characters in it.
    const LONGEST: usize = 1024;

    /// A prompt with an initial text.
    pub(super) fn new(text: String) -> Self {
        Self { text }
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds what was typed or pasted, without control characters; of several lines only the first.
    pub(super) fn insert(&mut self, text: &str) {
        let line = text.split(['\n', '\r']).find(|line| !line.is_empty()).unwrap_or_default();
        let room = Self::LONGEST.saturating_sub(self.text.chars().count());
        self.text.extend(line.chars().filter(|c| !c.is_control()).take(room));
    }

    /// Deletes the last character; false if there was none.
    pub(super) fn erase(&mut self) -> bool {
        self.text.pop().is_some()
    }

    /// Deletes the last word.
    pub(super) fn erase_word(&mut self) {
        let trimmed = self.text.trim_end();
        let end = trimmed.rfind([' ', '/', '-', '.']).map_or(0, |at| at + 1);
        self.text.truncate(if end == trimmed.len() { end.saturating_sub(1) } else { end });
    }

    /// Deletes everything.
    pub(super) fn clear(&mut self) {
        self.text.clear();
    }
}
