//! Arrow tables in and out of Python, by the Arrow PyCapsule interface.

use std::ffi::CStr;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow::compute::concat;
use arrow::datatypes::{
    DataType, Field, Float32Type, Float64Type, Int64Type, Schema, SchemaRef, UInt32Type,
};
use arrow::ffi::FFI_ArrowSchema;
use arrow::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList};

use crate::error::{invalid, to_py};

const STREAM: &CStr = c"arrow_array_stream";
const SCHEMA: &CStr = c"arrow_schema";

/// An Arrow table. Any library with the Arrow PyCapsule interface takes it: `polars.DataFrame(table)`,
/// `pyarrow.table(table)`, `pandas.DataFrame.from_arrow(table)`.
#[pyclass(frozen, module = "vgae._core")]
pub(crate) struct Table {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Table {
    pub(crate) fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches }
    }

    /// A table of columns without nulls.
    pub(crate) fn of_columns(columns: Vec<(&str, ArrayRef)>) -> PyResult<Self> {
        let field =
            |(name, column): &(&str, ArrayRef)| Field::new(*name, column.data_type().clone(), true);
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let columns = columns.into_iter().map(|(_, column)| column).collect();
        let batch = RecordBatch::try_new(schema.clone(), columns).map_err(to_py)?;
        Ok(Self::new(schema, vec![batch]))
    }

    fn array(&self, name: &str) -> PyResult<ArrayRef> {
        let at = self.schema.index_of(name).map_err(|_| {
            let names = self.column_names().join(", ");
            PyKeyError::new_err(format!("column: expected one of {names}, found {name:?}"))
        })?;
        let chunks: Vec<&dyn Array> =
            self.batches.iter().map(|batch| batch.column(at).as_ref()).collect();
        match chunks.as_slice() {
            [] => Ok(arrow::array::new_empty_array(self.schema.field(at).data_type())),
            chunks => concat(chunks).map_err(to_py),
        }
    }
}

#[pymethods]
impl Table {
    /// The number of rows.
    #[getter]
    fn num_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The names of the columns.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.num_rows()
    }

    /// A column as a numpy array: of its type for numbers without missing values, else of objects.
    fn __getitem__<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let array = self.array(name)?;
        let plain = array.null_count() == 0;
        macro_rules! numbers {
            ($kind:ty) => {
                array.as_primitive::<$kind>().values().to_vec().into_pyarray(py).into_any()
            };
        }
        Ok(match array.data_type() {
            DataType::Float32 if plain => numbers!(Float32Type),
            DataType::Float64 if plain => numbers!(Float64Type),
            DataType::Int64 if plain => numbers!(Int64Type),
            DataType::UInt32 if plain => numbers!(UInt32Type),
            DataType::Boolean if plain => {
                let values: Vec<bool> = array.as_boolean().values().iter().collect();
                values.into_pyarray(py).into_any()
            }
            _ => {
                let values: Vec<Py<PyAny>> = objects(py, &array)?;
                PyArray1::from_vec(py, values).into_any()
            }
        })
    }

    /// The columns as lists, by name.
    fn to_pydict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyDict>> {
        let columns = pyo3::types::PyDict::new(py);
        for name in self.column_names() {
            columns.set_item(&name, PyList::new(py, objects(py, &self.array(&name)?)?)?)?;
        }
        Ok(columns)
    }

    /// Exports the table. `requested_schema` is not followed, as the interface allows.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        let batches = self.batches.clone().into_iter().map(Ok);
        let reader = RecordBatchIterator::new(batches, self.schema.clone());
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), STREAM)
    }

    /// Exports the schema.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.schema.as_ref()).map_err(to_py)?;
        PyCapsule::new_with_value(py, schema, SCHEMA)
    }

    fn __repr__(&self) -> String {
        let fields = self.schema.fields().iter();
        let columns = fields.map(|field| format!("{}: {}", field.name(), field.data_type()));
        let columns = columns.collect::<Vec<_>>().join(", ");
        format!("<vgae.Table of {} rows ({columns})>", self.num_rows())
    }
}

