//! Splits whose parts are in files, and files with negatives of their edges.

use vgae_artifacts::{
    EdgeSplit, Edges, GivenSplit, HardNegatives, NegativeKind, NegativeSet, NodeTypes, Nodes, Part,
};
use vgae_eval::NegativeFiles;
use vgae_ingest::{NegativeFile, PairRows, SplitFiles, SplitRows};
use vgae_split::{Given, GivenPairs, GivenParts};

use super::artifacts::{Artifacts, Result, Splitting};
use super::judged::JUDGED;

/// A split from files.
pub(super) struct FromFiles {
    pub(super) split: EdgeSplit,
    /// Facts for the certificate.
    pub(super) record: GivenSplit,
    /// Negatives of single edges.
    pub(super) negatives: Vec<HardNegatives>,
}

/// Reads the parts of a split, and logs how they were read and what does not hold.
pub(super) fn split(
    from: &Artifacts,
    edges: &Edges,
    types: Option<&NodeTypes>,
    files: &SplitFiles,
    splitting: &Splitting<'_>,
) -> Result<FromFiles> {
    let nodes = from.nodes()?;
    let rows = vgae_ingest::read_split(files, splitting.data, nodes.ids(), splitting.base)?;
    let SplitRows { train, validation, test, validation_negative, test_negative, .. } = rows;
    let held_out = [(Part::Validation, validation.clone()), (Part::Test, test.clone())];
    let parts = GivenParts {
        train: train.map(pairs),
        validation: validation.map(pairs),
        test: test.map(pairs),
        validation_negative: validation_negative.map(pairs),
        test_negative: test_negative.map(pairs),
    };
    let messages = splitting.config.get().messages;
    let Given { split, mut record, validation_rows, test_rows } =
        vgae_split::given_split(edges, types, parts, messages, splitting.seed)?;
    record.readings = rows.readings;
    let mut negatives = Vec::new();
    if let Some(files) = splitting.negatives {
        let kept = |part| if part == Part::Test { &test_rows } else { &validation_rows };
        let held_out = held_out.iter().filter_map(|(part, rows)| Some((*part, rows.as_ref()?)));
        let held_out: Vec<_> = held_out.map(|(part, rows)| (part, rows, kept(part))).collect();
        for (own, counts) in lists(files, &held_out, &nodes, edges, &split, splitting)? {
            negatives.push(own);
            record.negative_lists.push(counts);
        }
    }
    for reading in &record.readings {
        tracing::info!("{} = {}, {} rows", reading.key, reading.stated, reading.rows);
    }
    for finding in rows.warnings.into_iter().chain(record.findings()) {
        tracing::warn!("split: {finding}");
    }
    Ok(FromFiles { split, record, negatives })
}

fn pairs(rows: PairRows) -> GivenPairs {
    GivenPairs { unknown: rows.left_out, pairs: rows.pairs }
}

/// Edges of a part as the files have them, and the indices of those that are in the split.
type HeldOut<'a> = (Part, &'a PairRows, &'a Vec<usize>);

/// Reads the lists of negatives. All parts have one set, of the length of the longest list.
fn lists(
    files: &NegativeFiles,
    held_out: &[HeldOut<'_>],
    nodes: &Nodes,
    edges: &Edges,
    split: &EdgeSplit,
    splitting: &Splitting<'_>,
) -> Result<Vec<(HardNegatives, vgae_artifacts::GivenNegatives)>> {
    let mut read = Vec::new();
    for (only, path) in files.paths() {
        for part in JUDGED.into_iter().filter(|part| only.is_none_or(|only| only == *part)) {
            let Some((_, rows, kept)) = held_out.iter().find(|(own, ..)| *own == part) else {
                if only.is_none() {
                    continue;
                }
                return Err(crate::StageError::NoEdgesForNegatives { part, path: path.to_owned() });
            };
            let file = NegativeFile { path, part, has_parts: only.is_none() };
            let (data, base) = (splitting.data, splitting.base);
            let mut lists = vgae_ingest::read_negatives(file, rows, data, nodes.ids(), base)?;
            let lists: Vec<_> = kept.iter().map(|&row| std::mem::take(&mut lists[row])).collect();
            read.push((part, path, lists));
        }
    }
    let longest = read.iter().flat_map(|(.., lists)| lists.iter().map(Vec::len)).max();
    let longest = u32::try_from(longest.unwrap_or(0)).unwrap_or(u32::MAX);
    let set = NegativeSet::new(NegativeKind::Given, longest)
        .map_err(|_| crate::StageError::ListLength { found: longest })?;
    let checked = read.into_iter().map(|(part, path, lists)| {
        let about = (part, set, path.display().to_string());
        let (lists, counts) = vgae_split::check_negative_lists(edges, split, lists, about);
        (HardNegatives { set, part, lists }, counts)
    });
    Ok(checked.collect())
}
