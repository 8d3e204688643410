//! Given features as the input of propagation, for `sgc`.

use super::degrees::DEGREES;
use super::ingest::{IdKind, NODES, SOURCE_NODES};
use super::propagation::vectors_step;
use super::{Step, listed};

/// `D^-1/2 X`: the features `x0`, `x1`, ... of each node divided by the root of its number of messages.
///
/// Output and facts as in [`vectors_step`].
pub(crate) fn scaled(name: &str, ids: IdKind, nodes: u64, width: usize) -> Step {
    let id = ids.cast("given.id");
    let columns = listed(width, |k| format!("CAST(CAST(x{k} AS DOUBLE) / root AS REAL) AS y{k}"));
    let given = listed(width, |k| format!("given.x{k} AS x{k}"));
    let sql = format!(
        "SELECT node, {columns}\n\
         FROM (SELECT nodes.node AS node, sqrt(CAST(degrees.messages AS DOUBLE)) AS root, {given}\n\
         FROM {DEGREES} AS degrees JOIN {NODES} AS nodes ON degrees.node = nodes.node\n\
         JOIN {SOURCE_NODES} AS given ON nodes.id = {id}) AS rooted"
    );
    vectors_step(name, &[SOURCE_NODES, NODES, DEGREES], sql, nodes, width)
}
