//! Files that say they were generated.
//!
//! An edit of such a file is lost the next time it is written. What flake-file, flakegen and other
//! generators say is recognized by its words, and only if they are about the file itself: a header
//! may also say that `flake.lock` is generated, or that a part is not to be edited. A flake that
//! was begun with a template or a command and then edited by hand does not count.

use rnix::SyntaxKind::{TOKEN_COMMENT, TOKEN_L_BRACE, TOKEN_L_PAREN, TOKEN_WHITESPACE};

/// Words which show that a person has edited the file since it was generated.
const BEGUN: [&str; 12] = [
    "initial",
    "original",
    "flake init",
    "template",
    "scaffold",
    "bootstrap",
    "starting point",
    "generated once",
    "only once",
    "feel free",
    "edit freely",
    "can be edited",
];

/// Words for the file itself.
const ITSELF: &str = "this file flake flake.nix content contents here";

/// Words without a meaning for what is said to be generated.
const FILLING: &str = "the a an nix is was were are has been have gets being auto automatically \
    automagically programmatically fully entirely completely machine note warning caution \
    attention important notice please it that which and of whole output ci";

/// The words after "generated" if it is about the file and has no verb.
const AFTER_GENERATED: &str = "by from with using via on at automatically file code do";

/// Synonyms of "generated", if followed by `by` or the like.
const MADE: &str = "managed tangled rendered produced synced synchronized";

/// What a generated file says not to do.
const EDIT: &str = "edit modify change touch alter";
const EDITED: &str = "edited modified changed touched altered editing";

/// The words after that, if the whole file is meant.
const AFTER_EDIT: &str = "this file flake flake.nix by manually directly unless because as since here in on \
    without and or but use see run instead at if me your yourself contents";

/// Parts of a file, and other files.
const PARTS: &str = "section sections block part parts line lines list lock lockfile lockfiles input \
    inputs outputs attribute hash hashes region";

/// Why nobody should edit this file by hand, if it says so before its first binding: that comment,
/// in one line.
pub fn generated(text: &str) -> Option<String> {
    let code = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut paragraph = Paragraph::default();
    let mut brace = false;
    for (kind, token) in rnix::tokenize(code) {
        match kind {
            TOKEN_COMMENT => {
                for line in token.trim_end_matches("*/").lines() {
                    let line = line.trim().trim_start_matches("/*").trim_start_matches(['#', '*']);
                    // A comment line without words ends a paragraph.
                    if line.trim().is_empty() {
                        if let Some(said) = paragraph.take_if_generated() {
                            return Some(said);
                        }
                    } else {
                        paragraph.add(line);
                    }
                }
            }
            TOKEN_L_PAREN => {}
            TOKEN_WHITESPACE if token.matches('\n').count() < 2 => {}
            TOKEN_WHITESPACE | TOKEN_L_BRACE => {
                if let Some(said) = paragraph.take_if_generated() {
                    return Some(said);
                }
                if kind == TOKEN_L_BRACE && std::mem::replace(&mut brace, true) {
                    return None;
                }
            }
            _ => break,
        }
    }
    paragraph.take_if_generated()
}

/// Adjacent comment lines.
#[derive(Default)]
struct Paragraph {
    text: String,
    /// Its sentences, in lower case.
    sentences: Vec<Vec<String>>,
    /// Whether the next word continues the last sentence.
    is_open: bool,
}

impl Paragraph {
    fn add(&mut self, line: &str) {
        for (at, word) in line.split_whitespace().enumerate() {
            self.text.push_str(if self.text.is_empty() { "" } else { " " });
            self.text.push_str(word);
            // Sentences without a full stop begin on a new line.
            if at == 0 && word.starts_with(|first: char| first.is_uppercase() || first == '@') {
                self.is_open = false;
            }
            self.word(word);
        }
        // Skip directives for editors and licence tags.
        let line = line.trim_start();
        if ["vim:", "-*-", "SPDX-"].iter().any(|start| line.starts_with(start)) {
            self.is_open = false;
        }
    }

