//! Whatever is wrong with images or a table: one paragraph and an exit code, or a sound result.

use std::fs;
use std::path::Path;

use vgae_artifacts::SampleMetrics;

use crate::bad_input::{refuse, run, says};
use crate::common::vgae;

/// A folder with a pipeline over the given table, as CSV text.
fn table(csv: &str, more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    fs::write(folder.path().join("t.csv"), csv).expect("table");
    let text = format!("[data]\ntable = \"t.csv\"\n[model]\nmethod = \"ae\"\n{more}");
    fs::write(folder.path().join("p.toml"), text).expect("pipeline");
    folder
}

#[track_caller]
fn refused(code: i32, csv: &str, more: &str) -> String {
    let folder = table(csv, more);
    run(code, &folder.path().join("p.toml"), &folder.path().join("out"))
}

#[track_caller]
fn sound(csv: &str, more: &str) -> SampleMetrics {
    let folder = table(csv, more);
    let out = folder.path().join("out");
    vgae().arg("run").arg(folder.path().join("p.toml")).arg("--out").arg(&out).assert().success();
    vgae().arg("verify").arg(&out).assert().success();
    SampleMetrics::read(&out.join("metrics.json")).expect("metrics")
}

/// Rows of three numbers in 0 to 1, the second as `b` has it.
fn rows(count: usize, b: impl Fn(usize) -> String) -> String {
    let row = |at: usize| format!("{},{},{}", at % 7, b(at), at % 3);
    let rows: Vec<String> = (0..count).map(row).collect();
    format!("a,b,c\n{}\n", rows.join("\n"))
}

const SQUARED: &str = "likelihood = \"squared\"\nepochs = 3\n";

#[test]
fn values_that_are_no_numbers() {
    for bad in ["NaN", "inf", "-inf"] {
        let csv = rows(60, |at| if at == 9 { bad.to_owned() } else { at.to_string() });
        says(&refused(1, &csv, SQUARED), &["t.csv", "b"]);
    }
    let csv = rows(60, |at| if at == 9 { String::new() } else { at.to_string() });
    says(&refused(1, &csv, SQUARED), &["t.csv", "`b`", "mean"]);
}

#[test]
fn tables_that_are_none() {
    says(&refused(1, "", SQUARED), &["t.csv"]);
    says(&refused(1, "id,value\n", SQUARED), &["no samples"]);
    says(&refused(1, "id,label\nx,y\nz,w\n", SQUARED), &["t.csv"]);
    says(&refused(1, "id,a\nx,1\nx,2\n", SQUARED), &["t.csv", "x"]);
    says(&refused(1, "a,b\n1,2\n3,4\n", SQUARED), &["test"]);
}

#[test]
fn values_outside_of_what_the_likelihood_makes() {
    let csv = rows(60, |at| at.to_string());
    says(&refused(1, &csv, ""), &["Bernoulli", "gaussian", "scale"]);
}

#[test]
fn settings_that_make_no_sense() {
    let csv = rows(60, |at| at.to_string());
    for line in
        ["latent = 0", "hidden = [0]", "epochs = 0", "batch_size = 0", "learning_rate = -1.0"]
    {
        let key = line.split(' ').next().expect("a key");
        says(&refused(2, &csv, &format!("{line}\n")), &[key]);
    }
    let squared = refused(2, &csv, "latnt = 3\n");
    says(&squared, &["did you mean `latent`?"]);
    let diverged = "likelihood = \"squared\"\nlearning_rate = 1e30\n";
    says(&refused(1, &csv, diverged), &["diverged", "learning_rate"]);
}

