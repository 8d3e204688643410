//! Named tensors in safetensors files, which Python and others read as they are.

use std::collections::HashMap;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::table::{check_version, provenance_json};
use crate::{ArtifactError, FORM_VERSION, Kind, Matrix, Provenance, Result, atomic};

const FORM: &str = "safetensors";
const HEADER_KEY: &str = "vgae";

/// An `f32` tensor of any number of dimensions, row-major, with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its name in the file.
    pub name: String,
    /// Its dimensions; their product is the number of values.
    pub shape: Vec<usize>,
    /// All values.
    pub values: Vec<f32>,
}

/// Writes tensors of any shapes, and `content` beside them, atomically. The same values give the same
/// bytes.
///
/// # Errors
/// When a shape does not fit its values, or the file cannot be written.
pub fn write_all<T: Serialize>(
    path: &Path,
    kind: Kind,
    tensors: &[Tensor],
    content: &T,
    provenance: &Provenance,
) -> Result<()> {
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|tensor| tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect())
        .collect();
    let mut views = Vec::new();
    for (tensor, bytes) in tensors.iter().zip(&bytes) {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)
            .map_err(ArtifactError::encode(FORM, path))?;
        views.push((&*tensor.name, view));
    }
    let content = serde_json::to_string(content).map_err(ArtifactError::encode(FORM, path))?;
    let header = format!(
        r#"{{"kind":"{kind}","version":{FORM_VERSION},"provenance":{},"content":{content}}}"#,
        provenance_json(provenance)
    );
    let metadata = HashMap::from([(HEADER_KEY.to_owned(), header)]);
    let bytes =
        safetensors::serialize(views, Some(metadata)).map_err(ArtifactError::encode(FORM, path))?;
    atomic::write(path, &bytes)
}

/// Reads what [`write_all`] wrote: the tensors in the order of their names, and the content.
///
/// # Errors
/// When the file is missing, damaged, of another kind, holds a tensor that is not `f32`, or lacks the
/// content.
pub fn read_all<T: DeserializeOwned>(path: &Path, kind: Kind) -> Result<(Vec<Tensor>, T)> {
    let bytes = std::fs::read(path).map_err(ArtifactError::io("read", path))?;
    let header = header(path, kind, &bytes)?.ok_or_else(|| {
        ArtifactError::form(path, format!("kind `{kind}`"), "no `vgae` header".to_owned())
    })?;
    let content = header.get("content").ok_or_else(|| {
        let expected = "a description of the model beside the tensors";
        ArtifactError::form(path, expected, "none: the file is of another method")
    })?;
    let content =
        serde_json::from_value(content.clone()).map_err(ArtifactError::decode(FORM, path))?;
    let file = SafeTensors::deserialize(&bytes).map_err(ArtifactError::decode(FORM, path))?;
    let mut tensors = Vec::new();
    for (name, view) in file.iter() {
        if view.dtype() != Dtype::F32 {
            let found = format!("{:?}", view.dtype());
            return Err(ArtifactError::form(path, format!("an F32 tensor `{name}`"), found));
        }
        let (name, shape) = (name.to_owned(), view.shape().to_vec());
        tensors.push(Tensor { name, shape, values: floats(view.data()) });
    }
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((tensors, content))
}

/// Writes two-dimensional `f32` tensors by name, atomically. The same values give the same bytes.
///
/// # Errors
/// When the file cannot be written.
pub fn write(
    path: &Path,
    kind: Kind,
    tensors: &[(&str, &Matrix)],
    provenance: &Provenance,
) -> Result<()> {
    atomic::write(path, &encode(path, kind, tensors, &provenance_json(provenance))?)
}

/// The bytes of a safetensors file. One metadata key only: the format stores them as a map, whose order
/// is not fixed.
fn encode(
    path: &Path,
    kind: Kind,
    tensors: &[(&str, &Matrix)],
    provenance: &str,
) -> Result<Vec<u8>> {
    let bytes: Vec<(&str, [usize; 2], Vec<u8>)> = tensors
        .iter()
        .map(|(name, matrix)| {
            let values = matrix.as_slice().iter().flat_map(|value| value.to_le_bytes()).collect();
            (*name, [matrix.rows(), matrix.cols()], values)
        })
        .collect();
    let mut views = Vec::new();
    for (name, shape, values) in &bytes {
        let view = TensorView::new(Dtype::F32, shape.to_vec(), values)
            .map_err(ArtifactError::encode(FORM, path))?;
        views.push((*name, view));
    }
    let header =
        format!(r#"{{"kind":"{kind}","version":{FORM_VERSION},"provenance":{provenance}}}"#);
    let metadata = HashMap::from([(HEADER_KEY.to_owned(), header)]);
    safetensors::serialize(views, Some(metadata)).map_err(ArtifactError::encode(FORM, path))
}

/// Where the tensors of a file come from, if it says so.
///
/// # Errors
/// When the file is missing, damaged or of another kind.
pub fn provenance(path: &Path, kind: Kind) -> Result<Option<Provenance>> {
    let bytes = std::fs::read(path).map_err(ArtifactError::io("read", path))?;
    let header = header(path, kind, &bytes)?;
    let said =
        header.and_then(|mut header| header.get_mut("provenance").map(serde_json::Value::take));
    said.map(serde_json::from_value).transpose().map_err(ArtifactError::decode(FORM, path))
}

/// Reads every tensor of a file that [`write()`] wrote, in the order of their names.
///
/// # Errors
/// When the file is missing, damaged, of another kind, or holds a tensor that is not `f32` or not
/// two-dimensional.
pub fn read(path: &Path, kind: Kind) -> Result<Vec<(String, Matrix)>> {
    let bytes = std::fs::read(path).map_err(ArtifactError::io("read", path))?;
    header(path, kind, &bytes)?;
    let file = SafeTensors::deserialize(&bytes).map_err(ArtifactError::decode(FORM, path))?;
    let mut tensors = file
        .iter()
        .map(|(name, view)| Ok((name.to_owned(), matrix(path, name, &view)?)))
        .collect::<Result<Vec<_>>>()?;
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(tensors)
}

/// The `vgae` header, of the right kind and version; files from elsewhere have none.
fn header(path: &Path, kind: Kind, bytes: &[u8]) -> Result<Option<serde_json::Value>> {
    let (_, header) =
        SafeTensors::read_metadata(bytes).map_err(ArtifactError::decode(FORM, path))?;
    let Some(text) = header.metadata().as_ref().and_then(|map| map.get(HEADER_KEY)) else {
        return Ok(None);
    };
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(ArtifactError::decode(FORM, path))?;
    if value["kind"] != <&str>::from(kind) {
        let found = format!("kind {}", value["kind"]);
        return Err(ArtifactError::form(path, format!("kind `{kind}`"), found));
    }
    check_version(path, kind, &value["version"].to_string())?;
    Ok(Some(value))
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|&word| f32::from_le_bytes(word)).collect()
}

fn matrix(path: &Path, name: &str, view: &TensorView<'_>) -> Result<Matrix> {
    let (Dtype::F32, &[rows, cols]) = (view.dtype(), view.shape()) else {
        return Err(ArtifactError::form(
            path,
            format!("a two-dimensional F32 tensor `{name}`"),
            format!("{:?} of shape {:?}", view.dtype(), view.shape()),
        ));
    };
    Matrix::from_row_major(rows, cols, floats(view.data())).map_err(|error| error.in_file(path))
}
