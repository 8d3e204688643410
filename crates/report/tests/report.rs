//! Reports: their content, the escaping of data, and that no foreign file is replaced.

use std::collections::BTreeMap;

use vgae_artifacts::{
    Audit, Cell, Certificate, CertificateCounts, Chosen, ComponentCount, ContentHash, CurvePoint,
    Curves, Embedding, EpochRecord, FeatureImportance, FileRecord, History, HybridRecord,
    LinkMetrics, MachineRecord, Manifest, Matrix, Metrics, NodeMetrics, Nodes, Pair,
    PairModelRecord, Part, ProbabilityMetrics, Protocol, Published, RankingMetrics, ReliabilityBin,
    ResultRow, ResultTable, ScoredPair, Scores, Seed, SliceMetrics, Stage, StageRecord, Validation,
    Verdict,
};
use vgae_report::{Circumstances, GridReport, GridRun, Report, RunReport, is_current};

/// A text that breaks out of tags, attributes, comments and scripts wherever it is not escaped.
const ATTACK: &str =
    "--></title></svg><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{0}&amp;";

fn link(auc: Option<f64>, positives: usize, negatives: usize) -> LinkMetrics {
    LinkMetrics { auc, ap: auc.map(|auc| 0.9 * auc), positives, negatives }
}

fn cell(mean: f64, sd: f64, runs: usize) -> Cell {
    Cell { mean, sd: Some(sd), se: Some(sd / (runs as f64).sqrt()), runs }
}

