//! Embedding files: what goes in comes out, in both forms, with the same bytes each time.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, LargeStringArray, ListArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Float64Type, Schema};
use arrow::ipc::reader::FileReader;
use arrow::ipc::writer::FileWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::RowGroupMetaData;
use vgae_artifacts::table::{ROW_GROUP_ROWS, vector_type};
use vgae_artifacts::{Embedding, Matrix, Nodes, Provenance, Result, Seed};
use vgae_export::{
    ExportConfig, Format, read_embeddings_arrow, read_embeddings_parquet, write_embeddings,
    write_embeddings_arrow, write_embeddings_parquet,
};

type Write = fn(&Path, &Nodes, &Embedding, &Provenance) -> Result<()>;
type Read = fn(&Path) -> Result<(Nodes, Embedding)>;

const FORMS: [(Format, Write, Read); 2] = [
    (Format::Parquet, write_embeddings_parquet, read_embeddings_parquet),
    (Format::Arrow, write_embeddings_arrow, read_embeddings_arrow),
];

fn nodes(count: usize) -> Nodes {
    let ids = (0..count).map(|node| format!("paper \u{2116} {}", node * 31)).collect();
    let label = |node: usize| (!node.is_multiple_of(3)).then(|| format!("class {}", node % 3));
    Nodes::new(ids, (0..count).map(label).collect()).expect("one label an id")
}

fn matrix(rows: usize, cols: usize, step: f32) -> Matrix {
    let values = (0..rows * cols).map(|at| (at as f32 * step).sin()).collect();
    Matrix::from_row_major(rows, cols, values).expect("as many values")
}

fn plain(rows: usize) -> Embedding {
    Embedding::new(matrix(rows, 5, 0.37), None).expect("finite")
}

fn variational(rows: usize) -> Embedding {
    Embedding::new(matrix(rows, 5, 0.37), Some(matrix(rows, 5, 0.11))).expect("finite")
}

fn provenance() -> Provenance {
    let mut provenance = Provenance::of_stage("export");
    provenance.dataset = Some("cora".to_owned());
    provenance.seed = Some(Seed(7));
    provenance
}

fn schema_of(format: Format, path: &Path) -> Schema {
    let file = fs::File::open(path).expect("opens");
    let schema = match format {
        Format::Parquet => {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
            Arc::clone(builder.schema())
        }
        _ => FileReader::try_new(file, None).expect("Arrow").schema(),
    };
    Arc::unwrap_or_clone(schema)
}

#[test]
fn what_goes_in_comes_out() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (format, write, read) in FORMS {
        let path = folder.path().join(format.file_name());
        for count in [0, 1, 40] {
            for embedding in [plain(count), variational(count)] {
                write(&path, &nodes(count), &embedding, &provenance()).expect("writes");
                assert_eq!(read(&path).expect("reads"), (nodes(count), embedding));
            }
        }
    }
}

#[test]
fn more_rows_than_a_row_group_come_out_in_order() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let count = ROW_GROUP_ROWS + 3;
    let (nodes, embedding) = (nodes(count), plain(count));
    for (format, write, read) in FORMS {
        let path = folder.path().join(format.file_name());
        write(&path, &nodes, &embedding, &provenance()).expect("writes");
        let found = read(&path).expect("reads");
        // Not assert_eq, which would print a million numbers.
        assert!(found.0 == nodes && found.1 == embedding, "{format:?}");
    }
    let file = fs::File::open(folder.path().join("embeddings.parquet")).expect("opens");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    let groups: Vec<i64> =
        builder.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(groups, [1 << 17, 3]);
}

