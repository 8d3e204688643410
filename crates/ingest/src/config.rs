//! Where a graph or a table of samples comes from and how it is cleaned.

mod features;
mod file;
mod split_files;
mod tables;

use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Serialize};

use vgae_artifacts::DataKind;

use crate::fetch::{Dataset, Registry};
use crate::raw_formats::Reader;
use crate::{IngestError, karate};

pub(crate) use features::MatrixFile;
pub use features::{FeatureLayout, FeatureTable, NodeFeatures};
pub use file::FileOptions;
pub use file::NaValues;
pub use file::Stated;
pub use file::{ColumnRef, TableFormat};
pub use split_files::SplitFiles;

/// The `[data]` table of a pipeline: a known dataset by name, or tables of one's own.
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IngestConfig {
    /// A dataset of the registry (`cora`, `citeseer`, `pubmed`; for images `mnist`, `fashion-mnist`) or
    /// `karate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// A person's own numbers without a graph between them: a path, or a table with a `path` and more.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "path_or_table")]
    #[schemars(schema_with = "path_or_table_schema::<SampleTable>", example = "table.csv")]
    pub table: Option<SampleTable>,
    /// Your own edges: a path, a table with a `path` and more, or a list of these.
    #[serde(skip_serializing_if = "Vec::is_empty", with = "tables")]
    #[schemars(schema_with = "tables::schema::<EdgeTable>", example = "edges.csv")]
    pub edges: Vec<EdgeTable>,
    /// The nodes: a path, a table with a `path` and more, or a list of these. Without it the nodes are
    /// the ids in `edges`, in order of first appearance.
    #[serde(skip_serializing_if = "Vec::is_empty", with = "tables")]
    #[schemars(schema_with = "tables::schema::<NodeTable>", example = "nodes.csv")]
    pub nodes: Vec<NodeTable>,
    /// Whether `src -> dst` differs from `dst -> src`.
    pub directed: bool,
    /// Treatment of an edge end that the node table lacks.
    pub unknown_nodes: UnknownNodes,
    /// Treatment of entries of one edge with different weights.
    pub duplicate_weights: DuplicateWeights,
    /// Treatment of rows that lack an id, a weight or a feature.
    pub missing_values: MissingValues,
    /// Treatment of duplicate ids in the node table, and of duplicate features of a node among triplets.
    pub duplicate_ids: DuplicateIds,
    /// Values that stand for a missing value. `?` does so in columns of numbers only.
    #[serde(skip_serializing_if = "is_default")]
    pub na_values: NaValues,
    /// Whether the two columns of ends hold ids of two types of nodes, so that `5` in one and `5` in the other are two
    /// nodes (`user:5` and `movie:5` for the columns `userId` and `movieId`) and no pair of one type is ever drawn or
    /// predicted. By default decided by the names and values of the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bipartite: Option<bool>,
    /// Whether the two tables must name the same nodes: not only must the node table have every end of an
    /// edge, an edge must name every node of the table.
    pub strict: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A table with one row an edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EdgeTable {
    /// The file; a relative path starts at the pipeline file's folder.
    pub path: PathBuf,
    /// Format of the file. By default by its content and name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TableFormat>,
    /// Whether the first line has the names of columns. By default decided by the content. Without names,
    /// columns are called `column_1`, `column_2` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Text between values, or `whitespace`. By default found in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// Character around values, or `none` if quotes are letters like others. By default `"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Start of lines that are comments, or `none`. By default `#` and `%` in text, and `#`, `%` or `//` where the
    /// first line starts so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Encoding of text, as `latin1`. By default UTF-8, or that of the byte-order mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Column of one end. By default found by its name or values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub src: Option<ColumnRef>,
    /// Column of the other end. By default found by its name or values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dst: Option<ColumnRef>,
    /// Column of weights, or `none`. By default a column `weight`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<ColumnRef>,
    /// Column of relation types, such as `treats` and `causes`. By default edges have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<ColumnRef>,
    /// Type of the nodes in `src`, such as `user`. Ids of different types are different nodes: `user:5` and `movie:5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub src_type: Option<String>,
    /// Type of the nodes in `dst`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dst_type: Option<String>,
}

/// A table with one row a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeTable {
    /// The file; a relative path starts at the pipeline file's folder.
    pub path: PathBuf,
    /// Format of the file. By default by its content and name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TableFormat>,
    /// Whether the first line has the names of columns. By default decided by the content. Without names,
    /// columns are called `column_1`, `column_2` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Text between values, or `whitespace`. By default found in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// Character around values, or `none` if quotes are letters like others. By default `"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Start of lines that are comments, or `none`. By default `#` and `%` in text, and `#`, `%` or `//` where the
    /// first line starts so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Encoding of text, as `latin1`. By default UTF-8, or that of the byte-order mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Column of ids. By default found by its name (`id`, `node_id`, ...), else the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ColumnRef>,
    /// Column of class labels, or `none`. By default found by its name (`label`, `class`, ...).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<ColumnRef>,
    /// Type of all nodes of this table, such as `user`, for graphs whose edge tables have `src_type` and `dst_type`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub node_type: Option<String>,
    /// Column of the nodes' types, or `none`. By default a column `node_type` or `bipartite`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_column: Option<ColumnRef>,
    /// Features: columns of this table, or a file of their own. By default every other column of numbers, truth
    /// values or lists of numbers, except identifiers, masks and columns that count the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<NodeFeatures>,
}

