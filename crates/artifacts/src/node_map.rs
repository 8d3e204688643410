use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, UInt32Array};
use arrow::datatypes::{DataType, Field};

use crate::table::{self, Table, optional, required};
use crate::{ArtifactError, Kind, Provenance, Result};

/// Positions of nodes in two dimensions, as a report draws them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NodeMap {
    /// Nodes, ascending.
    pub nodes: Vec<u32>,
    /// Id of each.
    pub ids: Vec<String>,
    /// Class label of each, if it has one.
    pub labels: Vec<Option<String>>,
    /// Cluster of each, if clusters were looked for.
    pub clusters: Option<Vec<u32>>,
    /// Coordinates of each on the first two principal axes of the embedding.
    pub principal: Vec<[f32; 2]>,
    /// Coordinates of each on a map that keeps neighbours together.
    pub neighbour: Vec<[f32; 2]>,
}

impl NodeMap {
    fn fields() -> Vec<Field> {
        let number = |name, about| required(name, DataType::Float32, about);
        vec![
            required("node", DataType::UInt32, "index of the node, as in `nodes.parquet`"),
            required("id", DataType::Utf8, "id in the source, as text"),
            optional("label", DataType::Utf8, "class label, if there is one"),
            optional("cluster", DataType::UInt32, "cluster of the embedding by k-means, from 0"),
            number("pc_1", "first principal axis of the embedding"),
            number("pc_2", "second principal axis"),
            number("map_1", "first coordinate of the neighbour map"),
            number("map_2", "second coordinate of the neighbour map"),
        ]
    }

    /// Writes `map.parquet`: `node` and `cluster` u32, `id` and `label` utf8, `pc_1`, `pc_2`, `map_1`, `map_2` f32.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let encode = || ArtifactError::encode("Parquet", path);
        let ids = self.ids.iter().map(|id| Some(id.as_str()));
        let ids = table::strings("id", ids).map_err(encode())?;
        let labels = self.labels.iter().map(Option::as_deref);
        let labels = table::strings("label", labels).map_err(encode())?;
        let axis = |points: &[[f32; 2]], axis: usize| -> ArrayRef {
            Arc::new(Float32Array::from_iter_values(points.iter().map(|point| point[axis])))
        };
        let clusters = match &self.clusters {
            Some(clusters) => UInt32Array::from(clusters.clone()),
            None => UInt32Array::new_null(self.nodes.len()),
        };
        let columns = vec![
            Arc::new(UInt32Array::from(self.nodes.clone())) as ArrayRef,
            ids,
            labels,
            Arc::new(clusters),
            axis(&self.principal, 0),
            axis(&self.principal, 1),
            axis(&self.neighbour, 0),
            axis(&self.neighbour, 1),
        ];
        table::write_parquet(path, Kind::Map, Self::fields(), columns, &[], provenance)
    }

    /// Reads what [`NodeMap::write`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged or of another kind.
    pub fn read(path: &Path) -> Result<Self> {
        let table = Table::read_parquet(path, Kind::Map, &Self::fields())?;
        let points = |first: &str, second: &str| -> Result<Vec<[f32; 2]>> {
            let pairs = table.f32s(first)?.into_iter().zip(table.f32s(second)?);
            Ok(pairs.map(|(x, y)| [x.unwrap_or(0.0), y.unwrap_or(0.0)]).collect())
        };
        Ok(Self {
            nodes: table.u32s("node")?,
            ids: table.strings("id")?.into_iter().map(Option::unwrap_or_default).collect(),
            labels: table.strings("label")?,
            clusters: table.optional_u32s("cluster")?,
            principal: points("pc_1", "pc_2")?,
            neighbour: points("map_1", "map_2")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_reads_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("map.parquet");
        let map = NodeMap {
            nodes: vec![0, 2],
            ids: vec!["a".to_owned(), "c".to_owned()],
            labels: vec![Some("x".to_owned()), None],
            clusters: Some(vec![0, 1]),
            principal: vec![[0.5, 1.0], [-1.0, 2.0]],
            neighbour: vec![[3.0, 4.0], [5.0, 6.0]],
        };
        map.write(&path, &Provenance::of_stage("report")).expect("writes");
        assert_eq!(NodeMap::read(&path).expect("reads"), map);
        let map = NodeMap { clusters: None, ..map };
        map.write(&path, &Provenance::of_stage("report")).expect("writes");
        assert_eq!(NodeMap::read(&path).expect("reads"), map);
    }
}
