//! Raw edges and nodes to dense node numbers and canonical pairs.

use super::{Column, OUTPUT, Step, count_where, integer, text, violations};

/// Raw edges: columns `src` and `dst`, the ids of the source.
pub(crate) const SOURCE_EDGES: &str = "source_edges";
/// Raw nodes: column `id`, and the features `x0`, `x1`, ...
pub(crate) const SOURCE_NODES: &str = "source_nodes";
/// Distinct ids.
pub(crate) const IDS: &str = "ids";
/// Number and id of each node.
pub(crate) const NODES: &str = "nodes";
/// Canonical pairs.
pub(crate) const EDGES: &str = "edges";

/// Type of node ids in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdKind {
    /// Integers of at most 64 bits.
    Integer,
    /// Text.
    Text,
}

impl IdKind {
    /// Returns an id column as `BIGINT` or text.
    pub(super) fn cast(self, column: &str) -> String {
        match self {
            Self::Integer => format!("CAST({column} AS BIGINT)"),
            Self::Text => column.to_owned(),
        }
    }

    /// Returns the output column `id`.
    pub(super) fn column(self) -> Column {
        match self {
            Self::Integer => integer("id"),
            Self::Text => text("id"),
        }
    }
}

/// Description of the source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    /// Type of node ids.
    pub(crate) ids: IdKind,
    /// Whether a table of nodes is given.
    pub(crate) has_nodes: bool,
}

/// Numbering of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbering {
    /// The ids are 0 to N - 1 and remain.
    Identity,
    /// Ids are ordered by 4096 buckets (the first three digits of the id's MD5 hash) and within a bucket by id.
    Buckets,
}

/// Distinct ids: those of the table of nodes if there is one, otherwise the endpoints of all edges.
///
/// Facts: `source_rows`, `missing_endpoints`, `self_loops`, `node_count`; with integers `least_id` and `greatest_id`.
pub(crate) fn ids(source: Source) -> Step {
    let [src, dst, id] = ["src", "dst", "id"].map(|column| source.ids.cast(column));
    let endpoints = format!(
        "SELECT {src} AS id FROM {SOURCE_EDGES} WHERE src IS NOT NULL\nUNION ALL\n\
         SELECT {dst} AS id FROM {SOURCE_EDGES} WHERE dst IS NOT NULL"
    );
    let (sql, inputs) = if source.has_nodes {
        let sql =
            format!("SELECT {id} AS id FROM {SOURCE_NODES} WHERE id IS NOT NULL GROUP BY {id}");
        (sql, vec![SOURCE_EDGES, SOURCE_NODES])
    } else {
        let sql = format!("SELECT id FROM (\n{endpoints}\n) AS endpoints GROUP BY id");
        (sql, vec![SOURCE_EDGES])
    };
    let range = match source.ids {
        IdKind::Integer => ", min(id) AS least_id, max(id) AS greatest_id",
        IdKind::Text => "",
    };
    let missing = violations("src IS NOT NULL AND dst IS NOT NULL");
    let audit = format!(
        "SELECT count(*) AS source_rows, {missing} AS missing_endpoints, {} AS self_loops\nFROM {SOURCE_EDGES}",
        count_where("src = dst")
    );
    let count = format!(
        "SELECT count(*) AS node_count, count(*) - count(DISTINCT id) AS repeated_ids{range} FROM {OUTPUT}"
    );
    let outside = format!(
        "SELECT {} AS endpoints_outside FROM {OUTPUT} AS ids\n\
         RIGHT JOIN (\n{endpoints}\n) AS endpoints ON ids.id = endpoints.id",
        count_where("ids.id IS NULL")
    );
    let mut step = Step::new(IDS, &inputs, sql, vec![source.ids.column()])
        .check("audit of the edges", audit)
        .data(
            "missing_endpoints",
            "rows of the edge table lack an endpoint (null): remove them or give them an id",
        )
        .check("distinct ids", count)
        .equals("repeated_ids", 0);
    if source.has_nodes {
        let listed =
            format!("SELECT count(*) - count(DISTINCT id) AS repeated_nodes FROM {SOURCE_NODES}");
        step = step
            .check("each id of the nodes once", listed)
            .data(
                "repeated_nodes",
                "rows of the node table repeat an id or lack it: each node needs one row",
            )
            .check("endpoints are nodes", outside)
            .data(
                "endpoints_outside",
                "endpoints of edges are not in the node table: add the nodes, or leave out `nodes`",
            );
    } else {
        step = step.check("endpoints are nodes", outside).equals("endpoints_outside", 0);
    }
    step
}

