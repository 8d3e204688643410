use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, UInt32Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table, required};
use crate::{ArtifactError, Kind, Provenance, Result};

/// Sparse node features: a `node_count x feature_count` matrix in compressed sparse rows (CSR), with finite
/// values and ascending columns within a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    feature_count: usize,
    row_starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
    names: Option<Vec<String>>,
}

impl Features {
    /// Creates features from compressed rows: `row_starts` has one entry more than there are nodes.
    ///
    /// # Errors
    /// Returns an error when the row pointers are inconsistent, `feature_count` exceeds `u32::MAX`, a column
    /// is not below it, columns within a row are not ascending, or a value is NaN or infinite.
    pub fn from_rows(
        feature_count: usize,
        row_starts: Vec<usize>,
        columns: Vec<u32>,
        values: Vec<f32>,
    ) -> Result<Self> {
        if u32::try_from(feature_count).is_err() {
            let expected = format!("at most {} features", u32::MAX);
            return Err(ArtifactError::invalid("features", expected, feature_count.to_string()));
        }
        let sound = row_starts.first() == Some(&0)
            && row_starts.last() == Some(&columns.len())
            && columns.len() == values.len()
            && row_starts.is_sorted();
        if !sound {
            return Err(ArtifactError::invalid(
                "features",
                format!("row pointers from 0 up to {} entries", values.len()),
                format!(
                    "{} pointers from {:?} to {:?}, {} columns",
                    row_starts.len(),
                    row_starts.first(),
                    row_starts.last(),
                    columns.len()
                ),
            ));
        }
        for (node, bounds) in row_starts.windows(2).enumerate() {
            let row = bounds[0]..bounds[1];
            for at in row.clone() {
                let (column, value) = (columns[at], values[at]);
                if column as usize >= feature_count || (at > row.start && columns[at - 1] >= column)
                {
                    return Err(ArtifactError::invalid(
                        format!("features of node {node}"),
                        format!("ascending feature indices below {feature_count}"),
                        format!("index {column}"),
                    ));
                }
                if !value.is_finite() {
                    return Err(ArtifactError::invalid(
                        format!("feature {column} of node {node}"),
                        "a finite number",
                        value.to_string(),
                    ));
                }
            }
        }
        Ok(Self { feature_count, row_starts, columns, values, names: None })
    }

    /// Adds a name per feature: for a table, the names of its columns.
    ///
    /// # Errors
    /// Returns an error when the number of names differs from that of features.
    pub fn with_names(self, names: Vec<String>) -> Result<Self> {
        if names.len() != self.feature_count {
            return Err(ArtifactError::invalid(
                "names of features",
                format!("{} names", self.feature_count),
                names.len().to_string(),
            ));
        }
        Ok(Self { names: Some(names), ..self })
    }

    /// Renumbers the features as in `known`, by name: `N x known.feature_count()`. Features that `known`
    /// lacks are dropped. Without names on either side, the number of features must be equal, and they are
    /// unchanged.
    ///
    /// # Errors
    /// Returns the first few names of `known` that are missing here.
    pub fn numbered_as(self, known: &Self) -> std::result::Result<Self, Vec<String>> {
        const SHOWN: usize = 8;
        let (Some(names), Some(known_names)) = (self.names(), known.names()) else {
            let same = self.feature_count == known.feature_count;
            return if same { Ok(self) } else { Err(Vec::new()) };
        };
        if names == known_names {
            return Ok(self);
        }
        let found: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
        let mut places: Vec<Option<u32>> = vec![None; names.len()];
        let mut missing = Vec::new();
        for (name, number) in known_names.iter().zip(0..) {
            match found.get(name.as_str()) {
                Some(&place) => places[place] = Some(number),
                None if missing.len() < SHOWN => missing.push(name.clone()),
                None => {}
            }
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        let (mut row_starts, mut columns, mut values) = (vec![0], Vec::new(), Vec::new());
        for node in 0..self.node_count() {
            let row = self.row(node).filter_map(|(at, value)| Some((places[at as usize]?, value)));
            let mut row: Vec<(u32, f32)> = row.collect();
            row.sort_unstable_by_key(|&(column, _)| column);
            columns.extend(row.iter().map(|&(column, _)| column));
            values.extend(row.iter().map(|&(_, value)| value));
            row_starts.push(values.len());
        }
        let names = Some(known_names.to_vec());
        Ok(Self { feature_count: known.feature_count, row_starts, columns, values, names })
    }

    /// Returns the names of the features, if any.
    #[must_use]
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// Returns the number of nodes (rows).
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.row_starts.len() - 1
    }

    /// Returns the number of features (columns).
    #[must_use]
    pub fn feature_count(&self) -> usize {
        self.feature_count
    }

    /// Returns the start of each row in [`Features::columns`] and [`Features::values`]; one entry more than
    /// rows.
    #[must_use]
    pub fn row_starts(&self) -> &[usize] {
        &self.row_starts
    }

