//! Nodes most similar to a given node.

use rayon::prelude::*;
use vgae_artifacts::{Embedding, Pair};

use super::check_node;
use crate::ranking::FEW;
use crate::scorer::logits;
use crate::{EvalError, PairScorer};

/// Similarity of two nodes.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    strum::Display,
    strum::EnumMessage,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Similarity {
    /// Logit of an edge, the inner product for most methods: grows with the length of the vectors
    #[default]
    Logit,
    /// Cosine of the angle between the vectors, independent of their lengths
    Cosine,
}

/// Neighbour of a queried node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Node index.
    pub node: u32,
    /// Logit of an edge; for vectors their inner product.
    pub logit: f32,
    /// Cosine of the angle between the vectors, -1 to 1; 0 if one of them is zero.
    pub cosine: Option<f64>,
}

/// Returns the `count` other nodes most similar to `node`, in descending order; ties by node index. The
/// search is exhaustive. `embedding` contains the vectors of the scorer's nodes, if any.
///
/// # Errors
/// Returns an error when the node is out of range, the scorer fails, or cosine similarity is requested
/// without vectors.
pub fn neighbours(
    scorer: &dyn PairScorer,
    embedding: Option<&Embedding>,
    node: u32,
    by: Similarity,
    count: usize,
) -> Result<Vec<Neighbour>, EvalError> {
    let nodes = scorer.node_count();
    check_node(node, nodes)?;
    if by == Similarity::Cosine && embedding.is_none() {
        return Err(EvalError::NoVectors);
    }
    let pairs: Vec<Pair> = (0..)
        .take(nodes)
        .filter(|other| *other != node)
        .map(|other| Pair::new(node, other))
        .collect();
    let logits = logits(scorer, &pairs)?;
    let cosines = embedding.map(|embedding| cosines(embedding, &pairs));
    let neighbour = |(at, (pair, logit)): (usize, (&Pair, f32))| Neighbour {
        node: pair.dst,
        logit,
        cosine: cosines.as_ref().map(|cosines| cosines[at]),
    };
    let mut found: Vec<Neighbour> = pairs.iter().zip(logits).enumerate().map(neighbour).collect();
    let value = |neighbour: &Neighbour| match by {
        Similarity::Logit => f64::from(neighbour.logit),
        Similarity::Cosine => neighbour.cosine.unwrap_or_default(),
    };
    // Adding zero makes both zeros equal.
    let order = |a: &Neighbour, b: &Neighbour| {
        (value(b) + 0.0).total_cmp(&(value(a) + 0.0)).then(a.node.cmp(&b.node))
    };
    if (1..found.len()).contains(&count) {
        found.select_nth_unstable_by(count - 1, order);
    }
    found.truncate(count);
    found.sort_unstable_by(order);
    Ok(found)
}

/// Returns the cosine of the vectors of each pair; 0 if one of them is zero.
fn cosines(embedding: &Embedding, pairs: &[Pair]) -> Vec<f64> {
    let mu = embedding.mu();
    let norm = |row: u32| -> f64 {
        mu.row(row as usize).iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
    };
    let cosine = |pair: &Pair| {
        let values = mu.row(pair.src as usize).iter().zip(mu.row(pair.dst as usize));
        let product: f64 = values.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
        let lengths = norm(pair.src) * norm(pair.dst);
        if lengths > 0.0 { (product / lengths).clamp(-1.0, 1.0) } else { 0.0 }
    };
    pairs.par_iter().with_min_len(FEW).map(cosine).collect()
}
