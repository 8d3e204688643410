//! Makes `seeds/` again: one small sound file or more for each target. `cargo run --bin seeds`.

#[path = "../../../crates/ingest/src/pickle/make.rs"]
mod make;

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, DictionaryArray, FixedSizeListArray, Float32Array, Int64Array,
    ListArray, RecordBatch, StringViewArray, UInt64Array,
};
use arrow::datatypes::{Float32Type, Int8Type, UInt8Type};
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use vgae_artifacts::{
    Embedding, Features, ImageShape, Kind, Nodes, Pair, Part, Provenance, Relations, SampleSplit, SampleValues,
    SampleView, Samples, Seed, json, names,
};
use vgae_autoencoder::AutoEncoderConfig;
use vgae_export::Layout;
use vgae_ingest::fetch::{Cache, FetchOptions, FetchWatch};
use vgae_model::{Callback, Checkpoint, FitInput, FitOptions, Method};
use vgae_pipeline::{Event, Loaded, ModelTable, Observer, PipelineConfig, Plan, RunOptions};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const PIPELINE: &str = "\
# Zachary's karate club, as small as it gets.
name = \"seed\"
seed = 7
split_seed = 3

[data]
dataset = \"karate\"

[split]
validation = 0.1
test = 0.2

[model]
method = \"vgae*\"
epochs = 4
hidden = 2
latent = 2
learning_rate = 0.01
dropout = 0.1

[run]
threads = 1
checkpoint_every = 2
";

const GRID: &str = "[data]\nedges = { path = \"e.csv\", src = \"a\", dst = \"b\", weight = \"w\" }\n\
                    nodes = \"n.parquet\"\ndirected = true\nunknown_nodes = \"drop\"\n\
                    [model]\nkl_weight = 0.5\nnegatives = 1\n[model.spectral]\n[model.deepwalk]\n\
                    [eval]\n[export]\n[grid]\nmethods = [\"gae*\", \"sc\", \"dw\"]\nruns = 3\n";

struct Quiet;