    fn word(&mut self, word: &str) {
        let is_mark = |c: char| !c.is_alphanumeric() && !"@_/".contains(c);
        let bare = word.trim_start_matches(|c| is_mark(c) && c != '.').trim_end_matches(is_mark);
        let ends =
            |part: &str| part.contains(['.', '!', '?', ';', ':', '(', ')', '\u{2014}', '\u{2013}']);
        let (before, after) = match word.find(bare).filter(|_| !bare.is_empty()) {
            Some(at) => (word.get(..at), word.get(at + bare.len()..)),
            None => (Some(word), None),
        };
        if before.is_some_and(ends) || word == "-" {
            self.is_open = false;
        }
        if !bare.is_empty() {
            if !std::mem::replace(&mut self.is_open, true) {
                self.sentences.push(Vec::new());
            }
            if let Some(sentence) = self.sentences.last_mut() {
                sentence.extend(plain(bare));
            }
        }
        if after.is_some_and(ends) {
            self.is_open = false;
        }
    }

    /// The text, if it says that the file is generated; the paragraph is empty afterwards.
    fn take_if_generated(&mut self) -> Option<String> {
        let paragraph = std::mem::take(self);
        paragraph.says_so().then_some(paragraph.text)
    }

    fn says_so(&self) -> bool {
        let text = self.text.to_lowercase();
        let is_begun = BEGUN.iter().any(|words| text.contains(words));
        // Whether a sentence without a subject is about the file.
        let mut topic = true;
        for sentence in &self.sentences {
            let words: Vec<&str> = sentence.iter().map(String::as_str).collect();
            let generated = says_generated(&words, &mut topic);
            if generated && !is_begun || says_forbidden(&words, topic) {
                return true;
            }
        }
        false
    }
}

/// A word in the form that is compared: lower case, `don't` as two words, and hyphens as blanks
/// except in file names.
fn plain(word: &str) -> Vec<String> {
    let word = word.to_lowercase().replace('\u{2019}', "'");
    match word.as_str() {
        "don't" | "dont" => vec!["do".into(), "not".into()],
        "shouldn't" | "mustn't" => vec!["not".into()],
        _ if word.contains(['.', '/']) => vec![word],
        _ => word.split(['-', '_']).filter(|part| !part.is_empty()).map(str::to_owned).collect(),
    }
}

/// Whether a word is a file other than flake.nix, or a part of one.
fn is_other(word: &str) -> bool {
    let is_path = word.contains('.') || word.contains('/');
    is_in(word, PARTS) || is_path && !matches!(word, "flake.nix" | "./flake.nix")
}

/// Whether the subject before a verb is the file itself. `topic` is the answer if there is no
/// subject, and is updated otherwise.
fn means_itself(subject: &[&str], topic: &mut bool) -> bool {
    let mut words = subject.iter().filter(|word| !is_in(word, FILLING)).peekable();
    // Go's tools write "Code generated by …".
    if words.peek().is_none() || subject == ["code"] {
        return *topic;
    }
    *topic = words.all(|word| is_in(word, ITSELF));
    *topic
}

