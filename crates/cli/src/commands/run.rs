use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use strum::VariantArray;
use vgae_artifacts::{
    Kind, LinkMetrics, Metrics, ReconstructionMetrics, SampleMetrics, Seed, json, names,
};
use vgae_export::Format;
use vgae_ingest::fetch::FetchOptions;
use vgae_pipeline::{
    DEMO, Loaded, PipelineConfig, Plan, RunMetrics, RunOptions, RunOutcome, Stage, report, results,
};

use crate::PROGRAM;
use crate::args::{DemoArgs, RunArgs, SourceArgs};
use crate::commands::{data, engine};
use crate::output;
use crate::progress::Progress;

/// `vgae run`.
pub(crate) fn run(args: &RunArgs, progress: &mut Progress) -> anyhow::Result<()> {
    if let Some(engine) = args.engine {
        return engine::run(engine, args);
    }
    let plan = load(&args.pipeline, args.seed)?;
    let out = args.out.clone().unwrap_or_else(|| default_out(&plan));
    let options = options(out, &args.source, args.threads);
    let outcomes = vgae_pipeline::run(&plan, &options, progress)?;
    progress.finish();
    if plan.is_grid {
        output::result(&datasets(&outcomes))?;
        output::results(&results(&outcomes, options.apart), &options.out, args.table.wide)?;
    } else if let Some(outcome) = outcomes.first() {
        output::result(&describe(outcome))?;
    }
    look_at(&options.out)
}

/// `vgae demo`.
pub(crate) fn demo(args: &DemoArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let config = DEMO.pipeline()?;
    let plan = Plan::new(Loaded { config, base: ".".into() })?;
    let options = RunOptions {
        out: args.out.clone(),
        cache: None, // the graph is built in
        fetch: FetchOptions { offline: true, ..FetchOptions::default() },
        threads: args.threads,
        apart: false,
        cancelled: None,
        program: PROGRAM.to_owned(),
    };
    let outcomes = vgae_pipeline::run(&plan, &options, progress)?;
    progress.finish();
    for outcome in &outcomes {
        output::result(&describe(outcome))?;
    }
    look_at(&options.out)
}

/// Writes the report of a folder if necessary and prints its path. Runs last, after the results are printed.
pub(crate) fn look_at(folder: &Path) -> anyhow::Result<()> {
    let page = report::refresh(folder)?;
    output::result(&format!("  to look at  {}", page.display()))?;
    Ok(())
}

/// Reads a pipeline file and applies what the command line says.
pub(crate) fn load(pipeline: &Path, seed: Option<u64>) -> anyhow::Result<Plan> {
    let mut loaded = PipelineConfig::read(pipeline)?;
    if let Some(seed) = seed {
        loaded.config.seed = Seed(seed);
    }
    Ok(Plan::new(loaded)?)
}

/// Returns the default output folder of a plan.
pub(crate) fn default_out(plan: &Plan) -> PathBuf {
    Path::new("out").join(&plan.name)
}

/// Returns the run options of the command line.
pub(crate) fn options(
    out: PathBuf,
    source: &SourceArgs,
    threads: Option<NonZeroUsize>,
) -> RunOptions {
    let (cache, fetch) = (source.cache(), source.options());
    let program = PROGRAM.to_owned();
    RunOptions { out, cache, fetch, threads, apart: false, cancelled: None, program }
}

/// A finished run in a few lines.
fn describe(outcome: &RunOutcome) -> String {
    let manifest = &outcome.manifest;
    let mut lines = vec![format!(
        "{}: {} on {}, seed {}{}",
        manifest.run,
        manifest.method,
        manifest.dataset,
        manifest.seed,
        if outcome.unchanged { " (unchanged, nothing to do)" } else { "" }
    )];
    if let Some(data) = &manifest.method_chosen_for {
        lines.push(format!("  method      chosen for {data}; `method` in [model] sets another"));
    }
    lines.extend(found(outcome).into_iter().map(|line| format!("  {line}")));
    match &outcome.metrics {
        RunMetrics::Graph(metrics) => graph(metrics, &mut lines),
        RunMetrics::Samples(metrics) => samples(metrics, &mut lines),
    }
    let exported = manifest.stage(Stage::Export).map(|stage| &stage.outputs);
    let written =
        |format: &Format| exported.is_some_and(|files| files.contains_key(format.file_name()));
    if let Some(format) = Format::VARIANTS.iter().find(|format| written(format)) {
        let file = outcome.folder.join(format.file_name());
        lines.push(format!("  embeddings  {}", file.display()));
    }
    lines.push(format!("  everything  {}", outcome.folder.display()));
    lines.join("\n")
}

