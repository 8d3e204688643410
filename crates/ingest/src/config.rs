//! Where a graph comes from and how it is cleaned.

use std::path::PathBuf;

use serde::de::{Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Serialize};

use crate::fetch::{Dataset, Format, Registry};
use crate::{IngestError, karate};

/// The `[ingest]` table of a pipeline: a known dataset by name, or a person's own tables.
///
/// ```
/// let config: vgae_ingest::IngestConfig = toml::from_str(
///     r#"
///     edges = "friends.csv"
///     nodes = { path = "people.parquet", id = "person", label = "team" }
///     "#,
/// )?;
/// config.check().expect("either a dataset or tables");
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IngestConfig {
    /// A dataset of the registry (`cora`, `citeseer`, `pubmed`) or `karate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// A person's own edges: a path, or a table with a `path` and more.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "path_or_table")]
    pub edges: Option<EdgeTable>,
    /// What is known of the nodes: a path, or a table with a `path` and more. Without it the nodes are
    /// the ids that `edges` names, in order of first appearance.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "path_or_table")]
    pub nodes: Option<NodeTable>,
    /// Whether `src -> dst` differs from `dst -> src`.
    pub directed: bool,
    /// What to do with an edge end that the node table lacks.
    pub unknown_nodes: UnknownNodes,
    /// What to do when entries of one edge have different weights.
    pub duplicate_weights: DuplicateWeights,
}

/// A table with one row an edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeTable {
    /// A `.csv`, `.tsv` or `.parquet` file; relative paths start at the pipeline file's folder.
    pub path: PathBuf,
    /// Whether the first line of a CSV or TSV holds column names. Without names the columns are called
    /// `column_1`, `column_2` and so on.
    #[serde(default = "yes")]
    pub header: bool,
    /// The column of one end; the first column unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub src: Option<String>,
    /// The column of the other end; the second column unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dst: Option<String>,
    /// The column of weights; none unless named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
}

/// A table with one row a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeTable {
    /// A `.csv`, `.tsv` or `.parquet` file; relative paths start at the pipeline file's folder.
    pub path: PathBuf,
    /// Whether the first line of a CSV or TSV holds column names. Without names the columns are called
    /// `column_1`, `column_2` and so on.
    #[serde(default = "yes")]
    pub header: bool,
    /// The column of ids; unless named, the column `id`, else the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The column of class labels; unless named, the column `label` if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The columns of features; unless named, every numeric or boolean column left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
}

const fn yes() -> bool {
    true
}

/// What to do with an edge end that the node table lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownNodes {
    /// Stop and name it.
    #[default]
    Error,
    /// Leave the edge out and count it in the audit.
    Drop,
    /// Add the node, without label and with all features zero.
    Add,
}

/// What to do when entries of one edge have different weights. Entries that agree are one edge of that
/// weight, except under `sum`. In an undirected graph `a, b` and `b, a` are entries of one edge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateWeights {
    /// Stop and name the edge.
    #[default]
    Error,
    /// Take the weight of the first entry in the file.
    First,
    /// Add the weights of all entries, also of those that agree (as for counts of contacts).
    Sum,
}

/// What a checked configuration asks for.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    Karate,
    Dataset(Box<Dataset>),
    Tables { edges: &'a EdgeTable, nodes: Option<&'a NodeTable> },
}

impl IngestConfig {
    /// The configuration for a dataset, everything else as by default.
    #[must_use]
    pub fn dataset(name: impl Into<String>) -> Self {
        Self { dataset: Some(name.into()), ..Self::default() }
    }

    /// Whether this asks for something that exists and does not contradict itself. Reads no file.
    ///
    /// # Errors
    /// When neither or both of `dataset` and `edges` are given, the dataset is not known or is no graph,
    /// or a direction is asked of a dataset that has none.
    pub fn check(&self) -> Result<(), IngestError> {
        self.source().map(|_| ())
    }

