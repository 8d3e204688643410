//! Measures pair features and hybrids of them over split folders, with a stand-in encoder:
//! `cargo run --release -p vgae-model --example pair_scores -- EPOCHS FOLDER...`, each folder as `vgae split` left
//! it. Prints validation and test AUC / AP of every feature and of every way to join, mean and SD over the folders.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example prints what it measured"
)]

mod gnae;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use gnae::Encoder;
use vgae_artifacts::{EdgeSplit, Embedding, Features, LabelledPairs, Pair, Seed, TrainView};
use vgae_model::{Hybrid, HybridConfig, Joiner, PairFeature, PairScores, PairTable, hold_out};

/// AUC and AP in percent, ties counted as scikit-learn does.
fn measure(positive: &[f32], negative: &[f32]) -> (f64, f64) {
    let mut all: Vec<(f32, bool)> = positive.iter().map(|&score| (score, true)).collect();
    all.extend(negative.iter().map(|&score| (score, false)));
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (p, n) = (positive.len() as f64, negative.len() as f64);
    let (mut auc, mut ap, mut found, mut wrong) = (0.0, 0.0, 0.0, 0.0);
    for tied in all.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let right = tied.iter().filter(|(_, positive)| *positive).count() as f64;
        let others = tied.len() as f64 - right;
        auc += others * (found + right / 2.0);
        found += right;
        wrong += others;
        ap += right * found / (found + wrong);
    }
    (100.0 * auc / (p * n), 100.0 * ap / p)
}

/// The first `positives` of the scores against the others.
fn measure_split(scores: &[f32], positives: usize) -> (f64, f64) {
    measure(&scores[..positives], &scores[positives..])
}

fn joined(pairs: &LabelledPairs) -> Vec<Pair> {
    [&pairs.positive[..], &pairs.negative].concat()
}

fn truths(pairs: &LabelledPairs) -> Vec<bool> {
    (0..pairs.positive.len() + pairs.negative.len()).map(|at| at < pairs.positive.len()).collect()
}

/// What one graph says: everything that is made of training edges.
struct Known {
    scores: PairScores,
    embedding: Embedding,
}

impl Known {
    fn new(
        train: TrainView<'_>,
        features: &Features,
        watch: &LabelledPairs,
        epochs: u32,
        seed: Seed,
    ) -> Result<Self, Box<dyn Error>> {
        let encoder = Encoder { features, width: 128, hops: 1, epochs, watch };
        let embedding = encoder.fit(train, seed)?;
        Ok(Self { scores: PairScores::new(train, Some(features))?, embedding })
    }

    fn table(&self, way: &Way, pairs: &LabelledPairs) -> Result<PairTable, Box<dyn Error>> {
        let embedding = [("embedding", &self.embedding)];
        let embeddings = &embedding[..usize::from(way.embedding)];
        Ok(self.scores.table(&way.features, embeddings, Vec::new(), &joined(pairs))?)
    }
}

/// What is joined.
struct Way {
    name: &'static str,
    embedding: bool,
    features: Vec<PairFeature>,
}

impl Way {
    fn all() -> [Self; 3] {
        // What docs/hybrid.md compares.
        let usual = vec![
            PairFeature::ResourceAllocation,
            PairFeature::Walks2,
            PairFeature::Walks3,
            PairFeature::Walks4,
            PairFeature::Text,
            PairFeature::SmoothedText,
            PairFeature::DegreeSum,
            PairFeature::DegreeMin,
        ];
        let more = [PairFeature::CommonNeighbours, PairFeature::AdamicAdar, PairFeature::Katz];
        let wide = [&usual[..], &more].concat();
        [
            Self { name: "features", embedding: false, features: usual.clone() },
            Self { name: "embedding and features", embedding: true, features: usual },
            Self { name: "embedding and more features", embedding: true, features: wide },
        ]
    }
}

type Results = BTreeMap<String, Vec<[f64; 4]>>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let epochs: u32 = arguments.next().ok_or("expected the number of epochs")?.parse()?;
    let mut results = Results::new();
    for (seed, folder) in (0..).zip(arguments) {
        run(Path::new(&folder), epochs, Seed(seed), &mut results)?;
    }
    for (name, rows) in results {
        print!("{name:32}");
        for at in 0..4 {
            let mean = rows.iter().map(|row| row[at]).sum::<f64>() / rows.len() as f64;
            let square = rows.iter().map(|row| (row[at] - mean).powi(2)).sum::<f64>();
            print!(
                "{}{mean:6.2} +- {:.2}",
                [" val ", " / ", "  test ", " / "][at],
                (square / rows.len() as f64).sqrt()
            );
        }
        println!();
    }
    Ok(())
}