/// A table with one row a sample and no graph between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SampleTable {
    /// The file; a relative path starts at the pipeline file's folder.
    pub path: PathBuf,
    /// Format of the file. By default by its content and name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TableFormat>,
    /// Whether the first line has the names of columns. By default decided by the content. Without names,
    /// columns are called `column_1`, `column_2` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Text between values, or `whitespace`. By default found in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// Character around values, or `none` if quotes are letters like others. By default `"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Start of lines that are comments, or `none`. By default `#` and `%` in text, and `#`, `%` or `//` where the
    /// first line starts so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Encoding of text, as `latin1`. By default UTF-8, or that of the byte-order mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The column of ids; unless named, the column `id` if there is one, else ids are `row-0`, `row-1`, ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The column of class labels; unless named, the column `label` if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The columns of numbers, in the order wanted; unless named, every numeric or boolean column left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// The column that says `train`, `val` or `test` of each row; unless named, parts are drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Treatment of missing values.
    #[serde(default)]
    pub missing: Missing,
    /// How to scale each column.
    #[serde(default)]
    pub scale: Scale,
}

/// Treatment of missing values in a table of samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// Stop and name the first.
    #[default]
    Refuse,
    /// Put the mean of the column there, over the rows that are not for the test.
    Mean,
}

/// How to scale the columns of a table of samples. Statistics are those of the rows that are not for the
/// test, so that nothing is learned from test rows; constant columns become 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// As they are.
    #[default]
    None,
    /// The smallest value becomes 0 and the largest 1, as a Bernoulli decoder wants.
    MinMax,
    /// Mean 0 and standard deviation 1 (that of the population, as scikit-learn's `StandardScaler`).
    Standard,
}

/// Treatment of an edge end that the node table lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Treatment of entries of one edge with different weights. Entries that agree are one edge of that
/// weight, except under `sum`. In an undirected graph `a, b` and `b, a` are entries of one edge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Treatment of rows of a graph's tables that lack an id, a weight or a feature. (A missing label is allowed.)
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MissingValues {
    /// Stop and name the first.
    #[default]
    Error,
    /// Leave out the edge entry without an end or weight and the node without an id; a missing feature
    /// becomes 0. The audit counts them.
    Repair,
}

/// Treatment of duplicates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateIds {
    /// Stop and name the first.
    #[default]
    Error,
    /// Keep the first row, leave out the others; the audit counts them.
    First,
}

/// Treatment of tables that contradict themselves or each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) na_values: &'a NaValues,
    pub(crate) directed: bool,
    pub(crate) bipartite: Option<bool>,
    pub(crate) unknown: UnknownNodes,
    pub(crate) missing: MissingValues,
    pub(crate) duplicates: DuplicateIds,
    pub(crate) strict: bool,
}

