//! Facts about the build for `vgae doctor`: compiler, target and libraries.

use std::path::Path;
use std::process::Command;

/// The libraries that decide results and files.
const LIBRARIES: [&str; 10] = [
    "arrow",
    "faer",
    "parquet",
    "polars-core",
    "pulp",
    "rand_chacha",
    "rayon",
    "rustls",
    "safetensors",
    "ureq",
];

fn main() {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let rustc = Command::new(variable("RUSTC")).arg("--version").output();
    let rustc = rustc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    println!("cargo::rustc-env=VGAE_RUSTC={}", rustc.unwrap_or_default());
    println!("cargo::rustc-env=VGAE_TARGET={}", variable("TARGET"));
    println!("cargo::rustc-env=VGAE_PROFILE={}", variable("PROFILE"));

    let lock = Path::new(&variable("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    println!("cargo::rerun-if-changed=build.rs");
    let text = std::fs::read_to_string(&lock).unwrap_or_default();
    println!("cargo::rustc-env=VGAE_LIBRARIES={}", libraries(&text).join(", "));
}

/// `name version` of each library in a lock file, where a package's version follows its name.
fn libraries(lock: &str) -> Vec<String> {
    let lines: Vec<&str> = lock.lines().collect();
    let value = |line: &str, key: &str| {
        Some(line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')?.to_owned())
    };
    let packages = lines.windows(2).filter_map(|pair| {
        let (name, version) = (value(pair[0], "name")?, value(pair[1], "version")?);
        LIBRARIES.contains(&name.as_str()).then(|| format!("{name} {version}"))
    });
    packages.collect()
}