fn run(
    folder: &Path,
    epochs: u32,
    seed: Seed,
    results: &mut Results,
) -> Result<(), Box<dyn Error>> {
    let audit = std::fs::read_to_string(folder.join("audit.json"))?;
    let audit: serde_json::Value = serde_json::from_str(&audit)?;
    let nodes = usize::try_from(audit["nodes"].as_u64().ok_or("no node count")?)?;
    let split = EdgeSplit::read(&folder.join("split.parquet"), nodes)?;
    let features = Features::read(&folder.join("features.parquet"), nodes)?;
    let (validation, test) = (split.validation(), split.test());
    let mut note = |name: &str, val: (f64, f64), test: (f64, f64)| {
        results.entry(name.to_owned()).or_default().push([val.0, val.1, test.0, test.1]);
    };

    let all = PairFeature::ALL;
    let start = Instant::now();
    let whole = Known::new(split.train_view(), &features, validation, epochs, seed)?;
    let encoded = start.elapsed().as_secs_f64();
    let base = HybridConfig::default();
    let share = std::env::var("SHARE").map_or(Ok(base.held_out), |share| share.parse())?;
    let count = std::env::var("NEGATIVES").map_or(Ok(base.negatives), |count| count.parse())?;
    let held = hold_out(split.train_view(), share, count, seed)?;
    let inner = Known::new(held.train_view(), &features, validation, epochs, seed)?;
    let skipped = std::env::var("SKIP").unwrap_or_default();
    for feature in all.into_iter().filter(|feature| feature.name() != skipped) {
        let start = Instant::now();
        let score = |pairs: &LabelledPairs| -> Result<_, Box<dyn Error>> {
            #[expect(clippy::cast_possible_truncation, reason = "ranks hardly change")]
            let scores: Vec<f32> =
                whole.scores.score(feature, &joined(pairs))?.iter().map(|&x| x as f32).collect();
            Ok(measure_split(&scores, pairs.positive.len()))
        };
        note(&format!("alone {feature}"), score(validation)?, score(test)?);
        eprint!("{feature} {:.2} s, ", start.elapsed().as_secs_f64());
    }
    let logits = |pairs: &LabelledPairs| {
        let z = &whole.embedding;
        let scores: Vec<f32> = joined(pairs).iter().map(|p| z.logit(p.src, p.dst)).collect();
        measure_split(&scores, pairs.positive.len())
    };
    note("alone embedding", logits(validation), logits(test));
    for way in Way::all() {
        let start = Instant::now();
        let (val, tested) = (whole.table(&way, validation)?, whole.table(&way, test)?);
        let on_held = inner.table(&way, held.validation())?;
        let tables = start.elapsed().as_secs_f64();
        for joiner in [Joiner::Logistic, Joiner::Mlp] {
            let config = HybridConfig { joiner, ..HybridConfig::default() };
            for (on, table, pairs) in
                [("validation", &val, validation), ("hold-out", &on_held, held.validation())]
            {
                let start = Instant::now();
                let hybrid = Hybrid::fit(table, &truths(pairs), &config, seed)?;
                let fit = start.elapsed().as_secs_f64();
                note(
                    &format!("{}, {joiner:?} on {on}", way.name),
                    measure_split(&hybrid.score(&val)?, validation.positive.len()),
                    measure_split(&hybrid.score(&tested)?, test.positive.len()),
                );
                eprint!("{joiner:?} on {on} {fit:.2} s, ");
                if seed == Seed(0) && on == "hold-out" && way.embedding {
                    let auc = |positive: &[f32], negative: &[f32]| measure(positive, negative).0;
                    for weight in hybrid.importances(&val, &truths(validation), auc, seed)? {
                        let coefficient = weight.coefficient.unwrap_or(f64::NAN);
                        println!(
                            "{joiner:?} {:24} {coefficient:6.2} {:6.2}",
                            weight.name, weight.drop
                        );
                    }
                }
            }
        }
        eprint!("tables {tables:.2} s; ");
    }
    eprintln!("{} encoder {encoded:.2} s", folder.display());
    Ok(())
}