/// The data that a checked configuration names.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    Karate,
    Dataset(&'static Dataset),
    Tables { edges: &'a [EdgeTable], nodes: &'a [NodeTable] },
    Table(&'a SampleTable),
}

/// The source of samples that a configuration names.
#[derive(Debug, Clone, Copy)]
pub enum SampleSource<'a> {
    /// A table of numbers.
    Table(&'a SampleTable),
    /// A known dataset of images.
    Dataset(&'static Dataset),
}

impl Source<'_> {
    /// Whether this is a graph or rows of numbers without one.
    fn data_kind(&self) -> DataKind {
        match self {
            Source::Karate | Source::Tables { .. } => DataKind::Graph,
            Source::Dataset(dataset) => dataset.format.data_kind(),
            Source::Table(_) => DataKind::Samples,
        }
    }
}

impl IngestConfig {
    /// The configuration for a dataset, everything else as by default.
    #[must_use]
    pub fn dataset(name: impl Into<String>) -> Self {
        Self { dataset: Some(name.into()), ..Self::default() }
    }

    /// Checks that the data exist and that the options do not contradict each other. Reads no file.
    ///
    /// # Errors
    /// When not exactly one of `dataset`, `edges` and `table` is given, the dataset is not known, or
    /// does not have what an option needs (a direction, say).
    pub fn check(&self) -> Result<(), IngestError> {
        self.source().map(|_| ())
    }

    /// Whether this is a graph ([`crate::load`]) or samples without one, which `vgae-samples` reads. Reads
    /// no file.
    ///
    /// # Errors
    /// As [`IngestConfig::check`].
    pub fn data_kind(&self) -> Result<DataKind, IngestError> {
        Ok(self.source()?.data_kind())
    }

    /// The source of samples.
    ///
    /// # Errors
    /// As [`IngestConfig::check`], and when a graph is named (see [`IngestConfig::data_kind`]).
    pub fn sample_source(&self) -> Result<SampleSource<'_>, IngestError> {
        let no_samples = |key| {
            let problem = "this is a graph, and rows of numbers are needed: give `dataset = \"mnist\"`, or \
                           `table = \"FILE\"` for your own";
            Err(IngestError::config(key, problem))
        };
        match self.source()? {
            Source::Table(table) => Ok(SampleSource::Table(table)),
            Source::Dataset(dataset) if dataset.format.data_kind() == DataKind::Samples => {
                Ok(SampleSource::Dataset(dataset))
            }
            Source::Karate | Source::Dataset(_) => no_samples("dataset"),
            Source::Tables { .. } => no_samples("edges"),
        }
    }

    pub(crate) fn source(&self) -> Result<Source<'_>, IngestError> {
        let source = self.named_source()?;
        if source.data_kind() == DataKind::Samples {
            let set = [
                ("directed", self.directed),
                ("unknown_nodes", !is_default(&self.unknown_nodes)),
                ("duplicate_weights", !is_default(&self.duplicate_weights)),
                ("missing_values", !is_default(&self.missing_values)),
                ("duplicate_ids", !is_default(&self.duplicate_ids)),
                ("bipartite", self.bipartite.is_some()),
                ("strict", self.strict),
            ];
            if let Some((key, _)) = set.into_iter().find(|(_, is_set)| *is_set) {
                let problem = "this is for graphs, and there are no edges here: remove it";
                return Err(IngestError::config(key, problem));
            }
        }
        Ok(source)
    }

    fn named_source(&self) -> Result<Source<'_>, IngestError> {
        if let Some(table) = &self.table {
            let other = [
                ("dataset", self.dataset.is_some()),
                ("edges", !self.edges.is_empty()),
                ("nodes", !self.nodes.is_empty()),
            ];
            return match other.into_iter().find(|(_, is_set)| *is_set) {
                None => {
                    table.file(&self.na_values).check()?;
                    Ok(Source::Table(table))
                }
                Some((key, _)) => {
                    let problem = format!(
                        "`table` is for numbers without a graph: keep either `table` or `{key}`"
                    );
                    Err(IngestError::config("table", problem))
                }
            };
        }
        match (&self.dataset, self.edges.as_slice(), self.nodes.as_slice()) {
            (Some(_), [_, ..], _) => Err(IngestError::config(
                "dataset",
                "a dataset has its own edges: keep either `dataset` or `edges`",
            )),
            (Some(_), [], [_, ..]) => Err(IngestError::config(
                "dataset",
                "a dataset has its own nodes: keep either `dataset`, or `edges` with `nodes`",
            )),
            (None, [], _) => Err(IngestError::config(
                "dataset",
                "no data is named: give `dataset = \"cora\"`, or of your own `edges = \"FILE\"` for a \
                 graph, `table = \"FILE\"` for numbers without one",
            )),
            (None, edges, nodes) => self.tables(edges, nodes),
            (Some(name), [], []) => self.known(name),
        }
    }

    fn tables<'a>(
        &self,
        edges: &'a [EdgeTable],
        nodes: &'a [NodeTable],
    ) -> Result<Source<'a>, IngestError> {
        for edges in edges {
            edges.file(&self.na_values).check()?;
            if edges.src_type.is_some() != edges.dst_type.is_some() {
                let problem = "one of `src_type` and `dst_type` is given: give both";
                return Err(IngestError::config("edges", problem));
            }
            if edges.src_type.is_some() && self.bipartite.is_some() {
                let problem =
                    "`src_type` and `dst_type` name the types already: remove `bipartite`";
                return Err(IngestError::config("bipartite", problem));
            }
        }
        let is_typed = edges.iter().any(|edges| edges.src_type.is_some());
        if is_typed && edges.iter().any(|edges| edges.src_type.is_none()) {
            let problem = "some tables have `src_type` and `dst_type` and others have not: give them for each";
            return Err(IngestError::config("edges", problem));
        }
        for table in nodes {
            table.file(&self.na_values).check()?;
            match &table.features {
                Some(NodeFeatures::File(_)) if nodes.len() > 1 => {
                    let problem =
                        "a file of features belongs to one node table, and there are several";
                    return Err(IngestError::config("nodes", problem));
                }
                Some(NodeFeatures::File(features)) => features.check()?,
                _ => {}
            }
            if table.node_type.is_some() && table.type_column.is_some() {
                let problem = "`type` and `type_column` are both given: keep one";
                return Err(IngestError::config("nodes", problem));
            }
            if table.node_type.is_some() && !is_typed && self.bipartite != Some(true) {
                let problem = "`type` needs edges with types: give `src_type` and `dst_type` for the edge tables";
                return Err(IngestError::config("nodes", problem));
            }
            if table.node_type.is_none() && (is_typed || self.bipartite == Some(true)) {
                let problem =
                    "the ids of edges have types: give each node table the `type` of its nodes";
                return Err(IngestError::config("nodes", problem));
            }
        }
        if self.strict && self.unknown_nodes != UnknownNodes::Error {
            let problem =
                "`strict` refuses nodes that the node table lacks: remove `unknown_nodes`";
            return Err(IngestError::config("strict", problem));
        }
        if self.strict && nodes.is_empty() {
            let problem = "there is no node table that edges could be held against: give `nodes`";
            return Err(IngestError::config("strict", problem));
        }
        Ok(Source::Tables { edges, nodes })
    }

    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules {
            na_values: &self.na_values,
            directed: self.directed,
            bipartite: self.bipartite,
            unknown: self.unknown_nodes,
            missing: self.missing_values,
            duplicates: self.duplicate_ids,
            strict: self.strict,
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
            let images: Vec<&str> = registry.samples().collect();
            let problem = format!(
                "`{name}` is not a known dataset: there are the graphs {} and the images {}; for data of \
                 your own give `edges` or `table`",
                graphs.join(", "),
                images.join(", ")
            );
            return Err(IngestError::config("dataset", problem));
        };
        match dataset.format.reader {
            Reader::Graph { has_direction: false, .. } if self.directed => Err(no_direction()),
            _ => Ok(Source::Dataset(dataset)),
        }
    }
}

