//! The `vgae` command as a function: arguments in, results on stdout, diagnostics on stderr, and an exit code. The binary
//! of this package and the command of the Python package call [`main_from`].
//!
//! Exit codes: 0 done, 1 the run failed, 2 the request does not make sense (arguments or pipeline file).

mod args;
mod commands;
mod one_of;
mod output;
mod pipes;
mod progress;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};
use vgae_pipeline::PipelineError;

use crate::args::Cli;

/// Program, version and the commit it was built from, `vgae 0.1.0 (13cc5df1a2b3)`; without a commit if it is unknown.
pub const PROGRAM: &str = concat!("vgae ", env!("VGAE_VERSION"));

/// Parses the command line, or prints why it cannot and exits.
fn parse(args: impl IntoIterator<Item = OsString>) -> Cli {
    Cli::try_parse_from(args).unwrap_or_else(|mut error| {
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

/// Runs the command that `args` spell; the first one is the name of the program. Results are written to stdout,
/// diagnostics and errors to stderr. Help texts and invalid arguments end the process.
#[must_use]
pub fn main_from(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = parse(args);
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
