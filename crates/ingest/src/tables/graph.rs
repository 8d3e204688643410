//! A graph file in the place of a table: its tables of edges and nodes are read as if they were files.

use std::path::Path;

use arrow::array::RecordBatch;

use super::frame::Table;
use crate::config::{EdgeTable, FileOptions, NodeTable, TableFormat};
use crate::files::{self, ColumnFile, Content};
use crate::graph_files::{self, GraphFile, GraphFormat};
use crate::{FormatError, IngestError};

/// How much of a file is looked at.
const START: usize = 1 << 16;

/// A graph file, read.
pub(super) struct Graph {
    format: TableFormat,
    file: GraphFile,
}

impl Graph {
    /// Reads the file that `options` name, if it is a graph file.
    pub(super) fn open(
        options: &FileOptions<'_>,
        base: &Path,
    ) -> Result<Option<Self>, IngestError> {
        let Some(format) = format(options, base)? else { return Ok(None) };
        let name = options.path.display().to_string();
        let path = base.join(options.path);
        let mut bytes = Content::open(&path)?.into_bytes(&path)?;
        if format.is_text() {
            bytes = files::text(&name, bytes, options.encoding()?)?.into_bytes();
        }
        let file = format.read(&name, &bytes)?;
        Ok(Some(Self { format: TableFormat::Graph(format), file }))
    }

    /// Whether the file declares that its edges have no direction.
    pub(super) fn is_undirected(&self) -> bool {
        self.file.directed == Some(false)
    }

    /// How its edges are read.
    pub(super) fn edges(&self, config: &EdgeTable) -> EdgeTable {
        let or = |given: &Option<_>, column: &str| given.clone().or_else(|| Some(column.into()));
        EdgeTable {
            src: or(&config.src, "source"),
            dst: or(&config.dst, "target"),
            weight: config.weight.clone().or_else(|| self.file.weight.as_deref().map(Into::into)),
            ..config.clone()
        }
    }

    /// How its nodes are read where the configuration names no table of them, if it lists nodes.
    pub(super) fn nodes(&self, config: &EdgeTable) -> Option<NodeTable> {
        self.file.nodes.as_ref()?;
        let (format, encoding) = (Some(self.format), config.encoding.clone());
        let type_column = self.file.bipartite.then(|| graph_files::TYPE.into());
        Some(NodeTable { format, encoding, type_column, ..NodeTable::new(config.path.clone()) })
    }

    pub(super) fn edge_table<'a>(&self, options: FileOptions<'a>) -> Table<'a> {
        let direction = match self.file.directed {
            Some(true) => "; `directed = true` keeps the direction of its edges",
            _ => "",
        };
        let reason = format!("{}{direction}", self.file.description);
        self.table(options, self.file.edges.clone(), vec![reason])
    }

    pub(super) fn node_table<'a>(
        &self,
        options: FileOptions<'a>,
    ) -> Result<Table<'a>, IngestError> {
        let nodes = self.file.nodes.clone().ok_or_else(|| {
            let name = options.path.display().to_string();
            FormatError::whole(&name, "a list of nodes", "edges alone")
        })?;
        Ok(self.table(options, nodes, Vec::new()))
    }

    fn table<'a>(
        &self,
        options: FileOptions<'a>,
        batch: RecordBatch,
        reasons: Vec<String>,
    ) -> Table<'a> {
        Table::of(options, self.format, ColumnFile::of(options.path, batch), reasons)
    }
}

/// The format of a graph file, as configured or as found; nothing if the file is a table.
fn format(options: &FileOptions<'_>, base: &Path) -> Result<Option<GraphFormat>, IngestError> {
    match options.format {
        Some(TableFormat::Graph(format)) => return Ok(Some(format)),
        Some(_) => return Ok(None),
        None => options.check()?,
    }
    let path = base.join(options.path);
    if path.is_dir() {
        return Ok(None);
    }
    let start = Content::peek(&path, START)?;
    if let Some(format) = GraphFormat::detect(options.path, &start) {
        return Ok(Some(format));
    }
    let name = options.path.display().to_string();
    if let Some((what, python)) = graph_files::foreign(options.path, &start) {
        let expected =
            "a table or a graph file (.mtx, .npz, .npy, .graphml, .gexf, .gml, .net, .json)";
        let found = format!("{what}, which is not read; in Python: {python}");
        return Err(FormatError::whole(&name, expected, found).into());
    }
    // Nodes alone have no edges, and a form that is given settles that this is a table.
    let is_settled = options.key != "edges"
        || options.header.is_some()
        || options.separator.is_some()
        || options.comment.is_some();
    let Ok(text) = files::text(&name, start.clone(), None) else { return Ok(None) };
    if is_settled || !may_be_matrix(&text, start.len() == START) {
        return Ok(None);
    }
    let text = files::text(&name, Content::open(&path)?.into_bytes(&path)?, None)?;
    if graph_files::is_small_matrix(&text) {
        let matrix = "an adjacency matrix (set `format = \"adjacency-matrix\"`)";
        return Err(options.ambiguous("the square", matrix, "edges (set `header = false`)"));
    }
    Ok(graph_files::looks_like_matrix(&text).then_some(GraphFormat::AdjacencyMatrix))
}

/// Whether the start of a text has no more lines than a matrix has columns.
fn may_be_matrix(start: &str, is_cut: bool) -> bool {
    let whole = match start.rsplit_once('\n') {
        Some((whole, _)) if is_cut => whole,
        _ => start,
    };
    whole.lines().count() <= whole.lines().next().map_or(0, str::len)
}
