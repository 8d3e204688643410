use rayon::prelude::*;
use vgae_artifacts::{Embedding, Features, Pair, TrainView};

use super::PairFeature;
use super::by_source::score_all;
use super::katz::Katz;
use super::neighbours::Common;
use super::page_rank::PageRank;
use super::text::{Smoothed, Text};
use super::walks::{Steps, Walks};
use crate::ModelError;
use vgae_numerics::Adjacency;
use vgae_numerics::elementary::{ln, ln_1p};

/// Scorer of pairs over training edges and, if present, node features. One instance scores any number of
/// lists of pairs.
#[derive(Debug)]
pub struct PairScores {
    pub(super) adjacency: Adjacency,
    pub(super) text: Option<Text>,
}

impl PairScores {
    /// Creates a scorer over training edges (ignoring weights) and features of the same nodes.
    ///
    /// # Errors
    /// Returns an error when the features have another number of nodes.
    pub fn new(train: TrainView<'_>, features: Option<&Features>) -> Result<Self, ModelError> {
        let expected = train.node_count();
        if let Some(found) = features.map(Features::node_count).filter(|&found| found != expected) {
            return Err(ModelError::FeatureRows { expected, found });
        }
        Ok(Self { adjacency: Adjacency::new(train.messages()), text: features.map(Text::new) })
    }

    /// Returns the number of nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.adjacency.nodes()
    }

    /// Returns one finite score per pair, independent of direction; a higher score means a higher likelihood
    /// of an edge.
    ///
    /// Pairs of the same node share work, so time depends on the number of distinct nodes and of pairs.
    /// Memory: O(pairs), and O(nodes + features) per thread. The result is bitwise equal for any number of
    /// threads.
    ///
    /// # Errors
    /// Returns an error when a pair is a self-loop or has a node out of range, or `feature` requires node
    /// features and there are none.
    pub fn score(&self, feature: PairFeature, pairs: &[Pair]) -> Result<Vec<f64>, ModelError> {
        self.check(pairs)?;
        let adjacency = &self.adjacency;
        let log_degree = |node: u32| ln_1p(adjacency.neighbours(node as usize).len() as f64);
        let of_degrees = |join: fn(f64, f64) -> f64| {
            pairs.iter().map(|pair| join(log_degree(pair.src), log_degree(pair.dst))).collect()
        };
        let common = |worth: fn(f64) -> f64| score_all(&Common::new(adjacency, worth), pairs);
        let walks = |length| {
            let steps = Steps::new(adjacency);
            score_all(&Walks { steps: &steps, length }, pairs)
        };
        Ok(match feature {
            PairFeature::CommonNeighbours => common(|_| 1.0),
            PairFeature::AdamicAdar => common(|degree| 1.0 / ln(degree)),
            PairFeature::ResourceAllocation => common(|degree| 1.0 / degree),
            PairFeature::Katz => score_all(&Katz(adjacency), pairs),
            PairFeature::PageRank => score_all(&PageRank(adjacency), pairs),
            PairFeature::Walks2 => walks(2),
            PairFeature::Walks3 => walks(3),
            PairFeature::Walks4 => walks(4),
            PairFeature::FeatureCosine => score_all(&self.text(feature)?, pairs),
            PairFeature::SgcCosine => {
                let (text, steps) = (self.text(feature)?, Steps::new(adjacency));
                score_all(&Smoothed::new(text, &steps, adjacency.nodes()), pairs)
            }
            PairFeature::DegreeSum => of_degrees(|a, b| a + b),
            PairFeature::DegreeMin => of_degrees(f64::min),
        })
    }

    /// Returns a table for [`Hybrid`](crate::Hybrid): two columns per named embedding (the inner product, and
    /// the cosine as `NAME-cosine`), then `others` unchanged, one value per pair, then one column per feature
    /// of `wanted`, with sums over walks as logarithms.
    ///
    /// # Errors
    /// See [`PairScores::score`], and when an embedding has another number of nodes.
    pub fn table(
        &self,
        wanted: &[PairFeature],
        embeddings: &[(&str, &Embedding)],
        others: Vec<(&str, Vec<f64>)>,
        pairs: &[Pair],
    ) -> Result<PairTable, ModelError> {
        self.check(pairs)?;
        let mut table = PairTable { rows: pairs.len(), names: Vec::new(), columns: Vec::new() };
        for &(name, embedding) in embeddings {
            let mu = embedding.mu();
            if mu.rows() != self.node_count() {
                let expected = Some((self.node_count(), mu.cols()));
                return Err(ModelError::shape(name, expected, Some((mu.rows(), mu.cols()))));
            }
            let product = |a: u32, b: u32| f64::from(mu.inner_product(a as usize, b as usize));
            let products: Vec<f64> =
                pairs.par_iter().map(|pair| product(pair.src, pair.dst)).collect();
            let cosine = |(pair, product): (&Pair, &f64)| {
                let (own, other) =
                    (product_of(mu.row(pair.src as usize)), product_of(mu.row(pair.dst as usize)));
                if own > 0.0 && other > 0.0 { product / (own * other).sqrt() } else { 0.0 }
            };
            let cosines = pairs.par_iter().zip(&products).map(cosine).collect();
            table.push(name.to_owned(), products);
            table.push(format!("{name}-cosine"), cosines);
        }
        for (name, column) in others {
            if column.len() != pairs.len() {
                let found = Some((column.len(), 1));
                return Err(ModelError::shape(name, Some((pairs.len(), 1)), found));
            }
            table.push(name.to_owned(), column);
        }
        for &feature in wanted {
            let scores = self.score(feature, pairs)?;
            let squashed = scores.into_iter().map(|score| feature.squash(score)).collect();
            table.push(feature.name().to_owned(), squashed);
        }
        Ok(table)
    }

    fn text(&self, feature: PairFeature) -> Result<&Text, ModelError> {
        self.text.as_ref().ok_or(ModelError::NoFeaturesOfPairs { feature })
    }

    pub(super) fn check(&self, pairs: &[Pair]) -> Result<(), ModelError> {
        let nodes = self.node_count();
        let sound = |pair: &Pair| !pair.is_self_loop() && (pair.src.max(pair.dst) as usize) < nodes;
        match pairs.iter().find(|pair| !sound(pair)) {
            Some(&pair) => Err(ModelError::NoSuchPair { pair, nodes }),
            None => Ok(()),
        }
    }
}