/// Number (0 to `nodes` - 1) and id of each node.
pub(crate) fn nodes(source: Source, numbering: Numbering, nodes: u64) -> Step {
    let sql = match numbering {
        Numbering::Identity => format!("SELECT id AS node, id FROM {IDS}"),
        Numbering::Buckets => format!(
            "WITH bucketed AS (SELECT id, substr(md5(CAST(id AS STRING)), 1, 3) AS bucket FROM {IDS}),\n\
             sizes AS (SELECT bucket, count(*) AS size FROM bucketed GROUP BY bucket),\n\
             starts AS (SELECT bucket, sum(size) OVER (ORDER BY bucket) - size AS start FROM sizes)\n\
             SELECT CAST(starts.start + row_number() OVER (PARTITION BY bucketed.bucket ORDER BY bucketed.id) - 1 \
             AS BIGINT) AS node, bucketed.id AS id\n\
             FROM starts JOIN bucketed ON bucketed.bucket = starts.bucket"
        ),
    };
    let columns = vec![integer("node"), source.ids.column()];
    Step::new(NODES, &[IDS], sql, columns).each_node_once(nodes)
}

/// Canonical pairs (`src < dst`), each once, with the number of source rows that are merged in it. Self-loops are
/// dropped.
///
/// `kept_rows` is the number of source rows without self-loops. Fact: `row_count`.
pub(crate) fn edges(source: Source, numbering: Numbering, kept_rows: u64) -> Step {
    let [src, dst] = ["src", "dst"].map(|column| source.ids.cast(column));
    let pairs = match numbering {
        Numbering::Identity => {
            format!("SELECT {src} AS a, {dst} AS b FROM {SOURCE_EDGES} WHERE src <> dst")
        }
        Numbering::Buckets => format!(
            "SELECT second_node.node AS a, half.node AS b FROM {NODES} AS second_node\n\
             JOIN (SELECT first_node.node AS node, pairs.dst AS dst FROM {NODES} AS first_node\n\
             JOIN (SELECT {src} AS src, {dst} AS dst FROM {SOURCE_EDGES} WHERE src <> dst) AS pairs\n\
             ON first_node.id = pairs.src) AS half\n\
             ON second_node.id = half.dst"
        ),
    };
    let sql = format!(
        "SELECT src, dst, count(*) AS copies\n\
         FROM (SELECT least(a, b) AS src, greatest(a, b) AS dst FROM (\n{pairs}\n) AS numbered) AS canonical\n\
         GROUP BY src, dst"
    );
    let columns = ["src", "dst", "copies"].map(integer).to_vec();
    let sums = format!(
        "SELECT count(*) AS row_count, coalesce(sum(copies), 0) AS merged_rows, {} AS unsorted_pairs FROM {OUTPUT}",
        violations("src < dst AND src >= 0")
    );
    let distinct = format!(
        "SELECT count(*) AS distinct_pairs FROM (SELECT src, dst FROM {OUTPUT} GROUP BY src, dst) AS pairs"
    );
    Step::new(EDGES, &[SOURCE_EDGES, NODES], sql, columns)
        .check("no row is lost", sums)
        .equals("merged_rows", kept_rows)
        .equals("unsorted_pairs", 0)
        .check("each pair once", distinct)
        .same("row_count", "distinct_pairs")
}
