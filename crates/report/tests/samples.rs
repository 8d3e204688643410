//! The page of a run over samples: what stands on it, and that data stays data.

use std::collections::BTreeMap;

use vgae_artifacts::{
    CodeMetrics, ColumnScale, ContentHash, Embedding, EpochRecord, FileRecord, History, ImageShape,
    MachineRecord, Manifest, Matrix, MissingValues, NamedCount, Nodes, PartCounts,
    ReconstructionMetrics, SampleAudit, SampleCertificate, SampleMetrics, Seed, Stage, StageRecord,
};
use vgae_report::{
    Circumstances, ColumnError, Generated, Interpolated, Plane, Reconstructed, Report,
    SamplesReport, plane_codes,
};

/// A text that breaks out of tags, attributes, comments and scripts wherever it is not escaped.
const ATTACK: &str =
    "--></title></svg><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{0}&amp;";

const SHAPE: ImageShape = ImageShape { height: 4, width: 3 };

fn part(kl: Option<f64>) -> ReconstructionMetrics {
    ReconstructionMetrics {
        samples: 10,
        reconstruction: 80.25,
        kl,
        negative_elbo: kl.map(|kl| 80.25 + kl),
        squared_error: 0.012_345_678_901_234_568,
        pca_squared_error: Some(0.03),
    }
}

fn metrics(kl: Option<f64>) -> SampleMetrics {
    SampleMetrics {
        definitions: [("kl".to_owned(), "gaussian_kl/1".to_owned())].into(),
        validation: Some(part(kl)),
        test: Some(part(kl)),
        code: Some(CodeMetrics {
            knn_k: 10,
            knn_accuracy: Some(0.97),
            probe_accuracy: Some(0.91),
            labelled_train: 20,
            labelled_test: 9,
            classes: 3,
        }),
    }
}

fn history(kl: f64) -> History {
    let record = |epoch: u32| EpochRecord {
        epoch,
        loss: 100.0 / f64::from(epoch) + kl,
        reconstruction: 100.0 / f64::from(epoch),
        kl,
        validation: None,
        validation_loss: Some(110.0 / f64::from(epoch)),
        seconds: 0.1,
    };
    History((1..=30).map(record).collect())
}

fn audit(text: &str) -> SampleAudit {
    SampleAudit {
        samples: 40,
        columns: 12,
        image: Some(SHAPE),
        constant_columns: NamedCount { count: 2, examples: vec![text.to_owned()] },
        missing: MissingValues {
            values: 3,
            columns: NamedCount { count: 1, examples: vec![text.to_owned()] },
            action: text.to_owned(),
        },
        classes: 3,
        unlabelled_samples: 4,
        given_parts: Some(PartCounts { train: 30, validation: 0, test: 10 }),
        minimum: 0.0,
        maximum: 255.0,
        scaling: vec![ColumnScale { column: text.to_owned(), offset: 0.5, divisor: 2.0 }],
        reading: None,
        notes: vec![text.to_owned()],
    }
}

fn images(rows: usize) -> Matrix {
    let values = (0..rows * 12).map(|at| 0.5 + 0.5 * (at as f32 * 0.7).sin()).collect();
    Matrix::from_row_major(rows, 12, values).expect("shape")
}

fn manifest(text: &str) -> Manifest {
    Manifest {
        run: text.to_owned(),
        dataset: text.to_owned(),
        method: "vae".to_owned(),
        method_chosen_for: None,
        protocol: None,
        variant: None,
        seed: Seed(3),
        split_seed: Seed(4),
        stages: vec![StageRecord {
            stage: Stage::Train,
            stage_version: 1,
            fingerprint: ContentHash::of(b"stage"),
            config: serde_json::json!({ text: text }),
            seed: None,
            inputs: BTreeMap::new(),
            outputs: [(text.to_owned(), FileRecord { hash: ContentHash::of(b"file"), bytes: 10 })]
                .into(),
            embedding_hash: None,
            machine: MachineRecord {
                program: text.to_owned(),
                threads: 2,
                cpu_features: Vec::new(),
                seconds: 1.5,
                peak_memory_bytes: None,
            },
        }],
    }
}

fn run(text: &str) -> SamplesReport {
    let label = |row: usize| (!row.is_multiple_of(5)).then(|| format!("{text}{}", row % 3));
    let ids = (0..40).map(|row| format!("{text}{row}")).collect();
    let values = (0..80).map(|at| (at as f32 * 1.3).sin()).collect();
    let embedding = Embedding::new(Matrix::from_row_major(40, 2, values).expect("shape"), None)
        .expect("finite");
    let codes = plane_codes(&embedding, &[], 3, true);
    let generated = |method: &str, variational| Generated {
        run: text.to_owned(),
        method: method.to_owned(),
        variational,
        images: images(9),
    };
    SamplesReport {
        circumstances: Circumstances {
            stamp: "abc".to_owned(),
            folder: String::new(),
            manifest: Some(manifest(text)),
        },
        audit: Some(audit(text)),
        certificate: Some(SampleCertificate {
            samples: 40,
            counts: PartCounts { train: 28, validation: 2, test: 10 },
            parts_disjoint: true,
            parts_cover_the_samples: true,
            given_parts_kept: None,
            split_hash: ContentHash::of(b"split"),
        }),
        history: Some(history(25.0)),
        metrics: Some(metrics(Some(25.25))),
        nodes: Some(Nodes::new(ids, (0..40).map(label).collect()).expect("a label an id")),
        embedding: Some(embedding),
        mapped: (30..40).collect(),
        image: Some(SHAPE),
        reconstructed: Some(Reconstructed {
            rows: (30..40).collect(),
            originals: images(10),
            reconstructions: images(10),
        }),
        generated: vec![generated("vae", true), generated(text, false)],
        interpolated: Some(Interpolated { from: 30, to: 31, images: images(6) }),
        plane: Some(Plane { side: 3, codes, images: images(9), of_prior: true }),
        columns: Vec::new(),
    }
}