/// A table of configuration that a bare path can stand for.
trait FromPath {
    fn from_path(path: PathBuf) -> Self;
}

/// Implements a table of the configuration: fields beyond those of its file start as `None` or the default.
macro_rules! table {
    ($table:ident, $key:literal, { $($field:ident),* }) => {
        impl FromPath for $table {
            fn from_path(path: PathBuf) -> Self {
                Self {
                    path,
                    format: None,
                    header: None,
                    separator: None,
                    quote: None,
                    comment: None,
                    encoding: None,
                    $($field: Default::default()),*
                }
            }
        }

        impl $table {
            /// The table at `path`, everything else as by default.
            #[must_use]
            pub fn new(path: impl Into<PathBuf>) -> Self {
                Self::from_path(path.into())
            }

            /// The table at `path` with the form that it was read in, everything else as by default.
            #[doc(hidden)]
            #[must_use]
            pub fn as_read(path: &std::path::Path, form: crate::config::Stated) -> Self {
                let crate::config::Stated { format, header, separator, quote, comment, encoding } = form;
                let table = Self::new(path);
                Self { format, header, separator, quote, comment, encoding, ..table }
            }

            #[doc(hidden)]
            #[must_use]
            pub fn file<'a>(&'a self, na_values: &'a NaValues) -> FileOptions<'a> {
                FileOptions {
                    key: $key,
                    path: &self.path,
                    format: self.format,
                    header: self.header,
                    separator: self.separator.as_deref(),
                    quote: self.quote.as_deref(),
                    comment: self.comment.as_deref(),
                    encoding: self.encoding.as_deref(),
                    na_values,
                }
            }
        }
    };
}
use table;

