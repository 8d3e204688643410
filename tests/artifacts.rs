//! The columns that other tools rely on.

use std::fs::File;

use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::common::vgae;

#[test]
fn tables_have_the_documented_columns() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let out = folder.path().join("demo");
    vgae().arg("demo").arg("--out").arg(&out).assert().success();
    let vector = DataType::new_fixed_size_list(DataType::Float32, 16, false);
    let expected: [(&str, Vec<(&str, DataType)>); 6] = [
        (
            "nodes",
            vec![("node", DataType::UInt32), ("id", DataType::Int64), ("label", DataType::Utf8)],
        ),
        (
            "edges",
            vec![
                ("src", DataType::UInt32),
                ("dst", DataType::UInt32),
                ("weight", DataType::Float32),
            ],
        ),
        (
            "split",
            vec![
                ("src", DataType::UInt32),
                ("dst", DataType::UInt32),
                ("part", DataType::Utf8),
                ("positive", DataType::Boolean),
            ],
        ),
        (
            "history",
            vec![
                ("epoch", DataType::UInt32),
                ("loss", DataType::Float64),
                ("reconstruction", DataType::Float64),
                ("kl", DataType::Float64),
                ("val_auc", DataType::Float64),
                ("val_ap", DataType::Float64),
                ("seconds", DataType::Float64),
            ],
        ),
        (
            "scores",
            vec![
                ("src", DataType::UInt32),
                ("dst", DataType::UInt32),
                ("part", DataType::Utf8),
                ("positive", DataType::Boolean),
                ("score", DataType::Float32),
            ],
        ),
        (
            "embeddings",
            vec![
                ("node", DataType::UInt32),
                ("id", DataType::Int64),
                ("label", DataType::Utf8),
                ("embedding", vector.clone()),
                ("mu", vector.clone()),
                ("log_sigma", vector),
            ],
        ),
    ];
    for (name, columns) in expected {
        let path = out.join(format!("{name}.parquet"));
        let file = File::open(&path).expect("file");
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
        let schema = reader.schema();
        let found: Vec<(&str, DataType)> = schema
            .fields()
            .iter()
            .map(|field| (field.name().as_str(), field.data_type().clone()))
            .collect();
        assert_eq!(found, columns, "{name}");
        assert_eq!(schema.metadata()["vgae.kind"], name);
        assert_eq!(schema.metadata()["vgae.version"], "1");
        assert!(schema.metadata()["vgae.provenance"].contains("\"program\":\"vgae "));
    }
    let weights = std::fs::read(out.join("weights.safetensors")).expect("weights");
    let text = String::from_utf8_lossy(&weights);
    for name in ["\"w0\"", "\"w_mu\"", "\"w_log_sigma\""] {
        assert!(text.contains(name), "{name}");
    }
}