/// Returns the squared L2 norm.
fn product_of(row: &[f32]) -> f64 {
    row.iter().map(|&x| f64::from(x).powi(2)).sum()
}

/// Table of named features of pairs: columns of equal length. Created by [`PairScores::table`].
#[derive(Debug, Clone, PartialEq)]
pub struct PairTable {
    rows: usize,
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

impl PairTable {
    /// Creates a table of named columns, each with one value per pair.
    ///
    /// # Errors
    /// Returns an error when the columns differ in length, or their number differs from that of names.
    pub fn new(names: Vec<String>, columns: Vec<Vec<f64>>) -> Result<Self, ModelError> {
        let rows = columns.first().map_or(0, Vec::len);
        let even = columns.iter().all(|column| column.len() == rows);
        if !even || names.len() != columns.len() {
            let found = columns.iter().map(Vec::len).find(|&length| length != rows);
            return Err(ModelError::shape(
                "columns",
                Some((rows, names.len())),
                Some((found.unwrap_or(rows), columns.len())),
            ));
        }
        Ok(Self { rows, names, columns })
    }

    fn push(&mut self, name: String, column: Vec<f64>) {
        self.names.push(name);
        self.columns.push(column);
    }

    /// Returns the number of pairs.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the names and values of the columns, in order.
    pub fn into_columns(self) -> impl Iterator<Item = (String, Vec<f64>)> {
        self.names.into_iter().zip(self.columns)
    }

    /// Returns the names of the columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the columns, in the order of [`PairTable::names`], one value per pair.
    #[must_use]
    pub fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    #[cfg(test)]
    pub(crate) fn column_mut(&mut self, at: usize) -> &mut Vec<f64> {
        &mut self.columns[at]
    }
}
