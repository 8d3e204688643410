//! Edges of a graph to the parts of a split, by the configured rule.

use vgae_artifacts::{EdgeSplit, Edges, GivenSplit, HardNegatives, NodeTypes, SplitRule, names};
use vgae_ingest::EdgeTimes;
use vgae_split::{NodeSplit, SplitMethod, TimeSplit};

use super::artifacts::{Artifacts, Result, Splitting};
use super::given::{self, FromFiles};
use crate::StageError;

/// A split, with facts for its certificate.
pub(super) struct Parts {
    pub(super) split: EdgeSplit,
    pub(super) given: Option<GivenSplit>,
    pub(super) rule: Option<SplitRule>,
    /// Given negatives of single edges.
    pub(super) negatives: Vec<HardNegatives>,
}

/// Splits the edges: as files have it, at random, by time or by node.
pub(super) fn split(
    from: &Artifacts,
    edges: &Edges,
    types: Option<&NodeTypes>,
    splitting: &Splitting<'_>,
) -> Result<Parts> {
    let (config, seed) = (splitting.config, splitting.seed);
    let plain = |split| Parts { split, given: None, rule: None, negatives: Vec::new() };
    if let Some(files) = splitting.files {
        let FromFiles { split, record, negatives } =
            given::split(from, edges, types, files, splitting)?;
        return Ok(Parts { given: Some(record), negatives, ..plain(split) });
    }
    Ok(match config.method() {
        SplitMethod::Edges => plain(vgae_split::split_typed_edges(edges, types, config, seed)?),
        SplitMethod::Hash => plain(vgae_split::split_by_hash(edges, types, config, seed)?),
        SplitMethod::Time => {
            let column = config.get().time.as_deref().unwrap_or_default();
            let nodes = from.nodes()?;
            let EdgeTimes { entries, times, .. } =
                vgae_ingest::read_times(splitting.data, column, nodes.ids(), splitting.base)?;
            let TimeSplit { split, train_until, validation, test_from } =
                vgae_split::split_by_time(edges, types, &entries, config, seed)?;
            let name = |time: u32| times.get(time as usize).cloned().unwrap_or_default();
            let rule = SplitRule::Time {
                column: column.to_owned(),
                train_until: name(train_until),
                validation: validation.map(|times| times.map(name)),
                test_from: test_from.map(name),
            };
            Parts { rule: Some(told(rule)), ..plain(split) }
        }
        SplitMethod::Nodes => {
            if !from.path(names::FEATURES).exists() {
                return Err(StageError::NoFeaturesOfUnseen);
            }
            let NodeSplit { split, validation, test } =
                vgae_split::split_by_nodes(edges, types, config, seed)?;
            let (validation, test) = (validation.len(), test.len());
            let train = split.node_count() - validation - test;
            let rule = SplitRule::Nodes { train, validation, test };
            Parts { rule: Some(told(rule)), ..plain(split) }
        }
    })
}

/// Logs the rule.
fn told(rule: SplitRule) -> SplitRule {
    tracing::info!("split {rule}");
    rule
}
