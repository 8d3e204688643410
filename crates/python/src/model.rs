//! Trained methods.

use std::path::Path;

use arrow::array::{ArrayRef, BooleanArray, Float32Array, Float64Array, StringArray, UInt32Array};
use numpy::{IntoPyArray, PyArray2};
use pyo3::prelude::*;
use std::sync::Arc;
use vgae::{
    EvalConfig, FitInput, MlpDecoder, ModelConfig, ModelView, Pair, PairModel, Seed, Similarity,
};
use vgae_artifacts::{Chosen, Embedding, EpochRecord, History, Provenance, names};
use vgae_eval::Calibration;
use vgae_model::{Diagnostics, Learned};
use vgae_pipeline::query::{self, Prediction, Shares, TrainedGraph, Wanted};

use crate::arrays;
use crate::error::{invalid, to_py};
use crate::files::{Files, pack, unpack};
use crate::graph::Graph;
use crate::ids::{GivenIds, id_column};
use crate::methods;
use crate::split::Split;
use crate::table::Table;
use crate::wait;

/// A trained method with the split it was trained on.
#[pyclass(frozen, module = "vgae._core")]
pub(crate) struct Model {
    split: Py<Split>,
    config: ModelConfig,
    trained: Trained,
}

/// The results of a training that queries need.
struct Trained {
    weights: Option<Learned>,
    embedding: Option<Embedding>,
    history: History,
    chosen: Option<Chosen>,
    pair_model: Option<PairModel>,
    decoder: Option<MlpDecoder>,
}

impl Trained {
    fn new(
        encoder: Option<(Learned, Embedding, History, Option<Chosen>)>,
        pair_model: Option<PairModel>,
    ) -> PyResult<Self> {
        let (weights, embedding, history, chosen) = match encoder {
            Some((weights, embedding, history, chosen)) => {
                (Some(weights), Some(embedding), history, chosen)
            }
            None => (None, None, History::default(), None),
        };
        let decoder = match &weights {
            Some(weights) => weights.decoder().map_err(to_py)?,
            None => None,
        };
        Ok(Self { weights, embedding, history, chosen, pair_model, decoder })
    }

    fn read(folder: &Path) -> PyResult<Self> {
        let weights = folder.join(names::WEIGHTS);
        let encoder = match weights.exists() {
            false => None,
            true => {
                let (_, learned) = Learned::read(&weights).map_err(to_py)?;
                let embedding = Embedding::read(&folder.join(names::LATENT)).map_err(to_py)?;
                let history = History::read_chosen(&folder.join(names::HISTORY));
                let (history, chosen) = history.map_err(to_py)?;
                Some((learned, embedding, history, chosen))
            }
        };
        let pair_model = folder.join(names::PAIR_MODEL);
        let pair_model = match pair_model.exists() {
            true => Some(PairModel::read(&pair_model).map_err(to_py)?),
            false => None,
        };
        if encoder.is_none() && pair_model.is_none() {
            let found = "neither weights nor a pair model";
            return Err(invalid("model", "the files of a trained method", found));
        }
        Self::new(encoder, pair_model)
    }

    fn write(&self, folder: &Path, config: &ModelConfig) -> PyResult<()> {
        let provenance = Provenance::of_stage("train");
        if let Some(weights) = &self.weights {
            let path = folder.join(names::WEIGHTS);
            weights.write(&path, config.node_encoder(), &provenance).map_err(to_py)?;
        }
        if let Some(embedding) = &self.embedding {
            embedding.write(&folder.join(names::LATENT), &provenance).map_err(to_py)?;
            let path = folder.join(names::HISTORY);
            self.history.write_chosen(&path, self.chosen, &provenance).map_err(to_py)?;
        }
        if let Some(model) = &self.pair_model {
            model.write(&folder.join(names::PAIR_MODEL), &provenance).map_err(to_py)?;
        }
        Ok(())
    }
}

/// A trained method as queries read it, without Python.
struct Queries<'a> {
    graph: &'a vgae::Graph,
    view: ModelView<'a>,
}

