//! Named tensors in safetensors files, which Python and others read as they are.

use std::collections::HashMap;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::table::{check_version, provenance_json};
use crate::{ArtifactError, Kind, Matrix, Provenance, Result, atomic};

const FORM: &str = "safetensors";
const HEADER_KEY: &str = "vgae";

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
        format!(r#"{{"kind":"{kind}","version":{},"provenance":{provenance}}}"#, kind.version());
    let metadata = HashMap::from([(HEADER_KEY.to_owned(), header)]);
    safetensors::serialize(views, Some(metadata)).map_err(ArtifactError::encode(FORM, path))
}

/// Reads every tensor of a file that [`write()`] wrote, in the order of their names.
///
/// # Errors
/// When the file is missing, damaged, of another kind, or holds a tensor that is not `f32` or not
/// two-dimensional.
pub fn read(path: &Path, kind: Kind) -> Result<Vec<(String, Matrix)>> {
    let bytes = std::fs::read(path).map_err(ArtifactError::io("read", path))?;
    let (_, header) =
        SafeTensors::read_metadata(&bytes).map_err(ArtifactError::decode(FORM, path))?;
    if let Some(text) = header.metadata().as_ref().and_then(|map| map.get(HEADER_KEY)) {
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(ArtifactError::decode(FORM, path))?;
        if value["kind"] != kind.name() {
            return Err(ArtifactError::form(
                path,
                format!("kind `{kind}`"),
                format!("kind {}", value["kind"]),
            ));
        }
        check_version(path, kind, &value["version"].to_string())?;
    }
    let file = SafeTensors::deserialize(&bytes).map_err(ArtifactError::decode(FORM, path))?;
    let mut tensors = file
        .iter()
        .map(|(name, view)| Ok((name.to_owned(), matrix(path, name, &view)?)))
        .collect::<Result<Vec<_>>>()?;
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(tensors)
}

fn matrix(path: &Path, name: &str, view: &TensorView<'_>) -> Result<Matrix> {
    let (Dtype::F32, &[rows, cols]) = (view.dtype(), view.shape()) else {
        return Err(ArtifactError::form(
            path,
            format!("a two-dimensional F32 tensor `{name}`"),
            format!("{:?} of shape {:?}", view.dtype(), view.shape()),
        ));
    };
    let values = view
        .data()
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect();
    Matrix::from_row_major(rows, cols, values).map_err(|error| error.in_file(path))
}
