//! From the raw entries to a graph, and the audit of what was found and mended.

use std::collections::BTreeSet;

use rayon::prelude::*;
use vgae_artifacts::table::row_index;
use vgae_artifacts::{
    Audit, ComponentCount, Edges, Features, Graph, NodeTypes, Nodes, Pair, PairTypes, Relations,
    TypeCounts,
};
use vgae_numerics::Components;

use crate::config::{DuplicateWeights, IngestConfig};
use crate::findings::Tally;
use crate::{IngestError, RawGraph};

/// Drops self-loops, collapses repeated edges, checks everything else and counts.
///
/// Edges are undirected unless `config.directed`. Weights of one edge must agree unless
/// `config.duplicate_weights` says otherwise. The result depends on the values alone: the same raw
/// graph gives the same bytes on every machine.
///
/// # Errors
/// When there is no node or no edge left, the weights of an edge disagree, or the raw values contradict
/// each other.
pub fn build_graph(
    mut raw: RawGraph,
    config: &IngestConfig,
) -> Result<(Graph, Audit), IngestError> {
    let node_count = raw.ids.len();
    let raw_edge_entries = raw.edges.len() + raw.unknown_ends_dropped + raw.incomplete_dropped;
    let self_loops = raw.edges.iter().filter(|pair| pair.is_self_loop()).count();
    if node_count == 0 {
        return Err(IngestError::Empty("there are no nodes".to_owned()));
    }
    if self_loops == raw.edges.len() {
        return Err(IngestError::Empty(no_edges(&raw, raw_edge_entries, self_loops)));
    }

    let entries = raw.edges.len();
    let Collapsed { pairs, weights, conflicts } = collapse(&mut raw, config)?;
    let action = match config.duplicate_weights {
        DuplicateWeights::Sum => "added up",
        DuplicateWeights::First | DuplicateWeights::Error => "the first entry's weight counts",
    };
    conflicts.file(&mut raw.findings, "edges whose entries have different weights", action);
    if config.directed {
        raw.warnings.push(DIRECTED.to_owned());
    }
    for warning in &raw.warnings {
        tracing::warn!("{warning}");
    }
    let duplicates = entries - self_loops - pairs.len();
    let mut degree = vec![0usize; node_count];
    let mut nodes = Nodes::new(raw.ids, raw.labels)?;
    if !raw.ids_are_text {
        nodes = nodes.with_integer_ids();
    }
    if let Some(types) = &raw.types {
        nodes = nodes.with_types(NodeTypes::new(types)?)?;
    }
    let edges = Edges::from_sorted(node_count, config.directed, pairs, weights)?;
    for pair in edges.pairs() {
        degree[pair.src as usize] += 1;
        degree[pair.dst as usize] += 1;
    }
    let relations = match raw.relations {
        Some(names) => Some(relations(&raw.edges, &names, config)?),
        None => None,
    };
    let graph = Graph::new(nodes, edges, raw.features)?.with_relations(relations);

    let labels = graph.nodes.labels();
    let classes: BTreeSet<&str> = labels.iter().flatten().map(String::as_str).collect();
    let features = graph.features.as_ref();
    let pairs = graph.edges.pairs().iter().map(|pair| (pair.src, pair.dst));
    let components = Components::new(row_index(node_count), pairs);
    let audit = Audit {
        nodes: node_count,
        edges: graph.edges.pairs().len(),
        directed: config.directed,
        raw_edge_entries,
        self_loops_dropped: self_loops,
        duplicates_collapsed: duplicates,
        unknown_ends_dropped: raw.unknown_ends_dropped,
        added_nodes: raw.added_nodes,
        isolated_nodes: degree.iter().filter(|&&degree| degree == 0).count(),
        max_degree: degree.iter().copied().max().unwrap_or(0),
        components: ComponentCount { count: components.count(), largest: components.largest() },
        features: features.map_or(0, Features::feature_count),
        feature_nonzeros: features.map_or(0, |features| features.values().len()),
        zero_feature_nodes: features.map_or(0, |features| {
            features.row_starts().windows(2).filter(|bounds| bounds[0] == bounds[1]).count()
        }),
        relations: graph.relations.as_ref().map_or(0, |relations| relations.names().len()),
        classes: classes.len(),
        types: graph
            .nodes
            .types()
            .map(|types| type_counts(types, graph.edges.pairs()))
            .transpose()?,
        unlabelled_nodes: labels.iter().filter(|label| label.is_none()).count(),
        readings: raw.readings,
        warnings: raw.warnings,
        notes: raw.notes,
        findings: raw.findings,
    };
    Ok((graph, audit))
}