impl Model {
    fn queries(&self) -> Queries<'_> {
        let split = self.split.get();
        let graph = &*split.graph.get().graph;
        let features = graph.features.as_ref().filter(|_| self.config.reads_features());
        let view = ModelView {
            graph,
            split: &split.split,
            input: FitInput { features, train: split.split.train_view() },
            embedding: self.trained.embedding.as_ref(),
            pair_model: self.trained.pair_model.as_ref(),
            decoder: self.trained.decoder.as_ref(),
        };
        Queries { graph, view }
    }

    fn embedding_or_error(&self) -> PyResult<&Embedding> {
        self.trained.embedding.as_ref().ok_or_else(|| {
            let found = format!("`{}`, which only scores pairs", self.config.method());
            invalid("embedding", "a method that embeds nodes", found)
        })
    }
}

/// A column of a history besides those of all methods.
pub(crate) type HistoryColumn = (&'static str, fn(&EpochRecord) -> Option<f64>);

/// Returns a row per epoch: `epoch`, `loss`, `reconstruction`, `kl`, the given columns, `seconds`.
pub(crate) fn history_table(history: &History, more: &[HistoryColumn]) -> PyResult<Table> {
    let records = &history.0;
    let floats = |of: fn(&EpochRecord) -> Option<f64>| -> ArrayRef {
        Arc::new(records.iter().map(of).collect::<Float64Array>())
    };
    let epochs = records.iter().map(|record| record.epoch);
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("epoch", Arc::new(UInt32Array::from_iter_values(epochs))),
        ("loss", floats(|record| Some(record.loss))),
        ("reconstruction", floats(|record| Some(record.reconstruction))),
        ("kl", floats(|record| Some(record.kl))),
    ];
    columns.extend(more.iter().map(|&(name, of)| (name, floats(of))));
    columns.push(("seconds", floats(|record| Some(record.seconds))));
    Table::of_columns(columns)
}

#[pymethods]
impl Model {
    /// Trains a method. `progress` is called with the epoch or step, their number, and the loss.
    #[staticmethod]
    #[pyo3(signature = (split, method, options, seed, progress=None))]
    fn fit(
        py: Python<'_>,
        split: Py<Split>,
        method: &str,
        options: &str,
        seed: u64,
        progress: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let config = methods::config(method, options)?;
        let data = split.get();
        let (graph, edges) = (&*data.graph.get().graph, &*data.split);
        let fitted = wait::run(py, progress.as_ref(), |shared| {
            let mut callback = wait::Training::new(shared, Some(edges));
            vgae::fit_with(graph, edges, &config, Seed(seed), &mut callback)
                .map(vgae::Model::into_fitted)
        })?
        .map_err(to_py)?;
        let encoder = fitted.encoder.map(|fitted| {
            let chosen = match &fitted.diagnostics {
                Diagnostics::Training(training) => training.chosen(),
                _ => None,
            };
            (fitted.weights, fitted.embedding, fitted.history, chosen)
        });
        Ok(Self { split, config, trained: Trained::new(encoder, fitted.pair_model)? })
    }

    /// Reads the method of a run. `config` is its configuration as JSON, with `method`.
    #[staticmethod]
    fn from_folder(split: Py<Split>, config: &str, folder: std::path::PathBuf) -> PyResult<Self> {
        let config = serde_json::from_str(config)
            .map_err(|error| invalid("model", "the configuration of a method", error))?;
        Ok(Self { split, config, trained: Trained::read(&folder)? })
    }

