//! No two files of a crate import each other, directly or in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::common::root;

/// Circles that are still there: a file of each, and the tie to cut.
const ALLOWED: [(&str, &str); 2] = [
    (
        "model/estimator",
        "methods, their configurations and results: a hybrid's configuration contains another method's",
    ),
    ("ingest/raw_formats", "the list of formats names their parsers, which use its types"),
];

/// A module, as the names that lead to it.
type Module = Vec<String>;

/// The files of a crate by module, with their text.
fn files(folder: &Path, module: &Module, found: &mut BTreeMap<Module, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let mut own = module.clone();
        if path.is_dir() {
            own.push(stem);
            files(&path, &own, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            if stem.contains("tests") {
                continue;
            }
            if !["lib", "main", "mod"].contains(&stem.as_str()) {
                own.push(stem);
            }
            found.insert(own, std::fs::read_to_string(&path).expect("text"));
        }
    }
}

/// The paths that a file imports, and whether it passes them on, up to its tests.
fn imports(text: &str) -> Vec<(Module, bool)> {
    let code: String = text
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    let mut rest = code.as_str();
    while let Some(start) = rest.find("use ") {
        let before = rest[..start].rsplit('\n').next().unwrap_or_default().trim();
        rest = &rest[start + 4..];
        let Some(end) = rest.find(';') else { break };
        if before.is_empty() || before.starts_with("pub") {
            let tree: String = rest[..end].split_whitespace().collect::<Vec<_>>().join(" ");
            expand(&tree, &Vec::new(), &mut |path| found.push((path, !before.is_empty())));
        }
    }
    found
}

/// Calls `add` with each path of a tree such as `a::{b, c::d as e}`.
fn expand(tree: &str, before: &Module, add: &mut dyn FnMut(Module)) {
    let names = |text: &str| -> Module {
        let path = text.split(" as ").next().unwrap_or_default();
        path.split("::").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let Some((start, list)) = tree.split_once('{') else {
        add([before.clone(), names(tree)].concat());
        return;
    };
    let before = [before.clone(), names(start)].concat();
    let (mut depth, mut from) = (0, 0);
    let list = list.trim_end().trim_end_matches('}');
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&list[from..at], &before, add);
                from = at + 1;
            }
            _ => {}
        }
    }
    if !list[from..].trim().is_empty() {
        expand(&list[from..], &before, add);
    }
}

/// The file in which a path of `module` ends: names that are passed on are followed.
fn target(files: &BTreeMap<Module, String>, module: &Module, path: &[String]) -> Option<Module> {
    let mut at = module.clone();
    let mut names = path;
    match path.first().map(String::as_str) {
        Some("crate") => {
            at.clear();
            names = &path[1..];
        }
        Some("self" | "super") => {}
        Some(child) => {
            let inner = [module.clone(), vec![child.to_owned()]].concat();
            if !files.contains_key(&inner) {
                return None; // another crate's
            }
        }
        None => return None,
    }
    for (place, name) in names.iter().enumerate() {
        match name.as_str() {
            "self" => continue,
            "super" => {
                at.pop();
                continue;
            }
            _ => {}
        }
        let inner = [at.clone(), vec![name.clone()]].concat();
        if files.contains_key(&inner) {
            at = inner;
            continue;
        }
        let passed_on = imports(files.get(&at)?).into_iter().find(|(path, passed_on)| {
            *passed_on && path.last() == Some(name) && !(path == &names[place..] && at == *module)
        });
        if let Some((path, _)) = passed_on {
            return target(files, &at, &path).or(Some(at));
        }
        break;
    }
    Some(at)
}

#[test]
fn no_files_of_a_crate_import_each_other_in_a_circle() {
    let mut circles = Vec::new();
    for entry in std::fs::read_dir(root().join("crates")).expect("crates/") {
        let folder = entry.expect("an entry").path();
        let mut all = BTreeMap::new();
        files(&folder.join("src"), &Vec::new(), &mut all);
        let arrows: BTreeMap<&Module, BTreeSet<Module>> = all
            .iter()
            .map(|(module, text)| {
                let own = imports(text).into_iter().filter(|(_, passed_on)| !passed_on);
                let to = own.filter_map(|(path, _)| target(&all, module, &path));
                (module, to.filter(|other| other != module).collect())
            })
            .collect();
        let reached = |from: &Module| {
            let mut seen = BTreeSet::new();
            let mut open: Vec<&Module> = arrows[from].iter().collect();
            while let Some(next) = open.pop() {
                if seen.insert(next.clone()) {
                    open.extend(&arrows[next]);
                }
            }
            seen
        };
        let reaches: BTreeMap<&Module, BTreeSet<Module>> =
            arrows.keys().map(|module| (*module, reached(module))).collect();
        let mut told = BTreeSet::new();
        for (module, to) in &reaches {
            if !to.contains(*module) || told.contains(*module) {
                continue;
            }
            let circle: Vec<&Module> =
                to.iter().filter(|other| reaches[*other].contains(*module)).collect();
            told.extend(circle.iter().map(|module| (*module).clone()));
            let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
            let names: Vec<String> =
                circle.iter().map(|module| format!("{name}/{}", module.join("/"))).collect();
            if !ALLOWED.iter().any(|(allowed, _)| names.iter().any(|name| name == allowed)) {
                circles.push(names.join(", "));
            }
        }
    }
    assert!(circles.is_empty(), "files import each other in circles:\n{}", circles.join("\n"));
}
