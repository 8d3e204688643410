//! The `vgae` command: arguments in, results on stdout, diagnostics on stderr, and an exit code.
//!
//! Exit codes: 0 done, 1 the run failed, 2 the request does not make sense (arguments or pipeline file).

mod args;
mod commands;
mod one_of;
mod output;
mod pipes;
mod progress;

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};
use vgae_pipeline::PipelineError;

use crate::args::Cli;

/// Parses the command line, or prints why it cannot and exits.
fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|mut error| {
        // clap suggests subcommands by another measure, which misses swapped letters: `rnu`.
        let wrong = match error.get(ContextKind::InvalidSubcommand) {
            Some(ContextValue::String(wrong)) => wrong.clone(),
            _ => error.exit(),
        };
        let program = Cli::command();
        let names = program.get_subcommands().map(clap::Command::get_name);
        if error.get(ContextKind::SuggestedSubcommand).is_none()
            && let Some(near) = vgae_options::nearest(&wrong, names)
        {
            let near = ContextValue::Strings(vec![near.to_owned()]);
            error.insert(ContextKind::SuggestedSubcommand, near);
        }
        error.exit()
    })
}

fn main() -> ExitCode {
    let cli = parse();
    let progress = progress::start(&cli.talk);
    let simd = vgae_numerics::simd::limit(cli.talk.simd.into());
    let simd = simd.map_err(|reason| args::UsageError(format!("--simd: {reason}")).into());
    match simd.and_then(|()| commands::run(cli.command, progress)) {
        Ok(outcome) => outcome,
        Err(error) => {
            output::error(&error);
            let usage = error.downcast_ref::<PipelineError>().is_some_and(PipelineError::is_usage)
                || error.is::<args::UsageError>();
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}
