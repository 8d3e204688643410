use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};
use vgae_large::LargeConfig;

use crate::args::{Engine, RunArgs, UsageError};
use crate::output;

/// The program that runs the steps on SQL engines.
const PROGRAM: &str = "vgae-scale";

/// `vgae run --engine`.
pub(crate) fn run(engine: Engine, args: &RunArgs) -> anyhow::Result<()> {
    match engine {
        Engine::Native => native(args),
        Engine::Local | Engine::Spark => hand_over(engine, args),
    }
}

/// Runs the pipeline in this process.
fn native(args: &RunArgs) -> anyhow::Result<()> {
    if let Some(argument) = args.engine_arguments.first() {
        let text = format!(
            "--engine native: expected no arguments after `--`, found {}: they are for the engines `local` and `spark`",
            argument.display()
        );
        return Err(UsageError(text).into());
    }
    let config = LargeConfig::read(&args.pipeline)?;
    let out = args.out.clone().unwrap_or_else(|| {
        PathBuf::from("out").join(args.pipeline.file_stem().unwrap_or_default())
    });
    let memory = vgae_pipeline::machine::available_memory_bytes();
    let run = || vgae_large::run(&config, &out, memory);
    let outcome = vgae_pipeline::on_threads(args.threads, run)??;
    output::result(&format!("{outcome}\nresults in {}", out.display()))
}

/// Hands over to the program `vgae-scale`, which is installed apart.
fn hand_over(engine: Engine, args: &RunArgs) -> anyhow::Result<()> {
    let mut command = Command::new(PROGRAM);
    command.arg("run").arg(&args.pipeline).args(["--engine", engine.into()]);
    if let Some(out) = &args.out {
        command.arg("--out").arg(out);
    }
    // Spark has settings of its own for this.
    if let Some(threads) = args.threads.filter(|_| engine == Engine::Local) {
        command.args(["--threads", &threads.to_string()]);
    }
    let status = match command.args(&args.engine_arguments).status() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = format!(
                "--engine: expected the program `{PROGRAM}` on the path, found none: install it by \
                 `cargo install --locked --path scale` in the source of vgae (docs/scale.md)"
            );
            return Err(UsageError(text).into());
        }
        status => status.with_context(|| format!("cannot start {PROGRAM}"))?,
    };
    ensure!(status.success(), "{PROGRAM} has failed ({status})");
    Ok(())
}
