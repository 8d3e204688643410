//! The ids at the ends of edges to nodes.

use std::collections::HashMap;
use std::fmt::Display;

use foldhash::quality::RandomState;
use vgae_artifacts::Pair;

use super::columns::{Ids, texts};
use super::frame::Table;
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

/// From ids to nodes.
trait Index<Id> {
    fn get(&self, id: Id) -> Option<u32>;
    fn insert(&mut self, id: Id, node: u32);
}

impl<'a> Index<&'a str> for HashMap<&'a str, u32, RandomState> {
    fn get(&self, id: &'a str) -> Option<u32> {
        self.get(id).copied()
    }

    fn insert(&mut self, id: &'a str, node: u32) {
        self.insert(id, node);
    }
}

/// Whole numbers that are asked for.
enum Whole {
    /// Nodes by number, if the numbers lie close together; `NO_NODE` where there is none.
    Dense(Vec<u32>),
    Sparse(HashMap<i64, u32, RandomState>),
}

const NO_NODE: u32 = u32::MAX;

impl Whole {
    /// For numbers from `least` to `most`, of which there are about `count`.
    fn new(least: i64, most: i64, count: usize) -> Self {
        match usize::try_from(most) {
            Ok(most) if least >= 0 && most / 8 < count => Self::Dense(vec![NO_NODE; most + 1]),
            _ => Self::Sparse(HashMap::default()),
        }
    }
}

impl Index<i64> for Whole {
    fn get(&self, id: i64) -> Option<u32> {
        match self {
            Self::Dense(nodes) => {
                let node = nodes.get(usize::try_from(id).ok()?).copied();
                node.filter(|&node| node != NO_NODE)
            }
            Self::Sparse(nodes) => nodes.get(&id).copied(),
        }
    }

    /// Numbers outside the range are never asked for.
    fn insert(&mut self, id: i64, node: u32) {
        match self {
            Self::Dense(nodes) => {
                if let Some(place) = usize::try_from(id).ok().and_then(|id| nodes.get_mut(id)) {
                    *place = node;
                }
            }
            Self::Sparse(nodes) => {
                nodes.insert(id, node);
            }
        }
    }
}

impl Joiner<'_> {
    /// Looks up both ends of every row among `known`.
    pub(super) fn join(
        &self,
        (src, dst): (Ids, Ids),
        known: &[String],
    ) -> Result<Joined, IngestError> {
        let (src, dst) = match (src, dst) {
            (Ids::Whole(src), Ids::Whole(dst)) => {
                let every = || src.iter().chain(dst.iter()).flatten();
                let (least, most) = (every().min().unwrap_or(0), every().max().unwrap_or(0));
                let mut index = Whole::new(least, most, known.len() + src.len());
                for (node, text) in known.iter().enumerate() {
                    // `007` is another id than the number 7.
                    let id = text.parse().ok().filter(|id: &i64| id.to_string() == *text);
                    if let Some(id) = id {
                        index.insert(id, narrow(node)?);
                    }
                }
                let ends = src.iter().flatten().zip(dst.iter().flatten());
                return self.look_up(ends, &mut index, known.len());
            }
            other => other,
        };
        let (src, dst) = (src.into_text(self.table)?, dst.into_text(self.table)?);
        let mut index = HashMap::with_capacity_and_hasher(known.len(), RandomState::default());
        for (node, id) in known.iter().enumerate() {
            index.insert(id.as_str(), narrow(node)?);
        }
        self.look_up(texts(&src).zip(texts(&dst)), &mut index, known.len())
    }

    fn look_up<Id: Copy + Display>(
        &self,
        ends: impl Iterator<Item = (Id, Id)>,
        index: &mut impl Index<Id>,
        known: usize,
    ) -> Result<Joined, IngestError> {
        let mut joined = Joined::default();
        for (entry, (src, dst)) in ends.enumerate() {
            let mut node = |id: Id| -> Result<Option<u32>, IngestError> {
                let node = index.get(id);
                if node.is_some() {
                    return Ok(node);
                }
                match self.unknown {
                    UnknownNodes::Add => {
                        let node = narrow(known + joined.new.len())?;
                        index.insert(id, node);
                        joined.new.push(id.to_string());
                        Ok(Some(node))
                    }
                    UnknownNodes::Drop => Ok(None),
                    UnknownNodes::Error => {
                        let expected = format!(
                            "ids that {} has (or `unknown_nodes = \"drop\"` or `\"add\"`)",
                            self.nodes
                        );
                        let found = format!("`{id}`");
                        let row = self.rows.map_or(entry, |rows| rows[entry]);
                        Err(FormatError::row(&self.table.name, row, expected, found).into())
                    }
                }
            };
            match (node(src)?, node(dst)?) {
                (Some(src), Some(dst)) => joined.pairs.push(Pair::new(src, dst)),
                (src_node, _) => {
                    joined.dropped.push(entry);
                    joined.unknown.add(|| (if src_node.is_none() { src } else { dst }).to_string());
                }
            }
        }
        Ok(joined)
    }
}

fn narrow(node: usize) -> Result<u32, IngestError> {
    u32::try_from(node).ok().filter(|&node| node != NO_NODE).ok_or_else(|| {
        let found = format!("node {node}");
        vgae_artifacts::ArtifactError::invalid("nodes", "fewer than 2^32 nodes", found).into()
    })
}
