//! Files of whole graphs, as other tools write them: read as a table of edges and a table of nodes, so that what
//! holds for tables (which column is a label, what is missing, which node is unknown) holds for them too.
//!
//! Every reader takes bytes and returns a [`GraphFile`]; [`GraphFormat::detect`] recognises a format by the start
//! of a file. Formats that are not read are refused by name, with a line of Python that converts them
//! (`foreign`).

mod adjacency;
mod arrays;
mod foreign;
mod gexf;
mod gml;
mod graphml;
mod matrix_market;
mod node_link;
mod pajek;
mod tables;
mod tokens;
mod xml;

use std::path::Path;

use arrow::array::RecordBatch;
use serde::Serialize;

use crate::FormatError;
pub(crate) use adjacency::is_small_matrix;
pub use adjacency::looks_like_matrix;
pub use foreign::foreign;

/// The file formats of graphs.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    strum::Display,
    strum::EnumString,
    strum::VariantNames,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum GraphFormat {
    /// Matrix Market, `.mtx`: a sparse matrix in coordinate form.
    MatrixMarket,
    /// `.npy` of numpy: an edge index of two rows or two columns, or a square adjacency matrix.
    Npy,
    /// `.npz`: a sparse adjacency matrix of scipy, or an archive with an array `edge_index`.
    Npz,
    /// `GraphML`.
    #[serde(rename = "graphml")]
    #[strum(serialize = "graphml")]
    GraphMl,
    /// GEXF, as Gephi writes it.
    Gexf,
    /// GML.
    Gml,
    /// Pajek, `.net`.
    Pajek,
    /// Node-link JSON, as `NetworkX` and D3 write it.
    NodeLink,
    /// Lines of a node and its neighbours.
    AdjacencyList,
    /// A square table of weights.
    AdjacencyMatrix,
}

/// The column of `nodes` with the types of nodes in a bipartite file.
pub const TYPE: &str = "node_type";

/// A graph file as tables.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphFile {
    /// Columns `source` and `target`, then those of edge attributes.
    pub edges: RecordBatch,
    /// A column `id`, then those of node attributes; none where the file has no list of nodes.
    pub nodes: Option<RecordBatch>,
    /// Whether edges have a direction, where the file says so.
    pub directed: Option<bool>,
    /// The column of `edges` that holds weights, if the file has weights.
    pub weight: Option<String>,
    /// Whether sources and targets are nodes of two kinds, whose ids are apart.
    pub bipartite: bool,
    /// Description of the file in messages: `Matrix Market, symmetric, 24 x 24`.
    pub description: String,
}

impl GraphFormat {
    /// The format of a file, by its first bytes (unpacked) and, where these do not tell, by its name.
    #[must_use]
    pub fn detect(path: &Path, start: &[u8]) -> Option<Self> {
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        let starts = |prefix: &str| {
            text.get(..prefix.len())
                .is_some_and(|text| text.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        if start.starts_with(arrays::NPY) {
            Some(Self::Npy)
        } else if start.starts_with(arrays::ZIP) {
            arrays::is_npz(start).then_some(Self::Npz)
        } else if starts("%%MatrixMarket") {
            Some(Self::MatrixMarket)
        } else if starts("<") {
            let has = |tag: &str| text.windows(tag.len()).any(|window| window == tag.as_bytes());
            if has("<graphml") { Some(Self::GraphMl) } else { has("<gexf").then_some(Self::Gexf) }
        } else if starts("{") {
            Some(Self::NodeLink)
        } else if starts("*vertices") || starts("*network") || starts("*arcs") || starts("*edges") {
            Some(Self::Pajek)
        } else if gml::looks_like(text) {
            Some(Self::Gml)
        } else {
            extension(path).and_then(|extension| Self::of_extension(&extension))
        }
    }

    /// The format that files of this extension have.
    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            "mtx" => Self::MatrixMarket,
            "npy" => Self::Npy,
            "npz" => Self::Npz,
            "graphml" => Self::GraphMl,
            "gexf" => Self::Gexf,
            "gml" => Self::Gml,
            "net" | "paj" => Self::Pajek,
            "json" => Self::NodeLink,
            "adjlist" => Self::AdjacencyList,
            _ => return None,
        })
    }

    /// Reads a file; `name` is for errors. Text has been decoded to UTF-8 before.
    ///
    /// # Errors
    /// When the content breaks the rules of the format.
    pub fn read(self, name: &str, bytes: &[u8]) -> Result<GraphFile, FormatError> {
        match self {
            Self::MatrixMarket => matrix_market::read(name, bytes),
            Self::Npy => arrays::npy(name, bytes),
            Self::Npz => arrays::npz(name, bytes),
            Self::GraphMl => graphml::read(name, text(name, bytes)?),
            Self::Gexf => gexf::read(name, text(name, bytes)?),
            Self::Gml => gml::read(name, text(name, bytes)?),
            Self::Pajek => pajek::read(name, text(name, bytes)?),
            Self::NodeLink => node_link::read(name, bytes),
            Self::AdjacencyList => adjacency::list(name, text(name, bytes)?),
            Self::AdjacencyMatrix => adjacency::matrix(name, text(name, bytes)?),
        }
    }

    /// Whether the file is text, which may have been written in another encoding than UTF-8.
    #[must_use]
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Npy | Self::Npz)
    }
}

/// Whether a ZIP archive is a format of its own, of numpy or of Excel.
pub(crate) fn is_no_plain_zip(start: &[u8]) -> bool {
    arrays::is_npz(start) || foreign::by_content(start).is_some()
}

/// The extension of a file's name in small letters; that of packing does not count.
fn extension(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let packed = [".gz", ".zst", ".bz2", ".xz", ".zip"].into_iter();
    let name = packed.fold(name.as_str(), |name, end| name.strip_suffix(end).unwrap_or(name));
    name.rsplit_once('.').map(|(_, extension)| extension.to_owned())
}

fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, FormatError> {
    crate::files::utf8(name, bytes)
}

/// Describes edges that all have a direction, or all have none.
fn direction(directed: bool) -> &'static str {
    if directed { "directed" } else { "undirected" }
}

/// Whether edges have a direction, if it is the same for all.
fn common_direction(directed: usize, undirected: usize) -> Option<bool> {
    match (directed, undirected) {
        (_, 0) => Some(directed > 0),
        (0, _) => Some(false),
        _ => None,
    }
}

/// The same in words.
fn directions(directed: usize, undirected: usize) -> String {
    match common_direction(directed, undirected) {
        Some(common) => direction(common).to_owned(),
        None => format!("{directed} directed and {undirected} undirected edges"),
    }
}

#[cfg(test)]
mod tests;
