// Every reader of untrusted bytes, as a function that must return. Shared by the fuzz
// targets and by the workspace's tests, which feed it the seeds, the findings and small changes of them.

use std::path::{Path, PathBuf};

use vgae_artifacts::names::{self, FILES};
use vgae_artifacts::{
    EdgeSplit, Embedding, Kind, LabelledPairs, Matrix, Pair, PairModelRecord, ResultTable,
};
use vgae_autoencoder::AutoEncoder;
use vgae_ingest::delimited::{Dialect, Records, Separator};
use vgae_ingest::files::{self, ColumnFile, Content};
use vgae_ingest::graph_files::{self, GraphFormat};
use vgae_ingest::pickle::Pickle;
use vgae_ingest::{linqs as linqs_files, numpy as numpy_files, planetoid as planetoid_files};
use vgae_model::{Checkpoint, FitInput, PairModel, PairModelScores, Weights};
use vgae_pipeline::{Loaded, Manifest, PipelineConfig, Plan};
use vgae_samples::idx as idx_files;

/// A reader and the name of its target.
pub type Reader = (&'static str, fn(&[u8]));

/// All of them.
pub const READERS: [Reader; 15] = [
    ("pickle", pickle),
    ("linqs", linqs),
    ("planetoid", planetoid),
    ("idx", idx),
    ("numpy", numpy),
    ("arrow", arrow),
    ("columns", columns),
    ("text", text),
    ("graph", graph),
    ("parquet", parquet),
    ("embeddings_parquet", embeddings_parquet),
    ("embeddings_arrow", embeddings_arrow),
    ("safetensors", safetensors),
    ("json", json),
    ("toml", toml),
];

/// A pickle by every view.
pub fn pickle(bytes: &[u8]) {
    let Ok(pickle) = Pickle::read("p", bytes) else { return };
    drop(pickle.csr());
    drop(pickle.matrix().map(|array| array.rows()));
    drop(pickle.adjacency());
}

/// LINQS text: content and cites, apart by a zero byte.
pub fn linqs(bytes: &[u8]) {
    let mut parts = parts(bytes);
    drop(linqs_files::read(("content", parts.next()), ("cites", parts.next())));
}

/// The files of Planetoid: a byte and a length of two bytes each say which file comes next, so that seeds
/// may hold any bytes.
pub fn planetoid(bytes: &[u8]) {
    let mut files: [&[u8]; 6] = [&[]; 6];
    let mut rest = bytes;
    while let [which, low, high, after @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(after.len());
        let (file, after) = after.split_at(length);
        files[usize::from(*which) % 6] = file;
        rest = after;
    }
    let [allx, ally, tx, ty, graph, test_index] = files;
    drop(planetoid_files::read(&planetoid_files::Files {
        allx: ("allx", allx),
        ally: ("ally", ally),
        tx: ("tx", tx),
        ty: ("ty", ty),
        graph: ("graph", graph),
        test_index: ("test.index", test_index),
    }));
}

/// IDX images and labels, plain or packed.
pub fn idx(bytes: &[u8]) {
    drop(idx_files::images("images", bytes.to_vec()));
    drop(idx_files::labels("labels", bytes.to_vec()));
}

/// Arrays of numpy and scipy: dense and sparse.
pub fn numpy(bytes: &[u8]) {
    drop(numpy_files::dense("x.npy", bytes));
    drop(numpy_files::csr("x.npz", bytes));
}

/// A person's Arrow file or stream.
pub fn arrow(bytes: &[u8]) {
    drop(ColumnFile::arrow(Path::new("x.arrow"), bytes.to_vec()).map(|file| every_column(&file)));
}

/// A person's Parquet file.
pub fn columns(bytes: &[u8]) {
    with_file(bytes, |path| {
        drop(ColumnFile::parquet(path, &[path.to_owned()]).map(|file| every_column(&file)));
    });
}

/// Every column as ids or numbers, or as lists of numbers.
fn every_column(file: &ColumnFile) {
    for (position, field) in file.fields().iter().enumerate() {
        if files::holds_values(field.data_type()) {
            drop(file.values(&[position]));
        }
        if files::holds_lists(field.data_type())
            && let Ok(pieces) = file.lists(position)
        {
            drop(files::numbers("x", field.name(), &pieces));
        }
    }
}

/// Delimited text of any encoding, as it is or packed.
pub fn text(bytes: &[u8]) {
    with_file(bytes, |path| {
        let Ok(content) = Content::open(path) else { return };
        drop(content.start(path, 16));
        let Ok(bytes) = content.into_bytes(path) else { return };
        drop(files::text("x.txt", bytes.clone(), files::encoding("shift_jis")));
        let Ok(text) = files::text("x.txt", bytes, None) else { return };
        for separator in [Separator::Blanks, Separator::Text(",".to_owned())] {
            let comments = vec!["#".to_owned(), "%%".to_owned()];
            let dialect = Dialect { separator, quote: Some(b'"'), escape: true, comments };
            let mut records = Records::new("x.txt", &text, &dialect);
            while let Ok(true) = records.next() {
                drop((0..records.len()).map(|at| records.get(at)).collect::<Vec<_>>());
            }
        }
    });
}

/// A graph file, by what it looks like; else as a list and as a matrix.
pub fn graph(bytes: &[u8]) {
    if let Some(format) = GraphFormat::detect(Path::new("x"), bytes) {
        drop(format.read("x", bytes));
        return;
    }
    let _named = graph_files::foreign(std::path::Path::new("g"), bytes);
    for format in [GraphFormat::AdjacencyList, GraphFormat::AdjacencyMatrix] {
        drop(format.read("x", bytes));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _looks = graph_files::looks_like_matrix(text);
    }
}

/// Every table of a run. The first byte is the index of the file among the tables of [`FILES`].
pub fn parquet(bytes: &[u8]) {
    let tables = || FILES.iter().filter(|file| file.columns.is_some());
    let Some((which, file)) = bytes.split_first() else { return };
    let which = usize::from(*which) % tables().count();
    with_file(file, |path| {
        for reader in tables().nth(which).into_iter().flat_map(|file| file.readers) {
            // As many as the seeds have: of the karate club, and of a few rows.
            drop(reader(path, 34));
            drop(reader(path, 5));
        }
    });
}

/// Embeddings as Parquet.
pub fn embeddings_parquet(bytes: &[u8]) {
    with_file(bytes, |path| drop(vgae_export::read_embeddings_parquet(path)));
}

/// Embeddings as Arrow IPC.
pub fn embeddings_arrow(bytes: &[u8]) {
    with_file(bytes, |path| drop(vgae_export::read_embeddings_arrow(path)));
}

fn readers_of(name: &'static str) -> impl Iterator<Item = &'static names::Reader> {
    FILES.iter().filter(move |file| file.name == name).flat_map(|file| file.readers)
}

/// Tensors by every reader.
pub fn safetensors(bytes: &[u8]) {
    with_file(bytes, |path| {
        for reader in [names::WEIGHTS, names::LATENT].into_iter().flat_map(readers_of) {
            drop(reader(path, 34));
        }
        drop(Weights::read(path));
        drop(Checkpoint::read(path));
        drop(AutoEncoder::read(path));
    });
}

/// JSON records by every reader.
pub fn json(bytes: &[u8]) {
    // A manifest is read by its folder.
    with_file_named(vgae_artifacts::names::MANIFEST, bytes, |path| {
        let records = FILES.iter().filter(|file| !file.schemas.is_empty());
        for reader in records.flat_map(|file| file.readers) {
            drop(reader(path, 34));
        }
        drop(path.parent().map(Manifest::read));
        drop(PairModelRecord::read(path));
        drop(vgae_artifacts::json::read::<ResultTable>(path, Kind::Results));
        drop(PairModel::read(path).map(|model| score_by(&model)));
    });
}

/// Pairs by a model from a file: whatever it says, it must not panic where it is used.
fn score_by(model: &PairModel) {
    let path = (1..5).map(|node| Pair::new(node - 1, node)).collect();
    let none = LabelledPairs::default;
    let Ok(split) = EdgeSplit::new(5, path, none(), none()) else { return };
    let Ok(embedding) = Embedding::new(Matrix::zeros(5, 2), None) else { return };
    let input = FitInput { features: None, train: split.train_view() };
    if let Ok(scores) = PairModelScores::new(model, input, Some(&embedding), None) {
        drop(scores.logits(&[Pair::new(0, 2), Pair::new(1, 4)]));
    }
}

/// A pipeline and its plan.
pub fn toml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(config) = PipelineConfig::parse(text, Path::new("p.toml")) else { return };
    drop(Plan::new(Loaded { config, base: PathBuf::from(".") }));
}

/// The pieces between zero bytes; empty ones when there are no more.
struct Parts<'a>(Option<&'a [u8]>);

fn parts(bytes: &[u8]) -> Parts<'_> {
    Parts(Some(bytes))
}

impl<'a> Parts<'a> {
    fn next(&mut self) -> &'a [u8] {
        let Some(bytes) = self.0 else { return &[] };
        if let Some(end) = bytes.iter().position(|&byte| byte == 0) {
            self.0 = Some(&bytes[end + 1..]);
            &bytes[..end]
        } else {
            self.0 = None;
            bytes
        }
    }
}

fn with_file(bytes: &[u8], read: impl FnOnce(&Path)) {
    with_file_named("file", bytes, read);
}

/// Readers of artifacts want files. In memory where the system has a folder for that.
fn with_file_named(name: &str, bytes: &[u8], read: impl FnOnce(&Path)) {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let folder =
        base.join(format!("vgae-fuzz-{}-{:?}", std::process::id(), std::thread::current().id()));
    let path = folder.join(name);
    std::fs::create_dir_all(&folder).expect("a folder for one file");
    std::fs::write(&path, bytes).expect("the file is written");
    read(&path);
    std::fs::remove_dir_all(&folder).expect("the folder is removed");
}