/// Returns the relation types of the edges in stored form.
fn relations(
    entries: &[Pair],
    names: &[String],
    config: &IngestConfig,
) -> Result<Relations, IngestError> {
    let stored = |pair: &Pair| if config.directed { *pair } else { pair.canonical() };
    let edges = entries.iter().zip(names).filter(|(pair, _)| !pair.is_self_loop());
    let edges: Vec<(Pair, &str)> = edges.map(|(pair, name)| (stored(pair), &**name)).collect();
    Ok(Relations::new(&edges)?)
}

/// Counts the nodes of each type, and names the types that edges join.
fn type_counts(types: &NodeTypes, edges: &[Pair]) -> Result<TypeCounts, IngestError> {
    let pairs = PairTypes::of_edges(types.clone(), edges)?;
    let names = types.names().iter().enumerate();
    let nodes = names.map(|(at, name)| (name.clone(), pairs.members(at).len())).collect();
    Ok(TypeCounts { nodes, joined: pairs.described() })
}

const DIRECTED: &str =
    "edges keep their direction in edges.parquet; models use them both ways, as if undirected";

fn no_edges(raw: &RawGraph, entries: usize, self_loops: usize) -> String {
    if entries == 0 {
        "the graph has no edges, so there is nothing to learn from".to_owned()
    } else if self_loops == entries {
        format!(
            "all {entries} edge entries join a node to itself; nothing is left when they are dropped"
        )
    } else {
        let reasons = [
            (self_loops, "join a node to itself"),
            (raw.unknown_ends_dropped, "name a node that the node table lacks"),
            (raw.incomplete_dropped, "lack an end or a weight"),
        ];
        let reasons = reasons.iter().filter(|(count, _)| *count > 0);
        let reasons: Vec<String> = reasons.map(|(count, what)| format!("{count} {what}")).collect();
        format!("none of the {entries} edge entries is left: {}", reasons.join(", "))
    }
}

/// Edges in stored form: canonical if undirected, sorted, each once.
struct Collapsed {
    pairs: Vec<Pair>,
    weights: Option<Vec<f32>>,
    /// Edges whose entries have different weights.
    conflicts: Tally,
}

