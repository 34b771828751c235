//! What is shown and selected, and what each action changes. Pure: no terminal, no files.

mod fixing;
mod moving;
mod pointing;
mod typing;

use super::details::Details;
use super::dump::Dump;
use super::fixes;
use super::keys::Action;
use super::lists::{ListKind, ListPosition, Lists, Search};
use super::prompt::Prompt;
use super::scene::Scene;
pub(super) use pointing::Areas;

/// Where drawings of `d` go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sink {
    /// To a file, at once.
    File,
    /// To standard output, on exit.
    Stdout,
}

/// What has to be done outside the explorer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExplorerEffect {
    /// Nothing.
    None,
    /// Exit; the drawing goes to standard output, if drawings do.
    Quit,
    /// Exit as by ctrl-c.
    Interrupt,
    /// Suspend the process.
    Suspend,
    /// Open an editor with this file and line.
    Edit(String, usize),
    /// Read everything again.
    Reload,
    /// Apply the fix of the finding at this index, and read everything again.
    Fix(usize),
    /// Send this to the clipboard.
    Copy(String),
    /// Write a drawing to a file; `replace` permits replacing an existing one.
    Write {
        /// The drawing.
        dump: Dump,
        /// The file's name.
        file: String,
        /// Whether an existing file may be replaced.
        replace: bool,
    },
}

/// What receives keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// The panes.
    Browse,
    /// The prompt of a search; `from` is the position before it.
    Search {
        /// The text so far.
        prompt: Prompt,
        /// The position to return to.
        from: ListPosition,
    },
    /// The prompt for a file to write a drawing to.
    File {
        /// The text so far.
        prompt: Prompt,
        /// The drawing.
        dump: Dump,
        /// The name of an existing file, which is replaced if it is given again.
        existing: Option<String>,
    },
    /// The list of keys, and its scroll position.
    Help(usize),
    /// The question whether to apply the fix of the finding at this index, and its scroll position.
    Fix(usize, usize),
}

/// The explorer.
#[derive(Debug)]
pub struct Explorer<'f, 'g, 'l, 'a> {
    /// What is explored.
    pub scene: Scene<'f, 'g, 'l, 'a>,
    /// The left pane.
    pub lists: Lists,
    /// The right pane.
    pub details: Details,
    /// Whether the right pane receives keys.
    pub in_details: bool,
    /// What receives keys.
    pub mode: Mode,
    /// The current search.
    pub search: Option<Search>,
    /// The message about the last action (untrusted text).
    pub message: Option<String>,
    /// What `d` asked to draw on exit.
    pub(super) dump: Option<Dump>,
    /// Where the panes are on the screen, as last drawn.
    pub(super) areas: Areas,
    /// The finding that was last jumped to.
    finding: Option<usize>,
    history: Vec<ListPosition>,
    sink: Sink,
    /// Rows of a screen, as last drawn.
    pub(super) page: usize,
    /// Whether what is found is known yet.
    pub(super) is_audited: bool,
}

impl<'f, 'g, 'l, 'a> Explorer<'f, 'g, 'l, 'a> {
    /// The tree, with the first input selected.
    pub fn new(scene: Scene<'f, 'g, 'l, 'a>, sink: Sink) -> Self {
        let lists = Lists::new(&scene);
        let details = Details::of(&scene, lists.spot());
        Self {
            scene,
            lists,
            details,
            in_details: false,
            mode: Mode::Browse,
            search: None,
            message: None,
            dump: None,
            areas: Areas::default(),
            finding: None,
            history: Vec::new(),
            sink,
            page: 20,
            is_audited: true,
        }
    }

    /// The same while it is still being audited: nothing is found yet, and no output read.
    #[must_use]
    pub fn being_audited(self) -> Self {
        Self { is_audited: false, ..self }
    }

    /// Where drawings go.
    pub fn sink(&self) -> Sink {
        self.sink
    }

    /// What to draw on exit: what `d` was pressed on, else the current view.
    pub fn on_leaving(&self) -> Option<Dump> {
        (self.sink == Sink::Stdout).then(|| self.dump.clone().unwrap_or_else(|| self.in_view()))
    }

    /// A drawing of the current view.
    fn in_view(&self) -> Dump {
        Dump::of(&self.scene, &self.lists, self.search.as_ref())
    }

    /// The prompt, if there is one.
    pub fn prompt(&self) -> Option<&Prompt> {
        match &self.mode {
            Mode::Search { prompt, .. } | Mode::File { prompt, .. } => Some(prompt),
            Mode::Browse | Mode::Help(_) | Mode::Fix(..) => None,
        }
    }