/// The page of a plain auto-encoder of a table.
fn table() -> SamplesReport {
    let column = |at: usize| ColumnError {
        name: format!("column {at}"),
        squared_error: 0.01 * at as f64,
        variance: if at == 3 { 0.0 } else { 1.0 },
    };
    let iris = run("iris");
    let manifest = Some(Manifest { method: "ae".to_owned(), ..manifest("iris") });
    SamplesReport {
        circumstances: Circumstances { manifest, ..iris.circumstances },
        history: Some(history(0.0)),
        metrics: Some(metrics(None)),
        image: None,
        reconstructed: None,
        generated: Vec::new(),
        interpolated: None,
        plane: None,
        columns: (0..25).map(column).collect(),
        ..iris
    }
}

/// The headings, captions and columns of a page, and the names of its pictures, numbers as `#`.
fn outline(html: &str) -> String {
    let mut lines = Vec::new();
    for piece in html.split('<').skip(1) {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        match name {
            "h1" | "h2" | "h3" | "caption" | "summary" | "dt" | "figcaption" => {
                lines.push(format!("{name}: {text}"));
            }
            "th" if attributes.contains("col") => lines.push(format!("  column: {text}")),
            "figure" | "section" | "nav" | "output" | "details" => {
                lines.push(format!("{name} {attributes}").trim().to_owned());
            }
            "img" => {
                let alt = attributes.split_once("alt=").map_or("no alt", |(_, alt)| alt);
                lines.push(format!("img alt={alt}"));
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
fn a_run_over_images_has_its_parts() {
    let report = run("digits").render();
    insta::assert_snapshot!("images", outline(&report.html));
    assert_eq!(plots(&report), ["loss.svg", "kl.svg", "embedding.svg"]);
    assert_eq!(
        report.html.matches("<img class=\"sheet\" src=\"data:image/png;base64,iVBOR").count(),
        5
    );
    assert!(report.html.contains(
        "data-metric=\"test.squared_error\" data-value=\"0.012345678901234568\">0.01235<"
    ));
    assert_eq!(run("digits").render(), report, "the same values give the same page");
}

#[test]
fn a_run_over_a_table_has_its_parts() {
    let report = table().render();
    insta::assert_snapshot!("table", outline(&report.html));
    assert_eq!(plots(&report), ["loss.svg", "embedding.svg"]);
    // The worst first, 20 of 25.
    let place = |text: &str| report.html.find(text);
    assert!(place(">column 24<") < place(">column 23<"), "the worst first");
    assert!(place(">column 5<").is_some() && place(">column 4<").is_none());
}

#[test]
fn data_is_never_markup() {
    let report = run(ATTACK).render();
    let mut attacked = table();
    attacked.columns[24].name = ATTACK.to_owned();
    let texts = [report.html, attacked.render().html];
    for text in texts.iter().chain(report.plots.iter().map(|(_, text)| text)) {
        let scripts = text.matches("<script").count();
        assert_eq!(scripts, usize::from(text.starts_with("<!DOCTYPE html>")), "{text}");
        assert!(!text.contains("<img src=x") && !text.contains('\0'), "{text}");
        assert_eq!(text.matches("-->").count(), 1, "only our own comment ends");
    }
}

#[test]
fn little_is_enough_and_odd_values_are_no_trouble() {
    let circumstances =
        Circumstances { folder: "nothing yet".to_owned(), ..Circumstances::default() };
    let report = SamplesReport { circumstances, ..SamplesReport::default() };
    let page = report.render();
    assert!(page.html.contains("<h1>nothing yet</h1>") && page.plots.is_empty());

    let mut report = run("digits");
    report.mapped = Vec::new();
    report.nodes = None;
    if let Some(shown) = &mut report.reconstructed {
        shown.reconstructions.as_mut_slice()[0] = f32::NAN;
        shown.rows.truncate(3);
    }
    report.generated.truncate(1);
    report.generated[0].images = Matrix::zeros(0, 12);
    report.interpolated = Some(Interpolated { from: 1, to: 99, images: Matrix::zeros(2, 7) });
    let html = report.render().html;
    assert!(html.contains("figure-reconstructions") && html.contains("sample 30"));
    assert!(!html.contains("figure-generated") && !html.contains("figure-interpolation"));
    assert!(!html.contains("NaN"), "{html}");
}
