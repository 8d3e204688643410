//! One function a command.

mod compare;
mod data;
mod doctor;
mod engine;
mod fetch;
mod generate;
mod generate_graph;
mod infer;
mod init;
mod inspect;
mod man;
mod neighbors;
mod predict;
mod report;
mod reproduce;
mod run;
mod single_stage;
mod verify;
mod why;

use std::process::ExitCode;

use clap::CommandFactory;

use crate::args::{Cli, Command};
use crate::output;
use crate::progress::Progress;

/// Carries out what was typed.
pub(crate) fn run(command: Command, mut progress: Progress) -> anyhow::Result<ExitCode> {
    if computes(&command) {
        vgae_pipeline::start_threads()?;
    }
    match command {
        Command::Reproduce(args) => reproduce::reproduce(&args, &mut progress)?,
        Command::Benchmark(args) => compare::benchmark(&args, &mut progress)?,
        Command::CompareProtocols(args) => compare::compare_protocols(&args, &mut progress)?,
        Command::Run(args) => run::run(&args, &mut progress)?,
        Command::Demo(args) => run::demo(&args, &mut progress)?,
        Command::Init(args) => init::init(&args)?,
        Command::Inspect(args) => inspect::inspect(&args, &mut progress)?,
        Command::Fetch(args) => fetch::fetch(&args, &mut progress)?,
        Command::Why(args) => why::why(&args)?,
        Command::Verify(args) => return verify::verify(&args),
        Command::Report(args) => report::report(&args)?,
        Command::Predict(args) => predict::predict(&args)?,
        Command::Neighbors(args) => neighbors::neighbors(&args)?,
        Command::Infer(args) => infer::infer(&args)?,
        Command::Generate(args) => generate::generate(&args)?,
        Command::GenerateGraph(model) => generate_graph::generate_graph(&model)?,
        Command::Ingest(args) => single_stage::ingest(args, &mut progress)?,
        Command::Split(args) => single_stage::split(&args)?,
        Command::Train(args) => single_stage::train(&args, &mut progress)?,
        Command::Eval(args) => single_stage::eval(&args)?,
        Command::Export(args) => single_stage::export(&args)?,
        Command::Schema => {
            let schema = vgae_pipeline::reference::schema();
            output::result(&serde_json::to_string_pretty(&schema)?)?;
        }
        Command::Doctor(args) => return doctor::doctor(&args),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "vgae", &mut script);
            output::result(&String::from_utf8_lossy(&script))?;
        }
        Command::Man(args) => man::man(&args)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns whether a command needs the worker threads of the process: runs have their own, and others compute
/// nothing.
fn computes(command: &Command) -> bool {
    match command {
        Command::Init(_)
        | Command::Inspect(_)
        | Command::Verify(_)
        | Command::Report(_)
        | Command::Predict(_)
        | Command::Neighbors(_)
        | Command::Infer(_)
        | Command::Generate(_)
        | Command::GenerateGraph(_)
        | Command::Ingest(_)
        | Command::Split(_)
        | Command::Train(_)
        | Command::Eval(_)
        | Command::Export(_)
        | Command::Why(_) => true,
        Command::Reproduce(_)
        | Command::Benchmark(_)
        | Command::CompareProtocols(_)
        | Command::Run(_)
        | Command::Demo(_)
        | Command::Fetch(_)
        | Command::Schema
        | Command::Doctor(_)
        | Command::Completions { .. }
        | Command::Man(_) => false,
    }
}
