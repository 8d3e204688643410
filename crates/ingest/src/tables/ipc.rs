//! Columns of Arrow files for polars.

use arrow::array::AsArray;
use arrow::datatypes::{DataType, Float64Type, Int64Type, UInt64Type};
use arrow::error::ArrowError;
use polars::prelude::{
    BooleanChunked, Column, Float64Chunked, Int64Chunked, IntoColumn, NewChunkedArray,
    StringChunked, UInt64Chunked,
};

use crate::files::ArrowFile;

/// A column of one of the types that [`holds_values`](crate::files::holds_values) accepts.
pub(super) fn column(file: &ArrowFile, position: usize) -> Result<Column, ArrowError> {
    let name = file.schema.field(position).name().as_str().into();
    let pieces = file.values(position)?;
    Ok(match file.type_of_values(position) {
        DataType::Boolean => {
            let values = pieces.iter().flat_map(|piece| piece.as_boolean().iter());
            BooleanChunked::from_iter_options(name, values).into_column()
        }
        DataType::UInt64 => {
            let values = pieces.iter().flat_map(|piece| piece.as_primitive::<UInt64Type>().iter());
            UInt64Chunked::from_iter_options(name, values).into_column()
        }
        DataType::Int64 => {
            let values = pieces.iter().flat_map(|piece| piece.as_primitive::<Int64Type>().iter());
            Int64Chunked::from_iter_options(name, values).into_column()
        }
        DataType::Float64 => {
            let values = pieces.iter().flat_map(|piece| piece.as_primitive::<Float64Type>().iter());
            Float64Chunked::from_iter_options(name, values).into_column()
        }
        _ => {
            let values = pieces.iter().flat_map(|piece| piece.as_string::<i64>().iter());
            StringChunked::from_iter_options(name, values).into_column()
        }
    })
}
