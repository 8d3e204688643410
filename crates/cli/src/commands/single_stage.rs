//! Commands that run one stage on the files of a folder.

use std::path::Path;

use vgae_artifacts::{DataKind, Seed};
use vgae_eval::EvalConfig;
use vgae_export::ExportConfig;
use vgae_model::{Choice, Method, ModelConfig};
use vgae_pipeline::RunMetrics;
use vgae_pipeline::single_stage::{self, Ingested};
use vgae_split::SplitConfig;

use crate::args::{EvalArgs, ExportArgs, IngestArgs, SplitArgs, TrainArgs, UsageError};
use crate::commands::data;
use crate::output;
use crate::pipes::Pipes;
use crate::progress::Progress;

/// `vgae ingest`.
pub(crate) fn ingest(args: IngestArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let mut pipes = Pipes::default();
    let place = |_: &str, _, file: &Path| pipes.file(file);
    let mut files = data::files(&args.edges, &args.nodes, args.table.as_ref(), place)?;
    if let Some(dataset) = args.dataset {
        files.insert("dataset".to_owned(), dataset.into());
    }
    if args.directed {
        files.insert("directed".to_owned(), true.into());
    }
    let config = args.data.over(files)?;
    let (cache, fetch) = (args.source.cache(), args.source.options());
    let ingested = single_stage::ingest(&args.folder, &config, cache.as_ref(), &fetch, progress)?;
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
    let config = SplitConfig { validation, test, messages, ..SplitConfig::default() };
    Ok(single_stage::split(&args.folder, &config, Seed(args.seed))?)
}

/// `vgae train`.
pub(crate) fn train(args: &TrainArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let config = model(args)?;
    single_stage::train(&args.folder, &config, Seed(args.seed), progress)?;
    progress.finish();
    Ok(())
}

/// Returns the method that `run` would choose for the data in a folder, and says why.
fn chosen(folder: &Path) -> anyhow::Result<Method> {
    let Choice { method, reason } = single_stage::best_method(folder)?;
    tracing::info!(%method, "method chosen for {reason}");
    Ok(method)
}

/// The typed hyper-parameters over the defaults of the method.
fn model(args: &TrainArgs) -> anyhow::Result<ModelConfig> {
    let usage = |error: String| UsageError(error);
    let method = match (args.method, args.model.0.first()) {
        (Some(method), _) => method,
        (None, Some((key, _))) if single_stage::data_kind(&args.folder) == DataKind::Graph => {
            let key = key.replace('_', "-");
            return Err(usage(format!(
                "expected `--method` beside `--{key}`, an option of some methods"
            ))
            .into());
        }
        (None, _) => chosen(&args.folder)?,
    };
    let fields = method.default_config().fields();
    let value = |(key, text): &(String, String)| {
        let field = fields.iter().find(|field| field.key == *key);
        // Of an option that the method does not have, the key is at fault.
        let value = field.map_or_else(|| Ok(text.clone().into()), |field| field.parse(text));
        Ok::<_, anyhow::Error>((key.clone(), value.map_err(|error| usage(error.to_string()))?))
    };
    let options = args.model.0.iter().map(value).collect::<anyhow::Result<_>>()?;
    Ok(method.configure(&options).map_err(|error| usage(error.to_string()))?)
}

/// `vgae eval`.
pub(crate) fn eval(args: &EvalArgs) -> anyhow::Result<()> {
    let mut config = EvalConfig::default();
    for &set in &args.negatives {
        config.negatives.insert(set);
    }
    let text = match single_stage::eval(&args.folder, &config)? {
        RunMetrics::Graph(metrics) => serde_json::to_string_pretty(&metrics)?,
        RunMetrics::Samples(metrics) => serde_json::to_string_pretty(&metrics)?,
    };
    output::result(&text)?;
    Ok(())
}

/// `vgae export`.
pub(crate) fn export(args: &ExportArgs) -> anyhow::Result<()> {
    let config = ExportConfig { formats: args.formats.clone(), layout: args.layout };
    Ok(single_stage::export(&args.folder, &config)?)
}