    #[staticmethod]
    fn from_state(split: Py<Split>, config: &str, files: Files<'_>) -> PyResult<Self> {
        unpack(&files, |folder| Self::from_folder(split, config, folder.to_owned()))
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, (Py<Split>, String, Files<'py>))> {
        let (py, this) = (slf.py(), slf.get());
        let files = pack(py, |folder| this.trained.write(folder, &this.config))?;
        let config = this.config()?;
        Ok((slf.get_type().getattr("from_state")?, (this.split.clone_ref(py), config, files)))
    }

    #[getter]
    fn split(&self, py: Python<'_>) -> Py<Split> {
        self.split.clone_ref(py)
    }

    /// The configuration as JSON: `method` and all hyper-parameters.
    fn config(&self) -> PyResult<String> {
        serde_json::to_string(&self.config).map_err(to_py)
    }

    #[getter]
    fn best_epoch(&self) -> Option<u32> {
        self.trained.chosen.as_ref().map(|chosen| chosen.epoch)
    }

    /// The mean of each node, `N x latent`, without a copy.
    fn embedding<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        arrays::view(slf.get().embedding_or_error()?.mu(), slf.clone().into_any())
    }

    /// The logarithm of the standard deviation of each node, `N x latent`, without a copy; `None` of methods without.
    fn log_sigma<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyArray2<f32>>>> {
        let sigma = slf.get().embedding_or_error()?.log_sigma();
        sigma.map(|sigma| arrays::view(sigma, slf.clone().into_any())).transpose()
    }

    /// A row per epoch: `epoch`, `loss`, `reconstruction`, `kl`, `val_auc`, `val_ap`, `seconds`.
    fn history(&self) -> PyResult<Table> {
        let auc = |record: &EpochRecord| record.validation.map(|scores| scores.auc);
        let ap = |record: &EpochRecord| record.validation.map(|scores| scores.ap);
        history_table(&self.trained.history, &[("val_auc", auc), ("val_ap", ap)])
    }

