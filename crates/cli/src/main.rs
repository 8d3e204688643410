//! The `vgae` command: arguments in, results on stdout, talk on stderr, and an exit code.
//!
//! Exit codes: 0 done, 1 the run failed, 2 the request does not make sense (arguments or pipeline file).

mod args;
mod commands;
mod one_of;
mod output;
mod pipes;
mod progress;

use std::process::ExitCode;

use clap::Parser;
use vgae_pipeline::PipelineError;

use crate::args::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let progress = progress::start(&cli.talk);
    match commands::run(cli.command, progress) {
        Ok(outcome) => outcome,
        Err(error) => {
            output::error(&error);
            let usage = error.downcast_ref::<PipelineError>().is_some_and(PipelineError::is_usage)
                || error.is::<args::UsageError>();
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}
