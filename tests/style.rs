//! The mechanical part of docs/STYLE.md: how doc comments begin, and terms that the glossary replaces.

use std::path::{Path, PathBuf};

/// Words that must not begin a doc comment, as they stand for a noun.
const BEGINNINGS: [&str; 6] = ["Of", "Who", "Whose", "Whom", "Whoever", "What"];

/// Words for people and talk, and former terms, which comments and documents do not use.
const WORDS: [&str; 20] = [
    "who",
    "whoever",
    "whom",
    "nobody",
    "somebody",
    "someone",
    "anybody",
    "stranger",
    "strangers",
    "knows",
    "tells",
    "told",
    "asks",
    "talk",
    "talks",
    "luck",
    "shelf",
    "joiner",
    "likeliest",
    "whole-number",
];

/// Files that may contain the words: this one, the style guide, and histories.
const EXEMPT: [&str; 4] = ["tests/style.rs", "docs/STYLE.md", "docs/notebook.md", "CHANGELOG.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && name != "corpus" {
            files(&path, ending, found);
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

/// The comments of a source file: line, whether a paragraph of a doc comment begins there, text.
fn comments(source: &str) -> impl Iterator<Item = (usize, bool, &str)> {
    // A paragraph begins with the comment and after an empty line of it.
    let mut may_begin = true;
    source.lines().enumerate().filter_map(move |(at, line)| {
        let line = line.trim_start();
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        let begins = doc.is_some() && may_begin;
        may_begin = doc.is_none_or(|text| text.trim().is_empty());
        let text = doc.or_else(|| line.strip_prefix("//"))?;
        Some((at + 1, begins, text.trim()))
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '-' | '_' | '`'))
}

fn faults_of_source(source: &str) -> Vec<(usize, String)> {
    let mut faults = Vec::new();
    for (line, begins, text) in comments(source) {
        let first = words(text).next().unwrap_or_default();
        if begins && BEGINNINGS.contains(&first) {
            faults.push((line, format!("a doc comment begins with `{first}`")));
        }
        faults.extend(faults_of_text(text).map(|fault| (line, fault)));
    }
    faults
}

fn faults_of_text(text: &str) -> impl Iterator<Item = String> {
    let used = words(text).map(str::to_lowercase);
    used.filter(|word| WORDS.contains(&word.as_str())).map(|word| format!("uses `{word}`"))
}

#[test]
fn comments_follow_the_style_guide() {
    let root = root();
    let mut sources = Vec::new();
    for folder in ["crates", "tests", "benches", "fuzz", "scale"] {
        files(&root.join(folder), ".rs", &mut sources);
    }
    assert!(sources.len() > 300, "{}", sources.len());
    let mut faults = Vec::new();
    for path in sources {
        let name = path.strip_prefix(&root).expect("below the root").display().to_string();
        if EXEMPT.contains(&name.as_str()) {
            continue;
        }
        let source = std::fs::read_to_string(&path).expect("text");
        faults.extend(
            faults_of_source(&source)
                .into_iter()
                .map(|(line, fault)| format!("{name}:{line}: {fault}")),
        );
    }
    assert!(faults.is_empty(), "docs/STYLE.md:\n{}", faults.join("\n"));
}

#[test]
fn faults_are_found() {
    let source = "/// Of a graph.\nfn a() {}\n\n/// Returns it,\n/// of a graph.\n///\n/// What it is.\n// Whoever asks.\nlet x = \"who\";\n/// `who`\n";
    let found: Vec<String> = faults_of_source(source)
        .into_iter()
        .map(|(line, fault)| format!("{line} {fault}"))
        .collect();
    assert_eq!(
        found,
        [
            "1 a doc comment begins with `Of`",
            "7 a doc comment begins with `What`",
            "8 uses `whoever`",
            "8 uses `asks`"
        ]
    );
}
