//! The thin edge around the pure core: from a configuration to a graph or to samples, through files.

use std::path::{Path, PathBuf};

use vgae_artifacts::{Audit, ContentHash, Graph, Pair};

use crate::config::{IngestConfig, NodeFeatures, Source, SplitFiles};
use crate::fetch::{Counts, Dataset, Fetched, sha256};
use crate::raw_formats::Reader;
use crate::tables::negative_lists::NegativeFile;
use crate::tables::pairs::{PairRows, SplitRows};
use crate::tables::times::EdgeTimes;
use crate::{IngestError, build_graph, files, karate, tables};

/// The dataset whose files must be fetched before the data can be read, if any.
#[must_use]
pub fn needs_fetch(config: &IngestConfig) -> Option<&str> {
    match config.source() {
        Ok(Source::Dataset(_)) => config.dataset.as_deref(),
        _ => None,
    }
}

/// The raw inputs and their hashes, for the fingerprint of the stage: `(name, "sha256:..." or
/// "blake3:...")`. A dataset of the registry is known by the registry's hashes, so no file is read for
/// it; a person's own tables are read through.
///
/// # Errors
/// When the configuration is not sound or a table cannot be read.
pub fn inputs(config: &IngestConfig, base: &Path) -> Result<Vec<(String, String)>, IngestError> {
    Ok(match config.source()? {
        Source::Karate => {
            vec![(karate::NAME.to_owned(), blake3(ContentHash::of(karate::TEXT.as_bytes())))]
        }
        Source::Dataset(dataset) => dataset
            .files
            .iter()
            .map(|file| {
                (format!("{}/{}", dataset.name, file.name), format!("sha256:{}", file.sha256))
            })
            .collect(),
        Source::Table(table) => {
            let hash = files::hash(&base.join(&table.path))?;
            vec![(table.path.display().to_string(), blake3(hash))]
        }
        Source::Tables { edges, nodes } => {
            let features = nodes.iter().filter_map(|nodes| match &nodes.features {
                Some(NodeFeatures::File(features)) => Some(&features.path),
                _ => None,
            });
            let edges = edges.iter().map(|edges| &edges.path);
            let paths = edges.chain(nodes.iter().map(|nodes| &nodes.path)).chain(features);
            hashes(paths.map(PathBuf::as_path), base)?
        }
    })
}

/// Returns the files with the parts of a split and their hashes, for the fingerprint of the stage.
///
/// # Errors
/// Returns an error when a file cannot be read.
pub fn split_inputs(files: &SplitFiles, base: &Path) -> Result<Vec<(String, String)>, IngestError> {
    let paths = files.tables().map(|(_, table)| table.path.as_path());
    hashes(paths, base)
}

/// Returns files by name with their hashes.
fn hashes<'a>(
    paths: impl Iterator<Item = &'a Path>,
    base: &Path,
) -> Result<Vec<(String, String)>, IngestError> {
    let hash = |path: &Path| {
        let hash = files::hash(&base.join(path))?;
        Ok((path.display().to_string(), blake3(hash)))
    };
    paths.map(hash).collect()
}

fn blake3(hash: ContentHash) -> String {
    format!("blake3:{hash}")
}

/// Reads the parts of a split. `ids` are the ids of the graph's nodes by index, and `config` is the configuration
/// that the graph was read with: its rules on missing values and types of ids hold here too. Relative paths
/// start at `base`.
///
/// # Errors
/// Returns an error when a file cannot be read, is not a table of pairs, or names a node that the graph lacks
/// (unless `files.unknown_nodes` is `drop`).
pub fn read_split(
    files: &SplitFiles,
    config: &IngestConfig,
    ids: &[String],
    base: &Path,
) -> Result<SplitRows, IngestError> {
    tables::pairs::read(files, ids, base, config.rules())
}

/// Reads the times of the edges of `config` from a column of its edge tables; the other arguments are those of
/// [`read_split`]. Entries that name a node which the graph lacks have no time.
///
/// # Errors
/// Returns an error when the data are a dataset without tables, the column is missing, or a value is neither a
/// number nor a date.
pub fn read_times(
    config: &IngestConfig,
    column: &str,
    ids: &[String],
    base: &Path,
) -> Result<EdgeTimes, IngestError> {
    let Source::Tables { edges, .. } = config.source()? else {
        let problem =
            "a split by time needs edges of one's own with a column of times: give `edges`";
        return Err(IngestError::config("dataset", problem));
    };
    tables::times::read(edges, column, ids, base, config.rules())
}

