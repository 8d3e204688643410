//! Negatives that edges are ranked among.

mod candidates;
mod degrees;
mod directed;
mod draw;
mod shuffled;

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use vgae_artifacts::{NegativeKind, NegativeSet, Part};

pub use candidates::Candidates;
pub(crate) use candidates::edges_of;
pub use draw::draw_candidates;

use crate::EvalError;

/// Returns the definition of a kind of negatives for `Metrics::definitions`: the key, and the text with name
/// and version.
pub(crate) fn definition(kind: NegativeKind) -> (String, String) {
    let text = match kind {
        NegativeKind::Uniform => {
            "uniform_negatives/1 (pairs drawn uniformly from those that are not edges of the whole graph, distinct \
             per edge)"
        }
        NegativeKind::DegreeMatched => {
            "degree_matched_negatives/1 (both ends of the edge are replaced, each by a node of similar training \
             degree: of one degree if 100 nodes or more have it, else of adjacent degrees that 100 nodes have \
             together, each degree as often as ends of the part's edges have it; not an edge of the whole graph, \
             distinct per edge)"
        }
        NegativeKind::Corrupt => {
            "corrupt_negatives/1 (one end of the edge and a node drawn uniformly from those not adjacent to it in the \
             whole graph, both ends alternately, distinct per edge)"
        }
        NegativeKind::Hard => {
            "hard_negatives/1 (half keep each end of the edge; the other is one of the nodes not adjacent to that end, \
             those with the best of three ranks over training edges: resource allocation, personalised PageRank by \
             forward push, cosine of TF-IDF features; ties in random order; after Li et al. 2023, HeaRT, arXiv \
             2306.10453)"
        }
        NegativeKind::Given => {
            "given_negatives/1 (lists that were given in a file, one per edge, as they are: with repetitions and with \
             pairs that are edges, which `certificate.json` counts)"
        }
        NegativeKind::Reversed => {
            "reversed_negatives/1 (the edge from its target to its source, unless that is an edge of any part; edges \
             in both directions do not count; Salha et al. 2019, arXiv 1905.09570, task 2)"
        }
    };
    (format!("{}_negatives", kind.to_string().replace('-', "_")), text.to_owned())
}

/// Distinct sets of negatives, in the given order, and files with further ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NegativeSets {
    sets: Vec<NegativeSet>,
    files: Option<NegativeFiles>,
}

/// Files with a list of negatives per held-out edge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NegativeFiles {
    /// Lists of validation edges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<PathBuf>,
    /// Lists of test edges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<PathBuf>,
    /// Lists of both parts in one table, with a column `part`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
}

impl NegativeFiles {
    /// Returns the files with the part that each is for, or `None` for both.
    pub fn paths(&self) -> impl Iterator<Item = (Option<Part>, &Path)> {
        let Self { validation, test, file } = self;
        let all = [(Some(Part::Validation), validation), (Some(Part::Test), test), (None, file)];
        all.into_iter().filter_map(|(part, path)| Some((part, path.as_deref()?)))
    }

    /// Checks that files are named, each part once.
    fn check(&self) -> Result<(), EvalError> {
        let has_parts = self.validation.is_some() || self.test.is_some();
        match (has_parts, &self.file) {
            (true, None) | (false, Some(_)) => Ok(()),
            (true, Some(_)) => Err(EvalError::NegativeFiles { found: "both" }),
            (false, None) => Err(EvalError::NegativeFiles { found: "neither" }),
        }
    }
}

impl NegativeSets {
    /// Checks that the sets are distinct and can be made, and that files are named for each part once.
    ///
    /// # Errors
    /// Returns an error when a set is listed twice (the same kind with another number is another set), a set is of
    /// kind [`NegativeKind::Given`], or the files are incomplete.
    pub fn new(sets: Vec<NegativeSet>, files: Option<NegativeFiles>) -> Result<Self, EvalError> {
        let twice = sets.iter().enumerate().find(|(at, set)| sets[..*at].contains(set));
        if let Some((_, &set)) = twice {
            return Err(EvalError::SameNegatives { set });
        }
        if let Some(&set) = sets.iter().find(|set| set.kind() == NegativeKind::Given) {
            return Err(EvalError::GivenWithoutFile { set });
        }
        files.iter().try_for_each(NegativeFiles::check)?;
        Ok(Self { sets, files })
    }

    /// Returns whether there are no sets.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Adds a set unless it is already present.
    pub fn insert(&mut self, set: NegativeSet) {
        if !self.sets.contains(&set) {
            self.sets.push(set);
        }
    }

    /// Returns the sets.
    pub fn iter(&self) -> impl Iterator<Item = NegativeSet> + '_ {
        self.sets.iter().copied()
    }

    /// Returns the files.
    #[must_use]
    pub fn files(&self) -> Option<&NegativeFiles> {
        self.files.as_ref()
    }
}