/// Merges the entries of each edge. Takes the entries out of `raw`, unless weights or relation types belong to them.
fn collapse(raw: &mut RawGraph, config: &IngestConfig) -> Result<Collapsed, IngestError> {
    let stored = |pair: &Pair| if config.directed { *pair } else { pair.canonical() };
    let Some(weights) = &raw.weights else {
        // A list of edges may be half of the memory: no second one.
        let mut pairs = match &raw.relations {
            None => std::mem::take(&mut raw.edges),
            Some(_) => raw.edges.clone(),
        };
        pairs.retain(|pair| !pair.is_self_loop());
        pairs.par_iter_mut().for_each(|pair| *pair = stored(pair));
        // One comparison of whole numbers each, and every thread: the order is the same.
        pairs.par_sort_unstable_by_key(|pair| u64::from(pair.src) << 32 | u64::from(pair.dst));
        pairs.dedup();
        return Ok(Collapsed { pairs, weights: None, conflicts: Tally::default() });
    };

    // With the entry's number as second key, entries of one edge stay in the order of the file.
    let mut entries: Vec<(Pair, usize)> = raw
        .edges
        .iter()
        .enumerate()
        .filter(|(_, pair)| !pair.is_self_loop())
        .map(|(entry, pair)| (stored(pair), entry))
        .collect();
    entries.par_sort_unstable();
    let weight_of = |entry: usize| {
        weights.get(entry).copied().ok_or_else(|| {
            vgae_artifacts::ArtifactError::invalid(
                "edge weights",
                format!("{} weights", raw.edges.len()),
                weights.len().to_string(),
            )
        })
    };
    let id = |node: u32| raw.ids.get(node as usize).cloned().unwrap_or_default();
    let (mut pairs, mut kept, mut conflicts) = (Vec::new(), Vec::new(), Tally::default());
    for run in entries.chunk_by(|a, b| a.0 == b.0) {
        let (pair, entry) = run[0];
        let first = weight_of(entry)?;
        let (mut sum, mut other) = (0.0f64, None);
        for &(_, entry) in run {
            let weight = weight_of(entry)?;
            sum += f64::from(weight);
            if weight.to_bits() != first.to_bits() {
                other = other.or(Some(weight));
            }
        }
        if let Some(second) = other {
            let (src, dst) = (id(pair.src), id(pair.dst));
            if config.duplicate_weights == DuplicateWeights::Error {
                return Err(IngestError::Weights { src, dst, first, second });
            }
            conflicts.add(|| format!("{src} - {dst}: {first}, {second}"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "weights are stored as f32")]
        let total = sum as f32;
        pairs.push(pair);
        kept.push(if config.duplicate_weights == DuplicateWeights::Sum { total } else { first });
    }
    Ok(Collapsed { pairs, weights: Some(kept), conflicts })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use vgae_artifacts::IdType;

    use super::*;

    fn raw(node_count: u32, ends: &[(u32, u32)]) -> RawGraph {
        RawGraph {
            ids: (0..node_count).map(|node| format!("n{node}")).collect(),
            labels: vec![None; node_count as usize],
            edges: ends.iter().map(|&(src, dst)| Pair::new(src, dst)).collect(),
            ..RawGraph::default()
        }
    }

    fn with(change: impl FnOnce(&mut IngestConfig)) -> IngestConfig {
        let mut config = IngestConfig::default();
        change(&mut config);
        config
    }

    #[test]
    fn self_loops_go_and_repetitions_collapse() {
        let mut raw = raw(5, &[(2, 0), (0, 2), (1, 1), (0, 1), (2, 0)]);
        raw.labels[0] = Some("a".to_owned());
        raw.features = Some(
            Features::from_rows(2, vec![0, 1, 1, 2, 2, 2], vec![1, 0], vec![1.0, 2.0])
                .expect("features"),
        );
        let (graph, audit) = build_graph(raw.clone(), &IngestConfig::default()).expect("a graph");
        assert_eq!(graph.edges.pairs(), [Pair::new(0, 1), Pair::new(0, 2)]);
        assert_eq!((audit.raw_edge_entries, audit.self_loops_dropped), (5, 1));
        assert_eq!((audit.duplicates_collapsed, audit.isolated_nodes), (2, 2));
        assert_eq!((audit.components.count, audit.components.largest), (3, 3));
        assert_eq!((audit.max_degree, audit.classes, audit.unlabelled_nodes), (2, 1, 4));
        assert_eq!((audit.features, audit.feature_nonzeros, audit.zero_feature_nodes), (2, 2, 3));

        let (graph, audit) = build_graph(raw, &with(|c| c.directed = true)).expect("a graph");
        assert_eq!(graph.edges.pairs(), [Pair::new(0, 1), Pair::new(0, 2), Pair::new(2, 0)]);
        assert_eq!(audit.duplicates_collapsed, 1);
    }

    #[test]
    fn nothing_to_learn_from_is_an_error() {
        let fault = |raw| {
            build_graph(raw, &IngestConfig::default()).expect_err("nothing is left").to_string()
        };
        let mut unknown = raw(2, &[(1, 1)]);
        unknown.unknown_ends_dropped = 3;
        let said =
            [raw(0, &[]), raw(2, &[]), raw(2, &[(0, 0), (1, 1)]), unknown].map(fault).join("\n");
        insta::assert_snapshot!(said);
    }

    #[test]
    fn weights_of_one_edge_must_agree() {
        let weighted = |weights: &[f32]| {
            let mut raw = raw(3, &[(0, 1), (1, 0), (1, 2)]);
            raw.weights = Some(weights.to_vec());
            raw
        };
        let kept = |weights: &[f32], rule| {
            let config = with(|config| config.duplicate_weights = rule);
            build_graph(weighted(weights), &config)
                .map(|(graph, _)| graph.edges.weights().expect("weights").to_vec())
                .map_err(|error| error.to_string())
        };
        assert_eq!(kept(&[2.0, 2.0, 5.0], DuplicateWeights::Error), Ok(vec![2.0, 5.0]));
        assert_eq!(kept(&[2.0, 3.0, 5.0], DuplicateWeights::First), Ok(vec![2.0, 5.0]));
        assert_eq!(kept(&[2.0, 3.0, 5.0], DuplicateWeights::Sum), Ok(vec![5.0, 5.0]));
        let error = kept(&[2.0, 3.0, 5.0], DuplicateWeights::Error).expect_err("they differ");
        insta::assert_snapshot!(error);
        let directed = with(|config| config.directed = true);
        assert!(build_graph(weighted(&[2.0, 3.0, 5.0]), &directed).is_ok());
    }

    #[test]
    fn ids_that_are_all_whole_numbers_are_such_unless_the_source_says_text() {
        let id_type = |ids: [&str; 3], ids_are_text| {
            let mut raw = raw(3, &[(0, 1), (1, 2)]);
            raw.ids = ids.map(str::to_owned).to_vec();
            raw.ids_are_text = ids_are_text;
            let (graph, _) = build_graph(raw, &IngestConfig::default()).expect("a graph");
            graph.nodes.id_type()
        };
        assert_eq!(id_type(["12", "-7", "0"], false), IdType::Integer);
        assert_eq!(id_type(["12", "-7", "0"], true), IdType::Text);
        assert_eq!(id_type(["12", "007", "0"], false), IdType::Text);
    }

    #[test]
    fn a_wrong_number_of_weights_is_no_panic() {
        let mut short = raw(3, &[(0, 1), (1, 2)]);
        short.weights = Some(vec![1.0]);
        assert!(build_graph(short, &IngestConfig::default()).is_err());
    }

    #[test]
    fn a_pair_out_of_range_is_no_panic() {
        assert!(build_graph(raw(2, &[(0, 7)]), &IngestConfig::default()).is_err());
    }

    proptest! {
        /// The naive twin keeps a map from edge to the sum of its weights.
        #[test]
        fn collapsing_agrees_with_a_map(
            entries in prop::collection::vec((0u32..6, 0u32..6, -4i8..4), 1..40),
            directed: bool,
        ) {
            let mut raw = raw(6, &entries.iter().map(|e| (e.0, e.1)).collect::<Vec<_>>());
            raw.weights = Some(entries.iter().map(|entry| f32::from(entry.2)).collect());
            let mut twin: BTreeMap<(u32, u32), f32> = BTreeMap::new();
            for &(a, b, weight) in entries.iter().filter(|entry| entry.0 != entry.1) {
                let key = if directed || a < b { (a, b) } else { (b, a) };
                *twin.entry(key).or_default() += f32::from(weight);
            }
            let config = IngestConfig {
                directed,
                duplicate_weights: DuplicateWeights::Sum,
                ..IngestConfig::default()
            };
            match build_graph(raw, &config) {
                Ok((graph, audit)) => {
                    let pairs: Vec<_> = graph.edges.pairs().iter().map(|p| (p.src, p.dst)).collect();
                    prop_assert_eq!(pairs, twin.keys().copied().collect::<Vec<_>>());
                    let expected: Vec<f32> = twin.values().copied().collect();
                    prop_assert_eq!(graph.edges.weights(), Some(expected.as_slice()));
                    prop_assert_eq!(
                        audit.edges + audit.duplicates_collapsed + audit.self_loops_dropped,
                        entries.len()
                    );
                }
                Err(_) => prop_assert!(twin.is_empty()),
            }
        }
    }
}
