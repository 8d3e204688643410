//! Edited runs and grids, with every hash and fingerprint corrected: `verify` finds each.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use serde::Serialize;
use serde_json::{Value, json};
use vgae_artifacts::{
    ContentHash, Curves, EdgeSplit, Edges, Embedding, FileRecord, History, Kind, LabelledPairs,
    Manifest, Metrics, Nodes, Provenance, ResultTable, Scores, Seed, Stage, json as files, names,
    table,
};
use vgae_pipeline::verify;

use crate::common::{json as read_json, run, vgae};

/// The content of a fingerprint, in its order.
#[derive(Serialize)]
struct Job<'a> {
    stage: Stage,
    stage_version: u32,
    config: &'a Value,
    inputs: &'a BTreeMap<String, String>,
    seed: Option<Seed>,
}

/// Makes inputs, fingerprints, provenance and hashes of a folder those of its files as they are.
fn seal(folder: &Path) {
    let mut manifest = Manifest::read(folder).expect("a manifest");
    let mut available = BTreeMap::new();
    for record in &mut manifest.stages {
        for (name, hash) in &mut record.inputs {
            if let Some(found) = available.get(name) {
                hash.clone_from(found);
            }
        }
        let before = record.fingerprint;
        let (config, inputs) = (&record.config, &record.inputs);
        let (stage, stage_version, seed) = (record.stage, record.stage_version, record.seed);
        let job = Job { stage, stage_version, config, inputs, seed };
        record.fingerprint = ContentHash::of(&serde_json::to_vec(&job).expect("JSON"));
        record.outputs.retain(|name, _| folder.join(name).exists());
        for (name, file) in &mut record.outputs {
            let path = folder.join(name);
            replace(&path, &before.to_hex(), &record.fingerprint.to_hex());
            *file = describe(&path);
            available.insert(name.clone(), file.hash.to_hex());
        }
        if record.embedding_hash.is_some() {
            let embedding = Embedding::read(&folder.join(names::LATENT)).ok();
            record.embedding_hash = embedding.map(|embedding| embedding.content_hash());
        }
    }
    manifest.write(folder).expect("written");
}

fn describe(path: &Path) -> FileRecord {
    let bytes = std::fs::read(path).expect("a file");
    FileRecord { hash: ContentHash::of(&bytes), bytes: bytes.len() as u64 }
}