impl Observer for Quiet {
    fn event(&mut self, _: &Event<'_>) {}

    fn fetch(&mut self) -> &mut dyn FetchWatch {
        // A callback without fields; leaking it costs nothing.
        Box::leak(Box::new(()))
    }
}

fn main() -> Outcome {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let work = std::env::temp_dir().join(format!("vgae-seeds-{}", std::process::id()));
    std::fs::create_dir_all(&work)?;
    raw(&root)?;
    tables(&root)?;
    artifacts(&root, &work)?;
    samples(&root, &work)?;
    std::fs::remove_dir_all(&work)?;
    Ok(())
}

fn seed(root: &Path, target: &str, name: &str, bytes: &[u8]) -> Outcome {
    let folder = root.join(target);
    std::fs::create_dir_all(&folder)?;
    Ok(std::fs::write(folder.join(name), bytes)?)
}

/// The bytes of a table behind its index among the tables of [`names::FILES`].
fn tagged(name: &str, bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut tables = names::FILES.iter().filter(|file| file.columns.is_some());
    let which = tables.position(|file| file.name == name).ok_or("no table")?;
    Ok([&[u8::try_from(which)?], bytes].concat())
}

/// The formats of raw data.
fn raw(root: &Path) -> Outcome {
    use make::{adjacency, array, csr, i32s, pickle};
    let allx = pickle(&csr((2, 3), &[0, 1, 2], &[0, 1], &[1.0, 2.0]));
    let tx = pickle(&csr((2, 3), &[0, 1, 3], &[2, 0, 1], &[4.0, 5.0, 6.0]));
    let labels = |values: &[i32]| pickle(&array("i4", "<", &[2, 3], false, &i32s(values)));
    let (ally, ty) = (labels(&[1, 0, 0, 0, 1, 0]), labels(&[0, 0, 1, 0, 0, 0]));
    let graph =
        pickle(&adjacency(&[(0, &[1, 4]), (1, &[0]), (2, &[2]), (3, &[4]), (4, &[0, 3, 3])]));
    let index = b"4\r\n2\n".to_vec();
    for (name, bytes) in [("csr", &allx), ("array", &ally), ("adjacency", &graph)] {
        seed(root, "pickle", name, bytes)?;
    }
    let mut files = Vec::new();
    for (which, file) in [&allx, &ally, &tx, &ty, &graph, &index].into_iter().enumerate() {
        files.push(u8::try_from(which)?);
        files.extend(u16::try_from(file.len())?.to_le_bytes());
        files.extend(file);
    }
    seed(root, "planetoid", "small", &files)?;
    let text =
        b"p1\t0\t1\t0.5\tAI\r\np2 1 0 0 Theory\n\np3\t0\t0\t0\tAI\n\0p1\tp2\r\np2 p1\np3\tp3\n";
    seed(root, "linqs", "small", text)?;
    seed(
        root,
        "idx",
        "images",
        b"\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03\x01\x02\x03\x04\x05\xff",
    )?;
    seed(root, "idx", "labels", b"\0\0\x08\x01\0\0\0\x03\x01\x00\x02")?;
    // The images once more, as gzip has them: one stored block.
    let packed =
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x16\0\xe9\xff\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03\
                   \x01\x02\x03\x04\x05\xff\x08\x09\x11\x3a\x16\0\0\0";
    seed(root, "idx", "packed", packed)?;
    seed(root, "toml", "run", PIPELINE.as_bytes())?;
    seed(root, "toml", "grid", GRID.as_bytes())
}

/// People's own tables: numpy's arrays, Arrow and text.
fn tables(root: &Path) -> Outcome {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/numpy");
    for name in ["lf4", "bi2", "fortran", "li8", "nb1"] {
        seed(root, "numpy", name, &std::fs::read(golden.join(format!("{name}.npy")))?)?;
    }
    for name in ["csr", "plain", "unsorted"] {
        seed(root, "numpy", name, &std::fs::read(golden.join(format!("{name}.npz")))?)?;
    }

    let snap = b"# from to\n\n a\tb  1.5\r\nb c -2\n%% more\nc a 3";
    seed(root, "text", "snap", snap)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(snap)?;
    seed(root, "text", "gzip", &gzip.finish()?)?;
    seed(root, "text", "zstd", &zstd::encode_all(&snap[..], 3)?)?;
    seed(root, "text", "utf16", &[0xfeff].into_iter().chain("a,\u{e9}\n1,2\n".encode_utf16())
        .flat_map(u16::to_le_bytes).collect::<Vec<u8>>())?;
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/graphs");
    for entry in std::fs::read_dir(golden)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let target = if name.ends_with(".parquet") { "columns" } else { "graph" };
        seed(root, target, &name, &std::fs::read(&path)?)?;
    }
    seed(root, "graph", "matrix", b",a,b,c\na,0,1,0\nb,1,0,2.5\nc,0,2.5,0\n")?;

    // Long enough to be packed: what does not shrink is left as it is.
    let rows = 48;
    let words: DictionaryArray<Int8Type> =
        (0..rows).map(|row| (row % 5 > 0).then_some(["ai", "theory"][row % 2])).collect();
    let columns: [(&str, ArrayRef); 4] = [
        ("src", Arc::new(Int64Array::from_iter_values((0..48).map(|row| row / 3)))),
        (
            "dst",
            Arc::new(StringViewArray::from_iter(
                (0..rows).map(|row| Some(format!("a longer name {}", row % 3))),
            )),
        ),
        ("word", Arc::new(words)),
        (
            "x",
            Arc::new(ListArray::from_iter_primitive::<UInt8Type, _, _>(
                (0..rows).map(|row| (row % 4 > 0).then_some([Some(1), None])),
            )),
        ),
    ];
    let packed = RecordBatch::try_from_iter(columns)?;
    let columns: [(&str, ArrayRef); 4] = [
        ("id", Arc::new(UInt64Array::from(vec![Some(1), None, Some(3)]))),
        ("known", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("weight", Arc::new(Float32Array::from(vec![0.5, 1.0, 2.0]))),
        (
            "y",
            Arc::new(FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>(
                (0..3).map(|_| Some([Some(1.0), Some(2.0)])),
                2,
            )),
        ),
    ];
    let plain = RecordBatch::try_from_iter(columns)?;
    let (zstd, lz4) = (Some(CompressionType::ZSTD), Some(CompressionType::LZ4_FRAME));
    let forms = [("plain", &plain, None), ("zstd", &packed, zstd), ("lz4", &packed, lz4)];
    for (name, batch, packing) in forms {
        let options = IpcWriteOptions::default().try_with_compression(packing)?;
        let mut file =
            FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options.clone())?;
        file.write(batch)?;
        seed(root, "arrow", &format!("file-{name}"), &file.into_inner()?)?;
        let mut stream = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options)?;
        stream.write(batch)?;
        stream.write(&batch.slice(0, 2))?;
        seed(root, "arrow", &format!("stream-{name}"), &stream.into_inner()?)?;
    }
    Ok(())
}