    pub(crate) fn source(&self) -> Result<Source<'_>, IngestError> {
        match (&self.dataset, &self.edges, &self.nodes) {
            (Some(_), Some(_), _) => Err(IngestError::config(
                "dataset",
                "a dataset has its own edges: keep either `dataset` or `edges`",
            )),
            (Some(_), None, Some(_)) => Err(IngestError::config(
                "dataset",
                "a dataset has its own nodes: keep either `dataset`, or `edges` with `nodes`",
            )),
            (None, None, _) => Err(IngestError::config(
                "dataset",
                "no graph is named: give `dataset = \"cora\"`, or `edges = \"FILE\"` for your own",
            )),
            (None, Some(edges), nodes) => Ok(Source::Tables { edges, nodes: nodes.as_ref() }),
            (Some(name), None, None) => self.known(name),
        }
    }

    fn known(&self, name: &str) -> Result<Source<'_>, IngestError> {
        let no_direction = || {
            IngestError::config(
                "directed",
                format!("`{name}` does not say which way its edges point: remove `directed`"),
            )
        };
        if name == karate::NAME {
            return if self.directed { Err(no_direction()) } else { Ok(Source::Karate) };
        }
        let registry = Registry::builtin();
        let Some(dataset) = registry.get(name) else {
            let mut graphs: Vec<&str> = registry.graphs().collect();
            graphs.push(karate::NAME);
            let problem = format!(
                "`{name}` is not a known dataset: there are {}; for a graph of your own give `edges`",
                graphs.join(", ")
            );
            return Err(IngestError::config("dataset", problem));
        };
        match dataset.format {
            Format::Idx => {
                let problem = format!("`{name}` holds images, not a graph");
                Err(IngestError::config("dataset", problem))
            }
            Format::Planetoid if self.directed => Err(no_direction()),
            Format::Planetoid | Format::Linqs => Ok(Source::Dataset(Box::new(dataset.clone()))),
        }
    }
}

/// A table of configuration that a bare path can stand for.
trait FromPath {
    fn from_path(path: PathBuf) -> Self;
}

impl FromPath for EdgeTable {
    fn from_path(path: PathBuf) -> Self {
        Self { path, header: true, src: None, dst: None, weight: None }
    }
}

impl FromPath for NodeTable {
    fn from_path(path: PathBuf) -> Self {
        Self { path, header: true, id: None, label: None, features: None }
    }
}

impl EdgeTable {
    /// The table at `path`, everything else as by default.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self::from_path(path.into())
    }
}

impl NodeTable {
    /// The table at `path`, everything else as by default.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self::from_path(path.into())
    }
}

/// Takes `"FILE"` for `{ path = "FILE" }`. Not an untagged enum, whose errors would not say which key is
/// wrong.
fn path_or_table<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + FromPath,
{
    struct PathOrTable<T>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de> + FromPath> Visitor<'de> for PathOrTable<T> {
        type Value = T;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a path, or a table with a `path`")
        }

        fn visit_str<E: Error>(self, path: &str) -> Result<T, E> {
            Ok(T::from_path(PathBuf::from(path)))
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_any(PathOrTable(std::marker::PhantomData)).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<IngestConfig, String> {
        let config: IngestConfig = toml::from_str(text).map_err(|error| error.to_string())?;
        config.check().map_err(|error| error.to_string())?;
        Ok(config)
    }

    #[test]
    fn a_path_stands_for_a_table() {
        let short = parse("edges = \"e.csv\"").expect("a path");
        let long = parse("[edges]\npath = \"e.csv\"\nheader = true").expect("a table");
        assert_eq!(short, long);
    }

    #[test]
    fn a_configuration_survives_the_round_trip() {
        let config = parse(
            "directed = true\nunknown_nodes = \"add\"\nduplicate_weights = \"sum\"\n\
             edges = { path = \"e.csv\", weight = \"w\", header = false }\nnodes = \"n.parquet\"",
        )
        .expect("a configuration");
        let text = toml::to_string(&config).expect("serialise");
        assert_eq!(parse(&text).expect("read back"), config);
        let empty = toml::to_string(&IngestConfig::dataset("cora")).expect("serialise");
        assert_eq!(parse(&empty).expect("read back"), IngestConfig::dataset("cora"));
    }

    #[test]
    fn contradictions_and_unknown_names_are_refused() {
        let refused = [
            "",
            "dataset = \"corra\"",
            "dataset = \"mnist\"",
            "dataset = \"cora\"\nedges = \"e.csv\"",
            "dataset = \"cora\"\nnodes = \"n.csv\"",
            "dataset = \"pubmed\"\ndirected = true",
            "dataset = \"karate\"\ndirected = true",
            "edges = { pth = \"e.csv\" }",
            "edges = { path = \"e.csv\", sorce = \"a\" }",
            "edges = 3",
            "weights = 1",
        ]
        .map(|text| parse(text).expect_err(text));
        insta::assert_snapshot!(refused.join("\n---\n"));
    }
}