/// Replaces a text of the same length in the metadata of a file.
fn replace(path: &Path, from: &str, to: &str) {
    let kind = path.file_name().and_then(|name| names::find(name.to_str()?)?.kind);
    if let (Some(kind), Some("parquet")) = (kind, path.extension().and_then(|part| part.to_str())) {
        let batch = table::read_batch(path, kind).expect("a table");
        let schema = batch.schema();
        let metadata = schema.metadata().iter();
        let metadata = metadata.map(|(key, value)| (key.clone(), value.replace(from, to)));
        let schema = schema.as_ref().clone().with_metadata(metadata.collect());
        let columns = batch.columns().to_vec();
        let batch = RecordBatch::try_new(Arc::new(schema), columns).expect("the same columns");
        return table::write_batch(path, &batch).expect("written");
    }
    let mut bytes = std::fs::read(path).expect("a file");
    let (from, to) = (from.as_bytes(), to.as_bytes());
    for at in 0..=bytes.len().saturating_sub(from.len()) {
        if &bytes[at..at + from.len()] == from {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
    std::fs::write(path, bytes).expect("written");
}

/// Copies the files of a run, without its cache.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() && !path.ends_with(".vgae") {
            copy(&path, &target);
        } else if path.is_file() {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}

/// Returns the checks that fail in a folder, each with its fault.
fn faults(folder: &Path, retrain: bool) -> Vec<String> {
    let all = match verify(folder, retrain) {
        Ok(all) => all,
        Err(error) => return vec![error.to_string()],
    };
    assert!(all.iter().all(|one| !one.checks.is_empty()), "something is checked");
    let checks = all.into_iter().flat_map(|one| one.checks);
    checks.filter_map(|check| Some(format!("{}: {}", check.what, check.fault?))).collect()
}

fn provenance() -> Provenance {
    Provenance::of_stage("forger")
}

fn edit_json(path: &Path, edit: impl FnOnce(&mut Value)) {
    let mut value = read_json(path);
    edit(&mut value);
    std::fs::write(path, serde_json::to_vec_pretty(&value).expect("JSON")).expect("written");
}

/// Writes a file with the provenance that it had.
fn keeping<T>(path: &Path, write: impl FnOnce(&Path, &Provenance) -> T) {
    let provenance = names::provenance(path).expect("readable").unwrap_or_else(provenance);
    write(path, &provenance);
}

fn scores_of(folder: &Path) -> Scores {
    Scores::read(&folder.join(names::SCORES)).expect("scores")
}

/// Stores scores, and the metrics and curves that follow from them.
fn store_scores(folder: &Path, scores: &Scores) {
    let found = vgae_eval::measure_scores(scores, false).expect("metrics");
    let path = folder.join(names::METRICS);
    let mut metrics = Metrics::read(&path).expect("metrics");
    (metrics.validation, metrics.test) = (found.validation, found.test);
    (metrics.rankings, metrics.probabilities) = (found.rankings, found.probabilities);
    keeping(&path, |path, provenance| metrics.write(path, provenance).expect("written"));
    let (positive, negative) = scores.of_part(vgae_artifacts::Part::Test);
    let curves: Curves = vgae_eval::curves(&positive, &negative).expect("curves");
    keeping(&folder.join(names::CURVES), |path, provenance| {
        curves.write(path, provenance).expect("written");
    });
    keeping(&folder.join(names::SCORES), |path, provenance| {
        scores.write(path, provenance).expect("written");
    });
}

fn split_of(folder: &Path) -> EdgeSplit {
    let nodes = Nodes::count(&folder.join(names::NODES)).expect("nodes");
    EdgeSplit::read(&folder.join(names::SPLIT), nodes).expect("a split")
}

/// Stores a split and the certificate that follows from it.
fn store_split(folder: &Path, train: Vec<vgae_artifacts::Pair>, test: LabelledPairs) {
    let before = split_of(folder);
    let validation = before.validation().clone();
    let split =
        EdgeSplit::new(before.node_count(), train, validation, test).expect("still a split");
    let edges = Edges::read(&folder.join(names::EDGES), before.node_count()).expect("edges");
    let certificate = vgae_split::certify(&edges, &split);
    keeping(&folder.join(names::SPLIT), |path, provenance| {
        split.write(path, provenance).expect("written");
    });
    keeping(&folder.join(names::CERTIFICATE), |path, provenance| {
        files::write(path, Kind::Certificate, &certificate, provenance).expect("written");
    });
}

const PIPELINE: &str = "[data]\ndataset = \"karate\"\n[split]\nvalidation = 0.2\ntest = 0.2\n\
                        [eval]\nnegatives = [\"uniform:10\", \"hard:10\"]\n[export]\nformats = \
                        [\"parquet\", \"arrow\", \"csv\", \"npy\"]\n";

/// Runs a method on the karate club.
fn karate(folder: &Path, name: &str, model: &str, seed: u64) -> std::path::PathBuf {
    let path = folder.join(format!("{name}.toml"));
    let text = format!("name = \"{name}\"\nseed = {seed}\n{PIPELINE}[model]\n{model}\n");
    std::fs::write(&path, text).expect("a pipeline");
    let out = folder.join(name);
    run(&path, &out, &[]);
    out
}

const VGAE: &str = "method = \"vgae*\"\nepochs = 30\nlatent = 4\nhidden = 8";
/// The same with the weights of the best epoch.
const BEST: &str = "method = \"vgae*\"\nepochs = 30\nlatent = 4\nhidden = 8\nkeep_best = true";
const HYBRID: &str =
    "method = \"hybrid\"\nencoder = { method = \"gae*\", epochs = 20, latent = 4, hidden = 8 }";

/// Change of the folder of a grid, with its name.
type GridForgery = (&'static str, fn(grid: &Path));

/// Change of the folder of a run, with its name; the other run has another seed.
type Forgery = (&'static str, fn(folder: &Path, other: &Path));

/// Takes a file from another run.
fn take(name: &str, folder: &Path, other: &Path) {
    std::fs::copy(other.join(name), folder.join(name)).expect("copied");
}

/// Takes the content of a file from another run, with the fingerprint of this one.
fn take_relabelled(name: &str, folder: &Path, other: &Path) {
    take(name, folder, other);
    let fingerprint = |folder: &Path| {
        let manifest = Manifest::read(folder).expect("a manifest");
        let record = manifest.stages.iter().find(|record| record.outputs.contains_key(name));
        record.expect("written by a stage").fingerprint.to_hex()
    };
    replace(&folder.join(name), &fingerprint(other), &fingerprint(folder));
}

fn edit_manifest(folder: &Path, edit: impl FnOnce(&mut Manifest)) {
    let mut manifest = Manifest::read(folder).expect("a manifest");
    edit(&mut manifest);
    manifest.write(folder).expect("written");
}

fn stage(manifest: &mut Manifest, stage: Stage) -> &mut vgae_artifacts::StageRecord {
    manifest.stages.iter_mut().find(|record| record.stage == stage).expect("the stage")
}

const FORGERIES: &[Forgery] = &[
    ("test edges in the training part", |folder, _| {
        let split = split_of(folder);
        let mut test = split.test().clone();
        let moved = test.positive.split_off(test.positive.len() - 4);
        test.negative.truncate(test.positive.len());
        store_split(folder, [split.train(), &moved].concat(), test);
        let mut scores = scores_of(folder);
        scores.0.retain(|row| !moved.contains(&row.pair));
        store_scores(folder, &scores);
    }),
    ("hardest negatives removed from the split", |folder, _| {
        let split = split_of(folder);
        let mut test = split.test().clone();
        let gone = test.negative.split_off(test.negative.len() - 4);
        store_split(folder, split.train().to_vec(), test);
        let mut scores = scores_of(folder);
        scores.0.retain(|row| row.positive || !gone.contains(&row.pair));
        store_scores(folder, &scores);
    }),
    ("hardest negatives removed from the scores", |folder, _| {
        let mut scores = scores_of(folder);
        let negatives = scores.0.iter().filter(|row| !row.positive).map(|row| row.score);
        let highest = negatives.fold(f32::NEG_INFINITY, f32::max);
        scores.0.retain(|row| row.positive || row.score < highest);
        store_scores(folder, &scores);
    }),
    ("scores of edges raised", |folder, _| {
        let mut scores = scores_of(folder);
        for row in scores.0.iter_mut().filter(|row| row.positive) {
            row.score += 5.0;
        }
        store_scores(folder, &scores);
    }),
    ("all scores shifted", |folder, _| {
        let mut scores = scores_of(folder);
        scores.0.iter_mut().for_each(|row| row.score += 5.0);
        store_scores(folder, &scores);
    }),
    ("a metric of 1", |folder, _| {
        edit_json(&folder.join(names::METRICS), |metrics| metrics["test"]["auc"] = json!(1.0));
    }),
    ("rankings of 0.99", |folder, _| {
        edit_json(&folder.join(names::METRICS), |metrics| {
            let rankings = metrics["rankings"].as_array_mut().expect("rankings");
            rankings.last_mut().expect("hard negatives")["mrr"] = json!(0.99);
        });
    }),
    ("slices of 0.99", |folder, _| {
        edit_json(&folder.join(names::METRICS), |metrics| {
            let slices = metrics["slices"].as_array_mut().expect("slices");
            let slice = slices.iter_mut().find(|slice| slice["auc"].is_number()).expect("one");
            slice["auc"] = json!(0.9901);
        });
    }),
    ("a slice less", |folder, _| {
        edit_json(&folder.join(names::METRICS), |metrics| {
            metrics["slices"].as_array_mut().expect("slices").pop();
        });
    }),
    ("metrics of nodes of 0.99", |folder, _| {
        edit_json(&folder.join(names::METRICS), |metrics| {
            let nodes = metrics["nodes"].as_object_mut().expect("labels");
            for (_, value) in nodes.iter_mut().filter(|(_, value)| value.is_f64()) {
                *value = json!(0.99);
            }
        });
    }),
    ("a definition of another metric", |folder, _| {
        edit_json(&folder.join(names::METRICS), |metrics| {
            metrics["definitions"]["auc"] = json!("accuracy/1");
        });
    }),
    ("a warning removed", |folder, _| {
        edit_json(&folder.join(names::METRICS), |metrics| metrics["warnings"] = json!(["none"]));
    }),
    ("vectors of another run", |folder, other| take(names::LATENT, folder, other)),
    ("vectors of another run, relabelled", |folder, other| {
        take_relabelled(names::LATENT, folder, other);
    }),
    ("weights of another run, relabelled", |folder, other| {
        take_relabelled(names::WEIGHTS, folder, other);
    }),
    ("history of another run", |folder, other| take(names::HISTORY, folder, other)),
    ("history of another run, relabelled", |folder, other| {
        take_relabelled(names::HISTORY, folder, other);
    }),
    ("a shorter history", |folder, _| {
        let path = folder.join(names::HISTORY);
        let (mut history, chosen) = History::read_chosen(&path).expect("a history");
        history.0.truncate(20);
        keeping(&path, |path, provenance| {
            history.write_chosen(path, chosen, provenance).expect("written");
        });
    }),
    ("exports of another run", |folder, other| {
        take_relabelled("embeddings.parquet", folder, other);
    }),
    ("an Arrow file of another run", |folder, other| {
        take_relabelled("embeddings.arrow", folder, other);
    }),
    ("text of another run", |folder, other| take("embeddings.csv", folder, other)),
    ("arrays of another run", |folder, other| take("embeddings.npy", folder, other)),
    ("an export removed", |folder, _| {
        std::fs::remove_file(folder.join("embeddings.npy")).expect("removed");
    }),
    ("hard negatives removed", |folder, _| {
        std::fs::remove_file(folder.join(names::HARD_NEGATIVES)).expect("removed");
    }),
    ("weights removed", |folder, _| {
        std::fs::remove_file(folder.join(names::WEIGHTS)).expect("removed");
    }),
    ("history removed", |folder, _| {
        std::fs::remove_file(folder.join(names::HISTORY)).expect("removed");
    }),
    ("certificate of another graph", |folder, _| {
        edit_json(&folder.join(names::CERTIFICATE), |record| record["nodes"] = json!(35));
    }),
    ("labels exchanged", |folder, _| {
        let path = folder.join(names::NODES);
        let nodes = Nodes::read(&path).expect("nodes");
        let mut labels = nodes.labels().to_vec();
        labels.reverse();
        let forged = Nodes::new(nodes.ids().to_vec(), labels).expect("nodes");
        let forged = match nodes.id_type() {
            vgae_artifacts::IdType::Integer => forged.with_integer_ids(),
            vgae_artifacts::IdType::Text => forged,
        };
        keeping(&path, |path, provenance| forged.write(path, provenance).expect("written"));
    }),
    ("an edge less", |folder, _| {
        let path = folder.join(names::EDGES);
        let edges = Edges::read(&path, 34).expect("edges");
        let forged = Edges::undirected(34, edges.pairs()[1..].to_vec()).expect("edges");
        keeping(&path, |path, provenance| forged.write(path, provenance).expect("written"));
    }),
    ("an artifact that no stage wrote", |folder, _| {
        std::fs::copy(folder.join(names::LATENT), folder.join(names::LATENT_TEST)).expect("copied");
    }),
    ("no stages", |folder, _| edit_manifest(folder, |manifest| manifest.stages.clear())),
    ("a stage less", |folder, _| {
        edit_manifest(folder, |manifest| drop(manifest.stages.remove(3)));
    }),
    ("a stage twice", |folder, _| {
        edit_manifest(folder, |manifest| manifest.stages.push(manifest.stages[4].clone()));
    }),
    ("another seed", |folder, _| edit_manifest(folder, |manifest| manifest.seed = Seed(7))),
    ("another seed of the split", |folder, _| {
        edit_manifest(folder, |manifest| {
            manifest.split_seed = Seed(7);
            stage(manifest, Stage::Split).seed = Some(Seed(7));
        });
    }),
    ("another method", |folder, _| {
        edit_manifest(folder, |manifest| "gae*".clone_into(&mut manifest.method));
    }),
    ("another method in its configuration", |folder, _| {
        edit_manifest(folder, |manifest| {
            "gae*".clone_into(&mut manifest.method);
            manifest.run = manifest.run.replace("vgae-star", "gae-star");
            stage(manifest, Stage::Train).config["method"] = json!("gae*");
        });
    }),
    ("another dataset", |folder, _| {
        edit_manifest(folder, |manifest| "cora".clone_into(&mut manifest.dataset));
    }),
    ("a protocol that it did not follow", |folder, _| {
        edit_manifest(folder, |manifest| manifest.protocol = Some(vgae_artifacts::Protocol::Heart));
    }),
    ("more epochs", |folder, _| {
        edit_manifest(folder, |manifest| {
            stage(manifest, Stage::Train).config["epochs"] = json!(200);
        });
    }),
    ("another fraction of test edges", |folder, _| {
        edit_manifest(folder, |manifest| stage(manifest, Stage::Split).config["test"] = json!(0.1));
    }),
    ("a version that is not this one", |folder, _| {
        edit_manifest(folder, |manifest| stage(manifest, Stage::Eval).stage_version = 1);
    }),
    ("a key that no stage has", |folder, _| {
        edit_manifest(folder, |manifest| {
            stage(manifest, Stage::Eval).config["extra"] = json!(true);
        });
    }),
    ("inputs of a stage removed", |folder, _| {
        edit_manifest(folder, |manifest| stage(manifest, Stage::Eval).inputs.clear());
    }),
];

#[test]
fn each_forgery_is_found_though_all_hashes_are_right() {
    let folder = tempfile::tempdir().expect("a folder");
    for (kind, model) in [("last", VGAE), ("best", BEST)] {
        let honest = karate(folder.path(), kind, model, 0);
        let other = karate(folder.path(), &format!("{kind}-other"), model, 1);
        let sealed = folder.path().join(format!("{kind}-sealed"));
        copy(&honest, &sealed);
        seal(&sealed);
        assert_eq!(faults(&honest, false), [""; 0]);
        assert_eq!(faults(&sealed, true), [""; 0], "what is not forged stays right when sealed");
        let mut missed = Vec::new();
        for (number, (name, forge)) in FORGERIES.iter().enumerate() {
            let forged = folder.path().join(format!("{kind}-forged-{number}"));
            copy(&honest, &forged);
            forge(&forged, &other);
            seal(&forged);
            if faults(&forged, false).is_empty() {
                missed.push(*name);
            }
        }
        assert_eq!(missed, [""; 0], "forgeries that were not found: {kind}");
        // A fingerprint that is edited and not sealed.
        let forged = folder.path().join(format!("{kind}-fingerprint"));
        copy(&honest, &forged);
        edit_manifest(&forged, |manifest| {
            stage(manifest, Stage::Train).fingerprint = ContentHash::of(b"another");
        });
        assert!(!faults(&forged, false).is_empty());
        // A history without its best epoch.
        if kind == "best" {
            let path = honest.join(names::HISTORY);
            let history = History::read(&path).expect("a history");
            let forged = folder.path().join("no-best-epoch");
            copy(&honest, &forged);
            keeping(&forged.join(names::HISTORY), |path, provenance| {
                history.write(path, provenance).expect("written");
            });
            seal(&forged);
            assert!(!faults(&forged, false).is_empty());
        }
    }
}

#[test]
fn vectors_of_another_run_are_found_with_every_kind_of_method() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, model) in [
        ("sc", "method = \"sc\"\ndimensions = 4"),
        ("dw", "method = \"dw\"\ndimensions = 4"),
        ("fastrp", "method = \"fastrp\"\ndimensions = 8"),
        ("prone", "method = \"prone\"\ndimensions = 8"),
        ("hybrid", HYBRID),
    ] {
        let own = karate(folder.path(), name, model, 0);
        let other = karate(folder.path(), &format!("{name}-other"), model, 1);
        assert_eq!(faults(&own, false), [""; 0], "{name}");
        let files: &[&str] = match name {
            "hybrid" => &[names::LATENT, names::PAIR_MODEL],
            _ => &[names::LATENT],
        };
        for file in files {
            let forged = folder.path().join(format!("{name}-{file}"));
            copy(&own, &forged);
            take_relabelled(file, &forged, &other);
            seal(&forged);
            assert!(!faults(&forged, false).is_empty(), "{name}: {file}");
        }
    }
    // A heuristic has neither vectors nor weights.
    let katz = karate(folder.path(), "katz", "method = \"katz\"", 0);
    assert_eq!(faults(&katz, true), [""; 0]);
}

/// A run under another seed has another history; with the right history only training again shows that vectors
/// and weights are not of this seed.
#[test]
fn a_relabelled_run_is_found_by_its_history_or_by_training_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = |seed: u64| {
        let path = folder.path().join(format!("{seed}.toml"));
        let text =
            format!("name = \"p\"\nsplit_seed = 3\nseed = {seed}\n{PIPELINE}[model]\n{VGAE}\n");
        std::fs::write(&path, text).expect("a pipeline");
        let out = folder.path().join(format!("out-{seed}"));
        run(&path, &out, &[]);
        out
    };
    let (forged, honest) = (made(5), made(6));
    vgae().arg("verify").arg("--retrain").arg(&honest).assert().success();
    let by_stages = Manifest::read(&forged).expect("a manifest");
    let own = folder.path().join("forged");
    copy(&forged, &own);
    edit_manifest(&own, |manifest| {
        manifest.seed = Seed(6);
        manifest.run = manifest.run.replace("-s5", "-s6");
        stage(manifest, Stage::Train).seed = Some(Seed(6));
    });
    for (name, _) in by_stages.files() {
        // JSON, indented or in a line, and JSON in a text of JSON.
        for key in ["\"seed\":", "\"seed\": ", "\\\"seed\\\":"] {
            let [from, to] = [5, 6].map(|seed| format!("{key}{seed}"));
            replace(&own.join(name), &from, &to);
        }
    }
    seal(&own);
    let found = faults(&own, false);
    assert!(found.len() == 1 && found[0].starts_with("first epoch trained again: "), "{found:?}");
    take_relabelled(names::HISTORY, &own, &honest);
    seal(&own);
    assert_eq!(faults(&own, false), [""; 0], "documented in docs/verify.md");
    let found = faults(&own, true).join("\n");
    assert!(found.contains("training done again: "), "{found}");
}