fn metrics() -> Metrics {
    let slice = |by: &str, part, name: &str, from, to, metrics| {
        let by = by.to_owned();
        SliceMetrics { part, by, name: name.to_owned(), from, to, metrics }
    };
    let ranking = |part, negatives: &str, hits: &[(u32, f64)]| RankingMetrics {
        part,
        negatives: negatives.to_owned().try_into().expect("negatives"),
        positives: 10,
        pairs: 1234,
        auc: Some(0.625),
        ap: Some(0.25),
        mrr: Some(0.123_456_789),
        hits: hits.iter().copied().collect(),
        mean_ranks: None,
    };
    let (degree, distance) = (SliceMetrics::BY_DEGREE, SliceMetrics::BY_DISTANCE);
    Metrics {
        validation_weights: None,
        test_weights: None,
        warnings: Vec::new(),
        own_epochs: Vec::new(),
        definitions: [
            ("auc", "roc_auc/1"),
            ("mrr", "mrr/1"),
            ("uniform_negatives", "uniform_negatives/1"),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into(),
        validation: link(Some(0.81), 5, 5),
        test: link(Some(0.123_456_789_012_345_68), 10, 10),
        slices: vec![
            slice(degree, Part::Test, "cold", Some(0), Some(0), link(None, 0, 3)),
            slice(degree, Part::Test, "1", Some(1), None, link(Some(0.7), 10, 7)),
            slice(distance, Part::Test, "2", Some(2), None, link(Some(0.65), 6, 4)),
            slice(distance, Part::Test, "apart", None, None, link(None, 4, 0)),
        ],
        rankings: vec![
            ranking(Part::Validation, "split", &[(1, 0.5)]),
            ranking(Part::Test, "split", &[(1, 0.5)]),
            ranking(Part::Test, "uniform:10", &[(1, 0.375), (10, 1.0)]),
        ],
        probabilities: Some(ProbabilityMetrics {
            slope: 1.25,
            intercept: -0.5,
            reliability: vec![
                ReliabilityBin {
                    from: 0.0,
                    to: 0.5,
                    pairs: 12,
                    positives: 3,
                    predicted: Some(0.2),
                },
                ReliabilityBin { from: 0.5, to: 1.0, pairs: 0, positives: 0, predicted: None },
            ],
            ..ProbabilityMetrics::default()
        }),
        nodes: Some(NodeMetrics {
            labelled: 16,
            classes: 3,
            probe_accuracy: cell(0.75, 0.05, 10),
            probe_macro_f1: cell(0.7, 0.06, 10),
            kmeans_ari: 0.4,
            kmeans_nmi: 0.45,
            kmeans_accuracy: 0.625,
        }),
        importances: Vec::new(),
    }
}

fn scores() -> Scores {
    let row = |at: u32| ScoredPair {
        weight: None,
        pair: Pair::new(at, at + 1),
        part: Part::Test,
        positive: at.is_multiple_of(2),
        score: (at as f32 * 0.7).sin() + if at.is_multiple_of(2) { 0.5 } else { 0.0 },
    };
    Scores((0..20).map(row).collect())
}

fn history() -> History {
    let record = |epoch: u32| EpochRecord {
        epoch,
        loss: 1.0 / f64::from(epoch) + 0.1,
        reconstruction: 1.0 / f64::from(epoch),
        kl: 0.1,
        validation: Some(Validation { auc: 0.8, ap: 0.7 }),
        validation_loss: None,
        seconds: 0.1,
    };
    History((1..=30).map(record).collect())
}

/// ROC and precision-recall counts that fit `scores`.
fn curves() -> Curves {
    let mut rows = scores().0;
    rows.sort_by(|a, b| b.score.total_cmp(&a.score));
    let counted = |counts: &mut (u64, u64), row: &ScoredPair| {
        *counts = (counts.0 + u64::from(row.positive), counts.1 + u64::from(!row.positive));
        let (true_positives, false_positives) = *counts;
        Some(CurvePoint { threshold: row.score, true_positives, false_positives })
    };
    Curves(rows.iter().scan((0, 0), counted).collect())
}

fn column(name: &str, coefficient: Option<f64>, drop: f64) -> FeatureImportance {
    let definition = Some(name.to_owned());
    FeatureImportance { name: name.to_owned(), definition, coefficient, drop }
}

fn stage(stage: Stage, text: &str, seconds: f64) -> StageRecord {
    StageRecord {
        stage,
        stage_version: 1,
        fingerprint: ContentHash::of(b"stage"),
        config: serde_json::json!({ text: text }),
        seed: None,
        inputs: [(text.to_owned(), text.to_owned())].into(),
        outputs: [(text.to_owned(), FileRecord { hash: ContentHash::of(b"file"), bytes: 10 })]
            .into(),
        embedding_hash: None,
        machine: MachineRecord {
            program: text.to_owned(),
            threads: 2,
            cpu_features: vec![text.to_owned()],
            seconds,
            peak_memory_bytes: Some(1 << 26),
        },
    }
}

fn manifest(run: &str, text: &str, seconds: f64) -> Manifest {
    Manifest {
        run: run.to_owned(),
        dataset: text.to_owned(),
        method: "vgae".to_owned(),
        method_chosen_for: None,
        protocol: Some(Protocol::Kipf),
        variant: None,
        seed: Seed(3),
        split_seed: Seed(4),
        stages: vec![stage(Stage::Train, text, seconds)],
    }
}

fn run(text: &str) -> RunReport {
    let label = |node: usize| (!node.is_multiple_of(5)).then(|| format!("{text}{}", node % 3));
    let ids = (0..20).map(|node| format!("{text}{node}")).collect();
    let values = (0..60).map(|at| (at as f32 * 1.3).sin()).collect();
    RunReport {
        clusters: None,
        circumstances: Circumstances {
            stamp: "abc".to_owned(),
            folder: String::new(),
            manifest: Some(manifest(text, text, 1.5)),
        },
        audit: Some(Audit {
            nodes: 20,
            edges: 40,
            directed: false,
            raw_edge_entries: 41,
            self_loops_dropped: 1,
            duplicates_collapsed: 0,
            unknown_ends_dropped: 0,
            added_nodes: 0,
            isolated_nodes: 0,
            max_degree: 7,
            components: ComponentCount { count: 1, largest: 20 },
            features: 0,
            feature_nonzeros: 0,
            zero_feature_nodes: 0,
            relations: 0,
            classes: 3,
            unlabelled_nodes: 4,
            types: None,
            readings: Vec::new(),
            warnings: Vec::new(),
            notes: vec![text.to_owned()],
            findings: Vec::new(),
        }),
        certificate: None,
        history: Some(history()),
        chosen: Some(Chosen { epoch: 12, stopped_early: true }),
        pair_model: Some(PairModelRecord::Hybrid(HybridRecord {
            encoder: text.to_owned(),
            combiner: text.to_owned(),
            positives: 1234,
            negatives: 6170,
        })),
        metrics: Some(Metrics {
            importances: vec![
                column("degree", Some(-0.25), -0.000_01),
                column(text, None, 0.045),
                column("text", Some(1.5), 0.0025),
            ],
            ..metrics()
        }),
        scores: Some(scores()),
        curves: Some(curves()),
        nodes: Some(Nodes::new(ids, (0..20).map(label).collect()).expect("a label an id")),
        embedding: Some(
            Embedding::new(Matrix::from_row_major(20, 3, values).expect("shape"), None)
                .expect("finite"),
        ),
    }
}

/// A table over runs, and the runs.
fn report(rows: Vec<(ResultRow, Vec<(Metrics, f64)>)>) -> GridReport {
    let mut runs = Vec::new();
    let mut columns = Vec::new();
    let row = |(mut row, all): (ResultRow, Vec<(Metrics, f64)>)| {
        let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (at, (metrics, seconds)) in all.into_iter().enumerate() {
            let name = format!("{}-{}-{at}", row.dataset, runs.len());
            for (column, value) in metrics.values().0 {
                let value = value.map(|value| column.unit.in_tables(value));
                values.entry(column.key.clone()).or_default().extend(value);
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
            row.runs.push(name.clone());
            let manifest =
                Manifest { method: row.method.clone(), ..manifest(&name, &row.dataset, seconds) };
            runs.push(GridRun { manifest, values: metrics.values() });
        }
        let cells = values.into_iter().filter_map(|(key, values)| Some((key, Cell::of(&values)?)));
        for (key, cell) in cells {
            row.metrics.entry(key).or_insert(cell);
        }
        row
    };
    let rows = rows.into_iter().map(row).collect();
    GridReport { stamp: "abc".to_owned(), table: ResultTable { columns, rows }, runs }
}

fn grid(text: &str) -> GridReport {
    let row = |method: &str, verdict| ResultRow {
        dataset: text.to_owned(),
        method: method.to_owned(),
        metrics: [("test_auc".to_owned(), cell(91.25, 0.5, 2))].into(),
        published: [("test_auc".to_owned(), Published { value: 91.0, verdict })].into(),
        seconds: 2.0,
        ..ResultRow::default()
    };
    let rows = [("gae", Verdict::Reproduced), ("vgae", Verdict::Above), ("gae*", Verdict::Below)];
    let runs = || vec![(metrics(), 2.0), (metrics(), 2.0)];
    report(rows.map(|(method, verdict)| (row(method, verdict), runs())).into())
}

/// Twenty methods under three protocols, one of which leaks; nothing of a paper.
fn benchmark() -> GridReport {
    const METHODS: [&str; 20] = [
        "common-neighbours",
        "adamic-adar",
        "resource-allocation",
        "katz",
        "page-rank",
        "text",
        "smooth",
        "sc",
        "dw",
        "gae*",
        "vgae*",
        "gae",
        "vgae",
        "linear-gae",
        "linear-vgae",
        "deep-gae",
        "deep-vgae",
        "gnae",
        "vgnae",
        "hybrid",
    ];
    let row = |dataset: &str, protocol: Protocol, at: usize| {
        let mean = 71.5 + 26.0 * (at as f64 / 19.0).sqrt();
        let one = |seed: u64| {
            let score = (mean + 0.4 * (seed as f64 + at as f64).sin()) / 100.0;
            let mut metrics = metrics();
            metrics.test.auc = Some(score);
            metrics.test.ap = Some(score - 0.01);
            let ranking = |negatives: &str, share: f64| RankingMetrics {
                part: Part::Test,
                negatives: negatives.to_owned().try_into().expect("negatives"),
                positives: 10,
                pairs: 5000,
                auc: None,
                ap: None,
                mrr: Some(share * score * score),
                hits: [(10, 2.0 * share * score)].into(),
                mean_ranks: None,
            };
            metrics.rankings = vec![ranking("split", 0.4), ranking("uniform:10", 0.5)];
            if protocol == Protocol::Heart {
                metrics.rankings.push(ranking("hard:500", 0.2));
            }
            (metrics, 0.04 * (at + 1) as f64)
        };
        let row = ResultRow {
            dataset: dataset.to_owned(),
            protocol: Some(protocol),
            method: METHODS[at].to_owned(),
            warning: protocol.warning().map(str::to_owned),
            seconds: 0.02 * 1.5f64.powi(i32::try_from(at * 7 % 20).expect("small")),
            peak_memory_bytes: Some((at as u64 + 3) << 23),
            ..ResultRow::default()
        };
        (row, (0..10).map(one).collect())
    };
    let group = |dataset: &'static str, protocol, methods: std::ops::Range<usize>| {
        methods.map(move |at| row(dataset, protocol, at))
    };
    report(
        group("cora", Protocol::Kipf, 0..20)
            .chain(group("cora", Protocol::Heart, 0..20))
            .chain(group("cora", Protocol::Leaky, 11..13))
            .chain(group("pubmed", Protocol::Heart, 0..20))
            .collect(),
    )
}

/// The headings, captions and columns of a page, and the names of its pictures, numbers as `#`.
fn outline(html: &str) -> String {
    let mut lines = Vec::new();
    for piece in html.split('<').skip(1) {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        match name {
            "h1" | "h2" | "h3" | "caption" | "summary" => lines.push(format!("{name}: {text}")),
            "th" if attributes.contains("col") => lines.push(format!("  column: {text}")),
            "figure" | "section" | "nav" | "output" | "details" => {
                lines.push(format!("{name} {attributes}").trim().to_owned());
            }
            _ => {}
        }
    }
    let text = lines.join("\n");
    text.chars().map(|letter| if letter.is_ascii_digit() { '#' } else { letter }).collect()
}

fn plots(report: &Report) -> Vec<&str> {
    report.plots.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn a_run_has_its_parts() {
    let report = run("karate").render();
    insta::assert_snapshot!("run", outline(&report.html));
    let names = "loss.svg kl.svg validation.svg joined.svg roc.svg precision-recall.svg scores.svg reliability.svg \
                 degree-slices.svg distance-slices.svg neighbours.svg embedding.svg";
    assert_eq!(plots(&report).join(" "), names);
}

#[test]
fn a_grid_has_its_parts() {
    let report = grid("karate").render();
    insta::assert_snapshot!("grid", outline(&report.html));
    let names = ["cells-1-karate-test-auc.svg", "cells-1-karate-test-ap.svg", "times-1-karate.svg"];
    assert_eq!(plots(&report), names);
    for verdict in ["\u{2713} reproduced", "\u{25b2} above", "\u{25bc} below"] {
        assert!(report.html.contains(verdict), "{verdict}");
    }
}

#[test]
fn a_benchmark_is_grouped_by_what_may_be_compared() {
    let report = benchmark().render();
    let html = &report.html;
    insta::assert_snapshot!("benchmark", outline(html));
    let stems = ["1-cora-kipf", "2-cora-heart", "3-cora-leaky", "4-pubmed-heart"];
    for stem in stems {
        assert!(plots(&report).contains(&format!("cells-{stem}-test-auc.svg").as_str()), "{stem}");
        let hard = plots(&report).contains(&format!("cells-{stem}-test-hard-500-mrr.svg").as_str());
        assert_eq!(hard, stem.ends_with("heart"), "{stem}");
        // Two methods make no picture of score against time.
        let timed = plots(&report).contains(&format!("times-{stem}.svg").as_str());
        assert_eq!(timed, !stem.ends_with("leaky"), "{stem}");
    }
    // Without a paper nothing is said of one.
    assert!(!html.contains("Verdict") && !html.contains("the paper"), "{html}");

    let tables: Vec<&str> = html.split("<table class=\"sortable\">").skip(1).collect();
    let table = |at: usize| tables[at].split("</table>").next().expect("an end");
    assert_eq!(tables.len(), stems.len());
    for (at, columns) in [(0, 4), (1, 6), (3, 6)] {
        assert_eq!(table(at).matches("class=\"best\"").count(), columns, "{}", table(at));
        let best = table(at).lines().find(|line| line.contains("class=\"best\"")).expect("a row");
        assert!(best.contains(">hybrid<"), "{best}");
    }
    assert!(!table(2).contains("class=\"best\"") && table(2).matches(">LEAK<").count() == 2);
    assert!(html.contains("<div class=\"alert\" role=\"alert\">"));
}

#[test]
fn a_row_that_leaks_is_never_the_best() {
    let mut report = grid("karate");
    let first = &mut report.table.rows[0];
    first.metrics.insert("test_auc".to_owned(), cell(99.0, 0.5, 2));
    first.warning = Some("It leaks.".to_owned());
    let html = report.render().html;
    let row = |name: &str| {
        html.lines()
            .find(|line| line.contains(&format!("rows.{name}.metrics.test_auc.mean")))
            .expect("a row")
    };
    assert!(row("0").contains("LEAK") && !row("0").contains("class=\"best\""), "{}", row("0"));
    assert!(row("1").contains("class=\"best\"") && !row("1").contains("LEAK"), "{}", row("1"));
    assert_eq!(html.matches("<p>It leaks.</p>").count(), 1);
}

#[test]
fn a_leak_is_said_before_anything_else() {
    let sound = run("karate").render().html;
    assert!(!sound.contains("role=\"alert\"") && !sound.contains("LEAK"));

    let certificate = |leaks: &[&str]| Certificate {
        counts: CertificateCounts {
            nodes: 20,
            train: 20,
            validation: 5,
            validation_negative: 5,
            test: 10,
            test_negative: 10,
        },
        parts_disjoint: true,
        positives_cover_the_graph: true,
        no_negative_is_an_edge: true,
        message_passing: "over all edges".to_owned(),
        leaks: leaks.iter().map(|&leak| leak.to_owned()).collect(),
        cold_test_edges: 0,
        split_hash: ContentHash::of(b"split"),
        given: None,
        rule: None,
    };
    let warnings = vec!["LEAK: <no results>.".to_owned()];
    let warned = RunReport { metrics: Some(Metrics { warnings, ..metrics() }), ..run("karate") };
    let certified =
        RunReport { certificate: Some(certificate(&["messages pass"])), ..run("karate") };
    for (report, said) in [(warned, "LEAK: &lt;no results&gt;."), (certified, "messages pass.")] {
        let html = report.render().html;
        assert!(html.contains("<title>LEAKY: karate</title>"), "{html}");
        let alert = html.find("role=\"alert\"").expect("an alert");
        let words = html.find(said).expect("the warning");
        assert!(alert < words && words < html.find("<h1>LEAKY: karate</h1>").expect("a title"));
    }
    let proved = RunReport { certificate: Some(certificate(&[])), ..run("karate") };
    assert!(!proved.render().html.contains("LEAK"));
}

#[test]
fn a_single_feature_makes_a_whole_page() {
    let definition = "|N(u) \u{2229} N(v)|".to_owned();
    let feature = PairModelRecord::Feature { feature: "common-neighbours".to_owned(), definition };
    let report = RunReport {
        pair_model: Some(feature),
        history: None,
        chosen: None,
        embedding: None,
        ..run("karate")
    };
    let html = report.render().html;
    assert!(html.contains("<code>|N(u) \u{2229} N(v)|</code>"), "{html}");
    for absent in ["id=\"training\"", "id=\"embedding-map\"", "id=\"joined\"", "no epochs"] {
        assert!(!html.contains(absent), "{absent}");
    }
}

#[test]
fn what_a_hybrid_goes_by_is_sorted() {
    let html = run("karate").render().html;
    let table = html.rsplit("What is joined, what matters most first").next().expect("a table");
    let place = |name: &str| table.find(&format!("<th scope=\"row\">{name}</th>")).expect("a row");
    assert!(place("karate") < place("text") && place("text") < place("degree"));
    assert!(html.contains("1,234 training edges") && html.contains("6,170 pairs"));
    // A loss of a thousandth below zero is none.
    assert!(table.contains("<td data-value=\"-0.001\">0.00</td>"), "{table}");
    let unmeasured = PairModelRecord::Hybrid(HybridRecord::default());
    let mut report = RunReport { pair_model: Some(unmeasured), ..run("karate") };
    report.metrics.as_mut().expect("metrics").importances.clear();
    let report = report.render();
    assert!(report.html.contains("was not measured") && !plots(&report).contains(&"joined.svg"));
}

#[test]
fn the_epoch_that_was_kept_is_marked() {
    let html = run("karate").render().html;
    assert_eq!(html.matches(">epoch 12, kept</text>").count(), 3);
    assert!(html.contains("The weights are those of epoch 12, the best on validation"));
    assert!(html.contains("stopped early, after 30 epochs"));
    let last = RunReport { chosen: None, ..run("karate") };
    assert!(!last.render().html.contains("kept"));
    // An epoch that the history does not know is nowhere on its axis.
    let odd = Some(Chosen { epoch: 4000, stopped_early: false });
    let odd = RunReport { chosen: odd, ..run("karate") }.render().html;
    assert!(!odd.contains(", kept</text>"));
}

#[test]
fn numbers_are_carried_to_the_last_digit() {
    let html = run("karate").render().html;
    assert!(
        html.contains("data-metric=\"test.auc\" data-value=\"0.12345678901234568\">0.1235<"),
        "{html}"
    );
    assert!(html.contains("<td data-metric=\"slices.0.auc\">-</td>"));
    assert!(html.contains("data-metric=\"slices.0.negatives\" data-value=\"3\">3<"));
    assert!(html.contains("not measured: no edges"));
    assert!(html.contains("data-metric=\"slices.2.auc\" data-value=\"0.65\">0.6500<"));
    assert!(html.contains("data-metric=\"rankings.2.mrr\" data-value=\"0.123456789\">0.1235<"));
    assert!(html.contains("data-metric=\"rankings.2.hits.10\" data-value=\"1\">1.0000<"));
    assert!(html.contains("<td data-metric=\"rankings.1.hits.10\">-</td>"));
    let grid = grid("karate").render().html;
    assert!(grid.contains(
        "data-metric=\"rows.0.metrics.test_auc.mean\" data-value=\"91.25\">91.25 \u{b1} 0.50<"
    ));
}

#[test]
fn data_is_never_markup() {
    let attack = || ATTACK.to_owned();
    let leaky = RunReport {
        metrics: Some(Metrics { warnings: vec![attack()], ..metrics() }),
        pair_model: Some(PairModelRecord::Feature { feature: attack(), definition: attack() }),
        ..run(ATTACK)
    };
    let mut protocols = grid(ATTACK);
    protocols.table.rows[0].protocol = Some(Protocol::Leaky);
    protocols.table.rows[0].warning = Some(attack());
    protocols.table.rows[1].variant = Some(attack());
    protocols.table.columns[0].title = attack();
    let reports = [run(ATTACK).render(), leaky.render(), grid(ATTACK).render(), protocols.render()];
    for report in reports {
        let all = report.plots.iter().map(|(_, text)| text.as_str()).chain([report.html.as_str()]);
        for text in all {
            let scripts = text.matches("<script").count();
            assert_eq!(scripts, usize::from(text.starts_with("<!DOCTYPE html>")), "{text}");
            assert!(!text.contains("<img") && !text.contains('\0'), "{text}");
            assert_eq!(text.matches("-->").count(), 1, "only our own comment ends");
        }
        for (name, _) in &report.plots {
            assert!(
                name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.".contains(letter)),
                "{name}"
            );
        }
    }
}

#[test]
fn little_is_enough() {
    let circumstances =
        Circumstances { folder: "nothing yet".to_owned(), ..Circumstances::default() };
    let report = RunReport { circumstances, ..RunReport::default() }.render();
    assert!(report.html.contains("<h1>nothing yet</h1>") && report.plots.is_empty());
    assert!(GridReport::default().render().plots.is_empty());

    // A method without epochs, one without features or labels, a test part of edges only, a single node.
    let mut report = run("karate");
    report.history = Some(History::default());
    report.pair_model = None;
    report.scores = Some(Scores(scores().0.into_iter().filter(|row| row.positive).collect()));
    let last = CurvePoint { threshold: 0.0, true_positives: 10, false_positives: 0 };
    report.curves = Some(Curves(vec![last]));
    report.nodes = Some(Nodes::new(vec!["one".to_owned()], vec![None]).expect("a node"));
    let matrix = Matrix::from_row_major(1, 2, vec![0.0; 2]).expect("shape");
    report.embedding = Some(Embedding::new(matrix, None).expect("finite"));
    let page = report.render();
    assert!(page.html.contains("This method has no epochs"));
    assert!(page.html.contains("the test part lacks one of them"));
    let names = [
        "scores.svg",
        "reliability.svg",
        "degree-slices.svg",
        "distance-slices.svg",
        "embedding.svg",
    ];
    assert_eq!(plots(&page), names);
    let html = page.html.replace("mutual information", "");
    assert!(!html.contains("NaN") && !html.contains("inf"), "{html}");
}

#[test]
fn extreme_values_draw_nothing_that_is_not_a_number() {
    let mut report = run("karate");
    let mut scores = scores();
    scores.0[0].score = f32::INFINITY;
    scores.0[1].score = f32::NEG_INFINITY;
    scores.0[2].score = f32::MAX;
    report.scores = Some(scores);
    let mut history = history();
    history.0[3].loss = f64::NAN;
    history.0[4].loss = f64::INFINITY;
    report.history = Some(history);
    for (name, text) in report.render().plots {
        assert!(
            !text.contains("NaN") && !text.contains("inf\"") && !text.contains("inf,"),
            "{name}: {text}"
        );
    }
}

#[test]
fn the_same_values_give_the_same_page() {
    assert_eq!(run("karate").render(), run("karate").render());
}

#[test]
fn a_report_replaces_a_report_and_nothing_else() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = |name: &str| folder.path().join(name);
    let full = run("karate");
    assert!(!is_current(folder.path(), "abc"));
    full.render().write(folder.path()).expect("written");
    assert!(is_current(folder.path(), "abc") && !is_current(folder.path(), "abd"));
    assert!(path("plots/kl.svg").exists());

    // A later run without epochs leaves no curve of the first; what others put there stays.
    std::fs::write(path("plots/mine.svg"), "<svg/>").expect("written");
    let circumstances = Circumstances { stamp: "later".to_owned(), ..full.circumstances.clone() };
    let later = RunReport { history: None, circumstances, ..full };
    later.render().write(folder.path()).expect("written");
    assert!(!path("plots/kl.svg").exists() && path("plots/mine.svg").exists());
    assert!(is_current(folder.path(), "later"));

    std::fs::write(path("report.html"), "<!DOCTYPE html>\n<p>my thesis").expect("written");
    let refused = later.render().write(folder.path()).expect_err("not ours");
    assert!(refused.to_string().contains("a file of another program"), "{refused}");
    assert!(
        std::fs::read_to_string(path("report.html")).expect("still there").contains("my thesis")
    );
}
