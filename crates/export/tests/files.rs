//! Embedding files: round trips in both formats and reproducible bytes.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, LargeStringArray, ListArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Float64Type, Schema};
use arrow::ipc::reader::FileReader;
use arrow::ipc::writer::FileWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::RowGroupMetaData;
use strum::VariantArray;
use vgae_artifacts::table::{ROW_GROUP_ROWS, vector_type};
use vgae_artifacts::{Embedding, Matrix, Nodes, Provenance, Result, Seed};
use vgae_export::{
    ExportConfig, Format, Layout, read_embeddings_arrow, read_embeddings_parquet, write_embeddings,
    write_embeddings_arrow, write_embeddings_csv, write_embeddings_parquet,
};

type Write = fn(&Path, &Nodes, &Embedding, Layout, &Provenance) -> Result<()>;
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

/// Nodes with integer ids.
fn numbered(count: usize) -> Nodes {
    let ids = (0i64..).take(count).map(|node| (7 - 3 * node).to_string()).collect();
    Nodes::new(ids, vec![None; count]).expect("one label an id").with_integer_ids()
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

/// Plain and variational vectors in every layout.
fn every_form(rows: usize) -> impl Iterator<Item = (Embedding, Layout)> {
    [plain(rows), variational(rows)].into_iter().flat_map(|embedding| {
        Layout::VARIANTS.iter().map(move |&layout| (embedding.clone(), layout))
    })
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
            for (embedding, layout) in every_form(count) {
                // Without rows, the length of a list is undefined.
                if count == 0 && layout == Layout::List {
                    continue;
                }
                for nodes in [nodes(count), numbered(count)] {
                    write(&path, &nodes, &embedding, layout, &provenance()).expect("writes");
                    let found = read(&path).expect("reads");
                    assert_eq!(found, (nodes, embedding.clone()), "{format:?} {layout:?}");
                }
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
        write(&path, &nodes, &embedding, Layout::Fixed, &provenance()).expect("writes");
        let found = read(&path).expect("reads");
        // `assert_eq!` would print a million numbers.
        assert!(found.0 == nodes && found.1 == embedding, "{format:?}");
    }
    let file = fs::File::open(folder.path().join("embeddings.parquet")).expect("opens");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    let groups: Vec<i64> =
        builder.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(groups, [1 << 17, 3]);
}

#[test]
fn wide_vectors_have_smaller_row_groups() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("wide.parquet");
    let wide = Embedding::new(Matrix::zeros(5, 1 << 23), None).expect("finite");
    write_embeddings_parquet(&path, &nodes(5), &wide, Layout::List, &provenance()).expect("writes");
    let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(&path).expect("opens"));
    let builder = builder.expect("Parquet");
    let groups: Vec<i64> =
        builder.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect();
    assert_eq!(groups, [2, 2, 1], "64 MiB of vectors each");
}

/// Removes the descriptions from the fields of a schema, after checking that each field has one.
fn undescribed(schema: &Schema) -> Vec<Arc<Field>> {
    let field = |field: &Arc<Field>| {
        assert!(field.metadata().contains_key("description"), "{field:?}");
        Arc::new(field.as_ref().clone().with_metadata(HashMap::new()))
    };
    schema.fields().iter().map(field).collect()
}

#[test]
fn the_columns_are_those_promised() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (format, write, _) in FORMS {
        let path = folder.path().join(format.file_name());
        write(&path, &nodes(4), &plain(4), Layout::Fixed, &provenance()).expect("writes");
        let expected = vec![
            Field::new("node", DataType::UInt32, false),
            Field::new("id", DataType::Utf8, false),
            Field::new("label", DataType::Utf8, true),
            Field::new("embedding", vector_type(5), false),
        ];
        assert_eq!(undescribed(&schema_of(format, &path)), as_refs(&expected), "{format:?}");
        write(&path, &nodes(4), &variational(4), Layout::Fixed, &provenance()).expect("writes");
        let mut expected = expected;
        expected.push(Field::new("mu", vector_type(5), false));
        expected.push(Field::new("log_sigma", vector_type(5), false));
        assert_eq!(undescribed(&schema_of(format, &path)), as_refs(&expected), "{format:?}");
    }
}

#[test]
fn the_layout_decides_how_vectors_are_stored() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (format, write, _) in FORMS {
        let path = folder.path().join(format.file_name());
        let columns = |nodes: &Nodes, embedding: &Embedding, layout| {
            write(&path, nodes, embedding, layout, &provenance()).expect("writes");
            let schema = schema_of(format, &path);
            let field = |field: &Arc<Field>| format!("{}: {}", field.name(), field.data_type());
            schema.fields().iter().skip(1).map(field).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(
            columns(&numbered(4), &variational(4), Layout::List),
            "id: Int64\nlabel: Utf8\nembedding: List(non-null Float32)\n\
             mu: List(non-null Float32)\nlog_sigma: List(non-null Float32)"
        );
        let two = Embedding::new(matrix(4, 2, 0.37), Some(matrix(4, 2, 0.11))).expect("finite");
        assert_eq!(
            columns(&nodes(4), &two, Layout::Columns),
            "id: Utf8\nlabel: Utf8\nembedding_0: Float32\nembedding_1: Float32\n\
             mu_0: Float32\nmu_1: Float32\nlog_sigma_0: Float32\nlog_sigma_1: Float32"
        );
    }
}

