//! Typing: a search, and the name of a file.

use super::super::keys::Action;
use super::super::lists::{ListKind, ListPosition, Search};
use super::super::prompt::Prompt;
use super::super::search::{SearchMatch, SearchPattern};
use super::{Explorer, ExplorerEffect, Mode, Sink};

impl Explorer<'_, '_, '_, '_> {
    pub(super) fn search_for(&mut self, action: Action) -> ExplorerEffect {
        let Mode::Search { prompt, from } = &mut self.mode else { return ExplorerEffect::None };
        let from = *from;
        match action {
            Action::Type(text) => prompt.insert(&text),
            Action::Erase if prompt.text().is_empty() => return self.end_search(from),
            Action::Erase => drop(prompt.erase()),
            Action::EraseWord => prompt.erase_word(),
            Action::EraseAll => prompt.clear(),
            Action::Escape => return self.end_search(from),
            Action::Enter => {
                self.mode = Mode::Browse;
                self.remember(from);
                return ExplorerEffect::None;
            }
            Action::Next => {
                self.next(true);
                return ExplorerEffect::None;
            }
            Action::Previous => {
                self.next(false);
                return ExplorerEffect::None;
            }
            _ => return ExplorerEffect::None,
        }
        // Matches are shown while typing, starting at the position before the search.
        let pattern = SearchPattern::new(prompt.text());
        self.lists.restore(&self.scene, from);
        self.search = pattern.map(|pattern| {
            let found = self.lists.search(&self.scene, &pattern);
            Search { pattern, list: self.lists.shown, found }
        });
        let position = self.lists.searched_position(&self.scene);
        if let Some(search) = &self.search {
            let found = search.found.after(position, true);
            self.go_to_match(found);
        }
        ExplorerEffect::None
    }

    fn end_search(&mut self, from: ListPosition) -> ExplorerEffect {
        self.mode = Mode::Browse;
        self.search = None;
        self.lists.restore(&self.scene, from);
        ExplorerEffect::None
    }

    /// Goes to the next or previous match. A search from another list is repeated in this one.
    pub(super) fn next(&mut self, forward: bool) {
        let Some(search) = &mut self.search else {
            self.say("no search yet: / begins one");
            return;
        };
        if search.list != self.lists.shown || search.list != ListKind::Tree {
            search.found = self.lists.search(&self.scene, &search.pattern);
            search.list = self.lists.shown;
        }
        let position = self.lists.searched_position(&self.scene);
        let found = if forward {
            search.found.after(position, false)
        } else {
            search.found.before(position)
        };
        self.go_to_match(found);
    }

    fn go_to_match(&mut self, found: Option<SearchMatch>) {
        let Some(search) = &self.search else { return };
        let total = search.found.spots().len();
        match found {
            Some(SearchMatch { spot, number, is_around }) => {
                self.lists.select_match(&self.scene, spot);
                let around = if is_around && total > 1 { ", gone around" } else { "" };
                self.say(format!("match {number} of {total}{around}"));
            }
            None => self.say("no match"),
        }
    }

    pub(super) fn ask_for_file(&mut self) {
        let dump = self.in_view();
        match self.sink {
            Sink::File => {
                let prompt = Prompt::new(dump.file_name());
                self.mode = Mode::File { prompt, dump, existing: None };
            }
            Sink::Stdout => {
                self.say(format!("q writes {dump} to standard output"));
                self.dump = Some(dump);
            }
        }
    }

    pub(super) fn name_file(&mut self, action: Action) -> ExplorerEffect {
        let Mode::File { prompt, dump, existing } = &mut self.mode else {
            return ExplorerEffect::None;
        };
        match action {
            Action::Type(text) => prompt.insert(&text),
            Action::Erase => drop(prompt.erase()),
            Action::EraseWord => prompt.erase_word(),
            Action::EraseAll => prompt.clear(),
            Action::Escape => self.mode = Mode::Browse,
            Action::Enter if !prompt.text().is_empty() => {
                let file = prompt.text().to_owned();
                let replace = existing.as_ref() == Some(&file);
                let dump = dump.clone();
                self.mode = Mode::Browse;
                return ExplorerEffect::Write { dump, file, replace };
            }
            _ => {}
        }
        ExplorerEffect::None
    }
}
