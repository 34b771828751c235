//! The values of settings, as written in the root's files.

use std::collections::BTreeMap;
use std::rc::Rc;

use rnix::SyntaxNode;
use rnix::ast::{self, Attr};
use rowan::ast::AstNode;
use rowan::{TextRange, TextSize};

use super::Literal;
use super::left_out::SkipReason;
use crate::instance::ReadRoot;
use crate::source::evaluate::facts::{FileId, MadeBy, MadeInstance, Place, Setting, SettingState};
use crate::source::nixpkgs_config::{self, KeyKind};
use crate::source::syntax;

/// A setting of an instance.
#[derive(Debug)]
pub(super) struct WrittenSetting {
    /// Its name in `config`.
    pub(super) path: Vec<String>,
    /// The place of that name.
    pub(super) place: Place,
    /// Its value, or why that is not known.
    pub(super) value: Result<Rc<Literal>, SkipReason>,
    /// Its value if some condition holds.
    pub(super) if_set: Option<Rc<Literal>>,
}

impl WrittenSetting {
    /// Whether it changes builds.
    pub(super) fn builds(&self) -> bool {
        nixpkgs_config::kind(&self.path.join(".")) == Some(KeyKind::Build)
    }
}

/// Reads the root's files. Each is parsed once, and each value read once, because hundreds of hosts
/// may share one.
pub(super) struct SettingReader<'c> {
    root: &'c ReadRoot,
    /// The syntax trees of files, and at which offset they start.
    trees: BTreeMap<FileId, Option<(SyntaxNode, usize)>>,
    /// Values by the place of the setting's name.
    values: BTreeMap<Place, Option<Rc<Literal>>>,
}

impl<'c> SettingReader<'c> {
    pub(super) fn new(root: &'c ReadRoot) -> Self {
        Self { root, trees: BTreeMap::new(), values: BTreeMap::new() }
    }

    /// The settings of an instance, including those that a variant inherits.
    pub(super) fn settings(&mut self, made: &MadeInstance) -> Vec<WrittenSetting> {
        let mut found = Vec::new();
        // A setting that is off is as in plain nixpkgs.
        let settings = made.settings.iter().filter(|set| set.state != SettingState::Off);
        for setting in settings {
            // The setting of a variant is not written anywhere.
            let is_variant = made.made_by == MadeBy::Variant && Some(setting.place) == made.made_at;
            let mut if_set = None;
            let is_platform = setting.key.as_deref() == Some(nixpkgs_config::PLATFORM_GCC);
            let value = match setting.state {
                _ if is_platform => Err(SkipReason::Platform),
                SettingState::Conditional => {
                    if_set = self.if_set(setting.place).map(Rc::new);
                    Err(SkipReason::Conditional)
                }
                SettingState::Unreadable => Err(SkipReason::Unreadable),
                SettingState::On if is_variant => Ok(Rc::new(Literal::bool(true))),
                SettingState::On | SettingState::Off => self.value(setting),
            };
            let (path, place) = (self.path(setting), setting.place);
            found.push(WrittenSetting { path, place, value, if_set });
            // The name tells the card, as in `pkgs.pkgsForCudaArch.sm_89`.
            if is_variant && self.text(place).contains("ForCudaArch") {
                let path = vec!["cudaCapabilities".to_owned()];
                let (value, if_set) = (Err(SkipReason::Computed), None);
                found.push(WrittenSetting { path, place, value, if_set });
            }
        }
        found
    }

    fn text(&self, place: Place) -> &'c str {
        let file = self.root.file(place);
        file.and_then(|(_, text)| text.get(place.span().range())).unwrap_or_default()
    }

    /// A setting's name in `config`. A dot separates the names of a setting of one package
    /// (`joypixels.acceptLicense`), unless it is quoted: `"a.b"`.
    fn path(&self, setting: &Setting) -> Vec<String> {
        // `config` itself is set.
        let Some(key) = setting.key.as_deref() else { return vec!["config".to_owned()] };
        let is_one = self.text(setting.place).replace('\\', "").contains(key);
        let most = if is_one { 1 } else { 2 };
        key.splitn(most, '.').map(str::to_owned).collect()
    }

    /// The value of a setting, as written; a Boolean that is known to be on need not be written.
    fn value(&mut self, setting: &Setting) -> Result<Rc<Literal>, SkipReason> {
        let written = match self.values.get(&setting.place) {
            Some(known) => known.clone(),
            None => {
                let written = self.written(setting.place).map(Rc::new);
                self.values.insert(setting.place, written.clone());
                written
            }
        };
        let is_boolean = setting.key.as_deref().is_some_and(nixpkgs_config::is_boolean);
        let known = || is_boolean.then(|| Rc::new(Literal::bool(true)));
        written.or_else(known).ok_or(SkipReason::Computed)
    }

    fn written(&mut self, place: Place) -> Option<Literal> {
        let value = self.binding(place)?;
        Literal::of(&value).or_else(|| Literal::of(&prioritized(&value)?))
    }

    /// The literal value at the place of a setting.
    fn if_set(&mut self, place: Place) -> Option<Literal> {
        let value = self.binding(place)?;
        let inner = || conditional(&value).or_else(|| conditional(&prioritized(&value)?));
        Literal::of(&value).or_else(|| Literal::of(&inner()?))
    }

    /// The value of the binding whose attribute path ends with the name at a place.
    fn binding(&mut self, place: Place) -> Option<ast::Expr> {
        let root = self.root;
        let tree = self.trees.entry(place.file).or_insert_with(|| {
            let (_, text) = root.file(place)?;
            let code = text.strip_prefix('\u{feff}').unwrap_or(text);
            Some((syntax::tree(code).ok()?.syntax().clone(), text.len() - code.len()))
        });
        let (tree, skipped) = tree.as_ref()?;
        let start = TextSize::try_from(place.span().start.checked_sub(*skipped)?).ok()?;
        if start >= tree.text_range().end() {
            return None;
        }
        // Uses a binary search, whereas `token_at_offset` walks over all siblings.
        let name = tree.covering_element(TextRange::at(start, TextSize::from(1)));
        let path = name.ancestors().find_map(ast::Attrpath::cast)?;
        // Only `b` of `config.a.b = …` has the value; other names below `a` may be elsewhere.
        let last = path.attrs().last()?;
        if last.syntax().text_range().start() != start || matches!(last, Attr::Dynamic(_)) {
            return None;
        }
        let binding = ast::AttrpathValue::cast(path.syntax().parent()?)?;
        binding.value()
    }
}

/// The argument of `lib.mkForce` or `lib.mkDefault`: in a wrapper there is nothing to override.
fn prioritized(value: &ast::Expr) -> Option<ast::Expr> {
    let ast::Expr::Apply(call) = value else { return None };
    let function = call.lambda()?.syntax().text().to_string();
    let name = function.rsplit('.').next().unwrap_or_default();
    if matches!(name, "mkForce" | "mkDefault") { call.argument() } else { None }
}

/// The argument of `lib.mkIf condition`.
fn conditional(value: &ast::Expr) -> Option<ast::Expr> {
    let ast::Expr::Apply(call) = value else { return None };
    let ast::Expr::Apply(inner) = call.lambda()? else { return None };
    let function = inner.lambda()?.syntax().text().to_string();
    let value = (function.rsplit('.').next() == Some("mkIf")).then(|| call.argument())??;
    match value {
        ast::Expr::Paren(paren) => {
            paren.expr().and_then(|value| prioritized(&value).or(Some(value)))
        }
        value => Some(value),
    }
}
