//! Cosine similarity of node features.
//!
//! Features are weighted by inverse document frequency, `x_f (ln((1 + N) / (1 + df_f)) + 1)`, where `df_f` is
//! the number of nodes with feature `f`, and rows are scaled to unit length (scikit-learn's
//! `TfidfTransformer`; Salton & Buckley 1988). `feature-cosine` is the cosine of such rows; `sgc-cosine`, the
//! cosine of rows smoothed once, `A_hat X`, also includes the features of neighbours. A row without features
//! has cosine 0 with every other row.

use rayon::prelude::*;
use vgae_artifacts::Features;
use vgae_numerics::elementary::ln;

use super::by_source::FromSource;
use super::sparse_vector::SparseVector;
use super::walks::Steps;

/// Weighted rows of unit length.
#[derive(Debug)]
pub(super) struct Text {
    row_starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
    features: usize,
}

impl Text {
    pub(super) fn new(features: &Features) -> Self {
        let mut nodes_with = vec![0u32; features.feature_count()];
        let stored = features.columns().iter().zip(features.values());
        for (&column, _) in stored.filter(|&(_, &value)| value != 0.0) {
            nodes_with[column as usize] += 1;
        }
        let nodes = features.node_count() as f64;
        let rarity: Vec<f64> =
            nodes_with.iter().map(|&df| ln((1.0 + nodes) / (1.0 + f64::from(df))) + 1.0).collect();
        let weighted = features.columns().iter().zip(features.values());
        let mut values: Vec<f64> =
            weighted.map(|(&column, &value)| f64::from(value) * rarity[column as usize]).collect();
        for bounds in features.row_starts().windows(2) {
            let row = &mut values[bounds[0]..bounds[1]];
            let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
            if length > 0.0 {
                for x in row {
                    *x /= length;
                }
            }
        }
        Self {
            row_starts: features.row_starts().to_vec(),
            columns: features.columns().to_vec(),
            values,
            features: features.feature_count(),
        }
    }

    fn row(&self, node: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let row = self.row_starts[node]..self.row_starts[node + 1];
        let columns = self.columns[row.clone()].iter();
        columns.zip(&self.values[row]).map(|(&column, &value)| (column as usize, value))
    }

    fn dot(&self, node: usize, other: &SparseVector) -> f64 {
        self.row(node).map(|(column, value)| value * other.get(column)).sum()
    }
}

/// Inverted index of [`Text`]: the nodes and values of each feature.
#[derive(Debug)]
pub(super) struct Postings<'a> {
    text: &'a Text,
    starts: Vec<usize>,
    nodes: Vec<u32>,
    values: Vec<f64>,
}

impl<'a> Postings<'a> {
    pub(super) fn new(text: &'a Text) -> Self {
        let mut starts = vec![0; text.features + 1];
        for &column in &text.columns {
            starts[column as usize + 1] += 1;
        }
        for column in 0..text.features {
            starts[column + 1] += starts[column];
        }
        let mut next = starts.clone();
        let (mut nodes, mut values) = (vec![0; text.columns.len()], vec![0.0; text.values.len()]);
        for (node, bounds) in (0..).zip(text.row_starts.windows(2)) {
            for at in bounds[0]..bounds[1] {
                let place = &mut next[text.columns[at] as usize];
                (nodes[*place], values[*place]) = (node, text.values[at]);
                *place += 1;
            }
        }
        Self { text, starts, nodes, values }
    }

    /// Writes to `cosines` those of `node` with all nodes that share a feature with it.
    pub(super) fn cosines(&self, node: usize, cosines: &mut SparseVector) {
        cosines.clear();
        for (column, own) in self.text.row(node) {
            let with = self.starts[column]..self.starts[column + 1];
            for (&other, value) in self.nodes[with.clone()].iter().zip(&self.values[with]) {
                cosines.add(other as usize, own * value);
            }
        }
    }
}

impl FromSource for &Text {
    type Scratch = SparseVector;

    fn scratch(&self) -> SparseVector {
        SparseVector::new(self.features)
    }

    fn score(&self, source: usize, targets: &[u32], own: &mut SparseVector) -> Vec<f64> {
        own.clear();
        self.row(source).for_each(|(column, value)| own.add(column, value));
        targets.iter().map(|&target| self.dot(target as usize, own)).collect()
    }
}

/// Rows smoothed by `A_hat`, computed on demand and not stored, since they may have many more entries than
/// the features.
pub(super) struct Smoothed<'a> {
    text: &'a Text,
    steps: &'a Steps<'a>,
    /// Inverse L2 norm of each row, 0 for an empty one.
    inverse: Vec<f64>,
}

impl<'a> Smoothed<'a> {
    pub(super) fn new(text: &'a Text, steps: &'a Steps<'a>, nodes: usize) -> Self {
        let unscaled = Self { text, steps, inverse: Vec::new() };
        let inverse = (0..nodes).into_par_iter().map_init(
            || SparseVector::new(text.features),
            |row, node| {
                unscaled.load(node, row);
                let length = row.entries().map(|(_, x)| x * x).sum::<f64>().sqrt();
                if length > 0.0 { 1.0 / length } else { 0.0 }
            },
        );
        let inverse = inverse.collect();
        Self { inverse, ..unscaled }
    }

    fn load(&self, node: usize, row: &mut SparseVector) {
        row.clear();
        for (other, weight) in self.steps.row(node) {
            self.text.row(other).for_each(|(column, value)| row.add(column, weight * value));
        }
    }
}

impl FromSource for Smoothed<'_> {
    type Scratch = SparseVector;

    fn scratch(&self) -> SparseVector {
        SparseVector::new(self.text.features)
    }

    fn score(&self, source: usize, targets: &[u32], own: &mut SparseVector) -> Vec<f64> {
        self.load(source, own);
        let score = |&target: &u32| {
            let target = target as usize;
            let rows = self.steps.row(target);
            let sum: f64 = rows.map(|(other, weight)| weight * self.text.dot(other, own)).sum();
            sum * self.inverse[source] * self.inverse[target]
        };
        targets.iter().map(score).collect()
    }
}
