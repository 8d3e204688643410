use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table, required};
use crate::{ArtifactError, Kind, Pair, Provenance, Result};

/// Relation types of the edges of a graph, such as `treats` and `causes`. An edge has one or more of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relations {
    /// Names, sorted.
    names: Vec<String>,
    /// Edges with the index of their relation, sorted and distinct.
    triples: Vec<(Pair, u32)>,
}

impl Relations {
    /// Largest number of relation types.
    pub const MOST: usize = 10_000;

    /// Creates the relations from edges with the name of their relation, in any order; repetitions are removed.
    ///
    /// # Errors
    /// Returns an error when there are more than [`Relations::MOST`] relation types, a name is empty, or a pair is a
    /// self-loop.
    pub fn new<T: AsRef<str>>(edges: &[(Pair, T)]) -> Result<Self> {
        let mut names: Vec<&str> = edges.iter().map(|(_, name)| name.as_ref()).collect();
        names.sort_unstable();
        names.dedup();
        let fault = |expected: String, found: String| {
            Err(ArtifactError::invalid("relations", expected, found))
        };
        if names.len() > Self::MOST {
            return fault(format!("at most {} types", Self::MOST), names.len().to_string());
        }
        if names.first().is_some_and(|name| name.is_empty()) {
            return fault("names".to_owned(), "an empty name".to_owned());
        }
        if let Some((pair, _)) = edges.iter().find(|(pair, _)| pair.is_self_loop()) {
            let found = format!("({}, {})", pair.src, pair.dst);
            return fault("pairs of two different nodes".to_owned(), found);
        }
        let index = |name: &T| names.binary_search(&name.as_ref()).unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, reason = "at most 10,000 names")]
        let mut triples: Vec<(Pair, u32)> =
            edges.iter().map(|(pair, name)| (*pair, index(name) as u32)).collect();
        triples.sort_unstable();
        triples.dedup();
        Ok(Self { names: names.into_iter().map(str::to_owned).collect(), triples })
    }

    /// Returns the relations of the edges that `map` returns; repetitions are removed.
    #[must_use]
    pub fn mapped(&self, map: impl Fn(Pair) -> Pair) -> Self {
        let mut triples: Vec<(Pair, u32)> =
            self.triples.iter().map(|&(pair, of)| (map(pair), of)).collect();
        triples.sort_unstable();
        triples.dedup();
        Self { names: self.names.clone(), triples }
    }

    /// Returns the names of the relation types, sorted.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the edges with the index of their relation in [`Relations::names`], sorted.
    #[must_use]
    pub fn triples(&self) -> &[(Pair, u32)] {
        &self.triples
    }

    /// Returns the triples of an edge.
    #[must_use]
    pub fn of(&self, edge: Pair) -> &[(Pair, u32)] {
        let start = self.triples.partition_point(|(pair, _)| *pair < edge);
        let end = start + self.triples[start..].partition_point(|(pair, _)| *pair == edge);
        &self.triples[start..end]
    }

    /// Returns the triples of `edges`, in their order.
    #[must_use]
    pub fn of_edges(&self, edges: &[Pair]) -> Vec<(Pair, u32)> {
        edges.iter().flat_map(|edge| self.of(*edge)).copied().collect()
    }

    pub(crate) fn fields() -> Vec<Field> {
        vec![
            required("src", DataType::UInt32, "index of the first node"),
            required("dst", DataType::UInt32, "index of the second node"),
            required("relation", DataType::Utf8, "relation type of the edge"),
        ]
    }

    /// Writes `relations.parquet`: `src`, `dst` u32, `relation` utf8; a row per edge and relation.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let pairs = || self.triples.iter().map(|(pair, _)| pair);
        let names = self.triples.iter().map(|&(_, of)| &*self.names[of as usize]);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(pairs().map(|pair| pair.src))),
            Arc::new(UInt32Array::from_iter_values(pairs().map(|pair| pair.dst))),
            Arc::new(StringArray::from_iter_values(names)),
        ];
        table::write_parquet(path, Kind::Relations, Self::fields(), columns, &[], provenance)
    }

    /// Reads a file of [`Relations::write`] of a graph of `node_count` nodes.
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or violates a rule of
    /// [`Relations::new`], or a node index is not below `node_count`.
    pub fn read(path: &Path, node_count: usize) -> Result<Self> {
        let table = Table::read_parquet(path, Kind::Relations, &Self::fields())?;
        let pairs = table.pairs()?;
        if let Some(pair) = pairs.iter().find(|pair| pair.src.max(pair.dst) as usize >= node_count)
        {
            let expected = format!("node indices below {node_count}");
            let found = format!("({}, {})", pair.src, pair.dst);
            return Err(ArtifactError::invalid("relations", expected, found).in_file(path));
        }
        let names = table.strings("relation")?;
        let edges: Vec<(Pair, String)> =
            pairs.into_iter().zip(names.into_iter().map(Option::unwrap_or_default)).collect();
        Self::new(&edges).map_err(|error| error.in_file(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_has_its_relations_and_a_file_has_all() {
        let of = |src, dst, name: &str| (Pair::new(src, dst), name.to_owned());
        let edges = [of(2, 3, "b"), of(0, 1, "b"), of(0, 1, "a"), of(0, 1, "b"), of(1, 3, "c")];
        let relations = Relations::new(&edges).expect("sound");
        assert_eq!(relations.names(), ["a", "b", "c"]);
        assert_eq!(relations.triples().len(), 4);
        let own: Vec<u32> = relations.of(Pair::new(0, 1)).iter().map(|(_, of)| *of).collect();
        assert_eq!(own, [0, 1]);
        assert!(relations.of(Pair::new(0, 2)).is_empty());
        let found = relations.of_edges(&[Pair::new(2, 3), Pair::new(1, 3)]);
        assert_eq!(found, [(Pair::new(2, 3), 1), (Pair::new(1, 3), 2)]);

        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("relations.parquet");
        relations.write(&path, &Provenance::of_stage("test")).expect("written");
        assert_eq!(Relations::read(&path, 4).expect("reads"), relations);
        let error = format!("{:?}", Relations::read(&path, 3).expect_err("a node more"));
        assert!(error.contains("below 3"), "{error}");
        Relations::new(&[of(0, 0, "a")]).expect_err("a self-loop");
        Relations::new(&[of(0, 1, "")]).expect_err("no name");
    }
}
