//! `docs/schemas` and the table in `docs/artifacts.md` say what the code says, and the code writes what it says.
//! `VGAE_UPDATE_DOCS=1 cargo test --workspace -- schemas` makes both anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;

use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use vgae_artifacts::names::{FILES, File as DeclaredFile, Writer};
use vgae_artifacts::schemas::TableForm;
use vgae_artifacts::table::description;
use vgae_pipeline::reference;
use vgae_pipeline::schemas::{json_schemas, tables};

use crate::common::{root, run, vgae};

const BEGIN: &str = "<!-- begin: made by tests/schemas.rs -->\n";
const END: &str = "<!-- end -->\n";
const MEND: &str = "make it anew with VGAE_UPDATE_DOCS=1 cargo test --workspace -- schemas";

fn updates() -> bool {
    std::env::var_os("VGAE_UPDATE_DOCS").is_some()
}

#[test]
fn json_schemas_in_the_documents_are_those_of_the_code() {
    let folder = root().join("docs/schemas");
    let schemas = json_schemas();
    for (name, schema) in &schemas {
        let path = folder.join(format!("{name}.json"));
        if updates() {
            let text = serde_json::to_string_pretty(schema).expect("JSON");
            fs::write(&path, text + "\n").expect("written");
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let found: Value = serde_json::from_str(&text).unwrap_or_default();
        assert!(found == *schema, "{} is not what the code says: {MEND}", path.display());
    }
    let files = fs::read_dir(&folder).expect("folder").count();
    assert_eq!(files, schemas.len(), "docs/schemas holds nothing else");
}

#[test]
fn the_table_of_columns_in_the_documents_is_that_of_the_code() {
    let path = root().join("docs/artifacts.md");
    let text = fs::read_to_string(&path).expect("docs/artifacts.md");
    let (before, rest) = text.split_once(BEGIN).expect("where the tables begin");
    let (found, after) = rest.split_once(END).expect("where the tables end");
    let expected = table_of_files() + "\n" + &table_of_columns();
    if updates() {
        fs::write(&path, format!("{before}{BEGIN}{expected}{END}{after}")).expect("written");
    } else {
        assert!(found == expected, "the table in docs/artifacts.md is another: {MEND}");
    }
}

/// One row per file.
fn table_of_files() -> String {
    let mut text = "| file | content | written by | read by |\n|---|---|---|---|\n".to_owned();
    for DeclaredFile { name, content, writer, graph_readers, sample_readers, .. } in FILES {
        let writer = match writer {
            Writer::Stage(stage) => stage.into(),
            Writer::Run => "run",
            Writer::Grid => "grid",
        };
        let readers: BTreeSet<_> = graph_readers.iter().chain(*sample_readers).collect();
        let readers: Vec<&str> = readers.into_iter().map(<&str>::from).collect();
        let (content, readers) = (content.trim_end_matches('.'), readers.join(", "));
        let _infallible = writeln!(text, "| `{name}` | {content} | {writer} | {readers} |");
    }
    text
}

/// The reference of options is derived from their declarations.
#[test]
fn the_reference_of_options_is_that_of_the_schemas_in_the_code() {
    let path = root().join("docs/options.md");
    let expected = reference::reference();
    if updates() {
        fs::write(&path, &expected).expect("written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "docs/options.md differs from the declarations: {MEND}");
}

/// One row a column. A column that can be of two types has both.
fn table_of_columns() -> String {
    let mut text = "| file | column | type | null | |\n|---|---|---|---|---|\n".to_owned();
    for TableForm { file, forms } in tables() {
        let mut names: Vec<&str> = Vec::new();
        for field in forms.iter().flatten() {
            if !names.contains(&field.name().as_str()) {
                names.push(field.name());
            }
        }
        for name in names {
            let fields: Vec<_> = forms.iter().flatten().filter(|f| f.name() == name).collect();
            let mut types: Vec<String> = Vec::new();
            for field in &fields {
                let kind = type_name(field.data_type());
                if !types.contains(&kind) {
                    types.push(kind);
                }
            }
            let null = if fields.iter().any(|field| field.is_nullable()) { "yes" } else { "no" };
            let (types, description) = (types.join(" or "), description(fields[0]));
            let meaning = description.unwrap_or_else(|| panic!("describe `{name}` of {file}"));
            let _infallible =
                writeln!(text, "| `{file}` | `{name}` | {types} | {null} | {meaning} |");
        }
    }
    text
}

fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::UInt8 => "u8".to_owned(),
        DataType::UInt32 => "u32".to_owned(),
        DataType::UInt64 => "u64".to_owned(),
        DataType::Int64 => "i64".to_owned(),
        DataType::Float32 => "f32".to_owned(),
        DataType::Float64 => "f64".to_owned(),
        DataType::Boolean => "bool".to_owned(),
        DataType::Utf8 => "text".to_owned(),
        DataType::FixedSizeList(item, _) => {
            format!("fixed-size list of {}", type_name(item.data_type()))
        }
        DataType::List(item) => format!("list of {}", type_name(item.data_type())),
        other => panic!("no name for the type {other}"),
    }
}

/// Checks the columns of a file against the declarations in the code.
fn assert_columns_are_told(path: &Path) {
    let forms: BTreeMap<&str, _> = tables().into_iter().map(|t| (t.file, t.forms)).collect();
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    let file = File::open(path).expect("opens");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    let found: Vec<(&str, String, bool)> = (reader.schema().fields().iter())
        .map(|f| (f.name().as_str(), type_name(f.data_type()), f.is_nullable()))
        .collect();
    let told = forms[name].iter().any(|fields| {
        let fields = fields.iter();
        let fields: Vec<(&str, String, bool)> = fields
            .map(|f| (f.name().as_str(), type_name(f.data_type()), f.is_nullable()))
            .collect();
        fields == found
    });
    assert!(told, "{name} has columns that docs/artifacts.md does not tell: {found:?}");
}

#[test]
fn files_of_runs_have_the_columns_of_the_table() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let (demo, iris) = (folder.path().join("demo"), folder.path().join("iris"));
    vgae().arg("demo").arg("--out").arg(&demo).assert().success();
    run(&root().join("pipelines/iris-vae.toml"), &iris, &[]);
    let mut seen = 0;
    for out in [demo, iris] {
        for entry in fs::read_dir(&out).expect("folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "parquet") {
                assert_columns_are_told(&path);
                seen += 1;
            }
        }
    }
    assert!(seen > 9, "{seen} tables");
}