#[test]
fn the_columns_are_those_promised() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (format, write, _) in FORMS {
        let path = folder.path().join(format.file_name());
        write(&path, &nodes(4), &plain(4), &provenance()).expect("writes");
        let expected = vec![
            Field::new("node", DataType::UInt32, false),
            Field::new("id", DataType::Utf8, false),
            Field::new("label", DataType::Utf8, true),
            Field::new("embedding", vector_type(5), false),
        ];
        assert_eq!(schema_of(format, &path).fields().to_vec(), as_refs(&expected), "{format:?}");
        write(&path, &nodes(4), &variational(4), &provenance()).expect("writes");
        let mut expected = expected;
        expected.push(Field::new("mu", vector_type(5), false));
        expected.push(Field::new("log_sigma", vector_type(5), false));
        assert_eq!(schema_of(format, &path).fields().to_vec(), as_refs(&expected), "{format:?}");
    }
}

fn as_refs(fields: &[Field]) -> Vec<Arc<Field>> {
    fields.iter().cloned().map(Arc::new).collect()
}

#[test]
fn mu_holds_the_same_vectors_as_embedding() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("e.arrow");
    write_embeddings_arrow(&path, &nodes(4), &variational(4), &provenance()).expect("writes");
    let file = fs::File::open(&path).expect("opens");
    let mut reader = FileReader::try_new(file, None).expect("Arrow");
    let batch = reader.next().expect("a batch").expect("decodes");
    let column = |name| batch.column_by_name(name).expect("a column");
    assert_eq!(column("mu"), column("embedding"));
    assert_ne!(column("mu"), column("log_sigma"));
}

#[test]
fn kind_version_and_provenance_are_in_the_metadata() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (format, write, _) in FORMS {
        let path = folder.path().join(format.file_name());
        write(&path, &nodes(4), &plain(4), &provenance()).expect("writes");
        let schema = schema_of(format, &path);
        let fact = |name: &str| schema.metadata().get(name).map(String::as_str);
        assert_eq!(fact("vgae.kind"), Some("embeddings"));
        assert_eq!(fact("vgae.version"), Some("1"));
        assert_eq!(fact("vgae.width"), Some("5"));
        let stored: Provenance =
            serde_json::from_str(fact("vgae.provenance").expect("provenance")).expect("JSON");
        assert_eq!(stored, provenance());
    }
}

#[test]
fn parquet_metadata_can_be_read_without_arrow() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("e.parquet");
    write_embeddings_parquet(&path, &nodes(4), &plain(4), &provenance()).expect("writes");
    let file = fs::File::open(&path).expect("opens");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    let metadata = builder.metadata().file_metadata().key_value_metadata().expect("metadata");
    let keys: Vec<&str> = metadata.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(
        keys,
        ["vgae.kind", "vgae.provenance", "vgae.version", "vgae.width", "ARROW:schema"]
    );
}

#[test]
fn the_same_values_give_the_same_bytes() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (format, write, _) in FORMS {
        let bytes = |name: &str| {
            let path = folder.path().join(name);
            write(&path, &nodes(300), &variational(300), &provenance()).expect("writes");
            fs::read(&path).expect("reads")
        };
        // The metadata go through hash maps, whose order changes from one map to the next.
        let first = bytes("first");
        assert!((0..20).all(|_| bytes("again") == first), "{format:?}");
    }
}

#[test]
fn a_config_decides_which_files_are_written() {
    let written = |formats: Vec<Format>| {
        let folder = tempfile::tempdir().expect("temporary folder");
        let config = ExportConfig { formats };
        write_embeddings(folder.path(), &nodes(3), &plain(3), &config, &provenance())
            .expect("writes");
        let listing = fs::read_dir(folder.path()).expect("lists");
        let mut names: Vec<String> = listing
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(
        written(ExportConfig::default().formats),
        ["embeddings.arrow", "embeddings.parquet"]
    );
    assert_eq!(written(vec![Format::Arrow]), ["embeddings.arrow"]);
    assert!(written(vec![]).is_empty());
}

#[test]
fn values_that_do_not_fit_are_refused_and_leave_no_file() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let empty_vectors = Embedding::new(Matrix::zeros(3, 0), None).expect("no values");
    for (format, write, _) in FORMS {
        let path = folder.path().join(format.file_name());
        let error = write(&path, &nodes(4), &plain(3), &provenance()).expect_err("a vector short");
        assert_eq!(
            error.to_string(),
            "embedding: expected a vector for each of 4 nodes, found 3 vectors"
        );
        write(&path, &nodes(3), &empty_vectors, &provenance()).expect_err("nothing in the vectors");
        assert!(!path.exists());
    }
}