/// Returns files with lists of negatives and their hashes, for the fingerprint of the stage.
///
/// # Errors
/// Returns an error when a file cannot be read.
pub fn negative_inputs(paths: &[&Path], base: &Path) -> Result<Vec<(String, String)>, IngestError> {
    hashes(paths.iter().copied(), base)
}

/// Reads lists of negatives, one per edge of `edges`, in their order; the other arguments are those of
/// [`read_split`]. A file is an array of numpy of shape (E, K, 2) with pairs, (E, 2, K) with partners of both
/// ends or (E, K) with partners of the first end; or a table with a row per negative: the index of the edge in
/// column `edge`, and two columns of ids.
///
/// # Errors
/// Returns an error when the file cannot be read, has another number of lists than edges, or names a node that
/// the graph lacks; and when rows of the edges were left out, so that lists cannot be assigned.
pub fn read_negatives(
    file: NegativeFile<'_>,
    edges: &PairRows,
    config: &IngestConfig,
    ids: &[String],
    base: &Path,
) -> Result<Vec<Vec<Pair>>, IngestError> {
    tables::negative_lists::read(file, edges, ids, base, config.rules())
}

/// Reads the graph that `config` names, cleans it and counts it. Relative paths start at `base`; `fetched` holds
/// the files of the dataset that [`needs_fetch`] names.
///
/// # Errors
/// When the configuration is not sound, a file is missing, damaged or not the one that the registry
/// describes, a canonical dataset does not have its canonical counts, or the data are not a graph
/// (see [`IngestConfig::data_kind`]).
pub fn load(
    config: &IngestConfig,
    base: &Path,
    fetched: Option<&Fetched>,
) -> Result<(Graph, Audit), IngestError> {
    match config.source()? {
        Source::Karate => build_graph(karate::read()?, config),
        Source::Tables { edges, nodes } => {
            build_graph(tables::read(edges, nodes, base, config.rules())?, config)
        }
        Source::Dataset(dataset) => {
            let Reader::Graph { read, quoted, .. } = dataset.format.reader else {
                let problem = format!("`{}` holds images, not a graph", dataset.name);
                return Err(IngestError::config("dataset", problem));
            };
            let raw = read(dataset, &|name| verified(dataset, fetched, name))?;
            let (graph, mut audit) = build_graph(raw, config)?;
            if let Some(counts) = &dataset.counts {
                check_counts(&dataset.name, counts, &audit)?;
                audit.notes.extend(explain(dataset, counts, &audit, quoted));
            }
            Ok((graph, audit))
        }
        Source::Table(_) => {
            let problem = "a table of numbers is no graph: for a graph give `edges`";
            Err(IngestError::config("table", problem))
        }
    }
}

/// The bytes of a fetched file. Hashing again costs little and makes sure that what is read is what the
/// inputs are named by.
///
/// # Errors
/// When the file was not fetched, cannot be read, or changed since.
pub fn verified(
    dataset: &Dataset,
    fetched: Option<&Fetched>,
    name: &str,
) -> Result<Vec<u8>, IngestError> {
    let missing = || IngestError::NotFetched { dataset: dataset.name.clone() };
    let fetched = fetched.filter(|f| f.dataset == dataset.name).ok_or_else(missing)?;
    let spec = dataset.files.iter().find(|file| file.name == name).ok_or_else(missing)?;
    let file = fetched.files.iter().find(|file| file.name == name).ok_or_else(missing)?;
    let bytes = std::fs::read(&file.path).map_err(IngestError::read(&file.path))?;
    let found = sha256(&bytes);
    if found != spec.sha256 {
        return Err(IngestError::Changed {
            dataset: dataset.name.clone(),
            path: file.path.clone(),
            expected: spec.sha256.clone(),
            found,
        });
    }
    Ok(bytes)
}

