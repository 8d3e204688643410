//! Commands that run one stage on the files of a folder.

use vgae_artifacts::DataKind;
use vgae_artifacts::Seed;
use vgae_autoencoder::{AutoEncoderConfig, Widths};
use vgae_eval::EvalConfig;
use vgae_export::ExportConfig;
use vgae_model::{HybridConfig, Method, ModelConfig, ModelOptions};
use vgae_pipeline::RunMetrics;
use vgae_pipeline::solo::{self, Ingested};
use vgae_split::SplitConfig;

use crate::args::{EvalArgs, ExportArgs, IngestArgs, SplitArgs, TrainArgs, UsageError};
use crate::commands::data;
use crate::output;
use crate::pipes::Pipes;
use crate::progress::Progress;

/// `vgae ingest`.
pub(crate) fn ingest(args: IngestArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let mut files = toml::Table::new();
    if let Some(dataset) = args.dataset {
        files.insert("dataset".to_owned(), dataset.into());
    }
    let mut pipes = Pipes::default();
    for (key, file) in [("edges", &args.edges), ("nodes", &args.nodes), ("table", &args.table)] {
        if let Some(file) = file {
            files.insert(key.to_owned(), data::path(&pipes.file(file)?)?);
        }
    }
    if args.directed {
        files.insert("directed".to_owned(), true.into());
    }
    let config = args.data.over(files)?;
    let (cache, fetch) = (args.source.cache()?, args.source.options());
    let ingested = solo::ingest(&args.folder, &config, &cache, &fetch, progress)?;
    progress.finish();
    let lines = match ingested {
        Ingested::Graph(audit) => data::graph(&audit),
        Ingested::Samples(audit) => data::samples(&audit),
    };
    output::result(&lines.join("\n"))
}

/// `vgae split`.
pub(crate) fn split(args: &SplitArgs) -> anyhow::Result<()> {
    let &SplitArgs { validation, test, messages, .. } = args;
    let config = SplitConfig { validation, test, messages };
    Ok(solo::split(&args.folder, &config, Seed(args.seed))?)
}

/// `vgae train`.
pub(crate) fn train(args: &TrainArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let config = model(args, solo::data_kind(&args.folder))?;
    solo::train(&args.folder, &config, Seed(args.seed), progress)?;
    progress.finish();
    Ok(())
}

/// What was typed over the defaults, each option to the method that has it.
fn model(args: &TrainArgs, data_kind: DataKind) -> anyhow::Result<ModelConfig> {
    let by_form = if data_kind == DataKind::Samples { Method::Vae } else { Method::Vgae };
    let method = args.method.unwrap_or(by_form);
    let strange = if method.learns_from_samples() {
        [
            ("dropout", args.dropout.is_some()),
            ("kl-weight", args.kl_weight.is_some()),
            ("negatives", args.negatives.is_some()),
            ("layers", args.layers.is_some()),
            ("scale", args.scale.is_some()),
            ("batches", args.batches.is_some()),
            ("propagations", args.propagations.is_some()),
            ("features", args.features.is_some()),
            ("select", args.select.is_some()),
            ("evaluate-every", args.evaluate_every.is_some()),
            ("encoder", args.encoder.is_some()),
            ("combiner", args.combiner.is_some()),
        ]
        .to_vec()
    } else {
        let hidden = args.hidden.as_ref().is_some_and(|widths| widths.len() != 1);
        [
            ("hidden with several widths", hidden),
            ("beta", args.beta.is_some()),
            ("likelihood", args.likelihood.is_some()),
            ("batch", args.batch.is_some()),
        ]
        .to_vec()
    };
    if let Some((option, _)) = strange.into_iter().find(|(_, given)| *given) {
        return Err(UsageError(format!("method `{method}` has no option --{option}")).into());
    }
    if method != Method::Hybrid
        && let Some(option) = args.encoder.map(|_| "encoder").or(args.combiner.map(|_| "combiner"))
    {
        return Err(UsageError(format!("method `{method}` has no option --{option}")).into());
    }
    Ok(if method.learns_from_samples() {
        let default = ModelConfig::of(method);
        let autoencoder = default.autoencoder;
        let hidden = args.hidden.as_ref().map(|widths| Widths::new(widths)).transpose()?;
        let autoencoder = AutoEncoderConfig {
            hidden: hidden.unwrap_or(autoencoder.hidden),
            latent: args.latent.unwrap_or(autoencoder.latent),
            likelihood: args.likelihood.unwrap_or(autoencoder.likelihood),
            beta: args.beta.unwrap_or(autoencoder.beta),
            epochs: args.epochs.unwrap_or(autoencoder.epochs),
            batch: args.batch.unwrap_or(autoencoder.batch),
            learning_rate: args.learning_rate.unwrap_or(autoencoder.learning_rate),
            patience: args.patience.unwrap_or(autoencoder.patience),
        };
        ModelConfig { autoencoder, ..default }
    } else {
        let hybrid = HybridConfig::default();
        ModelConfig::from(ModelOptions {
            method,
            hidden: args.hidden.as_ref().and_then(|widths| widths.first().copied()),
            layers: args.layers,
            latent: args.latent,
            scale: args.scale,
            propagations: args.propagations,
            batches: args.batches,
            features: args.features,
            epochs: args.epochs,
            learning_rate: args.learning_rate,
            dropout: args.dropout,
            kl_weight: args.kl_weight,
            negatives: args.negatives,
            select: args.select,
            evaluate_every: args.evaluate_every,
            patience: args.patience,
            hybrid: HybridConfig {
                encoder: args.encoder.unwrap_or(hybrid.encoder),
                combiner: args.combiner.unwrap_or(hybrid.combiner),
                ..hybrid
            },
            ..ModelOptions::default()
        })
    })
}

/// `vgae eval`.
pub(crate) fn eval(args: &EvalArgs) -> anyhow::Result<()> {
    let mut config = EvalConfig::default();
    for &set in &args.negatives {
        config.negatives.insert(set);
    }
    let text = match solo::eval(&args.folder, &config)? {
        RunMetrics::Graph(metrics) => serde_json::to_string_pretty(&metrics)?,
        RunMetrics::Samples(metrics) => serde_json::to_string_pretty(&metrics)?,
    };
    output::result(&text)?;
    Ok(())
}

/// `vgae export`.
pub(crate) fn export(args: &ExportArgs) -> anyhow::Result<()> {
    let config = ExportConfig { formats: args.formats.clone(), layout: args.layout };
    Ok(solo::export(&args.folder, &config)?)
}
