//! Aspects: the modules that they give to a host, a user or a home.

use super::{Den, MOST};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::frameworks::folders::at;
use crate::evaluate::value::{How, Names, Value, attr};
use crate::syntax::Name;

/// The arguments of functions of entities.
const ENTITIES: [&str; 3] = ["host", "user", "home"];

/// The result of a function that is an aspect.
enum Given {
    Made(Value),
    /// It is for other entities.
    Others,
    /// It needs something that only the flake itself may pass.
    Unknown,
}

/// What is configured, as an argument of aspects.
#[derive(Clone)]
pub(super) struct Entity {
    pub(super) given: Vec<(&'static str, Value)>,
}

impl Entity {
    fn get(&self, name: &str) -> Option<Value> {
        self.given.iter().find(|(of, _)| *of == name).map(|(_, value)| value.clone())
    }
}

/// The modules of all aspects of one entity.
#[derive(Default)]
pub(super) struct Resolved {
    pub(super) system: Vec<Value>,
    pub(super) home: Vec<Value>,
    pub(super) user: Vec<Value>,
    /// What hosts provide for their users, and users for their hosts.
    pub(super) provided: Vec<Value>,
    /// Whether a user has the host's aspects too.
    pub(super) has_those_of_host: bool,
}

impl Den {
    /// An entity's own aspect, and the aspect for all of its kind.
    pub(super) fn resolve_entity(
        &self,
        evaluator: &mut Evaluator<'_>,
        of: &Value,
        name: &Name,
        kind: &str,
        entity: &Entity,
        found: &mut Resolved,
    ) {
        let own = at(evaluator, of, &["aspect"]);
        let own = own.unwrap_or_else(|| self.path(&["den", "aspects", name]));
        let of_kind = self.path(&["den", "ctx", kind]);
        let of_schema = self.path(&["den", "schema", kind, "includes"]);
        for aspect in [own, self.path(&["den", "default"]), of_kind, of_schema] {
            self.resolve(evaluator, aspect, entity, found);
        }
    }

    /// Collects the modules of an aspect and of all aspects that it includes.
    pub(super) fn resolve(
        &self,
        evaluator: &mut Evaluator<'_>,
        aspect: Value,
        entity: &Entity,
        found: &mut Resolved,
    ) {
        let mut seen: Vec<Names> = Vec::new();
        let mut open = vec![(aspect, false)];
        let mut count = 0;
        while let Some((value, conditional)) = open.pop() {
            count += 1;
            if count > MOST || !evaluator.budget.step() {
                evaluator.budget.within(false);
                return;
            }
            let as_it_is = |value: Value| if conditional { value.conditional() } else { value };
            match &value {
                Value::Config(_, path) => {
                    if seen.contains(path) {
                        continue;
                    }
                    seen.push(path.clone());
                    let all = self.defined(evaluator, &value);
                    let is_own = path.iter().any(|name| matches!(&**name, "provides" | "_"));
                    if path.last().is_some_and(|name| &**name == "host-aspects") {
                        found.has_those_of_host = true;
                    }
                    // `_` is short for `provides`.
                    let all = match (all.is_empty() && is_own, &value) {
                        (true, Value::Config(class, path)) => {
                            let path = path.iter().map(|name| match &**name {
                                "_" => Name::from("provides"),
                                "provides" => "_".into(),
                                _ => name.clone(),
                            });
                            self.defined(evaluator, &Value::Config(*class, path.collect()))
                        }
                        _ => all,
                    };
                    open.extend(all.into_iter().map(|value| (value, conditional)));
                }
                Value::Conditional(inner) => open.push(((**inner).clone(), true)),
                Value::Either(all) | Value::Further(all) => {
                    open.extend(all.iter().map(|one| (one.clone(), true)));
                }
                Value::List(list) => {
                    for item in &list.items {
                        let item = evaluator.force(*item);
                        open.push((item, conditional));
                    }
                }
                Value::Definition(_) => match evaluator.resolve(value.clone()) {
                    Value::Definition(_) => found.system.push(as_it_is(value)),
                    value => open.push((value, conditional)),
                },
                Value::Function(..) => match self.given(evaluator, &value, entity) {
                    Given::Made(made) => open.push((made, conditional)),
                    Given::Others => {}
                    Given::Unknown => found.system.push(Value::outside()),
                },
                Value::Set(set) => {
                    for attr in &set.attrs {
                        let into = match &*attr.name {
                            "nixos" | "darwin" | "os" => &mut found.system,
                            "homeManager" => &mut found.home,
                            "user" => &mut found.user,
                            "includes" => {
                                let includes = evaluator.force_known(attr.thunk);
                                open.push((includes, conditional || attr.conditional));
                                continue;
                            }
                            "provides" | "_" => &mut found.provided,
                            _ => continue,
                        };
                        let value = evaluator.force(attr.thunk);
                        into.push(match attr.conditional {
                            true => value.conditional(),
                            false => as_it_is(value),
                        });
                    }
                }
                // An aspect that den itself has, called with a name or similar.
                Value::Woven(woven)
                    if woven.how == How::Handed
                        && woven.of.iter().all(|of| {
                            let value = evaluator.force(*of);
                            value.is_plain() || matches!(value, Value::List(_))
                        }) => {}
                Value::Null | Value::Bool(_) | Value::Text(_) | Value::Number(_) => {}
                // It may configure anything.
                _ => found.system.push(as_it_is(value)),
            }
        }
    }

    /// The result of a function of an entity.
    fn given(&self, evaluator: &mut Evaluator<'_>, function: &Value, entity: &Entity) -> Given {
        let Value::Function(code, _) = function else { return Given::Unknown };
        let mut attrs = Vec::new();
        for (name, value) in &entity.given {
            let value = evaluator.done(value.clone());
            attrs.push(attr(*name, value));
        }
        for (name, has_default) in evaluator.formals(*code).unwrap_or_default() {
            match &*name {
                "class" | "aspect-chain" => {
                    let value = evaluator.done(Value::condition());
                    attrs.push(attr(name, value));
                }
                of if entity.get(of).is_some() || has_default => {}
                of if ENTITIES.contains(&of) => return Given::Others,
                _ => return Given::Unknown,
            }
        }
        Given::Made(evaluator.apply_to(function, Value::set(attrs, None, false), self.place))
    }
}
