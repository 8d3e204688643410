//! Splits whose parts come from another source.

use std::collections::HashSet;
use std::sync::Arc;

use vgae_artifacts::{
    ArtifactError, EdgeSplit, Edges, GivenList, GivenNegatives, GivenSplit, LabelledPairs,
    ListOrigin, Messages, NegativeSet, NodeTypes, Overlap, Pair, PairTypes, Part, Seed, Stream,
};

use crate::SplitError;
use crate::certificate::shared_pairs;
use crate::edges::{undirected, undirected_weights, with_weights};
use crate::negatives::{available_pairs, draw_any_negatives};
use crate::parts::node_count;

/// Rows of a list of pairs, in either direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenPairs {
    /// The pairs.
    pub pairs: Vec<Pair>,
    /// Number of further rows, which were left out since an id is missing or unknown.
    pub unknown: usize,
}

/// Lists of pairs of a split. Negatives that are absent are drawn; absent training edges are the edges of the
/// graph that are in no other part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenParts {
    /// Training edges.
    pub train: Option<GivenPairs>,
    /// Validation edges; absent for a split without any.
    pub validation: Option<GivenPairs>,
    /// Test edges; absent for a split without any.
    pub test: Option<GivenPairs>,
    /// Validation negatives.
    pub validation_negative: Option<GivenPairs>,
    /// Test negatives.
    pub test_negative: Option<GivenPairs>,
}

impl GivenParts {
    /// Checks that all nodes are in range.
    fn check(&self, node_count: usize) -> Result<(), ArtifactError> {
        let Self { train, validation, test, validation_negative, test_negative } = self;
        let all = [train, validation, test, validation_negative, test_negative];
        let mut pairs = all.into_iter().flatten().flat_map(|list| &list.pairs);
        match pairs.find(|pair| pair.src.max(pair.dst) as usize >= node_count) {
            None => Ok(()),
            Some(Pair { src, dst }) => Err(ArtifactError::invalid(
                "pair of a given part",
                format!("node indices below {node_count}"),
                format!("({src}, {dst})"),
            )),
        }
    }
}

/// Split from given parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The split.
    pub split: EdgeSplit,
    /// Facts for the certificate.
    pub record: GivenSplit,
    /// Index in [`GivenPairs::pairs`] of each validation edge of the split.
    pub validation_rows: Vec<usize>,
    /// Index in [`GivenPairs::pairs`] of each test edge of the split.
    pub test_rows: Vec<usize>,
}

