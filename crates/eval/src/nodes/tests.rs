use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;
use vgae_artifacts::Matrix;

use super::*;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

/// Labelled vectors with the results of scikit-learn.
#[derive(Deserialize)]
struct Case {
    name: String,
    columns: usize,
    values: Vec<f32>,
    labels: Vec<usize>,
    train: Vec<usize>,
    test: Vec<usize>,
    accuracy: f64,
    macro_f1: f64,
    clusters: Vec<usize>,
    inertia: f64,
    ari: f64,
    nmi: f64,
    cluster_accuracy: f64,
}

fn golden() -> Golden {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/sklearn_nodes.json");
    let text = std::fs::read_to_string(path).expect("the golden file");
    serde_json::from_str(&text).expect("golden cases")
}

impl Case {
    fn classes(&self) -> usize {
        self.labels.iter().max().map_or(0, |most| most + 1)
    }

    fn labelled(&self) -> Labelled {
        let of = self.labels.iter().map(|&label| Some(label)).collect();
        let codes = self.values.clone();
        Labelled { codes, width: self.columns, of, classes: self.classes() }
    }
}

#[test]
fn a_linear_probe_is_right_as_often_as_scikit_learns() {
    for case in &golden().cases {
        let found = probe::score(&case.labelled(), &case.labels, &case.train, &case.test);
        // A less exact minimum may change the prediction of one sample.
        let one = 1.0 / case.test.len() as f64;
        assert!((found.0 - case.accuracy).abs() <= 1.01 * one, "{}: {found:?}", case.name);
        assert!((found.1 - case.macro_f1).abs() <= 5.0 * one, "{}: {found:?}", case.name);
        if (found.0 - case.accuracy).abs() < 1e-12 {
            assert!((found.1 - case.macro_f1).abs() < 1e-12, "{}: {found:?}", case.name);
        }
    }
}

#[test]
fn clusters_are_judged_as_scikit_learn_judges_them() {
    for case in &golden().cases {
        let table = clustering::Table::new(&case.labels, &case.clusters, case.classes());
        for (what, found, expected) in [
            ("ari", table.adjusted_rand_index(), case.ari),
            ("nmi", table.normalized_mutual_information(), case.nmi),
            ("accuracy", table.accuracy(), case.cluster_accuracy),
        ] {
            assert!((found - expected).abs() < 1e-12, "{} {what}: {found} {expected}", case.name);
        }
    }
}

/// scikit-learn used 200 initialisations, this crate uses ten; the result must not be much worse.
#[test]
fn clusters_are_as_tight_as_scikit_learns() {
    for case in &golden().cases {
        let found = kmeans::fit(&case.labelled(), case.classes(), SEED);
        let ratio = found.inertia / case.inertia;
        assert!((0.9999..1.01).contains(&ratio), "{}: {ratio}", case.name);
    }
}

fn embedding(nodes: usize, value: impl FnMut(usize) -> f32) -> Embedding {
    let mu = Matrix::from_row_major(nodes, 2, (0..2 * nodes).map(value).collect());
    Embedding::new(mu.expect("a matrix"), None).expect("finite")
}

#[test]
fn classes_far_apart_are_all_found_on_any_number_of_threads() {
    let label = |node: usize| (!node.is_multiple_of(7)).then(|| format!("c{}", node % 3));
    let labels: Vec<Option<String>> = (0..90).map(label).collect();
    let embedding = embedding(90, |at| {
        let (node, jitter) = (at / 2, (at as f32 * 1.7).sin());
        10.0 * if at.is_multiple_of(2) { (node % 3) as f32 } else { (node % 3 % 2) as f32 } + jitter
    });
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| evaluate_nodes(&embedding, &labels, &EvalConfig::default()))
    };
    let found = on(1).expect("judged").expect("has labels");
    assert_eq!((found.labelled, found.classes), (77, 3));
    assert!(
        (found.probe_accuracy.mean - 1.0).abs() < 1e-12 && found.probe_accuracy.sd < Some(1e-12)
    );
    assert!((found.kmeans_ari - 1.0).abs() < 1e-12 && (found.kmeans_nmi - 1.0).abs() < 1e-12);
    assert!((found.kmeans_accuracy - 1.0).abs() < 1e-12);
    for threads in [2, 5] {
        assert_eq!(on(threads).expect("judged").as_ref(), Some(&found));
    }
}

#[test]
fn without_classes_nothing_is_measured() {
    let embedding = embedding(4, |at| at as f32);
    let config = EvalConfig::default();
    let labels = |texts: [Option<&str>; 4]| texts.map(|text| text.map(str::to_owned)).to_vec();
    for none in [
        labels([None; 4]),
        labels([Some("a"); 4]),
        labels([Some("a"), Some("b"), Some("c"), Some("d")]),
        labels([Some("a"), None, None, Some("b")]),
    ] {
        assert_eq!(evaluate_nodes(&embedding, &none, &config).expect("judged"), None);
    }
    let two = labels([Some("a"), Some("b"), Some("b"), Some("a")]);
    assert!(evaluate_nodes(&embedding, &two, &config).expect("judged").is_some());
    let off = EvalConfig { nodes: false, ..EvalConfig::default() };
    assert_eq!(evaluate_nodes(&embedding, &two, &off).expect("judged"), None);
    evaluate_nodes(&embedding, &two[..3], &config).expect_err("a label too few");
}

#[test]
fn points_that_are_all_one_are_no_trouble() {
    let points = Labelled { codes: vec![1.5; 20], width: 2, of: vec![Some(0); 10], classes: 3 };
    let found = kmeans::fit(&points, 3, SEED);
    assert_eq!(found, kmeans::Clusters { of: vec![0; 10], inertia: 0.0 });
}

proptest! {
    #[test]
    fn indices_do_not_depend_on_how_clusters_are_numbered(
        points in prop::collection::vec((0usize..4, 0usize..4), 2..60),
        turn in 1usize..4,
    ) {
        let (truth, clusters): (Vec<usize>, Vec<usize>) = points.into_iter().unzip();
        let turned: Vec<usize> = clusters.iter().map(|cluster| (cluster + turn) % 4).collect();
        let of = |clusters: &[usize]| {
            let table = clustering::Table::new(&truth, clusters, 4);
            [table.adjusted_rand_index(), table.normalized_mutual_information(), table.accuracy()]
        };
        for (a, b) in of(&clusters).into_iter().zip(of(&turned)) {
            prop_assert!((a - b).abs() < 1e-12);
        }
        prop_assert!(of(&truth).iter().all(|value| (value - 1.0).abs() < 1e-12));
    }
}
