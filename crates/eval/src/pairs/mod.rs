//! What an embedding says of pairs of nodes: the likeliest of all, the nearest to one, and how likely a
//! logit makes an edge.

mod best;
mod calibration;
mod neighbours;
mod scored;
mod top;

pub use calibration::Calibration;
pub use neighbours::{Neighbour, Similarity, neighbours};
pub use scored::{all_pairs, top_scored};
pub use top::{Among, RankedPair, top_pairs};

use crate::EvalError;

/// That something speaks of as many nodes as an embedding has.
fn check_nodes(what: &'static str, expected: usize, found: usize) -> Result<(), EvalError> {
    if expected == found { Ok(()) } else { Err(EvalError::OtherNodes { what, expected, found }) }
}

/// That a node is one of an embedding's.
fn check_node(node: u32, nodes: usize) -> Result<(), EvalError> {
    if (node as usize) < nodes { Ok(()) } else { Err(EvalError::NoSuchNode { nodes, found: node }) }
}
