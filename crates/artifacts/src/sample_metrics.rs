use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::metric::{Better, Metric, Shown, Unit, Values};
use crate::{Kind, Provenance, Result, json};

/// Reconstruction of the samples of one part from their codes.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct ReconstructionMetrics {
    /// Number of reconstructed samples.
    pub samples: usize,
    /// Reconstruction term of the training loss, mean per sample: nats for a likelihood, squared error
    /// otherwise.
    pub reconstruction: f64,
    /// Mean divergence of the code from the prior, nats per sample; absent for models without a prior.
    pub kl: Option<f64>,
    /// `reconstruction + kl`: the negative evidence lower bound, nats per sample; absent for models without a
    /// prior.
    pub negative_elbo: Option<f64>,
    /// Mean squared error per value (pixel), reconstructed from the mean code.
    pub squared_error: f64,
    /// Mean squared error of a principal component analysis with as many dimensions, fitted to the training
    /// samples; absent if samples and columns are too many for one.
    pub pca_squared_error: Option<f64>,
}

impl ReconstructionMetrics {
    /// Declarations of the metrics.
    pub const METRICS: [Metric<Self>; 5] = [
        Metric {
            key: "negative_elbo",
            title: "bound (nats)",
            definition: "negative_elbo/1 (reconstruction + kl, beta being 1: an upper bound of the negative log-likelihood, \
         nats per sample)",
            unit: Unit::Nats,
            better: Better::Lower,
            shown: Shown::Chart,
            of: |metrics| metrics.negative_elbo,
        },
        Metric {
            key: "reconstruction",
            title: "reconstruction",
            definition: "reconstruction_loss/1 (reconstruction term of the training loss, mean per sample: nats of a \
         Bernoulli or Gaussian likelihood, or squared error; variational models decode one draw of the code)",
            unit: Unit::Nats,
            better: Better::Lower,
            shown: Shown::Files,
            of: |metrics| Some(metrics.reconstruction),
        },
        Metric {
            key: "kl",
            title: "KL",
            definition: "gaussian_kl/1 (divergence of the code's distribution from N(0, I), nats, mean per sample)",
            unit: Unit::Nats,
            better: Better::Lower,
            shown: Shown::Files,
            of: |metrics| metrics.kl,
        },
        Metric {
            key: "squared_error",
            title: "squared error",
            definition: "squared_error/1 (mean over samples and columns of squared differences between model input and \
         reconstruction from the mean code)",
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

/// Prediction of the labels of test samples from their codes, learned from training samples.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct CodeMetrics {
    /// Number of neighbours that vote.
    pub knn_k: usize,
    /// Accuracy of nearest-neighbour classification of test samples, 0 to 1; absent if disabled.
    pub knn_accuracy: Option<f64>,
    /// Accuracy of a linear probe of the code, 0 to 1; absent if disabled.
    pub probe_accuracy: Option<f64>,
    /// Number of training samples with a label.
    pub labelled_train: usize,
    /// Number of test samples with a label.
    pub labelled_test: usize,
    /// Number of distinct labels among the training samples.
    pub classes: usize,
}

impl CodeMetrics {
    /// Declarations of the metrics.
    pub const METRICS: [Metric<Self>; 2] = [
        Metric {
            key: "knn_accuracy",
            title: "kNN %",
            definition: "knn_accuracy/1 (share of test samples labelled as the majority of the knn_k nearest mean \
         codes of training samples, Euclidean; scikit-learn's KNeighborsClassifier)",
            unit: Unit::Percent,
            better: Better::Higher,
            shown: Shown::Table,
            of: |metrics| metrics.knn_accuracy,
        },
        Metric {
            key: "probe_accuracy",
            title: "probe %",
            definition: "probe_accuracy/1 (accuracy of test labels predicted by multinomial logistic regression on \
         standardised mean codes, fitted to training samples, C = 1; scikit-learn's LogisticRegression)",
            unit: Unit::Percent,
            better: Better::Higher,
            shown: Shown::Table,
            of: |metrics| metrics.probe_accuracy,
        },
    ];
}

/// Metrics of a run over samples.
#[derive(Debug, Clone, Default, PartialEq, JsonSchema, Serialize, Deserialize)]
pub struct SampleMetrics {
    /// Name and version of the definition of each metric.
    pub definitions: BTreeMap<String, String>,
    /// Metrics of validation samples; absent if there are none.
    pub validation: Option<ReconstructionMetrics>,
    /// Metrics of test samples; absent if there are none.
    pub test: Option<ReconstructionMetrics>,
    /// Metrics of the code; absent without labels in both the training and the test part.
    pub code: Option<CodeMetrics>,
}

/// Marker that distinguishes the two forms of `metrics.json`.
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
    /// Returns the JSON Schema of `metrics.json`.
    pub(crate) fn file_schema() -> serde_json::Value {
        json::json_schema::<Written<'static>>(Kind::Metrics)
    }

    /// Returns every value of the run with its column in result tables.
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
    /// Returns an error when the file cannot be written.
    pub fn write(&self, path: &Path, provenance: &Provenance) -> Result<()> {
        let written = Written { form: Form::Samples, metrics: self };
        json::write(path, Kind::Metrics, &written, provenance)
    }

    /// Reads a file of [`SampleMetrics::write`].
    ///
    /// # Errors
    /// Returns an error when the file is missing, damaged, of another kind, or contains the metrics of a graph.
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
