//! The shape of the workspace, kept by tests.

use std::collections::BTreeSet;

use cargo_metadata::{Metadata, MetadataCommand};

use crate::common::root;

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).exec().expect("cargo metadata")
}

#[test]
fn sibling_stages_do_not_import_each_other() {
    let stages: BTreeSet<&str> =
        ["vgae-ingest", "vgae-split", "vgae-model", "vgae-eval", "vgae-export", "vgae-report"]
            .into();
    let metadata = metadata();
    let mut seen = 0;
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let own = package.dependencies.iter().map(|dependency| dependency.name.as_str());
        let own: BTreeSet<&str> = own.filter(|name| name.starts_with("vgae-")).collect();
        if stages.contains(name) {
            seen += 1;
            assert_eq!(own, ["vgae-artifacts"].into(), "{name} may know the artifacts only");
        }
        if name == "vgae-artifacts" {
            assert!(own.is_empty(), "the artifacts know no stage, but {own:?}");
        }
    }
    assert_eq!(seen, stages.len());
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
    for entry in std::fs::read_dir(root().join("pipelines")).expect("pipelines/") {
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