#[test]
fn constant_columns_wide_codes_and_large_batches_are_sound() {
    let constant = sound(&rows(60, |_| "5".to_owned()), SQUARED);
    assert!(constant.test.is_some_and(|test| test.squared_error.is_finite()));
    let csv = rows(60, |at| at.to_string());
    let all = rows(60, |_| "5".to_owned()).replace("0,5,0", "5,5,5");
    sound(&all, SQUARED);
    let wide = sound(&csv, &format!("{SQUARED}latent = 9\n"));
    assert!(wide.test.is_some_and(|test| test.squared_error.is_finite()));
    sound(&csv, &format!("{SQUARED}batch_size = 1000\n"));
    let minmax = csv.clone();
    let folder = table(&minmax, "");
    let text = "[data.table]\npath = \"t.csv\"\nscale = \"min-max\"\n[model]\nmethod = \"vae\"\n\
                epochs = 2\n";
    fs::write(folder.path().join("p.toml"), text).expect("pipeline");
    let out = folder.path().join("out");
    vgae().arg("run").arg(folder.path().join("p.toml")).arg("--out").arg(&out).assert().success();
}

#[test]
fn image_files_that_are_damaged() {
    let magic = |kind: u8, dimensions: &[u32]| {
        let mut bytes = vec![0, 0, kind, u8::try_from(dimensions.len()).expect("few")];
        bytes.extend(dimensions.iter().flat_map(|size| size.to_be_bytes()));
        bytes
    };
    for (name, content) in [
        ("truncated", magic(8, &[60_000, 28, 28])),
        ("wrong magic", magic(13, &[60_000, 28, 28])),
        ("another count", [magic(8, &[1, 28, 28]), vec![0; 784]].concat()),
    ] {
        let folder = tempfile::tempdir().expect("temporary folder");
        let raw = folder.path().join("raw");
        fs::create_dir(&raw).expect("folder");
        fs::write(raw.join("train-images-idx3-ubyte"), content).expect("file");
        let cache = folder.path().join("cache");
        let fetch = ["fetch", "mnist", "--offline", "--from"].map(AsRef::as_ref);
        let more = [raw.as_ref(), "--cache".as_ref(), cache.as_ref()];
        let said = refuse(1, &[&fetch[..], &more].concat());
        says(&said, &["train-images-idx3-ubyte"]);
        assert!(!cache.join("v1/mnist/train-images-idx3-ubyte").exists(), "{name}");
    }
}

#[test]
fn damaged_artifacts_of_samples() {
    let folder = table(&rows(60, |at| at.to_string()), SQUARED);
    let out = folder.path().join("out");
    vgae().arg("run").arg(folder.path().join("p.toml")).arg("--out").arg(&out).assert().success();
    let solo = folder.path().join("solo");
    fs::create_dir(&solo).expect("folder");
    let copy = |name: &str| fs::copy(out.join(name), solo.join(name)).expect("copied");
    for name in ["nodes.parquet", "samples.parquet", "sample-split.parquet"] {
        copy(name);
    }
    for name in ["weights.safetensors", "latent.safetensors"] {
        copy(name);
    }
    let eval = |code| refuse(code, &["eval".as_ref(), solo.as_ref()]);
    vgae().arg("eval").arg(&solo).assert().success();
    for name in ["samples.parquet", "sample-split.parquet", "weights.safetensors"] {
        let path: &Path = &solo.join(name);
        let whole = fs::read(path).expect("readable");
        fs::write(path, &whole[..whole.len() / 2]).expect("written");
        says(&eval(1), &[name]);
        fs::write(path, &whole).expect("written");
    }
    // The codes of another model.
    let other = folder.path().join("other");
    let text = fs::read_to_string(folder.path().join("p.toml")).expect("pipeline");
    fs::write(folder.path().join("p.toml"), format!("{text}latent = 2\n")).expect("written");
    vgae().arg("run").arg(folder.path().join("p.toml")).arg("--out").arg(&other).assert().success();
    let stolen = fs::read(other.join("latent.safetensors")).expect("codes");
    fs::remove_file(out.join("latent.safetensors")).expect("removed");
    fs::write(out.join("latent.safetensors"), stolen).expect("written");
    let verify = vgae().arg("verify").arg(&out).output().expect("ran");
    let said = String::from_utf8_lossy(&verify.stdout).into_owned();
    assert_eq!(verify.status.code(), Some(1), "{said}");
    says(&said, &["FAILED  latent.safetensors", "FAILED  vectors computed again"]);
}
