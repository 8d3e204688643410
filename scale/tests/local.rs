//! Runs on the engine `local`: against native twins, on several numbers of partitions, and with failing engines.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::common::*;
use vgae_artifacts::{HashPurpose, KeyedHash, Seed};
use vgae_scale::{Engine, Facts, Local, LocalOptions, TableFiles, verify};

const FASTRP: &str =
    "[model]\nmethod = \"fastrp\"\ndimensions = 40\nhop_weights = [0.5, 0.0, 1.0]\n";

/// Canonical pairs of an edge list, sorted and distinct.
fn canonical(edges: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let pairs = edges.iter().filter(|(a, b)| a != b).map(|&(a, b)| (a.min(b), a.max(b)));
    pairs.collect::<BTreeSet<_>>().into_iter().collect()
}

fn as_u32(node: i64) -> u32 {
    u32::try_from(node).expect("a node")
}

fn index(node: i64) -> usize {
    usize::try_from(node).expect("a node")
}

#[test]
fn partitions_and_a_memory_limit_do_not_change_a_bit() {
    let project = Project::new(&skewed(3000, 20_000), FASTRP);
    let (one, _) = project.run(1, "one");
    let bits = embedding_bits(&project.path("one/embeddings"));
    assert_eq!(bits.len(), 3000);
    for threads in [2, 4] {
        let out = format!("on-{threads}");
        let (outcome, _) = project.run(threads, &out);
        assert_eq!(outcome, one);
        assert!(
            embedding_bits(&project.path(&out).join("embeddings")) == bits,
            "{threads} partitions"
        );
    }
    let options = LocalOptions {
        threads: Some(2),
        memory: Some(24_000_000),
        spill: Some(project.path("spill")),
    };
    let mut limited = Local::new(&options).expect("an engine");
    let (outcome, _) = project.run_on(&mut limited, "limited").expect("a run");
    assert_eq!(outcome, one);
    assert!(embedding_bits(&project.path("limited/embeddings")) == bits);
}

#[test]
fn the_split_is_that_of_the_native_hash() {
    let edges = skewed(400, 3000);
    let project =
        Project::new(&edges, &format!("{FASTRP}[split]\nvalidation = 0.07\ntest = 0.2\n"));
    let (outcome, _) = project.run(2, "out");
    let pairs = canonical(&edges);
    let loops = edges.iter().filter(|(a, b)| a == b).count();
    assert_eq!(outcome.audit.self_loops, loops as u64);
    assert_eq!(outcome.audit.edges, pairs.len() as u64);
    assert_eq!(outcome.audit.duplicates, (edges.len() - loops - pairs.len()) as u64);

    let hash = KeyedHash::new(HashPurpose::Split, Seed(0));
    let mut ordered: Vec<(u32, i64, i64)> =
        pairs.iter().map(|&(a, b)| (hash.of(as_u32(a), as_u32(b)), a, b)).collect();
    ordered.sort_unstable();
    let (validation, test) = (pairs.len() * 7 / 100, pairs.len() * 2 / 10);
    let part = |range: std::ops::Range<usize>| -> BTreeSet<(i64, i64)> {
        ordered[range].iter().map(|&(_, a, b)| (a, b)).collect()
    };
    let held_out = project.step("out", "positives");
    let of_part = |batch, name: &str| -> BTreeSet<(i64, i64)> {
        let rows = column_i64(batch, "src").into_iter().zip(column_i64(batch, "dst"));
        let rows = rows.zip(column_text(batch, "part"));
        rows.filter(|(_, part)| part == name).map(|(pair, _)| pair).collect()
    };
    assert_eq!(of_part(&held_out, "val"), part(0..validation));
    assert_eq!(of_part(&held_out, "test"), part(validation..validation + test));
    let train = project.step("out", "train");
    let train: BTreeSet<(i64, i64)> =
        column_i64(&train, "src").into_iter().zip(column_i64(&train, "dst")).collect();
    assert_eq!(train, part(validation + test..pairs.len()));

    // Negatives: the first candidates that are neither edges, self-loops nor earlier candidates.
    let hash = KeyedHash::new(HashPurpose::Negatives, Seed(0));
    let graph: BTreeSet<(i64, i64)> = pairs.iter().copied().collect();
    let mut drawn = Vec::new();
    for i in 0.. {
        let node = |word: u32| {
            let (high, low) = (hash.of(i, word), hash.of(i, word + 1));
            ((i64::from(high >> 1) << 32) + i64::from(low)) % 400
        };
        let (a, b) = (node(0), node(2));
        let pair = (a.min(b), a.max(b));
        if a != b && !graph.contains(&pair) && !drawn.contains(&pair) {
            drawn.push(pair);
        }
        if drawn.len() == validation + test {
            break;
        }
    }
    let negatives = project.step("out", "negatives");
    assert_eq!(of_part(&negatives, "val"), drawn[..validation].iter().copied().collect());
    assert_eq!(of_part(&negatives, "test"), drawn[validation..].iter().copied().collect());
    assert!(outcome.certificate.holds());
    assert_eq!(outcome.certificate.counts.test_negative, test);
}

