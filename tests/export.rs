//! Embeddings in the form that was asked for, by `vgae export` and by a pipeline.

use std::fs;

use predicates::prelude::*;
use vgae_artifacts::{Embedding, IdType, Nodes};
use vgae_export::read_embeddings_parquet;

use crate::common::{run, vgae};

#[test]
fn export_writes_the_forms_it_is_asked_for() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let demo = folder.path().join("demo");
    vgae().arg("demo").arg("--out").arg(&demo).assert().success();
    let out = folder.path().join("copy");
    fs::create_dir(&out).expect("folder");
    for name in ["nodes.parquet", "latent.safetensors"] {
        fs::copy(demo.join(name), out.join(name)).expect("copied");
    }
    let export = |options: &[&str]| vgae().arg("export").arg(&out).args(options).assert();
    export(&["--formats", "csv,npy"]).success();
    assert!(out.join("embeddings.csv").exists() && out.join("log_sigma.npy").exists());
    assert!(!out.join("embeddings.parquet").exists());
    for layout in ["fixed", "list", "columns"] {
        export(&["--layout", layout]).success();
        let (nodes, embedding) =
            read_embeddings_parquet(&out.join("embeddings.parquet")).expect("reads");
        assert_eq!(nodes.id_type(), IdType::Integer);
        assert_eq!(nodes, Nodes::read(&out.join("nodes.parquet")).expect("reads"));
        let latent = Embedding::read(&out.join("latent.safetensors")).expect("reads");
        assert_eq!(embedding, latent);
    }
    export(&["--layout", "wide"])
        .code(2)
        .stderr(predicate::str::contains("possible values: fixed, list, columns"));
    export(&["--formats", "parquet,xlsx"]).code(2).stderr(predicate::str::contains("npy"));
}

#[test]
fn a_pipeline_says_what_is_exported_and_the_run_names_a_file_that_is_there() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let pipeline = folder.path().join("p.toml");
    let out = folder.path().join("out");
    let text = "[data]\ndataset = \"karate\"\n[model]\nmethod = \"gae*\"\nepochs = 5\n";
    fs::write(&pipeline, format!("{text}[export]\nformats = [\"npy\", \"csv\"]")).expect("written");
    run(&pipeline, &out, &[]).stdout(predicate::str::contains("embeddings.csv"));
    assert!(out.join("embeddings.npy").exists() && !out.join("embeddings.parquet").exists());
    fs::write(&pipeline, text).expect("written");
    run(&pipeline, &out, &[]).stdout(predicate::str::contains("embeddings.parquet"));
    assert!(!out.join("embeddings.npy").exists(), "what is no longer asked for goes");
}