/// Creates a split from given parts. Self-loops and repeated rows of a list are left out, in both directions;
/// everything else is kept as given, and [`GivenSplit`] counts what a drawn split excludes: pairs in two
/// lists, negatives that are edges, edges that the graph does not contain and edges in no part.
///
/// Absent negatives are drawn uniformly from the pairs that are neither edges of the graph nor in any given
/// list, as many as the part has edges, from the stream [`Stream::Split`] of `seed`. Training edges have the
/// weights of the graph, and weight 1 if it does not contain them.
///
/// # Errors
/// Returns an error when a node index is out of range, there are no training edges, the graph has too few
/// pairs without an edge for absent negatives, or training edges have weights and `messages` is not
/// [`Messages::Train`].
pub fn given_split(
    edges: &Edges,
    types: Option<&NodeTypes>,
    parts: GivenParts,
    messages: Messages,
    seed: Seed,
) -> Result<Given, SplitError> {
    let graph = undirected(edges);
    let weights = undirected_weights(edges);
    parts.check(edges.node_count())?;
    let mut lists = Vec::new();
    let mut clean = |part, positive, given: Option<GivenPairs>| {
        let (kept, list) = without_repetitions(part, positive, given?);
        lists.push(list);
        Some(kept)
    };
    let pairs = |kept: Kept| kept.pairs;
    let train = clean(Part::Train, true, parts.train).map(pairs);
    let held_out = clean(Part::Validation, true, parts.validation).unwrap_or_default();
    let Kept { pairs: validation, rows: validation_rows } = held_out;
    let validation_negative = clean(Part::Validation, false, parts.validation_negative).map(pairs);
    let Kept { pairs: test, rows: test_rows } =
        clean(Part::Test, true, parts.test).unwrap_or_default();
    let test_negative = clean(Part::Test, false, parts.test_negative).map(pairs);

    let derived = |part, positive, origin, pairs: &[Pair]| GivenList {
        part,
        positive,
        origin,
        rows: pairs.len(),
        pairs: pairs.len(),
        self_loops: 0,
        duplicates: 0,
        reversed_duplicates: 0,
        unknown: 0,
    };
    let train = train.unwrap_or_else(|| {
        let held_out: HashSet<Pair> = validation.iter().chain(&test).copied().collect();
        let rest: Vec<Pair> =
            graph.iter().filter(|pair| !held_out.contains(pair)).copied().collect();
        lists.push(derived(Part::Train, true, ListOrigin::Rest, &rest));
        rest
    });
    if train.is_empty() {
        let list = lists.iter().find(|list| list.part == Part::Train);
        let left_out = list.map_or(0, |list| list.rows);
        return Err(SplitError::NoTrainingEdges { left_out });
    }

    let positives = sorted([&graph, &train, &validation, &test]);
    let pair_types =
        types.map(|types| PairTypes::of_edges(types.clone(), &positives)).transpose()?;
    let wanted = |given: &Option<Vec<Pair>>, edges: &[Pair]| {
        if given.is_some() { 0 } else { edges.len() }
    };
    let counts = [wanted(&validation_negative, &validation), wanted(&test_negative, &test)];
    let asked = counts[0] + counts[1];
    let given_negatives = [&validation_negative, &test_negative].map(|given| match given {
        Some(pairs) => pairs.as_slice(),
        None => &[],
    });
    let mut drawn = if asked == 0 {
        Vec::new()
    } else {
        let taken = sorted([&positives, given_negatives[0], given_negatives[1], &[]]);
        let nodes = node_count(edges)?;
        let available = available_pairs(nodes, pair_types.as_ref(), &taken);
        if available < asked as u64 {
            let edges = taken.len();
            return Err(SplitError::TooDense { asked, available, nodes, edges });
        }
        let mut rng = seed.stream(Stream::Split, 0);
        draw_any_negatives(&mut rng, nodes, pair_types.as_ref(), &taken, asked)
    };
    let drawn_for_test = drawn.split_off(counts[0]);
    let mut or_drawn = |given: Option<Vec<Pair>>, part, count: usize, drawn: Vec<Pair>| {
        if let Some(given) = given {
            return given;
        }
        if count > 0 {
            lists.push(derived(part, false, ListOrigin::Drawn, &drawn));
        }
        drawn
    };
    let validation = LabelledPairs {
        negative: or_drawn(validation_negative, Part::Validation, counts[0], drawn),
        positive: validation,
    };
    let test = LabelledPairs {
        negative: or_drawn(test_negative, Part::Test, counts[1], drawn_for_test),
        positive: test,
    };

    let split = EdgeSplit::new(edges.node_count(), train, validation, test)?
        .with_pair_types(pair_types.map(Arc::new));
    lists.sort_by_key(|list| (list.part, !list.positive));
    let record = record(&graph, &split, lists);
    let split = with_weights(split, &graph, weights)?.with_messages(messages)?;
    Ok(Given { split, record, validation_rows, test_rows })
}

/// Pairs that stay, in canonical form, and the index of each in the given list.
#[derive(Default)]
struct Kept {
    pairs: Vec<Pair>,
    rows: Vec<usize>,
}

