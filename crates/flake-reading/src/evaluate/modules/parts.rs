//! The parts of `mkIf`, `mkMerge` and similar.

use std::rc::Rc;

use super::{ClassId, Config};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::settings::USUAL;
use crate::evaluate::unions::{others_of, sets_of};
use crate::evaluate::value::{Definition, Set, Thunk, Value, Why};

/// The parts of a value, each with whether it depends on a condition that cannot be decided.
#[derive(Default)]
pub(in crate::evaluate) struct Parts {
    pub(in crate::evaluate) sets: Vec<(Rc<Set>, bool)>,
    /// Parts that are no sets.
    pub(in crate::evaluate) others: Vec<(Value, bool)>,
}

impl Evaluator<'_> {
    /// The sets in a `config`, through `mkIf` and `mkMerge`, and other parts, of which it is not
    /// known what they set. Conditions on options are not decided: not all modules are known yet.
    pub(super) fn configs(
        &mut self,
        value: &Value,
        conditional: bool,
    ) -> (Vec<Config>, Vec<Value>) {
        let mut configs = Vec::new();
        let mut others = Vec::new();
        let start = (value.clone(), Rc::from([]), conditional, USUAL);
        let mut open: Vec<(Value, Rc<[Thunk]>, bool, i64)> = vec![start];
        while let Some((value, conditions, conditional, priority)) = open.pop() {
            if !self.budget.step() {
                break;
            }
            match value {
                Value::Definition(definition) => match &*definition {
                    Definition::If(condition, content) => {
                        let content = self.force(*content);
                        let all = conditions.iter().copied().chain([*condition]).collect();
                        open.push((content, all, conditional, priority));
                    }
                    Definition::Merge(list) => {
                        let list = self.force_known(*list);
                        let mut items = Vec::new();
                        self.items_into(&list, &mut items);
                        for item in items.into_iter().rev() {
                            let item = self.force(item);
                            open.push((item, conditions.clone(), conditional, priority));
                        }
                    }
                    Definition::Override(of, content) => {
                        let content = self.force(*content);
                        open.push((content, conditions, conditional, *of));
                    }
                },
                Value::Conditional(inner) => {
                    open.push(((*inner).clone(), conditions, true, priority));
                }
                Value::Either(all) | Value::Further(all) => {
                    for one in all.iter().rev() {
                        open.push((one.clone(), conditions.clone(), true, priority));
                    }
                }
                Value::Config(..) => match self.resolve(value) {
                    Value::Config(..) => {}
                    value => open.push((value, conditions, conditional, priority)),
                },
                Value::Set(_) | Value::Update(_) => {
                    let mut sets = Vec::new();
                    sets_of(&value, &mut sets);
                    others_of(&value, &mut others);
                    configs.extend(sets.into_iter().map(|set| {
                        let conditions = conditions.clone();
                        Config { set, conditions, conditional, priority }
                    }));
                }
                value @ Value::Unknown(Why::Outside) => others.push(value),
                value => others_of(&value, &mut others),
            }
        }
        (configs, others)
    }

    /// What the modules of a class set, without what certainly does not apply.
    pub(super) fn configs_of(&mut self, class: ClassId) -> Vec<Rc<Set>> {
        let modules = self.class(class).map(|class| class.modules.clone()).unwrap_or_default();
        let mut sets = Vec::new();
        for config in modules.into_iter().flat_map(|module| module.configs) {
            if self.decided(&config.conditions) != Some(false) {
                sets.push(config.set);
            }
        }
        sets
    }

    /// Whether all conditions hold; `None` if that cannot be decided.
    pub(in crate::evaluate) fn decided(&mut self, conditions: &[Thunk]) -> Option<bool> {
        let mut decided = Some(true);
        for condition in conditions {
            match self.force_known(*condition) {
                Value::Bool(false) => return Some(false),
                Value::Bool(true) => {}
                _ => decided = None,
            }
        }
        decided
    }

    /// The parts of a value, through `mkIf` and `mkMerge`.
    pub(in crate::evaluate) fn parts(&mut self, value: &Value, conditional: bool) -> Parts {
        let mut parts = Parts::default();
        for (value, _, conditional) in self.discharged(value.clone(), 0, conditional) {
            match &value {
                Value::Set(set) => parts.sets.push((set.clone(), conditional)),
                Value::Update(_) => {
                    let (mut sets, mut others) = (Vec::new(), Vec::new());
                    sets_of(&value, &mut sets);
                    others_of(&value, &mut others);
                    parts.sets.extend(sets.into_iter().map(|set| (set, conditional)));
                    parts.others.extend(others.into_iter().map(|other| (other, conditional)));
                }
                _ => parts.others.push((value, conditional)),
            }
        }
        parts
    }
}