table!(EdgeTable, "edges", { src, dst, weight, relation, src_type, dst_type });
table!(NodeTable, "nodes", { id, label, node_type, type_column, features });
table!(SampleTable, "table", { id, label, columns, part, missing, scale });

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

/// The schema of a table that a bare path can stand for.
fn path_or_table_schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [{ "type": "string" }, T::json_schema(generator), { "type": "null" }] })
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
        let long = parse("[edges]\npath = \"e.csv\"").expect("a table");
        assert_eq!(short, long);
        let list = parse("edges = [\"e.csv\", { path = \"f.csv\", src = \"a\" }]").expect("a list");
        assert_eq!((&list.edges[0], list.edges.len()), (&short.edges[0], 2));
        let text = toml::to_string(&list).expect("serialise");
        assert_eq!(parse(&text).expect("read back"), list);
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
    fn images_and_tables_are_samples_and_the_rest_are_graphs() {
        let kind = |text| parse(text).expect(text).data_kind().expect(text);
        for text in ["dataset = \"mnist\"", "dataset = \"fashion-mnist\"", "table = \"t.csv\""] {
            assert_eq!(kind(text), DataKind::Samples, "{text}");
        }
        for text in ["dataset = \"cora\"", "dataset = \"karate\"", "edges = \"e.csv\""] {
            assert_eq!(kind(text), DataKind::Graph, "{text}");
        }
        let table = parse(
            "[table]\npath = \"t.csv\"\nid = \"name\"\ncolumns = [\"a\", \"b\"]\npart = \"set\"\n\
             missing = \"mean\"\nscale = \"min-max\"",
        )
        .expect("a table");
        let text = toml::to_string(&table).expect("serialise");
        assert_eq!(parse(&text).expect("read back"), table);
    }

    #[test]
    fn contradictions_and_unknown_names_are_refused() {
        let refused = [
            "",
            "dataset = \"corra\"",
            "dataset = \"mnist\"\ndirected = true",
            "dataset = \"mnist\"\nedges = \"e.csv\"",
            "dataset = \"cora\"\ntable = \"t.csv\"",
            "table = \"t.csv\"\nedges = \"e.csv\"",
            "table = \"t.csv\"\nnodes = \"n.csv\"",
            "table = \"t.csv\"\nunknown_nodes = \"drop\"",
            "table = \"t.csv\"\nduplicate_weights = \"sum\"",
            "table = { path = \"t.csv\", scale = \"log\" }",
            "table = { path = \"t.csv\", missing = \"zero\" }",
            "table = { path = \"t.csv\", features = [\"a\"] }",
            "dataset = \"cora\"\nedges = \"e.csv\"",
            "dataset = \"cora\"\nnodes = \"n.csv\"",
            "dataset = \"pubmed\"\ndirected = true",
            "dataset = \"karate\"\ndirected = true",
            "edges = { path = \"e.csv\", src_type = \"user\" }",
            "edges = [\"e.csv\", { path = \"f.csv\", src_type = \"user\", dst_type = \"item\" }]",
            "bipartite = true\nedges = { path = \"e.csv\", src_type = \"user\", dst_type = \"item\" }",
            "edges = \"e.csv\"\nnodes = { path = \"n.csv\", type = \"user\" }",
            "edges = \"e.csv\"\nbipartite = true\nnodes = \"n.csv\"",
            "edges = { pth = \"e.csv\" }",
            "edges = { path = \"e.csv\", sorce = \"a\" }",
            "edges = 3",
            "weights = 1",
        ]
        .map(|text| parse(text).expect_err(text));
        insta::assert_snapshot!(refused.join("\n---\n"));
    }
}