/// Rows of unit length; rows of zeros stay.
fn unit(row: &[f64]) -> Vec<f64> {
    let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
    row.iter().map(|x| if length > 0.0 { x / length } else { 0.0 }).collect()
}

/// `P y`, `P` the mean over a node and its neighbours.
fn propagated(edges: &[(i64, i64)], y: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut sums = y.to_vec();
    let mut counts = vec![1.0; y.len()];
    for &(a, b) in edges {
        let (a, b) = (index(a), index(b));
        for k in 0..y[0].len() {
            sums[a][k] += y[b][k];
            sums[b][k] += y[a][k];
        }
        counts[a] += 1.0;
        counts[b] += 1.0;
    }
    sums.iter().zip(counts).map(|(row, count)| row.iter().map(|x| x / count).collect()).collect()
}

fn assert_close(found: &BTreeMap<i64, Vec<f32>>, expected: &[Vec<f64>]) {
    assert_eq!(found.len(), expected.len());
    for (node, row) in found {
        for (value, expected) in row.iter().zip(&expected[index(*node)]) {
            assert!(
                (f64::from(*value) - expected).abs() < 1e-5,
                "node {node}: {value}, {expected}"
            );
        }
    }
}

fn training_edges(project: &Project) -> Vec<(i64, i64)> {
    let train = project.step("out", "train");
    column_i64(&train, "src").into_iter().zip(column_i64(&train, "dst")).collect()
}

#[test]
fn fastrp_is_its_formula() {
    for power in [-1.0, 0.5, 1.0] {
        let project =
            Project::new(&skewed(300, 1200), &format!("{FASTRP}degree_power = {power:?}\n"));
        project.run(2, "out");
        let edges = training_edges(&project);
        let mut degrees = vec![1.0f64; 300];
        for &(a, b) in &edges {
            degrees[index(a)] += 1.0;
            degrees[index(b)] += 1.0;
        }
        let hash = KeyedHash::new(HashPurpose::Vectors, Seed(0));
        let sign = |node: u32, k: u32| {
            if (hash.of(node, k / 32) >> (k % 32)) & 1 == 0 { 1.0 } else { -1.0 }
        };
        let mut y: Vec<Vec<f64>> = (0..300u32)
            .map(|node| {
                (0..40).map(|k| sign(node, k) * degrees[node as usize].powf(power)).collect()
            })
            .collect();
        let mut sums = vec![vec![0.0; 40]; 300];
        for weight in [0.5, 0.0, 1.0] {
            y = propagated(&edges, &y);
            for (sum, row) in sums.iter_mut().zip(&y) {
                sum.iter_mut().zip(unit(row)).for_each(|(sum, x)| *sum += weight * x);
            }
        }
        let expected: Vec<Vec<f64>> = sums.iter().map(|row| unit(row)).collect();
        assert_close(
            &vectors(&read_folder(&project.path("out/embeddings")), "embedding_"),
            &expected,
        );
    }
}

const SGC: &str = "nodes = \"nodes.parquet\"\nid = \"name\"\nfeatures = [\"first\", \"second value\"]\n\
                   [model]\nmethod = \"sgc\"\nhops = 2\n";

fn write_nodes(
    project: &Project,
    names: impl IntoIterator<Item = i64> + Clone,
    feature: impl Fn(i64) -> f32,
) {
    let columns = vec![
        ("name", integers(names.clone())),
        ("second value", reals(names.clone().into_iter().map(|node| feature(node) + 1.0))),
        ("first", reals(names.into_iter().map(&feature))),
    ];
    write_table(&project.path("nodes.parquet"), columns);
}

