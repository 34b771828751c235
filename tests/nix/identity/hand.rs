//! Random edits of a flake.nix, as people make them.

use serde_json::Value;

use super::declared::{Flake, Input};
use super::dice::Dice;
use super::grown::Shape;
use super::pair::{Pair, named};
use super::reference::Reference;

/// Changes a flake.nix, and leaves the lock behind; returns a description.
pub(super) fn edit(dice: &mut Dice, pair: &mut Pair) -> String {
    let mut done = Vec::new();
    for _ in 0..=dice.below(2) {
        done.extend(one(dice, pair));
    }
    pair.spell(dice, "");
    done.join(", ")
}

fn one(dice: &mut Dice, pair: &mut Pair) -> Option<String> {
    let own: Vec<String> = pair.root().inputs.keys().cloned().collect();
    let overrides = pair.root().overrides();
    let target = dice.pick(&pair.followable).cloned().unwrap();
    let slot = dice.pick(&pair.overridable).cloned();
    Some(match dice.below(16) {
        0 => {
            let path = dice.pick(&overrides)?;
            let input = pair.root().at(path);
            (input.follows, input.reference) = (Some(target), None);
            "changes an override".into()
        }
        1 => {
            let name = dice.pick(&own)?;
            pair.root().inputs.remove(name);
            "removes an input".into()
        }
        2 => {
            let name = ["alias", "z"][dice.below(2)].to_owned();
            if own.contains(&name) {
                return None;
            }
            let input = Input { follows: Some(target), ..Input::default() };
            pair.root().inputs.insert(name, input);
            "adds an input that follows".into()
        }
        3 => {
            let name = dice.pick(&own)?.clone();
            let input = pair.root().inputs.get_mut(&name)?;
            (input.follows, input.reference) = (Some(target), None);
            "makes an input follow".into()
        }
        4..7 => {
            let input = pair.root().at(&slot?);
            (input.follows, input.reference) = (Some(target), None);
            "adds an override".into()
        }
        7 => {
            let input = pair.root().at(&slot?);
            (input.follows, input.reference) = (Some(Vec::new()), None);
            "lets something follow this flake".into()
        }
        8 => {
            let path = dice.pick(&overrides)?;
            let input = pair.root().at(path);
            (input.follows, input.reference) = (None, None);
            "removes an override".into()
        }
        9 => {
            let reference = Reference::acme(dice, "another", 9).original;
            let path = match slot {
                Some(path) if dice.percent(50) => path,
                _ => vec![dice.pick(&own)?.clone()],
            };
            let input = pair.root().at(&path);
            (input.follows, input.reference) = (None, Some(reference));
            "changes a reference".into()
        }
        10 => {
            let input = pair.root().inputs.get_mut(dice.pick(&own)?)?;
            input.is_source = !input.is_source && input.follows.is_none();
            "says that it is no flake, or one".into()
        }
        11 => {
            let mut path = slot?;
            path.push("nothing".into());
            pair.root().at(&path).follows = Some(target);
            "adds an override for nothing".into()
        }
        12 => return in_folder(dice, pair),
        13 => {
            let folders: Vec<_> = pair.flakes.keys().filter(|f| !f.is_empty()).cloned().collect();
            let path = format!("./{}", dice.pick(&folders)?);
            let input = pair.root().inputs.get_mut(dice.pick(&own)?)?;
            (input.follows, input.reference) = (None, Some(Reference::folder(&path).original));
            "takes another folder".into()
        }
        14 => return lock(dice, pair),
        _ => return folder(dice, pair, &own),
    })
}

/// The folders whose flakes have follows of their own, which Nix reads again.
pub(super) fn read_again(pair: &Pair) -> Vec<String> {
    let follows =
        |(_, flake): &(&String, &Flake)| flake.inputs.values().any(|input| input.follows.is_some());
    let folders = pair.flakes.iter().filter(|(folder, _)| !folder.is_empty());
    folders.filter(follows).map(|(folder, _)| folder.clone()).collect()
}

/// Changes only the flakes in folders; returns a description.
pub(super) fn edit_folders(dice: &mut Dice, pair: &mut Pair) -> Option<String> {
    let mut done = Vec::new();
    for _ in 0..=dice.below(3) {
        done.extend(in_folder(dice, pair));
    }
    (!done.is_empty()).then(|| done.join(", "))
}

/// Changes the flake in a folder.
fn in_folder(dice: &mut Dice, pair: &mut Pair) -> Option<String> {
    let mut folders = read_again(pair);
    if folders.is_empty() || dice.percent(20) {
        folders = pair.flakes.keys().filter(|f| !f.is_empty()).cloned().collect();
    }
    let folder = dice.pick(&folders)?.clone();
    let flake = pair.flakes.get_mut(&folder)?;
    let names: Vec<String> = flake.inputs.keys().cloned().collect();
    let name = dice.pick(&names).cloned();
    let other = dice.pick(&names).cloned();
    let done = match dice.below(9) {
        0..3 => {
            let input = flake.inputs.get_mut(&name?)?;
            (input.follows, input.reference) = (Some(vec![other?]), None);
            "makes an input follow"
        }
        3 => {
            flake.inputs.remove(&name?);
            "removes an input"
        }
        4 => {
            let follows = Some(other.into_iter().collect());
            flake.inputs.entry("more".into()).or_default().follows = follows;
            "adds an input that follows"
        }
        5 => {
            let input = flake.inputs.get_mut(&name?)?;
            let reference = Reference::acme(dice, "another", 9).original;
            (input.follows, input.reference) = (None, Some(reference));
            "changes a reference"
        }
        6 => {
            let input = flake.inputs.get_mut(&name?)?;
            (input.follows, input.reference) = (None, None);
            "says nothing of an input"
        }
        7 => {
            let overrides = flake.overrides();
            let input = flake.at(dice.pick(&overrides)?);
            (input.follows, input.reference) = (None, None);
            "removes an override"
        }
        _ => {
            let below = ["nixpkgs", "utils", "a"][dice.below(3)].to_owned();
            flake.at(&[name?, below]).follows = Some(vec![other?]);
            "adds an override"
        }
    };
    pair.spell(dice, &folder);
    Some(format!("{done} in a folder"))
}

