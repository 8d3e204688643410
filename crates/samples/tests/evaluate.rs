//! Samples judged: against scikit-learn, on samples that do not fit together, and on many threads.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use serde::Deserialize;
use vgae_artifacts::{Embedding, Matrix, Nodes, SampleMetrics, SampleSplit, SampleValues, Samples};
use vgae_eval::{EvalConfig, SampleEvalConfig};
use vgae_samples::{EvalInput, SampleError, SampleModel, evaluate};

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    columns: usize,
    values: Vec<f32>,
    labels: Vec<String>,
    train: Vec<u32>,
    test: Vec<u32>,
    knn: BTreeMap<usize, f64>,
    probe: f64,
    dimensions: usize,
    pca: f64,
}

fn golden() -> Golden {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/sklearn_samples.json");
    let text = std::fs::read_to_string(path).expect("the golden file");
    serde_json::from_str(&text).expect("golden cases")
}

/// Says the same of every sample.
struct Constant {
    columns: usize,
    value: f32,
    loss: (f64, Option<f64>),
}

impl SampleModel for Constant {
    fn reconstruct(&self, rows: &[u32]) -> Result<Matrix, Box<dyn Error + Send + Sync>> {
        let values = vec![self.value; rows.len() * self.columns];
        Ok(Matrix::from_row_major(rows.len(), self.columns, values)?)
    }

    fn loss(&self, _rows: &[u32]) -> Result<(f64, Option<f64>), Box<dyn Error + Send + Sync>> {
        Ok(self.loss)
    }
}

/// A run whose codes are given.
struct Run {
    samples: Samples,
    nodes: Nodes,
    split: SampleSplit,
    embedding: Embedding,
}

impl Run {
    fn input<'a>(&'a self, model: &'a dyn SampleModel) -> EvalInput<'a> {
        EvalInput {
            samples: &self.samples,
            nodes: &self.nodes,
            split: &self.split,
            embedding: &self.embedding,
            model,
        }
    }

    fn evaluate(&self, model: &dyn SampleModel, config: SampleEvalConfig) -> SampleMetrics {
        let config = EvalConfig { samples: config, ..EvalConfig::default() };
        evaluate(&self.input(model), &config).expect("metrics")
    }
}

fn matrix(rows: usize, columns: usize, values: Vec<f32>) -> Matrix {
    Matrix::from_row_major(rows, columns, values).expect("as many values")
}

/// Labels are predicted from the first `width` columns of the samples themselves.
fn run(case: &Case, width: usize) -> Run {
    let rows = case.labels.len();
    let values = matrix(rows, case.columns, case.values.clone());
    let codes = (0..rows).flat_map(|row| values.row(row)[..width].to_vec()).collect();
    let labels = case.labels.iter().cloned().map(Some).collect();
    Run {
        samples: Samples::new(SampleValues::Reals(values), None, None).expect("samples"),
        nodes: Nodes::new((0..rows).map(|row| row.to_string()).collect(), labels).expect("nodes"),
        split: SampleSplit {
            train: case.train.clone(),
            validation: Vec::new(),
            test: case.test.clone(),
        },
        embedding: Embedding::new(matrix(rows, width, codes), None).expect("finite"),
    }
}

fn constant(columns: usize) -> Constant {
    Constant { columns, value: 0.0, loss: (1.0, None) }
}

#[test]
fn neighbours_and_probe_are_scikit_learns() {
    for case in &golden().cases {
        let run = run(case, case.columns);
        for (&neighbours, &expected) in &case.knn {
            let config = SampleEvalConfig { neighbours, pca: false, ..Default::default() };
            let code =
                run.evaluate(&constant(case.columns), config).code.expect("there are labels");
            assert_eq!(code.knn_k, neighbours);
            let found = code.knn_accuracy.expect("asked for");
            assert!((found - expected).abs() < 1e-12, "{} k={neighbours}: {found}", case.name);
            let found = code.probe_accuracy.expect("asked for");
            assert!((found - case.probe).abs() < 1e-12, "{}: {found}", case.name);
        }
    }
}

#[test]
fn principal_components_are_scikit_learns() {
    for case in &golden().cases {
        let run = run(case, case.dimensions);
        let metrics = run.evaluate(&constant(case.columns), SampleEvalConfig::default());
        let found = metrics.test.expect("a test part").pca_squared_error.expect("asked for");
        let size: f64 = case.values.iter().map(|value| f64::from(value.powi(2))).sum();
        let size = size / case.values.len() as f64;
        // Axes come from products in f32 (6e-8), and the error is of second order in them; where all
        // dimensions are kept only rounding is left.
        let tolerance = 1e-6 * case.pca + 1e-13 * size;
        assert!((found - case.pca).abs() <= tolerance, "{}: {found} {}", case.name, case.pca);
    }
}