/// The engine `native` of the main program, which shares no code with the SQL but the hash and the pipeline file.
#[test]
fn the_native_engine_makes_the_same_bits() {
    let sparse = |edges: Vec<(i64, i64)>| -> Vec<(i64, i64)> {
        let id = |node: i64| (node - 100) * 5_000_000_007;
        edges.into_iter().map(|(a, b)| (id(a), id(b))).collect()
    };
    let odd = |edges: Vec<(i64, i64)>| -> Vec<(i64, i64)> {
        edges.into_iter().map(|(a, b)| (2 * a + 1, 2 * b + 1)).collect()
    };
    let projects = [
        Project::new(&karate(), FASTRP),
        Project::new(
            &skewed(1000, 8000),
            &format!("{FASTRP}[split]\nvalidation = 0.0\ntest = 0.3\n"),
        ),
        Project::new(&sparse(skewed(300, 2000)), &format!("{FASTRP}degree_power = -1.5\n")),
        Project::new(&odd(skewed(300, 2000)), &format!("{FASTRP}degree_power = 2.0\n")),
        Project::new(
            &skewed(500, 3000),
            "[model]\nmethod = \"fastrp\"\ndimensions = 2\nhop_weights = [1.0]\n",
        ),
    ];
    for project in &projects {
        compare_with_native(project);
    }
    let seeded = Project::new(&skewed(400, 2000), FASTRP);
    let text = std::fs::read_to_string(seeded.path("big.toml")).expect("a file");
    std::fs::write(seeded.path("big.toml"), format!("seed = 3\n{text}")).expect("written");
    compare_with_native(&seeded);

    let features = Project::new(&skewed(200, 800), SGC);
    write_nodes(&features, (0..202).rev(), |node| (node as f32).sin());
    compare_with_native(&features);

    let error = verify(&features.path("native"), &mut local(1), &mut |_| ()).expect_err("no steps");
    assert!(error.to_string().contains("keeps no steps to verify"), "{error}");
}

fn compare_with_native(project: &Project) {
    let (outcome, _) = project.run(2, "out");
    let native = vgae_large::run(&project.config(), &project.path("native"), None).expect("a run");
    assert_eq!(native, outcome);
    let [sql, native] = ["out", "native"].map(|out| project.path(out).join("embeddings"));
    assert!(embedding_bits(&native) == embedding_bits(&sql));
    let ids = |folder: &Path| -> BTreeMap<i64, i64> {
        let rows = read_folder(folder);
        column_i64(&rows, "node").into_iter().zip(column_i64(&rows, "id")).collect()
    };
    assert_eq!(ids(&native), ids(&sql));
}

#[test]
fn sgc_is_its_formula_and_isolated_nodes_are_kept() {
    let project = Project::new(&skewed(200, 800), SGC);
    // Two nodes more than have edges, in reverse order.
    write_nodes(&project, (0..202).rev(), |node| (node as f32).sin());
    let (outcome, _) = project.run(3, "out");
    assert_eq!(outcome.audit.nodes, 202);
    let edges = training_edges(&project);
    let mut degrees = vec![1.0f64; 202];
    for &(a, b) in &edges {
        degrees[index(a)] += 1.0;
        degrees[index(b)] += 1.0;
    }
    let feature = |node: usize| f64::from((node as f32).sin());
    let scaled = |node: usize, x: f64| x / degrees[node].sqrt();
    let mut y: Vec<Vec<f64>> = (0..202)
        .map(|node| vec![scaled(node, feature(node)), scaled(node, feature(node) + 1.0)])
        .collect();
    for _ in 0..2 {
        y = propagated(&edges, &y);
    }
    let expected: Vec<Vec<f64>> = y.iter().map(|row| unit(row)).collect();
    assert_close(&vectors(&read_folder(&project.path("out/embeddings")), "embedding_"), &expected);
}

#[test]
fn metrics_are_those_of_the_scores() {
    // Two dimensions, so that many scores are equal.
    let text =
        "[model]\nmethod = \"fastrp\"\ndimensions = 2\nhop_weights = [1.0]\n[split]\ntest = 0.3\n";
    let project = Project::new(&skewed(500, 3000), text);
    let (outcome, _) = project.run(2, "out");
    let scores = project.step("out", "scores");
    let values = vgae_values(&scores);
    for (part, metrics) in [("val", &outcome.metrics.validation), ("test", &outcome.metrics.test)] {
        let of = |sign: bool| -> Vec<f32> {
            let rows =
                values.iter().filter(|(name, positive, _)| name == part && *positive == sign);
            rows.map(|&(_, _, score)| score).collect()
        };
        let (positive, negative) = (of(true), of(false));
        assert_eq!((metrics.positives, metrics.negatives), (positive.len(), negative.len()));
        let auc = vgae_eval::roc_auc(&positive, &negative).expect("scores");
        let ap = vgae_eval::average_precision(&positive, &negative).expect("scores");
        assert!((metrics.auc.expect("AUC") - auc).abs() < 1e-12, "{auc}");
        assert!((metrics.ap.expect("AP") - ap).abs() < 1e-8, "{ap}");
    }
    let distinct: BTreeSet<u32> = values.iter().map(|(_, _, score)| score.to_bits()).collect();
    assert!(distinct.len() < values.len(), "ties are tested");
}

