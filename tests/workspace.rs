//! The shape of the workspace, kept by tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand};

use crate::common::root;

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec().expect("cargo metadata")
}

/// The crates of this workspace that each crate may depend on; `vgae-pipeline` and `vgae-cli` may use all.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("vgae-artifacts", &[]),
    ("vgae-options", &[]),
    ("vgae-testing", &["artifacts"]),
    ("vgae-numerics", &["artifacts"]),
    ("vgae-nn", &["artifacts", "numerics", "options"]),
    ("vgae-autoencoder", &["artifacts", "numerics", "nn", "options"]),
    ("vgae-ingest", &["artifacts", "numerics"]),
    ("vgae-split", &["artifacts", "numerics", "options"]),
    ("vgae-model", &["artifacts", "numerics", "nn", "autoencoder", "options"]),
    ("vgae-eval", &["artifacts", "numerics"]),
    ("vgae-samples", &["artifacts", "numerics", "ingest", "split", "eval"]),
    ("vgae-export", &["artifacts", "numerics"]),
    ("vgae", &["artifacts", "ingest", "split", "model", "eval"]),
    ("vgae-report", &["artifacts", "numerics"]),
    ("vgae-large", &["artifacts", "numerics", "split"]),
];

#[test]
fn crates_depend_downwards_and_siblings_do_not_import_each_other() {
    let metadata = metadata();
    let mut seen = 0;
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else { continue };
        seen += 1;
        let shipped = |dependency: &&Dependency| dependency.kind != DependencyKind::Development;
        for dependency in package.dependencies.iter().filter(shipped) {
            if let Some(other) = dependency.name.strip_prefix("vgae-") {
                assert!(allowed.contains(&other), "{name} may not depend on vgae-{other}");
            }
        }
    }
    assert_eq!(seen, ALLOWED.len());
}

/// The wheel is compiled as the program is, since a workspace of its own has its own profiles.
#[test]
fn the_wheel_has_the_release_profile_of_the_program() {
    let packages = |path: &str| {
        let text = std::fs::read_to_string(root().join(path)).expect("a manifest");
        let manifest: toml::Table = text.parse().expect("TOML");
        let packages =
            manifest["profile"]["release"]["package"].as_table().expect("a table").clone();
        let foreign = |(name, _): &(String, toml::Value)| !name.starts_with("vgae");
        packages.into_iter().filter(foreign).collect::<toml::Table>()
    };
    assert_eq!(packages("crates/python/Cargo.toml"), packages("Cargo.toml"));
}

/// Numerical building blocks have one definition in the workspace.
#[test]
fn numerical_building_blocks_exist_once() {
    const DEFINITIONS: [(&str, &str); 6] = [
        ("struct Adjacency ", "adjacency.rs"),
        ("struct Components ", "components.rs"),
        ("struct Pca ", "pca.rs"),
        ("struct Standardiser ", "standardiser.rs"),
        ("fn cross_entropy(", "logistic/mod.rs"),
        ("fn minimise(", "logistic/lbfgs.rs"),
    ];
    let sources = sources(&root().join("crates"));
    for (definition, file) in DEFINITIONS {
        let files = sources.iter().filter(|(_, text)| text.contains(definition));
        let files: Vec<&Path> = files.map(|(path, _)| path.as_path()).collect();
        let expected = root().join("crates/numerics/src").join(file);
        assert_eq!(files, [expected], "files with `{definition}`");
    }
}

/// The source files below a folder, with their text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("text");
            found.push((path, text));
        }
    }
    found
}

#[test]
fn one_arrow_version_in_the_lock_file() {
    let metadata = metadata();
    let versions: BTreeSet<String> = metadata
        .packages
        .iter()
        .filter(|package| ["arrow", "arrow-array", "parquet"].contains(&package.name.as_str()))
        .map(|package| package.version.to_string())
        .collect();
    assert_eq!(versions.len(), 1, "{versions:?}");
    assert!(versions.iter().all(|version| version.starts_with("59.")), "{versions:?}");
}

#[test]
fn every_pipeline_file_is_a_pipeline() {
    let mut names = BTreeSet::new();
    let folders = ["pipelines", "crates/pipeline/pipelines"];
    let folders = folders.map(|folder| std::fs::read_dir(root().join(folder)).expect(folder));
    for entry in folders.into_iter().flatten() {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            continue; // the data of one
        }
        let loaded = vgae_pipeline::PipelineConfig::read(&path)
            .and_then(vgae_pipeline::Plan::new)
            .unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        assert!(!loaded.runs.is_empty());
        names.insert(path.file_stem().expect("stem").to_string_lossy().into_owned());
    }
    for dataset in ["cora", "citeseer", "pubmed"] {
        for method in ["gae", "vgae"] {
            assert!(names.contains(&format!("{dataset}-{method}")), "{names:?}");
        }
    }
    for name in ["table1", "mnist-ae", "mnist-vae", "mnist-vae-2d", "iris-vae"] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
}
