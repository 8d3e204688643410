//! Zachary's karate club: 34 members, 78 ties, two factions, no features. Embedded, so that something
//! runs without a download.

use vgae_artifacts::Pair;

use crate::{FormatError, RawGraph};

/// Name of this graph in configurations.
pub const NAME: &str = "karate";

/// The embedded text, by which the pipeline fingerprints this input.
pub const TEXT: &str = include_str!("karate.txt");

/// The graph. Ids are `1` to `34`; labels are the factions, `Mr. Hi` and `Officer`.
///
/// # Errors
/// Never for the embedded text, which a test reads.
pub fn read() -> Result<RawGraph, FormatError> {
    parse(TEXT)
}

fn parse(text: &str) -> Result<RawGraph, FormatError> {
    let mut raw = RawGraph::default();
    for (index, line) in text.lines().enumerate() {
        let fault = || FormatError::line("karate.txt", index, "a node or an edge", line);
        let mut fields = line.splitn(3, ' ');
        match (fields.next(), fields.next(), fields.next()) {
            (Some("#"), ..) => {}
            (Some("node"), Some(id), Some(faction)) => {
                raw.ids.push(id.to_owned());
                raw.labels.push(Some(faction.to_owned()));
            }
            (Some("edge"), Some(src), Some(dst)) => {
                let node = |id: &str| id.parse::<u32>().ok().and_then(|id| id.checked_sub(1));
                let (Some(src), Some(dst)) = (node(src), node(dst)) else { return Err(fault()) };
                raw.edges.push(Pair::new(src, dst));
            }
            _ => return Err(fault()),
        }
    }
    Ok(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_club_is_the_published_one() {
        let raw = read().expect("the embedded text");
        assert_eq!((raw.ids.len(), raw.edges.len()), (34, 78));
        assert_eq!(raw.ids[33], "34");
        let faction = |node: usize| raw.labels[node].as_deref();
        assert_eq!((faction(0), faction(33)), (Some("Mr. Hi"), Some("Officer")));
        let degree =
            |node| raw.edges.iter().filter(|edge| edge.src == node || edge.dst == node).count();
        assert_eq!((degree(0), degree(33), degree(11)), (16, 17, 1));
    }

    #[test]
    fn a_line_of_another_kind_is_named() {
        let error = parse("node 1 a\nodd\n").expect_err("no such line");
        assert_eq!(error.to_string(), "karate.txt, line 2: expected a node or an edge, found odd");
    }
}