fn vgae_values(scores: &arrow::array::RecordBatch) -> Vec<(String, bool, f32)> {
    use arrow::array::AsArray;
    let score = scores
        .column_by_name("score")
        .expect("scores")
        .as_primitive::<arrow::datatypes::Float32Type>();
    let positive = scores.column_by_name("positive").expect("signs").as_boolean();
    let parts = column_text(scores, "part").into_iter().enumerate();
    parts.map(|(at, part)| (part, positive.value(at), score.value(at))).collect()
}

#[test]
fn ids_are_kept_whatever_they_are() {
    // Ids from 1 are not 0 to N - 1.
    let project = Project::new(&karate(), FASTRP);
    let (outcome, _) = project.run(2, "out");
    assert_eq!((outcome.audit.nodes, outcome.audit.edges, outcome.audit.duplicates), (34, 78, 0));
    let embeddings = read_folder(&project.path("out/embeddings"));
    let ids: BTreeSet<i64> = column_i64(&embeddings, "id").into_iter().collect();
    assert_eq!(ids, (1..=34).collect());

    let name = |node: i64| format!("Zoë \"{node}\"");
    let (src, dst): (Vec<_>, Vec<_>) =
        karate().into_iter().map(|(a, b)| (name(a), name(b))).unzip();
    write_table(&project.path("edges.parquet"), vec![("von", texts(src)), ("nach", texts(dst))]);
    project.configure(&format!("source = \"von\"\ntarget = \"nach\"\n{FASTRP}"));
    let (outcome, _) = project.run(1, "text");
    assert_eq!((outcome.audit.nodes, outcome.audit.edges), (34, 78));
    let embeddings = read_folder(&project.path("text/embeddings"));
    let ids: BTreeSet<String> = column_text(&embeddings, "id").into_iter().collect();
    assert_eq!(ids, (1..=34).map(name).collect());
}

#[test]
fn a_dense_graph_has_enough_negatives() {
    // 30 nodes, 380 of 435 pairs: candidates are drawn until all of the 55 other pairs are among them.
    let pairs = (0..30).flat_map(|a| (a + 1..30).map(move |b| (a, b)));
    let edges: Vec<(i64, i64)> =
        pairs.enumerate().filter(|(at, _)| at % 8 != 0).map(|(_, pair)| pair).collect();
    let project =
        Project::new(&edges, &format!("{FASTRP}[split]\nvalidation = 0.0\ntest = 0.1449\n"));
    let (outcome, _) = project.run(2, "out");
    assert_eq!(outcome.certificate.counts.test_negative, 55);
    assert_eq!(outcome.metrics.validation.auc, None);
    project.configure(&format!("{FASTRP}[split]\nvalidation = 0.0\ntest = 0.2\n"));
    let error = project.run_on(&mut local(1), "none").expect_err("too dense");
    assert!(
        format!("{error:#}").contains("expected 76 pairs without an edge, as negatives, found 55"),
        "{error:#}"
    );
}

#[test]
fn faults_of_the_data_are_named() {
    let project = Project::new(&skewed(50, 100), SGC);
    let error = |project: &Project| {
        let error = project.run_on(&mut local(2), "out").expect_err("faulty data");
        format!("{error:#}")
    };
    write_nodes(&project, 0..49, |_| 1.0);
    assert!(error(&project).contains("endpoints of edges are not in the node table"));
    write_nodes(&project, (0..50).chain([7]), |_| 1.0);
    assert!(error(&project).contains("1 rows of the node table repeat an id"));
    write_nodes(&project, 0..50, |node| if node == 3 { f32::NAN } else { 1.0 });
    assert!(error(&project).contains("1 nodes have a feature that is null, NaN or infinite"));
    project.configure("source = \"from\"\n[model]\nmethod = \"fastrp\"\n");
    assert!(
        error(&project)
            .contains("expected the column `from` (`source` under [data]), found src, dst")
    );
    let missing = arrow::array::Int64Array::from(vec![Some(0), None, Some(2)]);
    let missing = std::sync::Arc::new(missing);
    write_table(
        &project.path("edges.parquet"),
        vec![("src", integers([1, 2, 3])), ("dst", missing)],
    );
    project.configure(FASTRP);
    assert!(error(&project).contains("1 rows of the edge table lack an endpoint"));
    assert!(!project.path("out/run.json").exists());
}

