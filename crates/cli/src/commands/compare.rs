use std::path::Path;

use vgae_artifacts::{ResultTable, Seed};
use vgae_ingest::IngestConfig;
use vgae_pipeline::{
    BENCHMARK, GridConfig, Loaded, ModelTable, PipelineConfig, Plan, Protocol, RunOptions, results,
};

use crate::args::{BenchmarkArgs, CompareArgs, RunsArgs};
use crate::commands::run::{look_at, options};
use crate::output;
use crate::progress::Progress;

/// `vgae benchmark`.
pub(crate) fn benchmark(args: &BenchmarkArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let mut config = BENCHMARK.pipeline()?;
    let grid = config.grid.get_or_insert_default();
    args.grid.narrow(grid);
    if !args.protocols.is_empty() {
        grid.protocols.clone_from(&args.protocols);
    }
    for &set in &args.negatives {
        config.eval.negatives.insert(set);
    }
    // One run at a time: its seconds and its memory are its own.
    let loaded = Loaded { config, base: ".".into() };
    let table = carry_out(loaded, &args.out, &args.runs_of, true, progress)?;
    show(&table, &args.out, args.table.wide)
}

/// `vgae compare-protocols`.
pub(crate) fn compare_protocols(args: &CompareArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let mut loaded = if let Some(path) = &args.pipeline {
        PipelineConfig::read(path)?
    } else {
        let data = IngestConfig { dataset: Some(args.dataset.clone()), ..IngestConfig::default() };
        let model = ModelTable::of(args.method);
        let name = Some(format!("{}-{}", args.dataset, args.method.file_name()));
        let config = PipelineConfig { name, data, model, ..PipelineConfig::default() };
        Loaded { config, base: ".".into() }
    };
    let protocols = if args.protocols.is_empty() {
        Protocol::COMPARED.to_vec()
    } else {
        args.protocols.clone()
    };
    let config = &mut loaded.config;
    config.protocol = None;
    config.grid = Some(GridConfig { protocols, runs: args.runs, ..GridConfig::default() });
    let name = config.name.clone().unwrap_or_else(|| "pipeline".to_owned());
    let out = args.out.clone();
    let out = out.unwrap_or_else(|| Path::new("out").join(format!("protocols-{name}")));
    let table = carry_out(loaded, &out, &args.runs_of, false, progress)?;
    show(&table, &out, args.table.wide)
}

fn carry_out(
    mut loaded: Loaded,
    out: &Path,
    args: &RunsArgs,
    apart: bool,
    progress: &mut Progress,
) -> anyhow::Result<ResultTable> {
    loaded.config.seed = Seed(args.seed);
    let plan = Plan::new(loaded)?;
    let options = RunOptions { apart, ..options(out.to_owned(), &args.source, args.threads) };
    let outcomes = vgae_pipeline::run(&plan, &options, progress)?;
    progress.finish();
    Ok(results(&outcomes, apart))
}

fn show(table: &ResultTable, out: &Path, wide: bool) -> anyhow::Result<()> {
    output::results(table, out, wide)?;
    output::result(&format!("\nProtocols:\n{}", table.legend()))?;
    if let Some(warning) = table.warning() {
        output::result(&format!("\n{}", output::wrap(warning)))?;
    }
    look_at(out)
}
