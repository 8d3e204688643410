//! Named tensors in safetensors files, readable by Python and other languages.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::table::{check_version, provenance_json};
use crate::{ArtifactError, FORM_VERSION, Kind, Matrix, Provenance, Result, atomic, regular};

const FORM: &str = "safetensors";
const HEADER_KEY: &str = "vgae";

/// Named `f32` tensor with any number of dimensions, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Name in the file.
    pub name: String,
    /// Dimensions; their product is the number of values.
    pub shape: Vec<usize>,
    /// Values, row-major.
    pub values: Vec<f32>,
}

/// Writes tensors of any shapes together with `content`, atomically. The same values produce the same bytes.
///
/// # Errors
/// Returns an error when a shape does not match its values, or the file cannot be written.
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

/// Reads a file of [`write_all`]: the tensors in the order of their names, and the content.
///
/// # Errors
/// Returns an error when the file is missing, damaged, of another kind, contains a tensor that is not `f32`,
/// or lacks the content.
pub fn read_all<T: DeserializeOwned>(path: &Path, kind: Kind) -> Result<(Vec<Tensor>, T)> {
    let bytes = regular::read(path).map_err(ArtifactError::io("read", path))?;
    let content = content(path, kind, header(path, kind, &bytes)?)?;
    Ok((values(path, &bytes)?, content))
}

/// Reads the content of the header of a file of [`write_all`], and none of its tensors.
///
/// # Errors
/// Returns an error when the file is missing, its header is damaged or of another kind, or it lacks the content.
pub fn read_content<T: DeserializeOwned>(path: &Path, kind: Kind) -> Result<T> {
    /// Longer headers belong to files with more tensors than any method has.
    const MOST_HEADER_BYTES: u64 = 1 << 24;
    let mut file = regular::open(path).map_err(ArtifactError::io("read", path))?;
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(ArtifactError::io("read", path))?;
    let length = u64::from_le_bytes(length);
    if length > MOST_HEADER_BYTES {
        let expected = format!("a header of at most {MOST_HEADER_BYTES} bytes");
        return Err(ArtifactError::form(path, expected, length.to_string()));
    }
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).map_err(ArtifactError::io("read", path))?;
    let header: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(ArtifactError::decode(FORM, path))?;
    let text = header["__metadata__"][HEADER_KEY].as_str();
    content(path, kind, text.map(|text| own_header(path, kind, text)).transpose()?)
}

/// Returns the content of a `vgae` header.
fn content<T: DeserializeOwned>(
    path: &Path,
    kind: Kind,
    header: Option<serde_json::Value>,
) -> Result<T> {
    let mut header = header.ok_or_else(|| {
        ArtifactError::form(path, format!("kind `{kind}`"), "no `vgae` header".to_owned())
    })?;
    let content = header.get_mut("content").map(serde_json::Value::take).ok_or_else(|| {
        let expected = "a model description in the header";
        ArtifactError::form(path, expected, "none; the file belongs to another method")
    })?;
    serde_json::from_value(content).map_err(ArtifactError::decode(FORM, path))
}

/// Reads every tensor of a file in the order of their names, whatever else its header contains.
///
/// # Errors
/// Returns an error when the file is missing, damaged, of another kind, or contains a tensor that is not
/// `f32`.
pub fn read_values(path: &Path, kind: Kind) -> Result<Vec<Tensor>> {
    let bytes = regular::read(path).map_err(ArtifactError::io("read", path))?;
    header(path, kind, &bytes)?;
    values(path, &bytes)
}

fn values(path: &Path, bytes: &[u8]) -> Result<Vec<Tensor>> {
    let file = SafeTensors::deserialize(bytes).map_err(ArtifactError::decode(FORM, path))?;
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
    Ok(tensors)
}

/// Writes two-dimensional `f32` tensors by name, atomically. The same values produce the same bytes.
///
/// # Errors
/// Returns an error when the file cannot be written.
pub fn write(
    path: &Path,
    kind: Kind,
    tensors: &[(&str, &Matrix)],
    provenance: &Provenance,
) -> Result<()> {
    atomic::write(path, &encode(path, kind, tensors, &provenance_json(provenance))?)
}

/// Encodes a safetensors file. There is only one metadata key, since the format stores them as a map without
/// a fixed order.
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

/// Returns the provenance of a file, if present.
///
/// # Errors
/// Returns an error when the file is missing, damaged or of another kind.
pub fn provenance(path: &Path, kind: Kind) -> Result<Option<Provenance>> {
    let bytes = regular::read(path).map_err(ArtifactError::io("read", path))?;
    let header = header(path, kind, &bytes)?;
    let said =
        header.and_then(|mut header| header.get_mut("provenance").map(serde_json::Value::take));
    said.map(serde_json::from_value).transpose().map_err(ArtifactError::decode(FORM, path))
}

/// Reads every tensor of a file of [`write()`], in the order of their names.
///
/// # Errors
/// Returns an error when the file is missing, damaged, of another kind, or contains a tensor that is not
/// `f32` or not two-dimensional.
pub fn read(path: &Path, kind: Kind) -> Result<Vec<(String, Matrix)>> {
    let bytes = regular::read(path).map_err(ArtifactError::io("read", path))?;
    header(path, kind, &bytes)?;
    let file = SafeTensors::deserialize(&bytes).map_err(ArtifactError::decode(FORM, path))?;
    let mut tensors = file
        .iter()
        .map(|(name, view)| Ok((name.to_owned(), matrix(path, name, &view)?)))
        .collect::<Result<Vec<_>>>()?;
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(tensors)
}

/// Returns the `vgae` header after validation of kind and version; `None` for files of other tools.
fn header(path: &Path, kind: Kind, bytes: &[u8]) -> Result<Option<serde_json::Value>> {
    let (_, header) =
        SafeTensors::read_metadata(bytes).map_err(ArtifactError::decode(FORM, path))?;
    let Some(text) = header.metadata().as_ref().and_then(|map| map.get(HEADER_KEY)) else {
        return Ok(None);
    };
    own_header(path, kind, text).map(Some)
}

/// Parses a `vgae` header and validates kind and version.
fn own_header(path: &Path, kind: Kind, text: &str) -> Result<serde_json::Value> {
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(ArtifactError::decode(FORM, path))?;
    if value["kind"] != <&str>::from(kind) {
        let found = format!("kind {}", value["kind"]);
        return Err(ArtifactError::form(path, format!("kind `{kind}`"), found));
    }
    check_version(path, kind, &value["version"].to_string())?;
    Ok(value)
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
