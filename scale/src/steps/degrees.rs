//! Number of messages each node receives from its training edges and itself.

use vgae_artifacts::{HashPurpose, KeyedHash, Seed};

use super::ingest::NODES;
use super::split::TRAIN;
use super::{OUTPUT, Step, count_where, integer};
use crate::hash::{HashColumn, with_hashes};

/// Messages per node: `node`, `messages` (degree + 1), and `signs` (sum of [`SIGN`] over the senders).
pub(crate) const DEGREES: &str = "degrees";

/// Messages of one propagation: both directions of each training edge, and each node to itself.
pub(super) const MESSAGES: &str = "SELECT src AS sender, dst AS receiver FROM train\n\
     UNION ALL SELECT dst AS sender, src AS receiver FROM train\n\
     UNION ALL SELECT node AS sender, node AS receiver FROM nodes";

/// Hash column whose lowest bit is the random sign of a node, in the random projection that verifies propagation.
pub(super) fn sign_hash(node: &str, seed: Seed) -> HashColumn {
    HashColumn {
        name: "r".to_owned(),
        hash: KeyedHash::new(HashPurpose::Verification, seed),
        a: node.to_owned(),
        b: "0".to_owned(),
    }
}

/// Sign, 1 or -1, of a column of [`sign_hash`].
pub(super) const SIGN: &str = "(1 - 2 * (r & 1))";

/// Messages per node, and the sum of the signs of the nodes that it receives messages from.
///
/// Facts: `row_count`, `greatest_messages`, `isolated_nodes` (without training edges).
pub(crate) fn degrees(seed: Seed, nodes: u64, train: u64) -> Step {
    let hashed = with_hashes(
        &format!("(\n{MESSAGES}\n) AS messages"),
        &["receiver"],
        &[sign_hash("sender", seed)],
    );
    let sql = format!(
        "SELECT receiver AS node, count(*) AS messages, sum({SIGN}) AS signs\nFROM (\n{hashed}\n) AS signed \
         GROUP BY receiver"
    );
    let sums = format!(
        "SELECT sum(messages) AS message_count, max(messages) AS greatest_messages, {} AS isolated_nodes, \
         sum(signs) AS signs_received FROM {OUTPUT}",
        count_where("messages = 1"),
    );
    let own = with_hashes(OUTPUT, &["messages"], &[sign_hash("node", seed)]);
    let sent = format!("SELECT sum({SIGN} * messages) AS signs_sent FROM (\n{own}\n) AS signed");
    let columns = ["node", "messages", "signs"].map(integer).to_vec();
    Step::new(DEGREES, &[TRAIN, NODES], sql, columns)
        .each_node_once(nodes)
        .check("message counts", sums)
        .equals("message_count", 2 * train + nodes)
        .check("random projection of the adjacency", sent)
        .same("signs_received", "signs_sent")
}