/// An entry of a list of negatives.
#[derive(JsonSchema, Serialize)]
#[serde(untagged)]
enum Entry {
    Set(NegativeSet),
    Files(NegativeFiles),
}

impl Serialize for NegativeSets {
    /// Writes files alone as a table, and sets with or without files as a list.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let files = self.files.iter().cloned().map(Entry::Files);
        match &self.files {
            Some(files) if self.sets.is_empty() => files.serialize(serializer),
            _ => serializer.collect_seq(self.iter().map(Entry::Set).chain(files)),
        }
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneEntry;

        impl<'de> Visitor<'de> for OneEntry {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("negatives as \"KIND:N\", or a table with files")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Entry, E> {
                text.parse().map(Entry::Set).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
                NegativeFiles::deserialize(MapAccessDeserializer::new(map)).map(Entry::Files)
            }
        }

        deserializer.deserialize_any(OneEntry)
    }
}

impl<'de> Deserialize<'de> for NegativeSets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = NegativeSets;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of negatives as \"KIND:N\", or a table with files")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<NegativeSets, A::Error> {
                let files = NegativeFiles::deserialize(MapAccessDeserializer::new(map))?;
                NegativeSets::new(Vec::new(), Some(files)).map_err(A::Error::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<NegativeSets, A::Error> {
                let (mut sets, mut files) = (Vec::new(), None);
                while let Some(entry) = list.next_element()? {
                    match entry {
                        Entry::Set(set) => sets.push(set),
                        Entry::Files(_) if files.is_some() => {
                            let problem = "expected at most one table with files, found two";
                            return Err(A::Error::custom(problem));
                        }
                        Entry::Files(own) => files = Some(own),
                    }
                }
                NegativeSets::new(sets, files).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(Entries)
    }
}

impl JsonSchema for NegativeSets {
    fn schema_name() -> Cow<'static, str> {
        "NegativeSets".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let files = NegativeFiles::json_schema(generator);
        let list = Vec::<Entry>::json_schema(generator);
        json_schema!({ "anyOf": [list, files] })
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn a_set_stands_in_a_list_once() {
        let read = serde_json::from_str::<NegativeSets>;
        let sets = read(r#"["uniform:10", "uniform:1", "hard:10"]"#).expect("different sets");
        let names: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
        assert_eq!(names, ["uniform:10", "uniform:1", "hard:10"]);
        let message = read(r#"["hard:1", "uniform:10", "hard:1"]"#).expect_err("twice").to_string();
        assert!(message.contains("found duplicate hard:1"), "{message}");
    }

    #[test]
    fn files_stand_alone_or_in_a_list_of_sets() {
        let read = serde_json::from_str::<NegativeSets>;
        let alone = r#"{"validation":"v.npy","test":"t.npy"}"#;
        let sets = read(alone).expect("files");
        let files = sets.files().expect("files");
        let paths: Vec<_> = files.paths().collect();
        let [validation, test] = ["v.npy", "t.npy"].map(Path::new);
        assert_eq!(paths, [(Some(Part::Validation), validation), (Some(Part::Test), test)]);
        for text in [alone, r#"["uniform:10",{"file":"lists.parquet"}]"#, "[]", r#"["hard:5"]"#] {
            let sets = read(text).expect("negatives");
            assert_eq!(serde_json::to_string(&sets).expect("text"), text);
        }
        let refused = |text| read(text).expect_err("refused").to_string();
        assert!(
            refused(r#"["given:5"]"#).contains("lists of a file"),
            "{}",
            refused(r#"["given:5"]"#)
        );
        assert!(refused("{}").contains("found neither"), "{}", refused("{}"));
        let both = refused(r#"{"file":"a","test":"b"}"#);
        assert!(both.contains("found both"), "{both}");
        let twice = refused(r#"[{"file":"a"},{"file":"b"}]"#);
        assert!(twice.contains("found two"), "{twice}");
        refused(r#"{"tset":"a"}"#);
    }

    #[test]
    fn every_kind_has_a_definition_of_its_own() {
        let keys =
            NegativeKind::VARIANTS.iter().map(|&kind| definition(kind).0).collect::<Vec<_>>();
        assert_eq!(
            keys,
            [
                "uniform_negatives",
                "degree_matched_negatives",
                "corrupt_negatives",
                "hard_negatives",
                "given_negatives",
                "reversed_negatives"
            ]
        );
        for &kind in NegativeKind::VARIANTS {
            let (key, text) = definition(kind);
            assert!(text.starts_with(&format!("{key}/1 (")), "{text}");
        }
    }
}