    /// Returns the column of each stored value.
    #[must_use]
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// Returns the stored values.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Returns the stored entries of one node: `(feature, value)`.
    ///
    /// # Panics
    /// Panics when `node` is not below the number of nodes.
    pub fn row(&self, node: usize) -> impl Iterator<Item = (u32, f32)> + '_ {
        let range = self.row_starts[node]..self.row_starts[node + 1];
        self.columns[range.clone()].iter().copied().zip(self.values[range].iter().copied())
    }

    pub(crate) fn fields() -> Vec<Field> {
        vec![
            required("node", DataType::UInt32, "index of the node"),
            required("feature", DataType::UInt32, "index of the feature"),
            required("value", DataType::Float32, "value of the feature, not 0"),
        ]
    }

    /// Writes `features.parquet`: `node` u32, `feature` u32, `value` f32, sorted. The metadata contain the
    /// shape, since trailing nodes or features may be empty, and the names as a JSON list.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let mut nodes = Vec::with_capacity(self.values.len());
        for (node, bounds) in (0u32..).zip(self.row_starts.windows(2)) {
            nodes.extend(std::iter::repeat_n(node, bounds[1] - bounds[0]));
        }
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from(nodes)),
            Arc::new(UInt32Array::from(self.columns.clone())),
            Arc::new(Float32Array::from(self.values.clone())),
        ];
        let mut facts = vec![
            ("node_count", self.node_count().to_string()),
            ("feature_count", self.feature_count.to_string()),
        ];
        if let Some(names) = &self.names {
            let names =
                serde_json::to_string(names).map_err(ArtifactError::encode("JSON", path))?;
            facts.push(("feature_names", names));
        }
        table::write_parquet(path, Kind::Features, Self::fields(), columns, &facts, provenance)
    }

    /// Reads a file of [`Features::write`], or a table with the same columns from another tool (the number of
    /// features is then one more than the largest index).
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or violates a rule of
    /// [`Features::from_rows`].
    pub fn read(path: &Path, node_count: usize) -> Result<Self> {
        let table = Table::read_parquet(path, Kind::Features, &Self::fields())?;
        let nodes = table.u32s("node")?;
        let columns = table.u32s("feature")?;
        let values: Vec<f32> =
            table.f32s("value")?.into_iter().map(Option::unwrap_or_default).collect();
        if !nodes.is_sorted() {
            return Err(ArtifactError::invalid(
                "column `node`",
                "rows sorted by node",
                "an unsorted column",
            )
            .in_file(path));
        }
        if let Some(&last) = nodes.last().filter(|&&last| last as usize >= node_count) {
            return Err(ArtifactError::invalid(
                "column `node`",
                format!("node indices below {node_count}"),
                last.to_string(),
            )
            .in_file(path));
        }
        let largest = columns.iter().max().map_or(0, |&largest| largest as usize + 1);
        let feature_count = table.count_fact("feature_count")?.unwrap_or(largest);
        let mut row_starts = vec![0usize; node_count + 1];
        for node in nodes {
            row_starts[node as usize + 1] += 1;
        }
        for node in 0..node_count {
            row_starts[node + 1] += row_starts[node];
        }
        let features = Self::from_rows(feature_count, row_starts, columns, values);
        let names = table.fact("feature_names").map(serde_json::from_str).transpose();
        let names = names.map_err(ArtifactError::decode("Parquet", path))?;
        let named = match names {
            Some(names) => features.and_then(|features| features.with_names(names)),
            None => features,
        };
        named.map_err(|error| error.in_file(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(names: &[&str], rows: &[&[f32]]) -> Features {
        let columns = (0u32..).take(names.len());
        let columns = columns.cycle().take(rows.len() * names.len()).collect();
        let starts = (0..=rows.len()).map(|row| row * names.len()).collect();
        let values = rows.concat();
        let features = Features::from_rows(names.len(), starts, columns, values).expect("features");
        features.with_names(names.iter().map(ToString::to_string).collect()).expect("as many")
    }

    #[test]
    fn features_are_found_by_name() {
        let known = features(&["a", "b"], &[&[1.0, 2.0]]);
        let other = features(&["b", "x", "a"], &[&[2.0, 9.0, 1.0], &[4.0, 9.0, 3.0]]);
        let same = features(&["a", "b"], &[&[1.0, 2.0], &[3.0, 4.0]]);
        assert_eq!(other.numbered_as(&known).expect("both are there"), same);
        let lacking = features(&["a", "c"], &[&[1.0, 2.0]]);
        assert_eq!(lacking.numbered_as(&known), Err(vec!["b".to_owned()]));
        let (two, three) = (
            Features::from_rows(2, vec![0], vec![], vec![]),
            Features::from_rows(3, vec![0], vec![], vec![]),
        );
        let (two, three) = (two.expect("empty"), three.expect("empty"));
        assert_eq!(two.clone().numbered_as(&known), Ok(two));
        assert_eq!(three.numbered_as(&known), Err(Vec::new()));
    }
}
