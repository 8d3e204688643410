use std::path::Path;

use vgae_artifacts::DataKind;
use vgae_artifacts::text::count as grouped;
use vgae_artifacts::{Audit, Edges, Features, Graph, Kind, Nodes, SampleAudit, json, names};
use vgae_ingest::Inspection;
use vgae_ingest::fetch::{self, FetchError, Registry};
use vgae_pipeline::{Loaded, PipelineConfig};

use crate::args::{InspectArgs, UsageError};
use crate::commands::data;
use crate::output;
use crate::pipes::Pipes;
use crate::progress::Progress;

/// Columns of the longest bar.
const BAR: usize = 50;

/// `vgae inspect`.
pub(crate) fn inspect(args: &InspectArgs, progress: &mut Progress) -> anyhow::Result<()> {
    let mut pipes = Pipes::default();
    let path = &pipes.file(&args.path)?;
    // A folder whose name has an ending holds the parts of a table.
    let is_table = path.extension().is_some() && !path.join(names::AUDIT).exists();
    let (graph, audit) = if path.is_dir() && !is_table {
        if path.join(names::SAMPLES).exists() {
            return samples(&json::read(&path.join(names::AUDIT), Kind::Audit)?, args.json);
        }
        artifacts(path)?
    } else if path.extension().is_some_and(|extension| extension == "toml") {
        let Loaded { config, base } = PipelineConfig::read(path)?;
        let data_kind = config.data.data_kind().map_err(|error| UsageError(error.to_string()))?;
        let (cache, options) = (args.source.cache(), args.source.options());
        let fetched = vgae_ingest::needs_fetch(&config.data)
            .map(|name| {
                let cache = cache.as_ref().ok_or(FetchError::NoCache)?;
                fetch::fetch(Registry::builtin(), name, cache, &options, progress)
            })
            .transpose()?;
        progress.finish();
        if data_kind == DataKind::Samples {
            let (_, _, audit) = vgae_samples::load(&config.data, &base, fetched.as_ref())?;
            return samples(&audit, args.json);
        }
        vgae_ingest::load(&config.data, &base, fetched.as_ref())?
    } else {
        let files = toml::Table::from_iter([("edges".to_owned(), data::path(path)?)]);
        let config = args.data.over(files)?;
        vgae_ingest::load(&config, Path::new("."), None)?
    };
    let found = Inspection::new(&graph, audit);
    output::result(&if args.json { serde_json::to_string_pretty(&found)? } else { text(&found) })?;
    Ok(())
}

/// The graph in the folder of a run, or of `vgae ingest`.
fn artifacts(folder: &Path) -> anyhow::Result<(Graph, Audit)> {
    let nodes = Nodes::read(&folder.join(names::NODES))?;
    let edges = Edges::read(&folder.join(names::EDGES), nodes.len())?;
    let path = folder.join(names::FEATURES);
    let features = path.exists().then(|| Features::read(&path, nodes.len())).transpose()?;
    let audit = json::read(&folder.join(names::AUDIT), Kind::Audit)?;
    Ok((Graph::new(nodes, edges, features)?, audit))
}

fn samples(audit: &SampleAudit, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::result(&serde_json::to_string_pretty(audit)?);
    }
    output::result(&data::samples(audit).join("\n"))
}

/// Returns the text form.
fn text(found: &Inspection) -> String {
    let Inspection { audit, degrees, density, feature_density, weights } = found;
    let direction = if audit.directed { "directed" } else { "undirected" };
    let mut lines = data::graph(audit);
    lines.push(String::new());
    let mut row = |what: &str, value: String| lines.push(format!("  {what:<18}{value}"));
    row("edges", direction.to_owned());
    let components = &audit.components;
    let (count, largest) = (grouped(components.count), grouped(components.largest));
    row("components", format!("{count}, the largest of {largest} nodes"));
    row("density", format!("{density:.3e}"));
    row(
        "weights",
        weights.map_or("none".to_owned(), |weights| {
            format!("{} to {}, mean {:.4}", weights.minimum, weights.maximum, weights.mean)
        }),
    );
    row(
        "features",
        feature_density.map_or("none".to_owned(), |density| {
            format!(
                "{}, {} values stored ({:.2} %), {} nodes with none",
                grouped(audit.features),
                grouped(audit.feature_nonzeros),
                100.0 * density,
                grouped(audit.zero_feature_nodes)
            )
        }),
    );
    row(
        "labels",
        format!("{} classes, {} nodes without", audit.classes, grouped(audit.unlabelled_nodes)),
    );
    lines.push(String::new());
    let quantile = |quantile: &vgae_ingest::Quantile| match quantile.share {
        share if share <= 0.0 => format!("least {}", quantile.degree),
        share if share >= 1.0 => format!("most {}", grouped(quantile.degree)),
        share => format!("{:.0} % {}", 100.0 * share, grouped(quantile.degree)),
    };
    let quantiles: Vec<String> = degrees.quantiles.iter().map(quantile).collect();
    lines.push(format!("Degrees: mean {:.2}; {}", degrees.mean, quantiles.join(", ")));
    lines.push(String::new());
    lines.extend(chart(degrees));
    lines.join("\n")
}

/// One bar a range of degrees, as long as its number of nodes.
fn chart(degrees: &vgae_ingest::Degrees) -> Vec<String> {
    let most = degrees.histogram.iter().map(|bin| bin.nodes).max().unwrap_or(0).max(1);
    let mut lines = vec![format!("  {:>17}  {:>13}", "degree", "nodes")];
    lines.extend(degrees.histogram.iter().map(|bin| {
        let range = if bin.from == bin.to {
            grouped(bin.from)
        } else {
            format!("{} to {}", grouped(bin.from), grouped(bin.to))
        };
        // Whatever is not nothing has a mark.
        let bar = "#".repeat((bin.nodes * BAR).div_ceil(most));
        format!("  {range:>17}  {:>13}  {bar}", grouped(bin.nodes)).trim_end().to_owned()
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_karate_club_is_drawn() {
        let karate =
            vgae_ingest::load(&vgae_ingest::IngestConfig::dataset("karate"), Path::new("."), None);
        let (graph, audit) = karate.expect("embedded");
        insta::assert_snapshot!(text(&Inspection::new(&graph, audit)));
    }
}