#[test]
fn csv_has_a_column_a_dimension_and_quotes_what_must_be() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("e.csv");
    let ids = ["a,b", "\"c\"\nd", "007"].map(str::to_owned).to_vec();
    let nodes = Nodes::new(ids, vec![None, Some("x y".to_owned()), None]).expect("nodes");
    let values = vec![0.1, -0.0, 1e-30, f32::MAX, 16_777_216.0, -2.5];
    let mu = Matrix::from_row_major(3, 2, values.clone()).expect("a matrix");
    let embedding = Embedding::new(mu, None).expect("finite");
    write_embeddings_csv(&path, &nodes, &embedding).expect("writes");
    let text = fs::read_to_string(&path).expect("reads");
    assert_eq!(
        text,
        "node,id,label,embedding_0,embedding_1\n0,\"a,b\",,0.1,-0.0\n\
         1,\"\"\"c\"\"\nd\",x y,1e-30,3.4028235e38\n2,007,,16777216.0,-2.5\n"
    );
    let last: f32 = "3.4028235e38".parse().expect("a number");
    assert_eq!(last.to_bits(), f32::MAX.to_bits());

    write_embeddings_csv(&path, &nodes, &variational(3)).expect("writes");
    let text = fs::read_to_string(&path).expect("reads");
    let header = text.lines().next().expect("a header");
    assert!(header.ends_with("embedding_4,mu_0,mu_1,mu_2,mu_3,mu_4,log_sigma_0,log_sigma_1,log_sigma_2,log_sigma_3,log_sigma_4"), "{header}");
}

#[test]
fn npy_is_as_numpy_writes_it() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let config = ExportConfig { formats: vec![Format::Npy], layout: Layout::Columns };
    let embedding = variational(3);
    write_embeddings(folder.path(), &nodes(3), &embedding, &config, &provenance()).expect("writes");
    for (name, matrix) in
        [("embeddings.npy", Some(embedding.mu())), ("log_sigma.npy", embedding.log_sigma())]
    {
        let bytes = fs::read(folder.path().join(name)).expect("reads");
        // Header that `numpy.save` writes for such an array.
        let header =
            format!("{:<117}\n", "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 5), }");
        assert_eq!(&bytes[..10], b"\x93NUMPY\x01\x00\x76\x00");
        assert_eq!(&bytes[10..128], header.as_bytes());
        let values = matrix.expect("variational").as_slice().iter();
        assert_eq!(bytes[128..], values.flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
    }
}

fn as_refs(fields: &[Field]) -> Vec<Arc<Field>> {
    fields.iter().cloned().map(Arc::new).collect()
}

#[test]
fn mu_holds_the_same_vectors_as_embedding() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("e.arrow");
    write_embeddings_arrow(&path, &nodes(4), &variational(4), Layout::Fixed, &provenance())
        .expect("writes");
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
        write(&path, &nodes(4), &plain(4), Layout::Fixed, &provenance()).expect("writes");
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
    write_embeddings_parquet(&path, &nodes(4), &plain(4), Layout::Fixed, &provenance())
        .expect("writes");
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
        for &layout in Layout::VARIANTS {
            let bytes = |name: &str| {
                let path = folder.path().join(name);
                write(&path, &nodes(300), &variational(300), layout, &provenance())
                    .expect("writes");
                fs::read(&path).expect("reads")
            };
            // The metadata pass through hash maps, whose iteration order is random.
            let first = bytes("first");
            assert!((0..20).all(|_| bytes("again") == first), "{format:?} {layout:?}");
        }
    }
}

#[test]
fn a_config_decides_which_files_are_written() {
    let written = |formats: Vec<Format>| {
        let folder = tempfile::tempdir().expect("temporary folder");
        let config = ExportConfig { formats, ..ExportConfig::default() };
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
    assert_eq!(written(vec![Format::Npy, Format::Csv]), ["embeddings.csv", "embeddings.npy"]);
    assert!(written(vec![]).is_empty());
}

#[test]
fn values_that_do_not_fit_are_refused_and_leave_no_file() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let empty_vectors = Embedding::new(Matrix::zeros(3, 0), None).expect("no values");
    for (format, write, _) in FORMS {
        let path = folder.path().join(format.file_name());
        let error = write(&path, &nodes(4), &plain(3), Layout::Fixed, &provenance())
            .expect_err("a vector short");
        assert_eq!(
            error.to_string(),
            "embedding: expected a vector for each of 4 nodes, found 3 vectors"
        );
        write(&path, &nodes(3), &empty_vectors, Layout::Fixed, &provenance())
            .expect_err("nothing in the vectors");
        assert!(!path.exists());
    }
}

#[test]
fn damaged_and_foreign_files_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("file");
    for (format, write, read) in FORMS {
        read(&folder.path().join("absent")).expect_err("no file");
        write(&path, &nodes(50), &plain(50), Layout::Fixed, &provenance()).expect("writes");
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

/// Writes a table as another tool may do: other integer and string types, f64 in lists of any length.
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
