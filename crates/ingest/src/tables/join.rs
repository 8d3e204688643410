//! The ids at the ends of edges to nodes.

use rayon::prelude::*;
use vgae_artifacts::{ArtifactError, Pair};

use super::columns::Ids;
use super::frame::Table;
use super::numbering::{Numbered, UNKNOWN, number};
use crate::canonical::canonical_integer;
use crate::config::UnknownNodes;
use crate::findings::Tally;
use crate::{FormatError, IngestError};

/// A table of edges, and what becomes of an id that is not known.
pub(super) struct Joiner<'a> {
    pub(super) table: &'a Table<'a>,
    /// The row in the file of each entry, if it is another than its number.
    pub(super) rows: Option<&'a [usize]>,
    /// Where the known ids stand, for errors.
    pub(super) nodes: &'a str,
    pub(super) unknown: UnknownNodes,
    /// The options that accept unknown ids, for errors: empty, or ` (or ...)`.
    pub(super) remedy: &'a str,
}

/// Edges between nodes.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) pairs: Vec<Pair>,
    /// Entries left out, rising.
    pub(super) dropped: Vec<usize>,
    /// The same, with ids that were not known as examples.
    pub(super) unknown: Tally,
    /// Ids of nodes that were not known, in order of first appearance; they follow those that were.
    pub(super) new: Vec<String>,
}

/// Largest range of whole numbers that a table by value is made for, as a multiple of their count.
const SPARSE: usize = 8;

impl Joiner<'_> {
    /// Looks up both ends of every row among `known`.
    pub(super) fn join(
        &self,
        (src, dst): (Ids, Ids),
        known: &[String],
    ) -> Result<Joined, IngestError> {
        let may_add = self.unknown == UnknownNodes::Add;
        let before = known.len();
        match (src, dst) {
            (Ids::Whole(src), Ids::Whole(dst)) => {
                // In one piece each, so that a row is found at once.
                let (src, dst) = (src.rechunk(), dst.rechunk());
                let (src, dst) = (src.cont_slice()?, dst.cont_slice()?);
                let known: Vec<Option<i64>> =
                    known.iter().map(|id| canonical_integer(id)).collect();
                let numbered = number_integers(&known, [src, dst], may_add);
                self.joined(numbered, before, |at| end_of([src, dst], at).to_string())
            }
            (src, dst) => {
                let (src, dst) = (src.into_text(self.table)?, dst.into_text(self.table)?);
                let (src, dst) = (src.rechunk(), dst.rechunk());
                let text = |at: usize| {
                    let end = if at.is_multiple_of(2) { &src } else { &dst };
                    end.get(at / 2).unwrap_or_default().trim()
                };
                let numbered = number_texts(known, 2 * src.len(), text, may_add);
                self.joined(numbered, before, |at| text(at).to_owned())
            }
        }
    }

    /// The edges between numbered ends, two to a row; `text` returns an end's id.
    fn joined(
        &self,
        numbered: Option<Numbered>,
        known: usize,
        text: impl Fn(usize) -> String,
    ) -> Result<Joined, IngestError> {
        let Some(Numbered { of, new }) = numbered else { return Err(too_many(known)) };
        let mut joined = Joined::default();
        if self.unknown == UnknownNodes::Error
            && let Some(at) = of.iter().position(|&node| node == UNKNOWN)
        {
            let expected = format!("ids that {} has{}", self.nodes, self.remedy);
            let row = self.rows.map_or(at / 2, |rows| rows[at / 2]);
            let found = format!("`{}`", text(at));
            return Err(FormatError::row(&self.table.name, row, expected, found).into());
        }
        joined.new = new.into_iter().map(|at| text(at - known)).collect();
        joined.pairs.reserve_exact(of.len() / 2);
        for (entry, ends) in of.chunks_exact(2).enumerate() {
            match ends.iter().position(|&node| node == UNKNOWN) {
                None => joined.pairs.push(Pair::new(ends[0], ends[1])),
                Some(end) => {
                    joined.dropped.push(entry);
                    joined.unknown.add(|| text(2 * entry + end));
                }
            }
        }
        Ok(joined)
    }
}