#[test]
fn finished_steps_are_kept_and_damaged_ones_run_again() {
    let project = Project::new(&skewed(200, 900), FASTRP);
    let (outcome, lines) = project.run(2, "out");
    assert!(lines.iter().all(|line| line.starts_with("written ")), "{lines:?}");
    let bits = embedding_bits(&project.path("out/embeddings"));
    let again = |expected: &dyn Fn(&[String])| {
        let (repeated, lines) = project.run(1, "out");
        expected(&lines);
        assert_eq!(repeated, outcome);
        assert_eq!(embedding_bits(&project.path("out/embeddings")), bits);
        verify(&project.path("out"), &mut local(2), &mut |_| {}).expect("verified")
    };
    let steps =
        again(&|lines| assert!(lines.iter().all(|line| line.starts_with("kept ")), "{lines:?}"));
    assert_eq!(steps, lines.len());

    let folder = |step: &str| project.step_folder("out", step);
    let part = |step: &str| parts(&folder(step)).remove(0);
    // A changed byte.
    let path = part("hop_1");
    let mut bytes = std::fs::read(&path).expect("a part");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, &bytes).expect("written");
    let error = verify(&project.path("out"), &mut local(1), &mut |_| {}).expect_err("changed");
    assert!(format!("{error:#}").contains("expected content with the hash"), "{error:#}");
    let damaged = |step: &'static str, what: &'static str| {
        move |lines: &[String]| {
            let damaged: Vec<&String> =
                lines.iter().filter(|line| !line.starts_with("kept ")).collect();
            assert_eq!(damaged.len(), 2, "{lines:?}");
            assert!(
                damaged[0].starts_with(&format!("damaged {step}")) && damaged[0].contains(what),
                "{damaged:?}"
            );
            assert_eq!(*damaged[1], format!("written {step}"));
        }
    };
    again(&damaged("hop_1", "expected content with the hash"));
    // A missing part, a shorter part, and a missing record.
    std::fs::remove_file(part("train")).expect("removed");
    again(&damaged("train", "a part file is missing"));
    let bytes = std::fs::read(part("edges")).expect("a part");
    std::fs::write(part("edges"), &bytes[1..]).expect("written");
    again(&damaged("edges", "bytes, found"));
    std::fs::remove_file(folder("scores").join("step.json")).expect("removed");
    again(&damaged("scores", "step.json"));
    // The attempt of a killed run.
    let attempt = folder("hop_2").with_extension("1");
    std::fs::rename(folder("hop_2"), &attempt).expect("renamed");
    again(&|lines| {
        let written = lines.iter().filter(|line| line.starts_with("written "));
        assert_eq!(written.collect::<Vec<_>>(), ["written hop_2"], "{lines:?}");
    });
    assert!(!attempt.exists());
    // Another run in the same folder.
    let lock = std::fs::File::open(project.path("out/.lock")).expect("a lock");
    lock.lock().expect("locked");
    let error = project.run_on(&mut local(1), "out").expect_err("in use");
    assert!(format!("{error:#}").contains("a folder that no other run writes to"), "{error:#}");
}

#[test]
fn other_models_keep_the_split() {
    let project = Project::new(&skewed(200, 900), FASTRP);
    project.run(2, "out");
    project.configure("[model]\nmethod = \"fastrp\"\ndimensions = 8\n");
    let (_, lines) = project.run(2, "out");
    let kept: Vec<&String> = lines.iter().filter(|line| line.starts_with("kept ")).collect();
    assert_eq!(kept.len(), 11, "{lines:?}");
    let edges = skewed(200, 901);
    write_edges(&project.path("edges.parquet"), &edges);
    let (_, lines) = project.run(2, "out");
    assert!(lines[0] == "written ids", "{lines:?}");
    std::fs::write(project.path("out/metrics.json"), "{\"validation\": {\"auc\": 1.0}}")
        .expect("written");
    let error = verify(&project.path("out"), &mut local(1), &mut |_| {}).expect_err("changed");
    assert!(format!("{error:#}").contains("metrics.json"), "{error:#}");
}

/// Engine that changes the query of one step for a number of attempts.
struct Faulty {
    engine: Local,
    step: String,
    attempts: usize,
    change: fn(&str, &str) -> String,
}

