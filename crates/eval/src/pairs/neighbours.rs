//! The nodes most like one.

use rayon::prelude::*;
use vgae_artifacts::Embedding;

use super::check_node;
use crate::EvalError;
use crate::ranking::FEW;

/// By what nodes are alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Similarity {
    /// The inner product: the logit of an edge.
    #[default]
    Logit,
    /// The cosine of the angle between the vectors, whatever their lengths.
    Cosine,
}

/// A node beside the one asked about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Which node.
    pub node: u32,
    /// The inner product of both vectors: [`Embedding::logit`].
    pub logit: f32,
    /// The cosine of the angle between them, -1 to 1; 0 where one of them has no length.
    pub cosine: f64,
}

/// The `count` other nodes most like `node`, from most to least; of equal ones the lower node first. Every
/// node is looked at.
///
/// # Errors
/// When there is no such node.
pub fn neighbours(
    embedding: &Embedding,
    node: u32,
    by: Similarity,
    count: usize,
) -> Result<Vec<Neighbour>, EvalError> {
    let mu = embedding.mu();
    check_node(node, mu.rows())?;
    let norm = |row: u32| -> f64 {
        mu.row(row as usize).iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
    };
    let own = norm(node);
    let others: Vec<u32> = (0..).take(mu.rows()).filter(|other| *other != node).collect();
    let neighbour = |&other: &u32| {
        let pairs = mu.row(node as usize).iter().zip(mu.row(other as usize));
        let product: f64 = pairs.map(|(&x, &y)| f64::from(x) * f64::from(y)).sum();
        let lengths = own * norm(other);
        let cosine = if lengths > 0.0 { (product / lengths).clamp(-1.0, 1.0) } else { 0.0 };
        Neighbour { node: other, logit: embedding.logit(node, other), cosine }
    };
    let mut found: Vec<Neighbour> = others.par_iter().with_min_len(FEW).map(neighbour).collect();
    let value = |neighbour: &Neighbour| match by {
        Similarity::Logit => f64::from(neighbour.logit),
        Similarity::Cosine => neighbour.cosine,
    };
    // Adding zero makes one number of both zeros.
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