/// Whether a canonical dataset is the canonical one. Edges are compared only where direction was
/// forgotten, as the published counts have it.
fn check_counts(dataset: &str, counts: &Counts, audit: &Audit) -> Result<(), IngestError> {
    let mut pairs = vec![
        ("nodes", counts.nodes, audit.nodes),
        ("features", counts.features, audit.features),
        ("feature nonzeros", counts.feature_nonzeros, audit.feature_nonzeros),
        ("classes", counts.classes, audit.classes),
    ];
    if !audit.directed {
        pairs.insert(1, ("edges", counts.edges, audit.edges));
    }
    let differences: Vec<String> = pairs
        .into_iter()
        .filter(|(_, expected, found)| expected != found)
        .map(|(what, expected, found)| format!("expected {expected} {what}, found {found}"))
        .collect();
    if differences.is_empty() {
        return Ok(());
    }
    let differences = differences.join("; ");
    Err(IngestError::Counts { dataset: dataset.to_owned(), differences })
}

/// Why papers quote another number of edges.
fn explain(
    dataset: &Dataset,
    counts: &Counts,
    audit: &Audit,
    counted: fn(usize) -> String,
) -> Option<String> {
    let quoted = counts.quoted_edges.filter(|_| !audit.directed)?;
    let (entries, loops) = (audit.raw_edge_entries, audit.self_loops_dropped);
    let counted = counted(entries);
    let mut mended = "each edge counted once".to_owned();
    if loops > 0 {
        mended = format!("{mended} and the {loops} entries dropped that join a node to itself");
    }
    let edges = audit.edges;
    Some(format!(
        "papers quote {quoted} edges for {}: {counted}; with {mended}, {edges} are left",
        dataset.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SampleSource;

    #[test]
    fn the_karate_club_needs_nothing() {
        let config = IngestConfig::dataset("karate");
        assert_eq!(needs_fetch(&config), None);
        let (graph, audit) = load(&config, Path::new("."), None).expect("embedded");
        assert_eq!((audit.nodes, audit.edges, audit.classes), (34, 78, 2));
        assert_eq!((audit.components.count, audit.max_degree), (1, 17));
        assert!(graph.features.is_none());
        let inputs = inputs(&config, Path::new(".")).expect("one input");
        assert!(inputs[0].1.starts_with("blake3:"));
    }

    #[test]
    fn a_dataset_is_known_by_its_hashes_and_asks_to_be_fetched() {
        let config = IngestConfig::dataset("cora");
        assert_eq!(needs_fetch(&config), Some("cora"));
        let inputs = inputs(&config, Path::new("/nowhere")).expect("no file is read");
        assert_eq!(inputs.len(), 2);
        assert!(inputs[0].1.starts_with("sha256:b8ebed0f"), "{}", inputs[0].1);
        let error = load(&config, Path::new("."), None).expect_err("not fetched");
        insta::assert_snapshot!(error.to_string());
    }

    #[test]
    fn graphs_and_samples_are_not_taken_for_each_other() {
        let mnist = IngestConfig::dataset("mnist");
        assert_eq!(needs_fetch(&mnist), Some("mnist"));
        assert_eq!(inputs(&mnist, Path::new("/nowhere")).expect("no file is read").len(), 4);
        let error = load(&mnist, Path::new("."), None).expect_err("no graph");
        assert_eq!(error.to_string(), "ingest: `dataset`: `mnist` holds images, not a graph");
        let SampleSource::Dataset(dataset) = mnist.sample_source().expect("images") else {
            panic!("a table");
        };
        let error = verified(dataset, None, "train-images-idx3-ubyte").expect_err("not fetched");
        assert!(matches!(error, IngestError::NotFetched { .. }), "{error}");
        let karate = IngestConfig::dataset("karate");
        let error = karate.sample_source().expect_err("a graph");
        assert!(error.to_string().contains("this is a graph"), "{error}");
    }

    #[test]
    fn counts_that_differ_are_all_named() {
        let (_, audit) =
            load(&IngestConfig::dataset("karate"), Path::new("."), None).expect("embedded");
        let counts = Counts {
            nodes: 34,
            edges: 79,
            features: 3,
            feature_nonzeros: 0,
            classes: 2,
            quoted_edges: None,
        };
        let error = check_counts("karate", &counts, &audit).expect_err("two differ");
        insta::assert_snapshot!(error.to_string());
    }
}