    /// The logits of edges between pairs of ids.
    fn logits<'py>(
        &self,
        py: Python<'py>,
        src: GivenIds<'_>,
        dst: GivenIds<'_>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let graph = self.split.get().graph.get();
        let pairs = graph.pairs_of(&src.column("pairs")?, &dst.column("pairs")?)?;
        let Queries { view, .. } = self.queries();
        let logits = wait::run(py, None, |_| view.logits(&pairs))?.map_err(to_py)?;
        Ok(logits.into_pyarray(py).into_any())
    }

    /// Slope and intercept from logits to log-odds, fitted to the validation pairs; `None` without any.
    fn calibration(&self, py: Python<'_>) -> PyResult<Option<(f64, f64)>> {
        let Queries { view, .. } = self.queries();
        let pairs = view.split.validation();
        if pairs.positive.is_empty() || pairs.negative.is_empty() {
            return Ok(None);
        }
        let logits = wait::run(py, None, |_| {
            Ok::<_, vgae::Error>((view.logits(&pairs.positive)?, view.logits(&pairs.negative)?))
        })?;
        let (positive, negative) = logits.map_err(to_py)?;
        let calibration = Calibration::fit(&positive, &negative);
        Ok(calibration.map(|calibration| (calibration.slope, calibration.intercept)))
    }

    /// The most probable pairs without an edge: `source`, `target`, `logit`, and the columns of `vgae predict` with
    /// expected shares of missing edges, of which `missing` are assumed.
    fn missing_links(
        &self,
        py: Python<'_>,
        count: usize,
        missing: Option<usize>,
    ) -> PyResult<Table> {
        let Queries { graph, view } = self.queries();
        let trained = TrainedGraph {
            nodes: &graph.nodes,
            edges: &graph.edges,
            features: view.input.features,
            split: view.split,
            embedding: view.embedding,
            pair_model: view.pair_model,
            decoder: view.decoder,
            // A graph in memory has no relation types, and weights are not shown here.
            relations: None,
            weights: None,
        };
        let wanted = Wanted { count, ids: None, missing };
        let found = wait::run(py, None, |_| query::missing_links(trained, wanted))?;
        let found = found.map_err(to_py)?.predictions;
        let end = |of: fn(&Prediction) -> u32| id_column(graph, found.iter().map(of));
        let logits = Float32Array::from_iter_values(found.iter().map(|link| link.logit));
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("source", end(|link| link.src)),
            ("target", end(|link| link.dst)),
            ("logit", Arc::new(logits)),
        ];
        for (name, of) in Shares::COLUMNS {
            let values = found.iter().map(|link| link.expected.as_ref().map(of));
            columns.push((name, Arc::new(values.collect::<Float64Array>())));
        }
        Table::of_columns(columns)
    }

    /// The nodes most similar to one: `id`, `logit` and, of methods that embed nodes, `cosine`.
    fn neighbors(
        &self,
        py: Python<'_>,
        id: GivenIds<'_>,
        by: &str,
        count: usize,
    ) -> PyResult<Table> {
        let by: Similarity =
            by.parse().map_err(|_| invalid("by", "`logit` or `cosine`", format!("{by:?}")))?;
        let Queries { graph, view } = self.queries();
        let nodes = self.split.get().graph.get().nodes_of(&id.column("id")?)?;
        let &[node] = nodes.as_slice() else {
            return Err(invalid("id", "one id", format!("{} ids", nodes.len())));
        };
        let found = wait::run(py, None, |_| view.neighbours(node, by, count))?.map_err(to_py)?;
        let logits = Float32Array::from_iter_values(found.iter().map(|row| row.logit));
        let mut columns = vec![
            ("id", id_column(graph, found.iter().map(|row| row.node))),
            ("logit", Arc::new(logits) as ArrayRef),
        ];
        if self.trained.embedding.is_some() {
            let cosines = found.iter().map(|row| row.cosine).collect::<Float64Array>();
            columns.push(("cosine", Arc::new(cosines)));
        }
        Table::of_columns(columns)
    }

    /// Measures the method on the held-out pairs. `options` is an object of JSON with the keys of `[eval]`. Returns the
    /// metrics as JSON, and the scores: `source`, `target`, `part`, `positive`, `logit`.
    fn evaluate(&self, py: Python<'_>, options: &str) -> PyResult<(String, Table)> {
        let config: EvalConfig = serde_json::from_str(options)
            .map_err(|error| invalid("eval", "the keys of `[eval]`", error))?;
        let Queries { graph, view } = self.queries();
        let found = wait::run(py, None, |_| view.evaluate(&config))?.map_err(to_py)?;
        let rows = &found.scores.0;
        let end = |of: fn(&Pair) -> u32| id_column(graph, rows.iter().map(|row| of(&row.pair)));
        let parts = rows.iter().map(|row| <&str>::from(row.part));
        let positive: Vec<bool> = rows.iter().map(|row| row.positive).collect();
        let scores = Table::of_columns(vec![
            ("source", end(|pair| pair.src)),
            ("target", end(|pair| pair.dst)),
            ("part", Arc::new(StringArray::from_iter_values(parts))),
            ("positive", Arc::new(BooleanArray::from(positive))),
            ("logit", Arc::new(Float32Array::from_iter_values(rows.iter().map(|row| row.score)))),
        ])?;
        Ok((serde_json::to_string(&found.metrics).map_err(to_py)?, scores))
    }

    /// Embeds the nodes of another graph with the trained weights, `N x latent`.
    fn infer<'py>(&self, py: Python<'py>, graph: Py<Graph>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let config = self.config.node_encoder();
        let data = graph.get().graph.clone();
        let weights = match &self.trained.weights {
            Some(Learned::Encoder(weights)) if config.transductive().is_none() => weights,
            _ => {
                let why = config.transductive().unwrap_or("the method only scores pairs");
                return Err(to_py(vgae_model::ModelError::Transductive { why }));
            }
        };
        let features = data.features.as_ref().ok_or_else(|| to_py(config.no_features()))?;
        let embedding = wait::run(py, None, |_| {
            let directed = methods::scores_directions(&self.config);
            let all = vgae_split::hold_out_nothing(&data.edges, directed).map_err(to_py)?;
            config.infer(weights, features, all.train_view()).map_err(to_py)
        })??;
        arrays::copy(py, embedding.mu())
    }
}
