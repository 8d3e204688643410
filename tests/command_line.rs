//! docs/command-line.md, the help of every command, is derived from the declarations of the arguments.

use std::fmt::Write as _;

use crate::common::{root, vgae};

fn stdout(arguments: &[String]) -> String {
    let output = vgae()
        .args(arguments)
        .env_remove("VGAE_CACHE")
        .env_remove("VGAE_THREADS")
        .output()
        .expect("ran");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The commands, by the names of their manual pages.
fn commands() -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().expect("temporary folder");
    vgae().arg("man").arg("--dir").arg(folder.path()).assert().success();
    let pages = std::fs::read_dir(folder.path()).expect("pages");
    let mut names: Vec<String> = pages
        .map(|page| page.expect("a page").file_name().into_string().expect("UTF-8"))
        .filter_map(|name| Some(name.strip_prefix("vgae-")?.strip_suffix(".1")?.to_owned()))
        .collect();
    names.sort();
    // `generate-graph-sbm` is a subcommand of `generate-graph`.
    let all = names.clone();
    let words = |name: String| {
        let parent = all.iter().find(|parent| {
            name.strip_prefix(parent.as_str()).is_some_and(|rest| rest.starts_with('-'))
        });
        match parent {
            Some(parent) => vec![parent.clone(), name[parent.len() + 1..].to_owned()],
            None => vec![name],
        }
    };
    names.into_iter().map(words).collect()
}

#[test]
fn the_reference_of_commands_is_that_of_their_declarations() {
    let mut text = "# Command line\n\n\
        Generated from the declarations in the code by\n\
        `VGAE_UPDATE_DOCS=1 cargo test --workspace -- command_line`. `vgae COMMAND --help` prints the same,\n\
        `vgae man COMMAND` a manual page.\n"
        .to_owned();
    writeln!(text, "\n## vgae\n\n```text\n{}\n```", stdout(&["--help".to_owned()]).trim_end())
        .expect("text");
    for mut command in commands() {
        let name = command.join(" ");
        command.push("--help".to_owned());
        let help = stdout(&command);
        let lines: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
        writeln!(text, "\n## vgae {name}\n\n```text\n{}\n```", lines.join("\n")).expect("text");
    }
    let path = root().join("docs/command-line.md");
    if std::env::var_os("VGAE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "docs/command-line.md differs from the declarations: \
         VGAE_UPDATE_DOCS=1 cargo test --workspace -- command_line"
    );
}

/// `run --engine` hands over to `vgae-scale` with its arguments and its failure, and says how to install it.
#[cfg(unix)]
#[test]
fn an_engine_is_the_business_of_vgae_scale() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("temporary folder");
    let run = |engine: &str, more: &[&str]| {
        let mut command = vgae();
        command.env("PATH", folder.path()).args(["run", "big.toml", "--engine", engine]);
        command.args(more).assert()
    };
    let missing = run("local", &[]).code(2);
    missing.stderr(predicates::str::contains("cargo install --locked --path scale"));

    let program = folder.path().join("vgae-scale");
    std::fs::write(&program, "#!/bin/sh\necho \"$@\"\n[ \"$4\" = local ]\n").expect("written");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&program, mode).expect("executable");
    run("local", &["--out", "o", "--threads", "3", "--", "--memory", "2GB"])
        .success()
        .stdout("run big.toml --engine local --out o --threads 3 --memory 2GB\n");
    let failed = run("spark", &["--threads", "3"]).code(1);
    failed.stdout("run big.toml --engine spark\n").stderr(predicates::str::contains("exit status"));
    run("local", &["--seed", "3"]).code(2);
}
