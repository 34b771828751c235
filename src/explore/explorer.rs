//! What is shown and selected, and what each action makes of it. Pure: no terminal, no files.

mod fixing;
mod moving;
mod pointing;
mod typing;

use super::details::Details;
use super::dump::Dump;
use super::fixes;
use super::keys::Action;
use super::lists::{List, Lists, Position, Search};
use super::prompt::Prompt;
use super::scene::Scene;
pub(super) use pointing::Areas;

/// Where the drawing goes that `d` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sink {
    /// To a file, at once.
    File,
    /// To standard output, on leaving.
    Stdout,
}

/// What is to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// Leave; the drawing goes to standard output, if that takes drawings.
    Quit,
    /// Leave as by ctrl-c.
    Interrupt,
    /// Let the shell have the terminal.
    Suspend,
    /// Let an editor have the terminal, with this file and line of it.
    Edit(String, usize),
    /// Read everything again.
    Reload,
    /// Make the fix of the finding at this position, and read everything again.
    Fix(usize),
    /// Send this to the clipboard.
    Copy(String),
    /// Write a drawing to a file; `replace` says that the file may be there already.
    Write {
        /// What is drawn.
        dump: Dump,
        /// The file's name.
        file: String,
        /// Whether it may be replaced.
        replace: bool,
    },
}

/// What keys go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// The panes.
    Browse,
    /// What to search for; `from` is where it began.
    Search {
        /// What is typed.
        prompt: Prompt,
        /// Where to go back to.
        from: Position,
    },
    /// The file to write a drawing to.
    File {
        /// What is typed.
        prompt: Prompt,
        /// What is drawn.
        dump: Dump,
        /// The name of a file that is there already, and is replaced if it is given again.
        existing: Option<String>,
    },
    /// The list of keys, and how far it is scrolled.
    Help(usize),
    /// The fix of the finding at this position, to be made or not, and how far it is scrolled.
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
    /// Whether keys go to the right pane.
    pub in_details: bool,
    /// What keys go to.
    pub mode: Mode,
    /// The search that is on.
    pub search: Option<Search>,
    /// What there is to say of the last action (untrusted text).
    pub message: Option<String>,
    /// What is to be drawn on leaving, where `d` has said so.
    pub(super) dump: Option<Dump>,
    /// Where the panes are on the screen, as last drawn.
    pub(super) areas: Areas,
    /// The finding that was gone to last.
    finding: Option<usize>,
    history: Vec<Position>,
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

    /// What is drawn on leaving: what `d` was pressed on, else what is in view.
    pub fn on_leaving(&self) -> Option<Dump> {
        (self.sink == Sink::Stdout).then(|| self.dump.clone().unwrap_or_else(|| self.in_view()))
    }

    /// A drawing of what is in view.
    fn in_view(&self) -> Dump {
        Dump::of(&self.scene, &self.lists, self.search.as_ref())
    }

    /// The prompt, while something is typed.
    pub fn prompt(&self) -> Option<&Prompt> {
        match &self.mode {
            Mode::Search { prompt, .. } | Mode::File { prompt, .. } => Some(prompt),
            Mode::Browse | Mode::Help(_) | Mode::Fix(..) => None,
        }
    }

    /// Does what a key asks for.
    pub fn act(&mut self, action: Action) -> Effect {
        self.message = None;
        let effect = match action {
            Action::Interrupt => Effect::Interrupt,
            Action::Suspend => Effect::Suspend,
            action => match self.mode {
                Mode::Browse => self.browse(action),
                Mode::Help(_) => self.help(&action),
                Mode::Fix(..) => self.answer(&action),
                Mode::Search { .. } => self.search_for(action),
                Mode::File { .. } => self.name_file(action),
            },
        };
        self.look();
        effect
    }

    /// Brings the details to what is selected.
    fn look(&mut self) {
        let spot = self.lists.spot();
        if self.details.spot != spot {
            self.details = Details::of(&self.scene, spot);
            self.in_details = false;
        }
    }

    /// Says something until the next action.
    pub fn say(&mut self, message: impl Into<String>) {
        self.message = Some(message.into());
    }

    /// The file is there already: it is asked again.
    pub fn ask_to_replace(&mut self, dump: Dump, file: String) {
        self.say(format!("{file} is there already; enter replaces it, esc does not"));
        self.mode = Mode::File { prompt: Prompt::new(file.clone()), dump, existing: Some(file) };
    }

    fn browse(&mut self, action: Action) -> Effect {
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
            Action::Instances => self.show(List::Instances),
            Action::Findings => self.show(List::Findings),
            Action::Outputs => self.show(List::Outputs),
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
            Action::Reload => return Effect::Reload,
            Action::Click(column, row) => self.click(column, row),
            Action::Scroll(column, by) => self.scroll(column, by),
            Action::Dump => self.ask_for_file(),
            Action::Copy => return self.copy(),
            Action::Help => self.mode = Mode::Help(0),
            Action::Escape => self.escape(),
            Action::Quit => return Effect::Quit,
            _ => {}
        }
        Effect::None
    }

    fn help(&mut self, action: &Action) -> Effect {
        let Mode::Help(top) = &mut self.mode else { return Effect::None };
        match action {
            Action::Down | Action::PageDown | Action::HalfDown => *top += 1,
            Action::Up | Action::PageUp | Action::HalfUp => *top = top.saturating_sub(1),
            Action::Scroll(_, by) => *top = top.saturating_add_signed(*by),
            Action::Help | Action::Escape | Action::Enter | Action::Quit => {
                self.mode = Mode::Browse;
            }
            _ => {}
        }
        Effect::None
    }

    fn copy(&mut self) -> Effect {
        let fix = self.lists.spot().and_then(|spot| fixes::of(&self.scene, spot));
        match fix {
            Some(fix) => match fixes::copied(fix) {
                Ok(text) => {
                    self.say(format!("sent to the clipboard: {}", text.trim_end()));
                    return Effect::Copy(text);
                }
                Err(why) => self.say(why),
            },
            None => self.say("no fix to copy here"),
        }
        Effect::None
    }
}
