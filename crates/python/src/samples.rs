//! Auto-encoders of samples: rows of numbers without a graph.

use std::path::{Path, PathBuf};

use numpy::{PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use vgae::{ModelConfig, Seed};
use vgae_artifacts::{
    EpochRecord, History, Matrix, Provenance, SampleSplit, SampleValues, SampleView, Samples, names,
};
use vgae_autoencoder::{AutoEncoder, AutoEncoderConfig, fit_samples};
use vgae_model::FitOptions;
use vgae_pipeline::generate::prior_codes;
use vgae_pipeline::machine;

use crate::arrays;
use crate::error::{invalid, to_py};
use crate::files::{Files, pack, unpack};
use crate::methods;
use crate::model::history_table;
use crate::table::Table;
use crate::wait;

/// Rows of samples from Python.
#[derive(FromPyObject)]
pub(crate) enum GivenSamples<'py> {
    /// Pixels, which models see divided by 255.
    Bytes(PyReadonlyArray2<'py, u8>),
    Reals(PyReadonlyArray2<'py, f32>),
}

impl GivenSamples<'_> {
    fn shape(&self) -> (usize, usize) {
        match self {
            Self::Bytes(array) => array.as_array().dim(),
            Self::Reals(array) => array.as_array().dim(),
        }
    }

    /// Returns the rows of both arrays, one after the other.
    fn samples(&self, more: Option<&Self>) -> PyResult<Samples> {
        let (rows, columns) = self.shape();
        let (more_rows, more_columns) = more.map_or((0, columns), Self::shape);
        if more_columns != columns {
            return Err(invalid("validation", &format!("{columns} columns"), more_columns));
        }
        let values = match (self, more) {
            (Self::Bytes(array), None) => {
                SampleValues::Bytes { columns, data: slice(array)?.to_vec() }
            }
            (Self::Bytes(array), Some(Self::Bytes(more))) => {
                let data = [slice(array)?, slice(more)?].concat();
                SampleValues::Bytes { columns, data }
            }
            (Self::Reals(array), None) => real(rows, columns, slice(array)?.to_vec())?,
            (Self::Reals(array), Some(Self::Reals(more))) => {
                let data = [slice(array)?, slice(more)?].concat();
                real(rows + more_rows, columns, data)?
            }
            _ => {
                let found = "bytes and other numbers";
                return Err(invalid("validation", "the type of the training samples", found));
            }
        };
        Samples::new(values, None, None).map_err(to_py)
    }
}

fn slice<'a, T: numpy::Element>(array: &'a PyReadonlyArray2<'_, T>) -> PyResult<&'a [T]> {
    array.as_slice().map_err(|error| invalid("samples", "a contiguous array", error))
}

fn real(rows: usize, columns: usize, data: Vec<f32>) -> PyResult<SampleValues> {
    Ok(SampleValues::Reals(Matrix::from_row_major(rows, columns, data).map_err(to_py)?))
}

/// A trained auto-encoder of samples.
#[pyclass(frozen, module = "vgae._core")]
pub(crate) struct SampleModel {
    config: ModelConfig,
    model: AutoEncoder,
    history: History,
}

/// Returns the configuration of a method of samples, and the weight of its prior.
fn of_samples(config: &ModelConfig) -> PyResult<(&AutoEncoderConfig, Option<f64>)> {
    let found = config.method();
    config.of_samples().ok_or_else(|| invalid("method", "`ae` or `vae`", format!("`{found}`")))
}

#[pymethods]
impl SampleModel {
    /// Trains a method. `progress` is called with the epoch, their number, and the loss.
    #[staticmethod]
    #[pyo3(signature = (train, validation, method, options, seed, progress=None))]
    fn fit(
        py: Python<'_>,
        train: GivenSamples<'_>,
        validation: Option<GivenSamples<'_>>,
        method: &str,
        options: &str,
        seed: u64,
        progress: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let config = methods::config(method, options)?;
        let (hyper_parameters, beta) = of_samples(&config)?;
        let samples = train.samples(validation.as_ref())?;
        let count = |rows: usize| {
            u32::try_from(rows).map_err(|_| invalid("samples", "at most 2^32 - 1 rows", rows))
        };
        let (trained_on, all) = (count(train.shape().0)?, count(samples.len())?);
        let split = SampleSplit {
            train: (0..trained_on).collect(),
            validation: (trained_on..all).collect(),
            test: Vec::new(),
        };
        let fitted = wait::run(py, progress.as_ref(), |shared| {
            let view = SampleView::new(&samples, &split)?;
            let mut callback = wait::Training::new(shared, None);
            let (seed, options) = (Seed(seed), FitOptions::default());
            fit_samples(view, hyper_parameters, beta, seed, options, &mut callback)
        })?
        .map_err(to_py)?;
        Ok(Self { model: fitted.model, history: fitted.history, config })
    }

    /// Reads the method of a run. `config` is its configuration as JSON, with `method`.
    #[staticmethod]
    fn from_folder(config: &str, folder: PathBuf) -> PyResult<Self> {
        let config = serde_json::from_str(config)
            .map_err(|error| invalid("model", "the configuration of a method", error))?;
        of_samples(&config)?;
        let model = AutoEncoder::read(&folder.join(names::WEIGHTS)).map_err(to_py)?;
        let (history, _) = History::read_chosen(&folder.join(names::HISTORY)).map_err(to_py)?;
        Ok(Self { config, model, history })
    }

    #[staticmethod]
    fn from_state(config: &str, files: Files<'_>) -> PyResult<Self> {
        unpack(&files, |folder| Self::from_folder(config, folder.to_owned()))
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (String, Files<'py>))> {
        let this = slf.get();
        let provenance = Provenance::of_stage("train");
        let write = |folder: &Path| {
            this.model.write(&folder.join(names::WEIGHTS), &provenance).map_err(to_py)?;
            this.history.write(&folder.join(names::HISTORY), &provenance).map_err(to_py)
        };
        let state = (this.config()?, pack(slf.py(), write)?);
        Ok((slf.get_type().getattr("from_state")?, state))
    }

    /// The configuration as JSON: `method` and all hyper-parameters.
    fn config(&self) -> PyResult<String> {
        serde_json::to_string(&self.config).map_err(to_py)
    }

    /// The number of values per sample.
    #[getter]
    fn columns(&self) -> usize {
        self.model.columns()
    }

    /// The epoch whose weights were kept, if epochs are selected: that of the lowest validation loss.
    #[getter]
    fn best_epoch(&self) -> PyResult<Option<u32>> {
        if of_samples(&self.config)?.0.patience == 0 {
            return Ok(None);
        }
        let records = self.history.0.iter();
        let measured = records.filter_map(|record| Some((record.epoch, record.validation_loss?)));
        Ok(measured.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(epoch, _)| epoch))
    }

    /// A row per epoch: `epoch`, `loss`, `reconstruction`, `kl`, `val_loss`, `seconds`.
    fn history(&self) -> PyResult<Table> {
        let loss: fn(&EpochRecord) -> Option<f64> = |record| record.validation_loss;
        history_table(&self.history, &[("val_loss", loss)])
    }

    /// The codes of samples, and the logarithms of their standard deviations of a variational method: `rows x latent`.
    fn encode<'py>(
        &self,
        py: Python<'py>,
        samples: GivenSamples<'_>,
    ) -> PyResult<(Bound<'py, PyArray2<f32>>, Option<Bound<'py, PyArray2<f32>>>)> {
        let samples = samples.samples(None)?;
        let codes = wait::run(py, None, |_| self.model.encode(samples.values()))?;
        let codes = codes.map_err(to_py)?;
        let sigma = codes.log_sigma().map(|sigma| arrays::copy(py, sigma)).transpose()?;
        Ok((arrays::copy(py, codes.mu())?, sigma))
    }

    /// Decodes codes: `rows x columns`.
    fn decode<'py>(
        &self,
        py: Python<'py>,
        codes: PyReadonlyArray2<'_, f32>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let (rows, columns) = codes.as_array().dim();
        let codes =
            Matrix::from_row_major(rows, columns, slice(&codes)?.to_vec()).map_err(to_py)?;
        let decoded = wait::run(py, None, |_| self.model.decode(&codes))?.map_err(to_py)?;
        arrays::copy(py, &decoded)
    }

    /// The metrics of `metrics.json` on samples, as JSON.
    fn measure(&self, py: Python<'_>, samples: GivenSamples<'_>) -> PyResult<String> {
        let samples = samples.samples(None)?;
        let metrics =
            wait::run(py, None, |_| vgae_pipeline::measure_samples(&self.model, &samples))?;
        serde_json::to_string(&metrics.map_err(to_py)?).map_err(to_py)
    }

    /// Draws codes from the prior and decodes them: `count x columns`, as `vgae generate` does.
    fn sample<'py>(
        &self,
        py: Python<'py>,
        count: usize,
        seed: u64,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        if !self.model.is_variational() {
            let expected = "method `vae`, whose codes have a prior to draw from";
            return Err(invalid("sample", expected, "`ae`, whose codes have none"));
        }
        // Codes, what they are decoded to, and the array of it.
        let row = 4 * (self.model.latent() + 2 * self.model.columns()) as u64;
        let most = machine::available_memory_bytes().map_or(u64::MAX, |bytes| bytes / row);
        if count as u64 > most {
            let expected = format!("at most {most}, for which there is memory");
            return Err(invalid("n_samples", &expected, count));
        }
        let codes = prior_codes(count, self.model.latent(), Seed(seed));
        let decoded = wait::run(py, None, |_| self.model.decode(&codes))?.map_err(to_py)?;
        arrays::copy(py, &decoded)
    }
}