/// Edges in memory between numbered nodes, see [`integer_ends`] and [`text_ends`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedEnds {
    /// The edges, in the order of the rows.
    pub pairs: Vec<Pair>,
    /// The first appearance of each node that was not known, ascending: position `2 * row` for a source, and
    /// `2 * row + 1` for a target.
    pub new: Vec<usize>,
}

/// Numbers the nodes of edges in memory as those of an edge table: known ids first, in their order, then others by first
/// appearance, row by row, the source before the target. `known` is `None` if no node is known, which adds all; else
/// other ids than the known ones are an error.
///
/// # Errors
/// Returns an error when the columns differ in length, an id is not known, or there are 2^32 nodes and ends.
pub fn integer_ends(known: Option<&[i64]>, ends: [&[i64]; 2]) -> Result<NumberedEnds, IngestError> {
    let [src, dst] = ends;
    if src.len() != dst.len() {
        let expected = format!("as many targets as sources ({})", src.len());
        return Err(ArtifactError::invalid("edges", expected, dst.len().to_string()).into());
    }
    let ids: Vec<Option<i64>> = known.unwrap_or_default().iter().copied().map(Some).collect();
    let numbered = number_integers(&ids, ends, known.is_none());
    in_memory(numbered, ids.len(), |at| end_of(ends, at).to_string())
}

/// Numbers the nodes of edges in memory like [`integer_ends`]. `text` returns the string id at each of `count` positions,
/// which are those of [`NumberedEnds::new`].
///
/// # Errors
/// Returns an error when an id is not known, or there are 2^32 nodes and ends.
pub fn text_ends<'t>(
    known: Option<&'t [String]>,
    count: usize,
    text: impl Fn(usize) -> &'t str + Sync,
) -> Result<NumberedEnds, IngestError> {
    let ids = known.unwrap_or_default();
    let numbered = number_texts(ids, count, &text, known.is_none());
    in_memory(numbered, ids.len(), |at| text(at).to_owned())
}

/// The edges between numbered ends, two to a row; `text` returns an end's id.
fn in_memory(
    numbered: Option<Numbered>,
    known: usize,
    text: impl Fn(usize) -> String,
) -> Result<NumberedEnds, IngestError> {
    let Some(Numbered { of, mut new }) = numbered else { return Err(too_many(known)) };
    if let Some(at) = of.iter().position(|&node| node == UNKNOWN) {
        let found = format!("`{}` in row {}", text(at), at / 2);
        return Err(ArtifactError::invalid("edges", "ids of the given nodes", found).into());
    }
    let pairs = of.chunks_exact(2).map(|ends| Pair::new(ends[0], ends[1])).collect();
    for at in &mut new {
        *at -= known;
    }
    Ok(NumberedEnds { pairs, new })
}

/// The id at a position: of a source if it is even, else of a target.
fn end_of([src, dst]: [&[i64]; 2], at: usize) -> i64 {
    if at.is_multiple_of(2) { src[at / 2] } else { dst[at / 2] }
}

/// As [`number`] for integer ids; known ids that are no integers are `None`.
fn number_integers(known: &[Option<i64>], ends: [&[i64]; 2], may_add: bool) -> Option<Numbered> {
    let before = known.len();
    // Ids that are no numbers stay apart, each by its place.
    let key = |at: usize| match known.get(at) {
        Some(id) => id.ok_or(at),
        None => Ok(end_of(ends, at - before)),
    };
    let by_hash = || number((before, before + 2 * ends[0].len()), key, may_add);
    number_dense(known, ends, may_add).or_else(by_hash)
}

/// As [`number`] for the string ids at `count` positions.
fn number_texts<'t>(
    known: &'t [String],
    count: usize,
    text: impl Fn(usize) -> &'t str + Sync,
    may_add: bool,
) -> Option<Numbered> {
    let before = known.len();
    let key = |at: usize| known.get(at).map_or_else(|| text(at - before), String::as_str);
    let all = before + count;
    let are_short = (0..all).into_par_iter().all(|at| packed(key(at)).is_some());
    if are_short {
        // Compared without a look at the text elsewhere in memory.
        number((before, all), |at| packed(key(at)).unwrap_or_default(), may_add)
    } else {
        number((before, all), key, may_add)
    }
}

/// A text of at most 15 bytes and its length as one number, another for each text.
fn packed(text: &str) -> Option<u128> {
    let mut bytes = [0; 16];
    bytes.get_mut(1..=text.len())?.copy_from_slice(text.as_bytes());
    bytes[0] = u8::try_from(text.len()).ok()?;
    Some(u128::from_le_bytes(bytes))
}