/// The values of an array as Python objects.
fn objects(py: Python<'_>, array: &ArrayRef) -> PyResult<Vec<Py<PyAny>>> {
    macro_rules! numbers {
        ($kind:ty) => {{
            let values = array.as_primitive::<$kind>().iter();
            values.map(|value| Ok(value.into_pyobject(py)?.unbind())).collect()
        }};
    }
    macro_rules! texts {
        ($values:expr) => {
            $values.iter().map(|value| Ok(value.into_pyobject(py)?.unbind())).collect()
        };
    }
    use arrow::datatypes::{Int32Type, UInt64Type};
    match array.data_type() {
        DataType::Float32 => numbers!(Float32Type),
        DataType::Float64 => numbers!(Float64Type),
        DataType::Int32 => numbers!(Int32Type),
        DataType::Int64 => numbers!(Int64Type),
        DataType::UInt32 => numbers!(UInt32Type),
        DataType::UInt64 => numbers!(UInt64Type),
        DataType::Boolean => {
            let value = |value: Option<bool>| match value {
                Some(value) => Ok(value.into_pyobject(py)?.to_owned().into_any().unbind()),
                None => Ok(py.None()),
            };
            array.as_boolean().iter().map(value).collect()
        }
        DataType::Utf8 => texts!(array.as_string::<i32>()),
        DataType::LargeUtf8 => texts!(array.as_string::<i64>()),
        DataType::Utf8View => texts!(array.as_string_view()),
        other => Err(invalid("column", "numbers, strings or booleans", other)),
    }
}

/// The columns with these names or places of an object with `__arrow_c_stream__`, each in one piece.
pub(crate) fn columns_of(object: &Bound<'_, PyAny>, wanted: &[Wanted]) -> PyResult<Vec<ArrayRef>> {
    let py = object.py();
    let capsule = object.call_method0("__arrow_c_stream__")?;
    let capsule = capsule.cast::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(STREAM))?;
    // SAFETY: a capsule of this name points to a stream that nothing else has taken; `from_raw` leaves a released one.
    let reader = unsafe { ArrowArrayStreamReader::from_raw(pointer.cast().as_ptr()) };
    let reader = reader.map_err(to_py)?;
    let schema = reader.schema();
    let places = wanted.iter().map(|wanted| wanted.place(&schema)).collect::<PyResult<Vec<_>>>()?;
    // A stream may call Python for its batches.
    let mut batches = Vec::new();
    for batch in reader {
        let batch = batch.map_err(to_py)?;
        batches.push(batch.project(&places).map_err(to_py)?);
    }
    py.detach(|| {
        let column = |at: usize| {
            let chunks: Vec<&dyn Array> =
                batches.iter().map(|batch| batch.column(at).as_ref()).collect();
            match chunks.as_slice() {
                [] => Ok(arrow::array::new_empty_array(schema.field(places[at]).data_type())),
                [_] => Ok(batches[0].column(at).clone()),
                chunks => concat(chunks).map_err(to_py),
            }
        };
        (0..places.len()).map(column).collect()
    })
}

/// A column of a table.
pub(crate) enum Wanted {
    /// By name.
    Name(String),
    /// By place, if no name is given.
    Place(usize),
}

impl Wanted {
    fn place(&self, schema: &Schema) -> PyResult<usize> {
        let names = || schema.fields().iter().map(|field| format!("`{}`", field.name()));
        let listed = || names().collect::<Vec<_>>().join(", ");
        match self {
            Self::Name(name) => schema.index_of(name).map_err(|_| {
                invalid("edges", &format!("one of the columns {}", listed()), format!("`{name}`"))
            }),
            Self::Place(place) if *place < schema.fields().len() => Ok(*place),
            Self::Place(_) => Err(invalid(
                "edges",
                "a table of at least two columns, sources and targets",
                listed(),
            )),
        }
    }
}
