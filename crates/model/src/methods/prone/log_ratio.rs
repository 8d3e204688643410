//! The matrix that is factorised: `F_ij = ln(p_ij) - ln(q_j)` for edges, else 0, with `p_ij = a_ij / sum_j a_ij` and `q_j`
//! proportional to `(sum_i p_ij)^a`. Its factors embed nodes as skip-gram with negative sampling does over single edges.
//!
//! The absolute value of signed weights counts, and `F_ij` has their sign. An edge of weight 0 is none.

use vgae_nn::ops::sparse::Csr;
use vgae_numerics::Adjacency;
use vgae_numerics::elementary::{ln, pow};

use super::steps::to_f32;
use super::svd::Sparse;

/// Returns `F` with the exponent `a`.
pub(super) fn log_ratios(adjacency: &Adjacency, exponent: f64) -> Sparse {
    let nodes = adjacency.nodes();
    let weights = |node: usize| {
        let weights = adjacency.weights(node);
        (0..adjacency.degree(node)).map(move |at| weights.map_or(1.0, |all| f64::from(all[at])))
    };
    let strengths: Vec<f64> =
        (0..nodes).map(|node| weights(node).map(f64::abs).sum::<f64>()).collect();
    // Columns of P; the graph is undirected.
    let received = |node: usize| {
        let neighbours = adjacency.neighbours(node).iter().zip(weights(node));
        let shares = neighbours.filter(|(_, weight)| *weight != 0.0);
        shares.map(|(&other, weight)| weight.abs() / strengths[other as usize]).sum::<f64>()
    };
    let frequencies: Vec<f64> = (0..nodes).map(|node| pow(received(node), exponent)).collect();
    let total: f64 = frequencies.iter().sum();
    let logarithms = |values: &[f64]| values.iter().map(|&value| ln(value)).collect::<Vec<f64>>();
    let (of_rows, of_columns) = (logarithms(&strengths), logarithms(&frequencies));
    let total = ln(total);

    let (mut row_starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
    for (node, of_row) in of_rows.iter().enumerate() {
        for (&other, weight) in adjacency.neighbours(node).iter().zip(weights(node)) {
            if weight != 0.0 {
                let of_weight = if adjacency.is_weighted() { ln(weight.abs()) } else { 0.0 };
                let ratio = of_weight - of_row - (of_columns[other as usize] - total);
                columns.push(other);
                values.push(to_f32(weight.signum() * ratio));
            }
        }
        row_starts.push(columns.len());
    }
    Sparse::new(Csr::of_rows(row_starts, columns, values), nodes, nodes)
}