/// Changes the lock like other programs and older versions do.
fn lock(dice: &mut Dice, pair: &mut Pair) -> Option<String> {
    let mut lock: Value = serde_json::from_str(&pair.files["flake.lock"]).unwrap();
    let nodes = lock["nodes"].as_object_mut()?;
    let done = match dice.below(8) {
        0 => {
            // One node for two inputs with the same source.
            let leaves: Vec<_> =
                nodes.iter().filter(|(_, node)| node.get("inputs").is_none()).collect();
            let (first, node) = *dice.pick(&leaves)?;
            let same = |other: &&(&String, &Value)| {
                other.0 != first
                    && ["original", "flake", "parent"].iter().all(|a| other.1.get(a) == node.get(a))
            };
            let (first, other) = (first.clone(), leaves.iter().find(same)?.0.clone());
            let inputs =
                nodes.values_mut().filter_map(|node| node.get_mut("inputs")?.as_object_mut());
            for target in inputs.flat_map(|inputs| inputs.values_mut()) {
                if *target == *other {
                    *target = first.clone().into();
                }
            }
            "shares a node"
        }
        1 => {
            for node in nodes.values_mut() {
                let Some(locked) = node.get_mut("locked").and_then(Value::as_object_mut) else {
                    continue;
                };
                let info = ["narHash", "lastModified"]
                    .into_iter()
                    .filter_map(|name| locked.remove_entry(name));
                let info: serde_json::Map<_, _> = info.collect();
                node["info"] = info.into();
            }
            lock["version"] = 5.into();
            "has a lock of version 5"
        }
        2..5 => {
            // A folder in the form of Nix before 2.26, or relative to another flake than its own.
            let folders: Vec<_> =
                nodes.iter().filter(|(_, node)| node.get("parent").is_some()).collect();
            let key = dice.pick(&folders)?.0.clone();
            let folder = nodes.get_mut(&key)?;
            if dice.percent(50) {
                folder["locked"]["narHash"] = format!("sha256-{:042}0=", 1).into();
                folder["locked"]["lastModified"] = 1.into();
            }
            match dice.below(3) {
                0 => drop(folder.as_object_mut()?.remove("parent")),
                1 => folder["parent"] = ["a"].as_slice().into(),
                _ => {}
            }
            "has a folder in an old form"
        }
        5 | 6 => {
            let keys: Vec<_> = nodes.keys().filter(|key| *key != "root").cloned().collect();
            let node = nodes.get_mut(dice.pick(&keys)?)?;
            node["buildTime"] = true.into();
            "has an input of Determinate Nix"
        }
        _ => {
            lock["version"] = 6.into();
            lock["nodes"]["root"]["unknown"] = true.into();
            "has a lock of version 6"
        }
    };
    pair.files.insert("flake.lock".into(), lock.to_string());
    Some(done.into())
}

/// Adds a flake in a folder, which was used on its own before.
fn folder(dice: &mut Dice, pair: &mut Pair, own: &[String]) -> Option<String> {
    let name = ["gpu", "inner"][dice.below(2)].to_owned();
    if own.contains(&name) {
        return None;
    }
    let small = Shape { nodes: 4, follows: 4, recent: dice.percent(30), sources: false };
    let inner = Pair::new(dice, small, 1000);
    let is_locked = dice.percent(70);
    for (path, text) in &inner.files {
        if is_locked || path != "flake.lock" {
            pair.files.insert(named(&name, path), text.clone());
        }
    }
    for (folder, flake) in inner.flakes {
        let folder = if folder.is_empty() { name.clone() } else { named(&name, &folder) };
        pair.flakes.insert(folder, flake);
    }
    let reference = Reference::folder(&format!("./{name}")).original;
    let mut input = Input { reference: Some(reference), ..Input::default() };
    let follow_all = !is_locked || dice.percent(20);
    for path in pair.flakes[&name].inputs.keys() {
        if follow_all || dice.percent(30) {
            let target = dice.pick(&pair.followable).cloned().unwrap();
            let follows = Input { follows: Some(target), ..Input::default() };
            input.inputs.insert(path.clone(), follows);
        }
    }
    for path in &inner.overridable {
        if dice.percent(10) {
            let target = dice.pick(&pair.followable).cloned().unwrap();
            let mut at = &mut input;
            for name in path {
                at = at.inputs.entry(name.clone()).or_default();
            }
            at.follows = Some(target);
        }
    }
    pair.root().inputs.insert(name, input);
    Some(if is_locked { "adds a locked folder" } else { "adds a folder" }.into())
}
