//! The extension module `vgae._core`: graphs, splits, training and queries for the Python package `vgae`, whose public
//! names are in `python/vgae`. Values cross the boundary as numpy arrays, Arrow streams and JSON.

mod arrays;
mod command;
mod error;
mod files;
mod graph;
mod ids;
mod methods;
mod model;
mod runs;
mod samples;
mod split;
mod table;
mod wait;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("Error", py.get_type::<error::Error>())?;
    module.add_class::<graph::Graph>()?;
    module.add_class::<split::Split>()?;
    module.add_class::<model::Model>()?;
    module.add_class::<samples::SampleModel>()?;
    module.add_class::<table::Table>()?;
    module.add_function(wrap_pyfunction!(methods::methods, module)?)?;
    module.add_function(wrap_pyfunction!(methods::check, module)?)?;
    module.add_function(wrap_pyfunction!(methods::has_direction, module)?)?;
    module.add_function(wrap_pyfunction!(runs::run, module)?)?;
    module.add_function(wrap_pyfunction!(runs::read_parquet, module)?)?;
    module.add_function(wrap_pyfunction!(runs::read_embedding, module)?)?;
    module.add_function(wrap_pyfunction!(runs::read_samples, module)?)?;
    module.add_function(wrap_pyfunction!(runs::predict, module)?)?;
    module.add_function(wrap_pyfunction!(runs::neighbors, module)?)?;
    module.add_function(wrap_pyfunction!(command::main, module)?)?;
    Ok(())
}
