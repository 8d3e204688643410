use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table, required};
use crate::{ArtifactError, Kind, NegativeKind, NegativeSet, Pair, Part, Provenance, Result};

/// Hard or given negatives of the held-out edges of one part, one list per edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HardNegatives {
    /// Requested set.
    pub set: NegativeSet,
    /// Validation or test.
    pub part: Part,
    /// One list per edge of the part, in the order of the split.
    pub lists: Vec<Vec<Pair>>,
}

impl HardNegatives {
    pub(crate) fn fields() -> Vec<Field> {
        vec![
            required(
                "set",
                DataType::Utf8,
                "as configured, such as `hard:100`; `given:N` for lists of a file, N the length of the longest",
            ),
            required("part", DataType::Utf8, "val or test"),
            required(
                "edge",
                DataType::UInt32,
                "index of the edge among the edges of its part in `split.parquet`",
            ),
            required("src", DataType::UInt32, "index of the first node"),
            required("dst", DataType::UInt32, "index of the second node"),
        ]
    }

    /// Writes `hard-negatives.parquet`: `set`, `part` utf8, `edge` u32 (index of the edge within its part),
    /// `src`, `dst` u32.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(all: &[Self], path: &Path, provenance: &Provenance) -> Result<()> {
        let rows: Vec<(&Self, u32, Pair)> = all
            .iter()
            .flat_map(|own| {
                let lists = (0u32..).zip(&own.lists);
                lists.flat_map(move |(edge, list)| list.iter().map(move |&pair| (own, edge, pair)))
            })
            .collect();
        let rows = || rows.iter();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(rows().map(|(own, ..)| own.set.to_string()))),
            Arc::new(StringArray::from_iter_values(rows().map(|(own, ..)| <&str>::from(own.part)))),
            Arc::new(UInt32Array::from_iter_values(rows().map(|&(_, edge, _)| edge))),
            Arc::new(UInt32Array::from_iter_values(rows().map(|(.., pair)| pair.src))),
            Arc::new(UInt32Array::from_iter_values(rows().map(|(.., pair)| pair.dst))),
        ];
        table::write_parquet(path, Kind::HardNegatives, Self::fields(), columns, &[], provenance)
    }

    /// Returns the sets of given negatives in a file of [`HardNegatives::write`].
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or contains a name that is not a
    /// set.
    pub fn given_sets(path: &Path) -> Result<Vec<NegativeSet>> {
        let table = Table::read_parquet(path, Kind::HardNegatives, &Self::fields())?;
        let names: BTreeSet<String> = table.strings("set")?.into_iter().flatten().collect();
        let set = |name: String| {
            let set = name.parse::<NegativeSet>();
            set.map_err(|error| ArtifactError::form(path, error.to_string(), name))
        };
        let sets = names.into_iter().map(set).collect::<Result<Vec<_>>>()?;
        Ok(sets.into_iter().filter(|set| set.kind() == NegativeKind::Given).collect())
    }

    /// Reads the lists of one set and part from a file of [`HardNegatives::write`], for a part with `edges`
    /// edges. Returns `None` if the file does not contain the set.
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or contains an edge index out of
    /// range.
    pub fn read(path: &Path, set: NegativeSet, part: Part, edges: usize) -> Result<Option<Self>> {
        let name = set.to_string();
        let table = Table::read_parquet(path, Kind::HardNegatives, &Self::fields())?;
        let mut lists = vec![Vec::new(); edges];
        let mut has_set = false;
        let rows = table.strings("set")?.into_iter().zip(table.parts("part")?);
        let rows = rows.zip(table.u32s("edge")?).zip(table.pairs()?);
        for (((of, in_part), edge), pair) in rows {
            if of.as_deref() != Some(name.as_str()) {
                continue;
            }
            has_set = true;
            if in_part != part {
                continue;
            }
            let Some(list) = lists.get_mut(edge as usize) else {
                let expected = format!("an edge below {edges} of part `{part}`");
                return Err(ArtifactError::form(path, expected, edge.to_string()));
            };
            list.push(pair);
        }
        Ok(has_set.then_some(Self { set, part, lists }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_back_by_set_and_part() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hard-negatives.parquet");
        let pair = Pair::new;
        let set = |text: &str| text.parse::<NegativeSet>().expect("a set");
        let of = |text: &str, part, lists| HardNegatives { set: set(text), part, lists };
        let all = [
            of("hard:2", Part::Validation, vec![vec![pair(0, 1)]]),
            of(
                "hard:2",
                Part::Test,
                vec![vec![pair(2, 3), pair(1, 4)], Vec::new(), vec![pair(0, 4)]],
            ),
            of("hard:9", Part::Test, vec![Vec::new(), vec![pair(1, 2)]]),
            of("given:2", Part::Test, vec![vec![pair(0, 2), pair(0, 2)]]),
        ];
        HardNegatives::write(&all, &path, &Provenance::of_stage("split")).expect("written");
        for own in &all {
            let read = HardNegatives::read(&path, own.set, own.part, own.lists.len());
            assert_eq!(read.expect("reads").as_ref(), Some(own));
        }
        assert_eq!(HardNegatives::read(&path, set("hard:3"), Part::Test, 3).expect("reads"), None);
        assert_eq!(HardNegatives::given_sets(&path).expect("reads"), [set("given:2")]);
        let error =
            HardNegatives::read(&path, set("hard:2"), Part::Test, 2).expect_err("an edge more");
        assert!(error.to_string().contains("an edge below 2"), "{error}");
    }
}