/// Writes the artifacts of a run over a graph.
fn artifacts(root: &Path, work: &Path) -> Outcome {
    let config = PipelineConfig::parse(PIPELINE, Path::new("p.toml"))?;
    let plan = Plan::new(Loaded { config, base: ".".into() })?;
    let options = RunOptions {
        apart: false,
        cancelled: None,
        program: "vgae".to_owned(),
        out: work.join("run"),
        cache: Some(Cache::new(work)),
        fetch: FetchOptions { offline: true, ..FetchOptions::default() },
        threads: None,
    };
    vgae_pipeline::run(&plan, &options, &mut Quiet)?;
    let features =
        Features::from_rows(3, vec![0, 1, 1, 3, 3, 3], vec![2, 0, 1], vec![0.5, 1.0, -2.0])?;
    features.write(&options.out.join(names::FEATURES), &Provenance::of_stage("seed"))?;
    let read = |name: &str| std::fs::read(options.out.join(name));
    let tables =
        [names::NODES, names::EDGES, names::FEATURES, names::SPLIT, names::SCORES, names::HISTORY];
    for name in tables {
        seed(root, "parquet", stem(name), &tagged(name, &read(name)?)?)?;
    }
    seed(root, "embeddings_parquet", "vgae", &read(names::EMBEDDINGS_PARQUET)?)?;
    seed(root, "embeddings_arrow", "vgae", &read(names::EMBEDDINGS_ARROW)?)?;
    let embedding = Embedding::read(&options.out.join(names::LATENT))?;
    let nodes = Nodes::read(&options.out.join(names::NODES))?;
    let (path, provenance) = (work.join("file"), Provenance::of_stage("seed"));
    let ids = (0..nodes.len()).map(|node| (10 * node).to_string()).collect();
    let nodes = Nodes::new(ids, nodes.labels().to_vec())?.with_integer_ids();
    nodes.write(&path, &provenance)?;
    seed(root, "parquet", "nodes-integers", &tagged(names::NODES, &std::fs::read(&path)?)?)?;
    for layout in [Layout::List, Layout::Columns] {
        vgae_export::write_embeddings_parquet(&path, &nodes, &embedding, layout, &provenance)?;
        seed(root, "embeddings_parquet", <&str>::from(layout), &std::fs::read(&path)?)?;
        vgae_export::write_embeddings_arrow(&path, &nodes, &embedding, layout, &provenance)?;
        seed(root, "embeddings_arrow", <&str>::from(layout), &std::fs::read(&path)?)?;
    }
    seed(root, "embeddings_arrow", "packed", &packed(&path)?)?;
    for name in [names::WEIGHTS, names::LATENT] {
        seed(root, "safetensors", stem(name), &read(name)?)?;
    }
    for name in [names::AUDIT, names::CERTIFICATE, names::METRICS, names::MANIFEST] {
        seed(root, "json", stem(name), &read(name)?)?;
    }

    let hybrid = options.out.join("hybrid");
    let text = PIPELINE.replace("[data]", "[eval]\nnegatives = [\"hard:4\"]\n[data]");
    let mut config = PipelineConfig::parse(&text, Path::new("p.toml"))?;
    config.model = ModelTable::of("hybrid".parse()?);
    config.model.set("encoder", "gae*".into());
    config.model.set("combiner_hidden", 2.into());
    let plan = Plan::new(Loaded { config, base: ".".into() })?;
    vgae_pipeline::run(&plan, &RunOptions { out: hybrid.clone(), ..options.clone() }, &mut Quiet)?;
    seed(root, "json", "pair-model", &std::fs::read(hybrid.join(names::PAIR_MODEL))?)?;
    let hard = std::fs::read(hybrid.join(names::HARD_NEGATIVES))?;
    seed(root, "parquet", "hard-negatives", &tagged(names::HARD_NEGATIVES, &hard)?)?;

    let curves = std::fs::read(options.out.join(names::CURVES))?;
    seed(root, "parquet", "curves", &tagged(names::CURVES, &curves)?)?;

    let nodes = vgae_artifacts::Nodes::read(&options.out.join(names::NODES))?.len();
    let split = vgae_artifacts::EdgeSplit::read(&options.out.join(names::SPLIT), nodes)?;
    let weights = (0..split.train().len()).map(|edge| 0.5 + (edge % 3) as f32).collect();
    let weighted = split.clone().with_train_weights(weights)?;
    weighted.write(&path, &provenance)?;
    seed(root, "parquet", "split-weights", &tagged(names::SPLIT, &std::fs::read(&path)?)?)?;
    let named = |(at, pair): (usize, &Pair)| (*pair, ["knows", "trusts"][at % 2]);
    let named: Vec<(Pair, &str)> = split.train().iter().enumerate().map(named).collect();
    Relations::new(&named)?.write(&path, &provenance)?;
    seed(root, "parquet", "relations", &tagged(names::RELATIONS, &std::fs::read(&path)?)?)?;
    let small = [("hidden", 2.into()), ("latent", 2.into()), ("epochs", 3.into())];
    let model = "vgae*".parse::<Method>()?.default_config().with(&small)?;
    let fit = FitOptions { checkpoint_every: Some(2), resume: None };
    let input = FitInput { features: None, train: split.train_view() };
    let mut keeper = Keeper { path: work.join("checkpoint") };
    model.fit(input, Seed(1), fit, &mut keeper)?;
    seed(root, "safetensors", "checkpoint", &std::fs::read(&keeper.path)?)
}