impl Engine for Faulty {
    fn name(&self) -> &'static str {
        "faulty"
    }

    fn register(&mut self, name: &str, files: &TableFiles) -> anyhow::Result<()> {
        self.engine.register(name, files)
    }

    fn write(&mut self, sql: &str, folder: &Path) -> anyhow::Result<()> {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        if name.starts_with(&format!("{}-", self.step)) && self.attempts > 0 {
            self.attempts -= 1;
            return self.engine.write(&(self.change)(sql, &self.step), folder);
        }
        self.engine.write(sql, folder)
    }

    fn query(&mut self, sql: &str) -> anyhow::Result<Facts> {
        self.engine.query(sql)
    }
}

fn faulty(step: &str, attempts: usize, change: fn(&str, &str) -> String) -> Faulty {
    Faulty { engine: local(2), step: step.to_owned(), attempts, change }
}

const STEPS: [&str; 18] = [
    "ids",
    "nodes",
    "edges",
    "split_cuts",
    "train",
    "positives",
    "candidates",
    "negative_cuts",
    "negatives",
    "degrees",
    "certificate",
    "hop_0",
    "hop_1",
    "hop_2",
    "hop_3",
    "embeddings",
    "scores",
    "metrics",
];

#[test]
fn a_lost_or_repeated_row_of_any_step_is_noticed() {
    let project = Project::new(&karate(), FASTRP);
    let (outcome, lines) = project.run(1, "right");
    let steps: Vec<&str> = lines.iter().map(|line| line.trim_start_matches("written ")).collect();
    assert_eq!(steps, STEPS);
    let lose: fn(&str, &str) -> String = |sql, _| format!("SELECT * FROM ({sql}) AS t OFFSET 1");
    let repeat: fn(&str, &str) -> String = |sql, _| {
        format!(
            "SELECT * FROM ({sql}) AS t UNION ALL SELECT * FROM (SELECT * FROM ({sql}) AS u LIMIT 1) AS v"
        )
    };
    for step in STEPS {
        for (change, out) in [(lose, format!("lost-{step}")), (repeat, format!("repeated-{step}"))]
        {
            let (found, lines) = project.run_on(&mut faulty(step, 2, change), &out).expect("a run");
            let rejected =
                lines.iter().filter(|line| line.starts_with(&format!("rejected {step} ")));
            assert_eq!(rejected.count(), 2, "{out}: {lines:?}");
            assert_eq!(found, outcome, "{out}");
        }
    }
}

#[test]
fn wrong_values_of_propagation_are_noticed_and_three_failures_end_the_run() {
    let project = Project::new(&karate(), FASTRP);
    let changes: [fn(&str, &str) -> String; 4] = [
        // A wrong aggregate of one column, of all sums, a value off by a thousandth, and messages of a lost edge that
        // are counted nevertheless.
        |sql, _| sql.replace("sum(q3)", "max(q3)"),
        |sql, _| sql.replace("sum(", "max("),
        |sql, _| sql.replace("AS DOUBLE)) AS REAL) AS y3", "AS DOUBLE)) * 1.001 AS REAL) AS y3"),
        |sql, _| {
            sql.replace(
                "SELECT src AS sender, dst AS receiver FROM train",
                "SELECT dst AS sender, dst AS receiver FROM train",
            )
        },
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let out = format!("wrong-{at}");
        let error =
            project.run_on(&mut faulty("hop_2", 3, change), &out).expect_err("wrong values");
        let error = format!("{error:#}");
        assert!(
            error.contains("step hop_2: the verification failed 3 times on the engine `faulty`"),
            "{error}"
        );
        let steps = std::fs::read_dir(project.path(&out).join("steps")).expect("steps");
        let left = steps.filter(|entry| {
            entry.as_ref().expect("an entry").file_name().to_string_lossy().starts_with("hop_2")
        });
        assert_eq!(left.count(), 0, "no output of a failed step remains");
    }
}

#[test]
fn a_failed_query_names_step_engine_and_query() {
    let project = Project::new(&karate(), FASTRP);
    let error = project
        .run_on(&mut faulty("train", 1, |_, _| "SELECT nothing FROM edges".to_owned()), "out")
        .expect_err("a failed query");
    let error = format!("{error:#}");
    assert!(
        error
            .contains("step train: the query failed on the engine `faulty`:\nSELECT src, dst FROM"),
        "{error}"
    );
    assert!(error.contains("nothing"), "{error}");
}