    /// Performs an action.
    pub fn act(&mut self, action: Action) -> ExplorerEffect {
        self.message = None;
        let effect = match action {
            Action::Interrupt => ExplorerEffect::Interrupt,
            Action::Suspend => ExplorerEffect::Suspend,
            action => match self.mode {
                Mode::Browse => self.browse(action),
                Mode::Help(_) => self.help(&action),
                Mode::Fix(..) => self.answer(&action),
                Mode::Search { .. } => self.search_for(action),
                Mode::File { .. } => self.name_file(action),
            },
        };
        self.update_details();
        effect
    }

    /// Updates the details to the selection.
    fn update_details(&mut self) {
        let spot = self.lists.spot();
        if self.details.spot != spot {
            self.details = Details::of(&self.scene, spot);
            self.in_details = false;
        }
    }

    /// Shows a message until the next action.
    pub fn say(&mut self, message: impl Into<String>) {
        self.message = Some(message.into());
    }

    /// Asks for the file's name again, because the file exists.
    pub fn ask_to_replace(&mut self, dump: Dump, file: String) {
        self.say(format!("{file} is there already; enter replaces it, esc does not"));
        self.mode = Mode::File { prompt: Prompt::new(file.clone()), dump, existing: Some(file) };
    }

    fn browse(&mut self, action: Action) -> ExplorerEffect {
        let page = isize::try_from(self.page.max(2)).unwrap_or(isize::MAX);
        match action {
            Action::Down => self.step(1),
            Action::Up => self.step(-1),
            Action::PageDown => self.step(page - 1),
            Action::PageUp => self.step(1 - page),
            Action::HalfDown => self.step(page / 2),
            Action::HalfUp => self.step(-page / 2),
            Action::Top => self.step(isize::MIN),
            Action::Bottom => self.step(isize::MAX),
            Action::OtherPane => self.in_details = !self.in_details,
            Action::Open => self.open(),
            Action::Close => self.close(),
            Action::Enter => self.enter(),
            Action::OpenAll => self.lists.set_all_open(&self.scene, true),
            Action::CloseAll => self.lists.set_all_open(&self.scene, false),
            Action::Follow => self.follow(),
            Action::Back => self.back(),
            Action::Tree => self.show_in_tree(),
            Action::Users => self.users(),
            Action::Instances => self.show(ListKind::Instances),
            Action::Findings => self.show(ListKind::Findings),
            Action::Outputs => self.show(ListKind::Outputs),
            Action::Search => {
                let from = self.lists.position(&self.scene);
                self.in_details = false;
                self.mode = Mode::Search { prompt: Prompt::default(), from };
            }
            Action::Next => self.next(true),
            Action::Previous => self.next(false),
            Action::NextFinding => self.step_findings(1),
            Action::PreviousFinding => self.step_findings(-1),
            Action::Fix => self.ask_to_fix(),
            Action::Edit => return self.edit(),
            Action::Reload => return ExplorerEffect::Reload,
            Action::Click(column, row) => self.click(column, row),
            Action::Scroll(column, by) => self.scroll(column, by),
            Action::Dump => self.ask_for_file(),
            Action::Copy => return self.copy(),
            Action::Help => self.mode = Mode::Help(0),
            Action::Escape => self.escape(),
            Action::Quit => return ExplorerEffect::Quit,
            _ => {}
        }
        ExplorerEffect::None
    }

    fn help(&mut self, action: &Action) -> ExplorerEffect {
        let Mode::Help(top) = &mut self.mode else { return ExplorerEffect::None };
        match action {
            Action::Down | Action::PageDown | Action::HalfDown => *top += 1,
            Action::Up | Action::PageUp | Action::HalfUp => *top = top.saturating_sub(1),
            Action::Scroll(_, by) => *top = top.saturating_add_signed(*by),
            Action::Help | Action::Escape | Action::Enter | Action::Quit => {
                self.mode = Mode::Browse;
            }
            _ => {}
        }
        ExplorerEffect::None
    }

    fn copy(&mut self) -> ExplorerEffect {
        let fix = self.lists.spot().and_then(|spot| fixes::fix_for(&self.scene, spot));
        match fix {
            Some(fix) => match fixes::copied(fix) {
                Ok(text) => {
                    self.say(format!("sent to the clipboard: {}", text.trim_end()));
                    return ExplorerEffect::Copy(text);
                }
                Err(why) => self.say(why),
            },
            None => self.say("no fix to copy here"),
        }
        ExplorerEffect::None
    }
}
