//! `vgae doctor`: what it says is there; the numbers are the machine's.

use serde_json::Value;

use crate::common::vgae;

#[test]
fn every_part_is_told_as_text_and_as_json() {
    let text = vgae().arg("doctor").output().expect("ran");
    assert!(text.status.success());
    let text = String::from_utf8(text.stdout).expect("text");
    for part in
        ["vgae 0.", "rustc", "polars-core 0.", "vectors", "cache", "cora", "mnist", "pip", "npm"]
    {
        assert!(text.contains(part), "no {part} in {text}");
    }

    let empty = tempfile::tempdir().expect("temporary folder");
    let output =
        vgae().args(["doctor", "--json", "--cache"]).arg(empty.path()).output().expect("ran");
    assert!(output.status.success());
    let all: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let there = [
        "/program/version",
        "/program/rustc",
        "/program/libraries/arrow",
        "/program/libraries/faer",
        "/machine/cpu_features/0",
        "/machine/vector_path",
        "/machine/cores",
        "/data/cache",
        "/data/clients/2/program",
        "/problems",
    ];
    for pointer in there {
        assert!(all.pointer(pointer).is_some_and(|value| !value.is_null()), "{pointer}: {all}");
    }
    let cora = &all["data"]["datasets"][0];
    assert_eq!((&cora["name"], &cora["missing"][1]), (&"cora".into(), &"cora.cites".into()));
    assert!(cora["sources"][0].as_str().expect("an address").starts_with("https://"));
    assert_eq!(all["data"]["cache_bytes"], 0);
}

#[cfg(unix)]
#[test]
fn a_cache_that_cannot_be_made_is_a_problem() {
    // A file where the folder would have to be: not even root can write below it.
    let file = tempfile::NamedTempFile::new().expect("temporary file");
    let output = vgae().args(["doctor", "--cache"]).arg(file.path()).output().expect("ran");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("PROBLEM") && text.contains("VGAE_CACHE"), "{text}");
}