/// The data of a grid: each dataset once.
pub(crate) fn datasets(outcomes: &[RunOutcome]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let mut lines = Vec::new();
    for outcome in outcomes {
        let dataset = outcome.manifest.dataset.as_str();
        if !seen.contains(&dataset) {
            seen.push(dataset);
            lines.push(format!("{dataset}:"));
            lines.extend(found(outcome).into_iter().map(|line| format!("  {line}")));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The data of a run in a few lines. A run whose audit cannot be read has shown so before.
fn found(outcome: &RunOutcome) -> Vec<String> {
    let path = outcome.folder.join(names::AUDIT);
    match outcome.metrics {
        RunMetrics::Graph(_) => json::read(&path, Kind::Audit).map(|audit| data::graph(&audit)),
        RunMetrics::Samples(_) => json::read(&path, Kind::Audit).map(|audit| data::samples(&audit)),
    }
    .unwrap_or_default()
}

fn graph(metrics: &Metrics, lines: &mut Vec<String>) {
    lines.extend(metrics.warnings.iter().map(|warning| format!("  {warning}")));
    lines.push(line("test", &metrics.test));
    lines.push(line("validation", &metrics.validation));
    if let Some(cold) = metrics.cold_test_pairs().filter(|cold| cold.auc.is_some()) {
        lines.push(line("test, cold endpoints", cold));
    }
    if let Some(nodes) = &metrics.nodes {
        let points = |value: f64| format!("{:.1} %", 100.0 * value);
        lines.push(format!(
            "  labels from vectors  linear probe {} (10 % of labels), k-means {}",
            points(nodes.probe_accuracy.mean),
            points(nodes.kmeans_accuracy)
        ));
    }
}

fn samples(metrics: &SampleMetrics, lines: &mut Vec<String>) {
    for (name, part) in [("test", &metrics.test), ("validation", &metrics.validation)] {
        lines.extend(part.iter().map(|part| reconstruction(name, part)));
    }
    let Some(code) = &metrics.code else { return };
    let points = |value: f64| format!("{:.2} %", 100.0 * value);
    let neighbours = code
        .knn_accuracy
        .map(|accuracy| format!("{} by its {} nearest neighbours", points(accuracy), code.knn_k));
    let probe =
        code.probe_accuracy.map(|accuracy| format!("{} by a linear classifier", points(accuracy)));
    let told: Vec<String> = neighbours.into_iter().chain(probe).collect();
    if !told.is_empty() {
        lines.push(format!("  linear probe           {}", told.join(", ")));
    }
}

fn reconstruction(name: &str, part: &ReconstructionMetrics) -> String {
    let bound = match (part.negative_elbo, part.kl) {
        (Some(bound), Some(kl)) => {
            format!("bound {bound:.2} nats ({:.2} + KL {kl:.2})  ", part.reconstruction)
        }
        _ => format!("loss {:.3}  ", part.reconstruction),
    };
    let pca = part.pca_squared_error.map(|pca| format!(", of a PCA {pca:.5}")).unwrap_or_default();
    format!(
        "  {bound}squared error a value {:.5}{pca}  {name} ({} samples)",
        part.squared_error, part.samples
    )
}

fn line(name: &str, metrics: &LinkMetrics) -> String {
    let values = LinkMetrics::METRICS.iter().map(|metric| {
        let value = (metric.of)(metrics).map(|value| metric.unit.in_tables(value));
        let value = value.map_or("   -".to_owned(), |value| format!("{value:.1}"));
        format!("{} {value}", metric.title)
    });
    format!(
        "  {}  {name} ({} edges, {} non-edges)",
        values.collect::<Vec<_>>().join("  "),
        metrics.positives,
        metrics.negatives
    )
}