/// 30 images of 2 x 2 pixels; the first half trains.
fn pixels() -> Run {
    let rows = 30usize;
    let data = (0..rows * 4).map(|at| u8::try_from(at * 37 % 256).expect("a byte")).collect();
    let label = |row: usize| (!row.is_multiple_of(7)).then(|| format!("{}", row % 3));
    let codes = (0..rows * 2).map(|at| (at as f32 * 1.3).sin()).collect();
    Run {
        samples: Samples::new(SampleValues::Bytes { columns: 4, data }, None, None)
            .expect("samples"),
        nodes: Nodes::new(
            (0..rows).map(|row| row.to_string()).collect(),
            (0..rows).map(label).collect(),
        )
        .expect("nodes"),
        split: SampleSplit {
            train: (0..15).collect(),
            validation: (15..20).collect(),
            test: (20..30).collect(),
        },
        embedding: Embedding::new(matrix(rows, 2, codes), None).expect("finite"),
    }
}

#[test]
fn errors_and_bounds_are_means() {
    let run = pixels();
    let model = Constant { columns: 4, value: 0.5, loss: (80.5, Some(25.25)) };
    let metrics = run.evaluate(&model, SampleEvalConfig::default());
    let test = metrics.test.expect("a test part");
    assert_eq!((test.samples, test.negative_elbo), (10, Some(105.75)));
    let SampleValues::Bytes { data, .. } = run.samples.values() else { panic!("pixels") };
    let naive: f64 =
        data[80..].iter().map(|&byte| (f64::from(byte) / 255.0 - 0.5).powi(2)).sum::<f64>() / 40.0;
    // Pixels are rounded to f32 (6e-8) on their way.
    assert!((test.squared_error - naive).abs() < 1e-7, "{} {naive}", test.squared_error);
    assert_eq!(metrics.validation.expect("a validation part").samples, 5);
    let code = metrics.code.expect("there are labels");
    let labelled = |rows: std::ops::Range<usize>| rows.filter(|row| row % 7 != 0).count();
    assert_eq!((code.labelled_train, code.labelled_test), (labelled(0..15), labelled(20..30)));
    assert_eq!((code.classes, code.knn_k), (3, 10));
    for name in ["reconstruction", "kl", "squared_error", "pca_squared_error", "knn_accuracy"] {
        assert!(metrics.definitions.contains_key(name), "{name}");
    }
}

#[test]
fn what_is_not_there_is_not_measured() {
    let mut run = pixels();
    let nothing = SampleEvalConfig { neighbours: 0, probe: false, pca: false };
    let metrics = run.evaluate(&constant(4), nothing);
    let code = metrics.code.expect("there are labels");
    assert_eq!((code.knn_accuracy, code.probe_accuracy), (None, None));
    let test = metrics.test.expect("a test part");
    assert_eq!((test.kl, test.negative_elbo, test.pca_squared_error), (None, None, None));

    // More neighbours than samples, a label that training never saw, a code wider than the samples.
    let labels = (0..30).map(|row| Some(if row < 20 { "a" } else { "b" }.to_owned())).collect();
    run.nodes = Nodes::new((0..30).map(|row| row.to_string()).collect(), labels).expect("nodes");
    run.embedding = Embedding::new(Matrix::zeros(30, 9), None).expect("finite");
    let metrics = run.evaluate(&constant(4), SampleEvalConfig::default());
    let code = metrics.code.expect("there are labels");
    assert_eq!((code.knn_k, code.knn_accuracy, code.probe_accuracy), (10, Some(0.0), Some(0.0)));
    let pca = metrics.test.expect("a test part").pca_squared_error.expect("asked for");
    assert!(pca < 1e-12, "as many dimensions as columns keep everything: {pca}");

    run.split = SampleSplit { train: (0..30).collect(), ..SampleSplit::default() };
    let metrics = run.evaluate(&constant(4), SampleEvalConfig::default());
    assert!(metrics.test.is_none() && metrics.validation.is_none() && metrics.code.is_none());
    run.split = SampleSplit { test: (0..30).collect(), ..SampleSplit::default() };
    let metrics = run.evaluate(&constant(4), SampleEvalConfig::default());
    assert_eq!(metrics.test.expect("a test part").pca_squared_error, None);
}

#[test]
fn parts_of_different_runs_are_refused() {
    let config = EvalConfig::default();
    let fails = |run: &Run, model: &dyn SampleModel| -> String {
        let error = evaluate(&run.input(model), &config).expect_err("does not fit");
        assert!(!matches!(error, SampleError::Pca { .. }));
        error.to_string()
    };
    let mut run = pixels();
    let message = fails(&run, &constant(5));
    assert!(message.contains("5 x 4 values, found 5 x 5"), "{message}");
    let message = fails(&run, &Constant { columns: 4, value: f32::NAN, loss: (1.0, None) });
    assert!(message.contains("squared error") && message.contains("diverged"), "{message}");
    let message = fails(&run, &Constant { columns: 4, value: 0.0, loss: (f64::INFINITY, None) });
    assert!(message.contains("reconstruction loss"), "{message}");
    run.embedding = Embedding::new(Matrix::zeros(29, 2), None).expect("finite");
    assert!(fails(&run, &constant(4)).contains("expected 30 codes"));
    let mut run = pixels();
    run.split.test.push(30);
    assert!(fails(&run, &constant(4)).contains("samples below 30 in the split, found 30"));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let golden = golden();
    let case = golden.cases.iter().find(|case| case.name == "digits").expect("digits");
    let run = run(case, 8);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| run.evaluate(&constant(case.columns), SampleEvalConfig::default()))
    };
    let one = on(1);
    for threads in [2, 5] {
        assert_eq!(on(threads), one, "{threads} threads");
    }
}