/// Leaves out self-loops and repetitions; the order is that of the first appearance.
fn without_repetitions(part: Part, positive: bool, given: GivenPairs) -> (Kept, GivenList) {
    let GivenPairs { pairs, unknown } = given;
    let rows = pairs.len() + unknown;
    let mut list = GivenList {
        part,
        positive,
        origin: ListOrigin::File,
        rows,
        pairs: 0,
        self_loops: 0,
        duplicates: 0,
        reversed_duplicates: 0,
        unknown,
    };
    let mut as_given = HashSet::with_capacity(pairs.len());
    let mut kept = Kept::default();
    for (row, pair) in pairs.into_iter().enumerate() {
        let reversed = Pair::new(pair.dst, pair.src);
        if pair.is_self_loop() {
            list.self_loops += 1;
        } else if !as_given.insert(pair) {
            list.duplicates += 1;
        } else if as_given.contains(&reversed) {
            list.reversed_duplicates += 1;
        } else {
            kept.pairs.push(pair.canonical());
            kept.rows.push(row);
        }
    }
    list.pairs = kept.pairs.len();
    (kept, list)
}

/// Returns the distinct pairs of all lists, sorted.
fn sorted(lists: [&[Pair]; 4]) -> Vec<Pair> {
    let mut all = lists.concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// Counts the conditions of a drawn split that `split` violates.
fn record(graph: &[Pair], split: &EdgeSplit, lists: Vec<GivenList>) -> GivenSplit {
    let (validation, test) = (split.validation(), split.test());
    let parts = [
        ("train", split.train()),
        ("val", &validation.positive),
        ("val negatives", &validation.negative),
        ("test", &test.positive),
        ("test negatives", &test.negative),
    ];
    let parts = parts.map(|(name, pairs)| (name, sorted([pairs, &[], &[], &[]])));
    let pairs_of = parts.iter().enumerate();
    let pairs_of = pairs_of.flat_map(|(at, first)| {
        let others = &parts[at + 1..];
        others.iter().map(move |second| (first, second))
    });
    let overlaps = pairs_of.filter_map(|((first, a), (second, b))| {
        let pairs = shared_pairs(a, b).count();
        let lists = [first, second].map(|name| (*name).to_owned());
        (pairs > 0).then_some(Overlap { lists, pairs })
    });
    let positives = sorted([split.train(), &validation.positive, &test.positive, &[]]);
    let negatives = sorted([&validation.negative, &test.negative, &[], &[]]);
    let in_graph = shared_pairs(&positives, graph).count();
    GivenSplit {
        lists,
        overlaps: overlaps.collect(),
        negatives_that_are_edges: shared_pairs(&negatives, &sorted([graph, &positives, &[], &[]]))
            .count(),
        edges_outside_the_graph: positives.len() - in_graph,
        edges_in_no_part: graph.len() - in_graph,
        negative_lists: Vec::new(),
        readings: Vec::new(),
    }
}

/// Checks the negatives of single edges of a part, one list per edge. Self-loops are left out; everything else
/// is kept and counted. `path` and `set` identify the lists in the certificate.
#[must_use]
pub fn check_negative_lists(
    edges: &Edges,
    split: &EdgeSplit,
    lists: Vec<Vec<Pair>>,
    (part, set, path): (Part, NegativeSet, String),
) -> (Vec<Vec<Pair>>, GivenNegatives) {
    let graph = undirected(edges);
    let (validation, test) = (&split.validation().positive, &split.test().positive);
    let known = sorted([&graph, split.train(), validation, test]);
    let mut counts = GivenNegatives {
        part,
        set,
        path,
        edges: lists.len(),
        pairs: lists.iter().map(Vec::len).sum(),
        edges_among_negatives: 0,
        duplicates: 0,
        self_loops: 0,
    };
    let mut seen = HashSet::new();
    let mut check = |list: Vec<Pair>| -> Vec<Pair> {
        seen.clear();
        let kept = list.into_iter().filter(|pair| !pair.is_self_loop()).map(Pair::canonical);
        let kept = kept.inspect(|pair| {
            counts.edges_among_negatives += usize::from(known.binary_search(pair).is_ok());
            counts.duplicates += usize::from(!seen.insert(*pair));
        });
        kept.collect()
    };
    let kept: Vec<Vec<Pair>> = lists.into_iter().map(&mut check).collect();
    counts.self_loops = counts.pairs - kept.iter().map(Vec::len).sum::<usize>();
    (kept, counts)
}
