use std::borrow::Cow;

use vgae_artifacts::{Certificate, CertificateCounts, EdgeSplit, Edges, Messages, Pair};

use crate::edges::undirected;

/// Describes the edges for message passing. This is not computed but guaranteed by types: a model receives no
/// other edges.
const fn message_passing(messages: Messages) -> &'static str {
    match messages {
        Messages::Train => {
            "training edges only: a model receives a TrainView, which contains no others"
        }
        Messages::ValidationAtTest => {
            "training edges in training; training and validation edges when test pairs are scored"
        }
        Messages::Everything => {
            "ALL EDGES, TEST EDGES INCLUDED: a deliberate leak, to measure its effect"
        }
    }
}

/// Returns a description of each way in which evaluation edges reach the model.
fn leaks(messages: Messages) -> Vec<String> {
    match messages {
        Messages::Train | Messages::ValidationAtTest => Vec::new(),
        Messages::Everything => {
            vec![
                "message passing over validation and test edges, in training and testing"
                    .to_owned(),
            ]
        }
    }
}

/// Counts the edges of each part of `split` and verifies the properties of a valid split from the pairs
/// alone. It accepts any split, including one read from a file.
///
/// A property that does not hold is `false`; [`Certificate::holds`] combines them. A split with another
/// number of nodes than the graph does not cover the graph.
#[must_use]
pub fn certify(graph_edges: &Edges, split: &EdgeSplit) -> Certificate {
    let graph = if split.is_directed() {
        Cow::Borrowed(graph_edges.pairs())
    } else {
        undirected(graph_edges)
    };
    let (mut positives, mut negatives) = (Vec::new(), Vec::new());
    for (_, positive, pair) in split.rows() {
        if positive { &mut positives } else { &mut negatives }.push(split.listed(pair));
    }
    // The training edges come first and are already sorted, which a stable sort exploits.
    positives.sort();
    negatives.sort_unstable();

    let no_negative_is_an_edge = !share_a_pair(&negatives, &graph);
    let positives_cover_the_graph =
        split.node_count() == graph_edges.node_count() && positives == *graph;
    let each_once = |pairs: &[Pair]| pairs.is_sorted_by(|a, b| a < b);
    let parts_disjoint =
        each_once(&positives) && each_once(&negatives) && !share_a_pair(&negatives, &positives);

    Certificate {
        counts: CertificateCounts {
            nodes: split.node_count(),
            train: split.train().len(),
            validation: split.validation().positive.len(),
            validation_negative: split.validation().negative.len(),
            test: split.test().positive.len(),
            test_negative: split.test().negative.len(),
        },
        parts_disjoint,
        positives_cover_the_graph,
        no_negative_is_an_edge,
        message_passing: message_passing(split.messages()).to_owned(),
        leaks: leaks(split.messages()),
        cold_test_edges: cold_edges(split.node_count(), split.train(), &split.test().positive),
        split_hash: split.content_hash(),
        given: None,
        rule: None,
    }
}

/// Returns whether the two sorted lists have a pair in common.
fn share_a_pair(few: &[Pair], many: &[Pair]) -> bool {
    shared_pairs(few, many).next().is_some()
}

/// Returns the pairs of the sorted list `few` that the sorted list `many` contains.
pub(crate) fn shared_pairs<'a>(few: &'a [Pair], many: &[Pair]) -> impl Iterator<Item = &'a Pair> {
    let mut many = many.iter().peekable();
    few.iter().filter(move |pair| {
        while many.next_if(|other| other < pair).is_some() {}
        many.peek() == Some(pair)
    })
}

/// Counts the `edges` with at least one cold-start node, i.e. a node without training edges.
fn cold_edges(node_count: usize, train: &[Pair], edges: &[Pair]) -> usize {
    let mut touched = vec![false; node_count];
    for pair in train {
        touched[pair.src as usize] = true;
        touched[pair.dst as usize] = true;
    }
    edges.iter().filter(|pair| !touched[pair.src as usize] || !touched[pair.dst as usize]).count()
}