#[test]
fn damaged_and_foreign_files_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("file");
    for (format, write, read) in FORMS {
        read(&folder.path().join("absent")).expect_err("no file");
        write(&path, &nodes(50), &plain(50), &provenance()).expect("writes");
        let whole = fs::read(&path).expect("reads");
        for length in [0, 3, 8, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).expect("truncates");
            let error = read(&path).expect_err("truncated");
            assert!(error.to_string().contains("damaged"), "{format:?} cut at {length}: {error}");
        }
    }
    nodes(5).write(&path, &provenance()).expect("writes");
    let error = read_embeddings_parquet(&path).expect_err("nodes, not embeddings");
    assert!(
        error.to_string().contains("expected kind `embeddings`, found kind `nodes`"),
        "{error}"
    );
}

/// A table as another tool may write it: other integer and string types, f64 in lists of any length.
fn foreign(path: &Path, node: Vec<i64>, vectors: Vec<Option<Vec<Option<f64>>>>) {
    let ids: Vec<String> = node.iter().map(i64::to_string).collect();
    let vectors = ListArray::from_iter_primitive::<Float64Type, _, _>(vectors);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("embedding", Arc::new(vectors)),
        ("extra", Arc::new(StringArray::from(ids.clone()))),
        ("node", Arc::new(Int64Array::from(node))),
        ("id", Arc::new(LargeStringArray::from(ids))),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let file = fs::File::create(path).expect("creates");
    let mut writer = FileWriter::try_new(file, batch.schema_ref()).expect("writer");
    writer.write(&batch).expect("writes");
    writer.finish().expect("finishes");
}

#[test]
fn tables_of_other_tools_can_be_read() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("foreign.arrow");
    let row = |a: f64, b: f64| Some(vec![Some(a), Some(b)]);
    foreign(&path, vec![0, 1], vec![row(0.5, 1.0), row(-2.0, 0.0)]);
    let (nodes, embedding) = read_embeddings_arrow(&path).expect("reads");
    assert_eq!(
        (nodes.ids(), nodes.labels()),
        (&["0".to_owned(), "1".to_owned()][..], &[None, None][..])
    );
    assert_eq!(embedding.mu().as_slice(), [0.5, 1.0, -2.0, 0.0]);
    assert_eq!(embedding.log_sigma(), None);

    let refused = |node: Vec<i64>, vectors| {
        foreign(&path, node, vectors);
        read_embeddings_arrow(&path).expect_err("not a table of embeddings").to_string()
    };
    let message = refused(vec![1, 0], vec![row(0.5, 1.0), row(-2.0, 0.0)]);
    assert!(message.contains("node 0 in row 0"), "{message}");
    let message = refused(vec![0, -1], vec![row(0.5, 1.0), row(-2.0, 0.0)]);
    assert!(message.contains("values that do not fit"), "{message}");
    let message = refused(vec![0, 1], vec![row(0.5, 1.0), Some(vec![Some(1.0)])]);
    assert!(message.contains("values that do not fit"), "{message}");
    let message = refused(vec![0, 1], vec![row(0.5, 1.0), Some(vec![None, Some(1.0)])]);
    assert!(message.contains("1 nulls"), "{message}");
    let message = refused(vec![0, 1], vec![row(0.5, 1.0), None]);
    assert!(message.contains("1 nulls"), "{message}");
    let message = refused(vec![0, 1], vec![row(0.5, 1.0), row(f64::NAN, 0.0)]);
    assert!(message.contains("not valid"), "{message}");
}