/// An Arrow file as another tool would write it again, packed.
fn packed(path: &Path) -> Outcome<Vec<u8>> {
    let reader = arrow::ipc::reader::FileReader::try_new(std::fs::File::open(path)?, None)?;
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD))?;
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &reader.schema(), options)?;
    for batch in reader {
        writer.write(&batch?)?;
    }
    Ok(writer.into_inner()?)
}

/// Writes the artifacts of a run over samples.
fn samples(root: &Path, work: &Path) -> Outcome {
    let provenance = Provenance::of_stage("seed");
    let path = work.join("file");
    let values = SampleValues::Bytes { columns: 4, data: (0..24).collect() };
    let shape = ImageShape { height: 2, width: 2 };
    let parts =
        vec![Part::Train, Part::Train, Part::Train, Part::Train, Part::Validation, Part::Test];
    let samples = Samples::new(values, Some(shape), Some(parts))?;
    samples.write(&path, &provenance)?;
    seed(root, "parquet", "samples", &tagged(names::SAMPLES, &std::fs::read(&path)?)?)?;
    let split = SampleSplit { train: vec![0, 1, 2], validation: vec![3], test: vec![4] };
    split.write(&path, &provenance)?;
    seed(root, "parquet", "sample-split", &tagged(names::SAMPLE_SPLIT, &std::fs::read(&path)?)?)?;

    let config = AutoEncoderConfig {
        hidden: vec![3],
        latent: 2,
        epochs: 3,
        batch_size: 2,
        ..AutoEncoderConfig::default()
    };
    let split = SampleSplit { train: vec![0, 1, 2, 3], validation: vec![4], test: vec![5] };
    let view = SampleView::new(&samples, &split)?;
    let fit = FitOptions { checkpoint_every: Some(2), resume: None };
    let mut keeper = Keeper { path: work.join("sample-checkpoint") };
    let fitted = vgae_autoencoder::fit_samples(view, &config, Some(1.0), Seed(1), fit, &mut keeper)?;
    fitted.model.write(&path, &provenance)?;
    seed(root, "safetensors", "autoencoder", &std::fs::read(&path)?)?;
    seed(root, "safetensors", "sample-checkpoint", &std::fs::read(&keeper.path)?)?;
    let text: serde_json::Value = serde_json::from_str(
        r#"{"samples":6,"columns":4,"image":{"height":2,"width":2},"classes":0,"unlabelled_samples":6,
            "constant_columns":{"count":0,"examples":[]},"minimum":0,"maximum":23,"notes":[],"scaling":[],
            "missing":{"values":0,"columns":{"count":0,"examples":[]},"action":"nothing was missing"}}"#,
    )?;
    json::write(&path, Kind::Audit, &text, &provenance)?;
    seed(root, "json", "sample-audit", &std::fs::read(&path)?)
}

/// Writes every checkpoint to one path.
struct Keeper {
    path: PathBuf,
}

impl Callback for Keeper {
    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Outcome {
        Ok(checkpoint.write(&self.path, &Provenance::of_stage("seed"))?)
    }
}

fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}
