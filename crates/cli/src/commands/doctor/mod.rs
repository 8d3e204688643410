//! `vgae doctor`: describes the build, the machine and the tools for fetching data. Contacts no server.

mod data;
mod machine;

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use vgae_artifacts::atomic::TEMPORARY_PREFIX;

use crate::args::DoctorArgs;
use crate::output;

const BUILT: &str =
    concat!("by ", env!("VGAE_RUSTC"), ", ", env!("VGAE_PROFILE"), ", for ", env!("VGAE_TARGET"));
const LIBRARIES: &str = env!("VGAE_LIBRARIES");

/// Something that has to be mended before a run can do its work.
struct Problem {
    what: String,
    mend: &'static str,
}

/// `vgae doctor`: exit code 1 when something needed is broken.
pub(crate) fn doctor(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let mut problems = Vec::new();
    let machine = machine::look();
    let data = data::look(args.cache.clone(), &mut problems)?;
    let current = Path::new(".");
    if let Err(error) = write_to(current) {
        let what = format!("the current folder cannot be written to: {error}");
        problems.push(Problem { what, mend: "go to another, or give --out to the commands" });
    }

    if args.json {
        let problems: Vec<Value> = problems
            .iter()
            .map(|problem| json!({ "what": problem.what, "mend": problem.mend }))
            .collect();
        let all = json!({
            "program": program(),
            "machine": machine.to_json(),
            "data": data.to_json(),
            "problems": problems,
        });
        output::result(&serde_json::to_string_pretty(&all)?)?;
    } else {
        let mut lines = vec![
            format!("program     {}", crate::PROGRAM),
            format!("built       {}", BUILT),
            format!("libraries   {}", LIBRARIES),
        ];
        machine.lines(&mut lines);
        data.lines(&mut lines);
        for Problem { what, mend } in &problems {
            lines.push(format!("PROBLEM     {what}: {mend}"));
        }
        if problems.is_empty() {
            lines.push("nothing that is needed is missing".to_owned());
        }
        output::result(&lines.join("\n"))?;
    }
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn program() -> Value {
    let libraries = LIBRARIES.split(", ").filter_map(|library| library.split_once(' '));
    let libraries: serde_json::Map<String, Value> =
        libraries.map(|(name, version)| (name.to_owned(), json!(version))).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": Some(env!("VGAE_COMMIT")).filter(|commit| !commit.is_empty()),
        "rustc": env!("VGAE_RUSTC"),
        "profile": env!("VGAE_PROFILE"),
        "target": env!("VGAE_TARGET"),
        "libraries": libraries,
    })
}

/// Whether a file can be made in a folder, found out by making one.
fn write_to(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!("{TEMPORARY_PREFIX}doctor-{}", std::process::id()));
    std::fs::File::create_new(&path)?;
    std::fs::remove_file(&path)
}

/// `1.5 MB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