#[test]
fn a_grid_is_verified_with_its_tables_and_all_its_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("grid.toml");
    let text = format!(
        "name = \"grid\"\n{PIPELINE}[grid]\nmethods = [\"sc\", \"fastrp\"]\nruns = 2\n\
         [model]\ndimensions = 4\n"
    );
    std::fs::write(&path, text).expect("a pipeline");
    let honest = folder.path().join("grid");
    run(&path, &honest, &[]);
    assert_eq!(faults(&honest, false), [""; 0]);
    let run_of = |folder: &Path, name: &str| folder.join(names::RUNS).join(name);
    let forgeries: [GridForgery; 9] = [
        ("a run without a manifest", |folder| {
            let runs = folder.join(names::RUNS);
            std::fs::remove_file(runs.join("karate-sc-s1").join(names::MANIFEST)).expect("gone");
        }),
        ("a run is missing", |folder| {
            let runs = folder.join(names::RUNS);
            std::fs::remove_dir_all(runs.join("karate-sc-s1")).expect("gone");
        }),
        ("runs are swapped", |folder| {
            let at = |name| folder.join(names::RUNS).join(name);
            std::fs::rename(at("karate-sc-s0"), at("x")).expect("renamed");
            std::fs::rename(at("karate-sc-s1"), at("karate-sc-s0")).expect("renamed");
            std::fs::rename(at("x"), at("karate-sc-s1")).expect("renamed");
        }),
        ("no runs", |folder| {
            std::fs::remove_dir_all(folder.join(names::RUNS)).expect("gone");
            std::fs::create_dir(folder.join(names::RUNS)).expect("a folder");
        }),
        ("neither runs nor tables", |folder| {
            std::fs::remove_dir_all(folder.join(names::RUNS)).expect("gone");
            std::fs::create_dir(folder.join(names::RUNS)).expect("a folder");
            std::fs::remove_file(folder.join(names::RESULTS)).expect("gone");
        }),
        ("a damaged summary", |folder| {
            std::fs::write(folder.join(names::SUMMARY), b"PAR1 no table PAR1").expect("written");
        }),
        ("edited headline numbers", |folder| {
            edit_json(&folder.join(names::RESULTS), |table| {
                table["rows"][0]["metrics"]["test_auc"]["mean"] = json!(99.9);
            });
        }),
        ("an edited text table", |folder| {
            let path = folder.join(names::RESULTS_MD);
            let text = std::fs::read_to_string(&path).expect("text");
            std::fs::write(&path, text.replace('.', ",")).expect("written");
        }),
        ("a row less", |folder| {
            let mut table = ResultTable::read(folder).expect("a table");
            table.rows.pop();
            table.rows[0].runs.pop();
            table.write(folder).expect("written");
        }),
    ];
    for (number, (name, forge)) in forgeries.into_iter().enumerate() {
        let forged = folder.path().join(format!("forged-{number}"));
        copy(&honest, &forged);
        forge(&forged);
        assert!(!faults(&forged, false).is_empty(), "{name}");
    }
    // A forged run fails the grid.
    let forged = folder.path().join("forged-run");
    copy(&honest, &forged);
    let sc = run_of(&forged, "karate-sc-s0");
    let mut scores = scores_of(&sc);
    scores.0.iter_mut().for_each(|row| row.score += 5.0);
    store_scores(&sc, &scores);
    seal(&sc);
    assert!(!faults(&forged, false).is_empty());
    vgae().arg("verify").arg(&forged).assert().code(1);
}
