use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::metric::{Better, Metric, Shown, Unit, Values};
use crate::{Kind, Provenance, Result, json};

/// How well the samples of one part come back from their codes.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct ReconstructionMetrics {
    /// How many samples were reconstructed.
    pub samples: usize,
    /// What training minimises, mean a sample: nats of a likelihood, squared error otherwise.
    pub reconstruction: f64,
    /// Mean divergence of the code from the prior, nats a sample; absent for models without a prior.
    pub kl: Option<f64>,
    /// `reconstruction + kl`: the negative evidence lower bound, nats a sample; absent for models without
    /// a prior.
    pub negative_elbo: Option<f64>,
    /// Mean squared error a value (a pixel), reconstructed from the mean code.
    pub squared_error: f64,
    /// The same of a principal component analysis with as many dimensions, fitted to the training
    /// samples; absent where samples and columns are too many for one.
    pub pca_squared_error: Option<f64>,
}

impl ReconstructionMetrics {
    /// The metrics of reconstructions.
    pub const METRICS: [Metric<Self>; 5] = [
        Metric {
            key: "negative_elbo",
            title: "bound (nats)",
            definition: "negative_elbo/1 (reconstruction + kl, beta being 1: an upper bound of the negative log-likelihood, \
         nats a sample)",
            unit: Unit::Nats,
            better: Better::Lower,
            shown: Shown::Chart,
            of: |metrics| metrics.negative_elbo,
        },
        Metric {
            key: "reconstruction",
            title: "reconstruction",
            definition: "reconstruction_loss/1 (the reconstruction term that training minimises, mean a sample: nats of a \
         Bernoulli or Gaussian likelihood, or squared error; variational models decode one draw of the code)",
            unit: Unit::Nats,
            better: Better::Lower,
            shown: Shown::Files,
            of: |metrics| Some(metrics.reconstruction),
        },
        Metric {
            key: "kl",
            title: "KL",
            definition: "gaussian_kl/1 (divergence of the code's distribution from N(0, I), nats, mean a sample)",
            unit: Unit::Nats,
            better: Better::Lower,
            shown: Shown::Files,
            of: |metrics| metrics.kl,
        },
        Metric {
            key: "squared_error",
            title: "squared error",
            definition: "squared_error/1 (mean over samples and columns of the squared difference between a value, as the model \
         sees it, and what the mean code decodes to)",
            unit: Unit::Number,
            better: Better::Lower,
            shown: Shown::Chart,
            of: |metrics| Some(metrics.squared_error),
        },
        Metric {
            key: "pca_squared_error",
            title: "of PCA",
            definition: "pca_squared_error/1 (squared_error of a principal component analysis with as many dimensions as the \
         code, fitted to the training samples; scikit-learn's PCA)",
            unit: Unit::Number,
            better: Better::Lower,
            shown: Shown::Table,
            of: |metrics| metrics.pca_squared_error,
        },
    ];
}

/// How well the code tells the labels of test samples, learned from the labels of training samples.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct CodeMetrics {
    /// How many neighbours vote.
    pub knn_k: usize,
    /// Share of test samples whose nearest training samples name the right label, 0 to 1; absent when
    /// it was not asked for.
    pub knn_accuracy: Option<f64>,
    /// The same of a linear classifier of the code; absent when it was not asked for.
    pub probe_accuracy: Option<f64>,
    /// Training samples with a label.
    pub labelled_train: usize,
    /// Test samples with a label.
    pub labelled_test: usize,
    /// Distinct labels among the training samples.
    pub classes: usize,
}