/// As [`number`], by a table with a place for each value; nothing where the values are far apart.
fn number_dense(known: &[Option<i64>], [src, dst]: [&[i64]; 2], may_add: bool) -> Option<Numbered> {
    let every = || src.iter().chain(dst);
    let (least, most) = (every().min()?, every().max()?);
    let most = usize::try_from(*most).ok()?;
    let count = src.len() + dst.len();
    if *least < 0 || most / SPARSE >= known.len() + count {
        return None;
    }
    let mut nodes = vec![UNKNOWN; most + 1];
    for (node, id) in known.iter().enumerate() {
        if let Some(place) = id.and_then(|id| nodes.get_mut(usize::try_from(id).ok()?)) {
            *place = u32::try_from(node).ok()?;
        }
    }
    let mut new = Vec::new();
    let mut of = Vec::with_capacity(count);
    let ends = src.iter().zip(dst).flat_map(|(src, dst)| [src, dst]);
    for (at, &id) in ends.enumerate() {
        let node = &mut nodes[usize::try_from(id).ok()?];
        if *node == UNKNOWN && may_add {
            *node = u32::try_from(known.len() + new.len()).ok().filter(|&node| node != UNKNOWN)?;
            new.push(known.len() + at);
        }
        of.push(*node);
    }
    Some(Numbered { of, new })
}

fn too_many(known: usize) -> IngestError {
    let found = format!("{known} nodes and more ends of edges");
    ArtifactError::invalid("edges", "fewer than 2^32 nodes and ends of edges", found).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ends_in_memory_are_numbered_by_first_appearance_after_those_known() {
        let ends = [&[7, -2, 7][..], &[-2, 3, 7][..]];
        let found = integer_ends(None, ends).expect("numbered");
        assert_eq!(found.pairs, [Pair::new(0, 1), Pair::new(1, 2), Pair::new(0, 0)]);
        assert_eq!(found.new, [0, 1, 3]);
        let found = integer_ends(Some(&[3, 7, -2, 9]), ends).expect("all known");
        assert_eq!(found.pairs, [Pair::new(1, 2), Pair::new(2, 0), Pair::new(1, 1)]);
        let error = integer_ends(Some(&[3, 7]), ends).expect_err("not known").to_string();
        assert_eq!(error, "edges: expected ids of the given nodes, found `-2` in row 0");
        let error = integer_ends(None, [&[1], &[]]).expect_err("no target").to_string();
        assert_eq!(error, "edges: expected as many targets as sources (1), found 0");

        let ids = ["b", "a", "a", "a name of more than fifteen bytes"];
        let found = text_ends(None, 4, |at| ids[at]).expect("numbered");
        assert_eq!(
            (found.pairs, found.new),
            (vec![Pair::new(0, 1), Pair::new(1, 2)], vec![0, 1, 3])
        );
    }

    proptest! {
        #[test]
        fn packed_texts_differ_as_texts_do(a in "[a\0é]{0,9}", b in "[a\0é]{0,9}") {
            prop_assert_eq!(packed(&a).is_some(), a.len() < 16);
            prop_assert_eq!(packed(&a).is_some() && packed(&a) == packed(&b), a.len() < 16 && a == b);
        }

        #[test]
        fn a_table_by_value_numbers_as_one_by_hash(
            known in prop::collection::hash_set(0i64..30, 0..9),
            rows in prop::collection::vec((0i64..40, 0i64..40), 1..30),
            may_add: bool,
        ) {
            let (src, dst): (Vec<i64>, Vec<i64>) = rows.iter().copied().unzip();
            let ends: Vec<i64> = rows.into_iter().flat_map(|(src, dst)| [src, dst]).collect();
            let mut known: Vec<Option<i64>> = known.into_iter().map(Some).collect();
            known.sort_unstable();
            let key = |at: usize| known.get(at).copied().flatten().unwrap_or_else(|| ends[at - known.len()]);
            let hashed = number((known.len(), known.len() + ends.len()), key, may_add);
            if let Some(dense) = number_dense(&known, [&src, &dst], may_add) {
                prop_assert_eq!(Some(dense), hashed);
            }
        }
    }
}
