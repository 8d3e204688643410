//! Queries over pairs of nodes: pairs with the highest scores, nearest nodes, and calibrated probabilities.

mod best;
mod calibration;
mod missing;
mod neighbours;
mod rotation;
mod scored;
mod top;

pub use calibration::Calibration;
pub use missing::{ExpectedShare, LEAST_VALIDATION_EDGES, MissingLinks};
pub use neighbours::{Neighbour, Similarity, neighbours};
pub use scored::{all_pairs, top_scored};
pub use top::{Among, RankedPair, top_pairs};

use crate::EvalError;

/// Checks that data has as many nodes as an embedding.
fn check_nodes(what: &'static str, expected: usize, found: usize) -> Result<(), EvalError> {
    if expected == found { Ok(()) } else { Err(EvalError::OtherNodes { what, expected, found }) }
}

/// Checks that a node index is in range.
fn check_node(node: u32, nodes: usize) -> Result<(), EvalError> {
    if (node as usize) < nodes { Ok(()) } else { Err(EvalError::NoSuchNode { nodes, found: node }) }
}