impl CodeMetrics {
    /// The metrics of codes.
    pub const METRICS: [Metric<Self>; 2] = [
        Metric {
            key: "knn_accuracy",
            title: "kNN %",
            definition: "knn_accuracy/1 (share of test samples whose label is the commonest one among the knn_k nearest mean \
         codes of training samples, Euclidean; scikit-learn's KNeighborsClassifier)",
            unit: Unit::Percent,
            better: Better::Higher,
            shown: Shown::Table,
            of: |metrics| metrics.knn_accuracy,
        },
        Metric {
            key: "probe_accuracy",
            title: "probe %",
            definition: "probe_accuracy/1 (share of test samples whose label is found by multinomial logistic regression on \
         standardised mean codes, fitted to training samples, C = 1; scikit-learn's LogisticRegression)",
            unit: Unit::Percent,
            better: Better::Higher,
            shown: Shown::Table,
            of: |metrics| metrics.probe_accuracy,
        },
    ];
}

/// What a run over samples is judged by.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct SampleMetrics {
    /// Each metric's name, with the name and version of its definition.
    pub definitions: BTreeMap<String, String>,
    /// On validation samples; absent without any.
    pub validation: Option<ReconstructionMetrics>,
    /// On test samples; absent without any.
    pub test: Option<ReconstructionMetrics>,
    /// Of the code; absent without labels in both the training and the test part.
    pub code: Option<CodeMetrics>,
}

/// Tells the two forms of `metrics.json` apart.
#[derive(JsonSchema, Serialize, Deserialize)]
enum Form {
    #[serde(rename = "samples")]
    Samples,
}

#[derive(JsonSchema, Serialize)]
struct Written<'a> {
    form: Form,
    #[serde(flatten)]
    metrics: &'a SampleMetrics,
}

#[derive(Deserialize)]
struct Read {
    #[serde(rename = "form")]
    _form: Form,
    #[serde(flatten)]
    metrics: SampleMetrics,
}

impl SampleMetrics {
    /// The JSON Schema of `metrics.json`.
    pub(crate) fn file_schema() -> serde_json::Value {
        json::json_schema::<Written<'static>>(Kind::Metrics)
    }

    /// Every value of the run by the column that it has in result tables.
    #[must_use]
    pub fn values(&self) -> Values {
        let mut values = Values::default();
        let (test, validation) = (self.test.as_ref(), self.validation.as_ref());
        values.add(&ReconstructionMetrics::METRICS, test, ("test_", ""), None);
        values.add(&CodeMetrics::METRICS, self.code.as_ref(), ("test_", ""), None);
        let on_validation = ("validation_", "validation ");
        let files = Some(Shown::Files);
        values.add(&ReconstructionMetrics::METRICS, validation, on_validation, files);
        values
    }

    /// Writes `metrics.json`, with `form`: `samples`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let written = Written { form: Form::Samples, metrics: self };
        json::write(path, Kind::Metrics, &written, provenance)
    }

    /// Reads what [`SampleMetrics::write`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged, of another kind, or holds the metrics of a graph.
    pub fn read(path: &Path) -> Result<Self> {
        let read: Read = json::read(path, Kind::Metrics)?;
        Ok(read.metrics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Metrics;

    #[test]
    fn metrics_read_back_and_are_not_taken_for_a_graphs() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("metrics.json");
        let part = ReconstructionMetrics {
            samples: 3,
            reconstruction: 80.1,
            kl: Some(25.2),
            negative_elbo: Some(105.3),
            squared_error: 0.01,
            pca_squared_error: None,
        };
        let code = CodeMetrics {
            knn_k: 10,
            knn_accuracy: Some(0.97),
            probe_accuracy: None,
            labelled_train: 5,
            labelled_test: 3,
            classes: 2,
        };
        let metrics = SampleMetrics {
            definitions: [("a".to_owned(), "b/1".to_owned())].into(),
            validation: None,
            test: Some(part),
            code: Some(code),
        };
        let provenance = Provenance::of_stage("test");
        metrics.write(&path, &provenance).expect("writes");
        assert_eq!(SampleMetrics::read(&path).expect("reads"), metrics);
        Metrics::read(&path).expect_err("no metrics of a graph");

        Metrics::default().write(&path, &provenance).expect("writes");
        SampleMetrics::read(&path).expect_err("no metrics of samples");
    }
}
