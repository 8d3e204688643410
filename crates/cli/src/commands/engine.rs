use std::io::ErrorKind;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::args::{Engine, RunArgs, UsageError};

/// The program that runs graph-wide steps on SQL engines.
const PROGRAM: &str = "vgae-scale";

/// `vgae run --engine`: hands over to the program `vgae-scale`, which is installed apart.
pub(crate) fn run(engine: Engine, args: &RunArgs) -> anyhow::Result<()> {
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