/// Whether a sentence says that the file is generated.
fn says_generated(words: &[&str], topic: &mut bool) -> bool {
    if words.contains(&"@generated") {
        return true;
    }
    let verb = |word: &str| ["is", "was", "are", "were", "been", "being", "gets"].contains(&word);
    for (at, word) in words.iter().enumerate() {
        let (before, after) = words.split_at(at);
        let next = after.get(1).copied();
        let is_verb = before.iter().rev().find(|word| !is_adverb(word)).is_some_and(|it| verb(it));
        let says = match *word {
            "autogenerated" | "generated" => {
                let is_auto = *word != "generated" || before.last().is_some_and(|it| is_adverb(it));
                let is_said = next.is_some_and(|next| is_in(next, AFTER_GENERATED));
                is_verb || is_said || is_auto && next.is_none()
            }
            "managed" if is_verb && before.last().is_some_and(|it| is_adverb(it)) => true,
            made if is_in(made, MADE) => {
                next.is_some_and(|next| ["by", "from", "with", "using"].contains(&next))
            }
            _ => false,
        };
        if says && before.iter().any(|word| is_other(word)) {
            *topic = false;
            return false;
        }
        if says {
            let pronoun = before.iter().rposition(|word| is_in(word, "it which that"));
            let (_, subject) = before.split_at(pronoun.unwrap_or_default());
            return means_itself(subject, topic);
        }
    }
    // The subject of the next sentence, perhaps.
    let first = words.iter().find(|word| !is_in(word, FILLING) && !["your", "my"].contains(word));
    if let Some(first) = first {
        let is_this = is_in(first, ITSELF) && !words.iter().take(3).any(|word| is_other(word));
        *topic = if is_other(first) { false } else { *topic || is_this };
    }
    false
}

/// Whether a word is in a list.
fn is_in(word: &str, list: &str) -> bool {
    list.split(' ').any(|other| other == word)
}

fn is_adverb(word: &str) -> bool {
    ["auto", "automatically", "automagically", "programmatically", "machine", "fully", "entirely"]
        .contains(&word)
}

/// Whether a sentence forbids editing the file.
fn says_forbidden(words: &[&str], topic: bool) -> bool {
    for (at, word) in words.iter().enumerate() {
        let (before, after) = words.split_at(at);
        let after = after.get(1..).unwrap_or_default();
        let forbids = |skipped: &[&str], by: &[&str]| {
            let mut words = before.iter().rev().filter(|word| !skipped.contains(word));
            words.next().is_some_and(|word| by.contains(word))
        };
        let manually =
            ["manually", "hand", "directly", "ever", "please", "be", "to", "meant", "for"];
        let lost = ["lost", "overwritten", "discarded", "clobbered"];
        if is_in(word, EDIT) && forbids(&manually, &["not", "never"]) {
            if means_all(after, topic) {
                return true;
            }
        } else if is_in(word, EDITED) && forbids(&manually, &["not", "never"]) {
            let end = before.iter().position(|word| ["not", "never"].contains(word));
            let subject = before.get(..end.unwrap_or_default()).unwrap_or_default();
            let modal = |word: &&&str| !["should", "must", "may", "can"].contains(*word);
            let subject: Vec<&str> = subject.iter().filter(modal).copied().collect();
            if means_itself(&subject, &mut topic.clone()) {
                return true;
            }
        } else if lost.contains(word) && forbids(&["be", "get"], &["will", "be", "are", "may"]) {
            let what = |word: &&str| ["changes", "edits", "modifications"].contains(word);
            let Some(what) = before.iter().position(what) else { continue };
            let to = before.get(what + 1..).unwrap_or_default();
            let object = match to.split_first() {
                Some((&("to" | "in" | "of"), object)) => object,
                _ => &[],
            };
            if means_all(object, topic) {
                return true;
            }
        }
    }
    false
}

/// Whether the whole file must not be edited.
fn means_all(object: &[&str], topic: bool) -> bool {
    let object: Vec<&str> =
        object.iter().filter(|word| !["the", "of"].contains(word)).copied().collect();
    match object.as_slice() {
        [] | ["it", ..] | ["will" | "may" | "are", ..] => topic,
        ["this", next, ..] | [next, ..] if is_other(next) => false,
        ["anything" | "any", ..] => object.windows(2).any(|two| two == ["this", "file"]),
        ["this" | "file" | "flake" | "flake.nix", ..] => true,
        [first, ..] => topic && (is_in(first, AFTER_EDIT) || is_in(first, EDIT)),
    }
}
