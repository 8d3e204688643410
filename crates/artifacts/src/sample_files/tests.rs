use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::names;

fn provenance() -> Provenance {
    Provenance::of_stage("ingest")
}

fn place(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join(name);
    (folder, path)
}

fn round_trip(samples: &Samples) -> Samples {
    let (_folder, path) = place(names::SAMPLES);
    samples.write(&path, &provenance()).expect("write");
    Samples::read(&path).expect("read")
}

fn images(count: usize) -> Samples {
    let data = (0..count * 6).map(|at| u8::try_from(at % 251).expect("below 256")).collect();
    let parts = (0..count).map(|row| if row % 3 == 0 { Part::Test } else { Part::Train });
    let shape = ImageShape { height: 2, width: 3 };
    Samples::new(SampleValues::Bytes { columns: 6, data }, Some(shape), Some(parts.collect()))
        .expect("images")
}

#[test]
fn images_survive_and_the_same_values_give_the_same_bytes() {
    let samples = images(10);
    assert_eq!(round_trip(&samples), samples);
    let (_folder, path) = place("a.parquet");
    let again = path.with_extension("again");
    samples.write(&path, &provenance()).expect("write");
    samples.write(&again, &provenance()).expect("write");
    assert_eq!(std::fs::read(path).expect("a file"), std::fs::read(again).expect("a file"));
}

#[test]
fn many_batches_and_row_groups_are_one_table() {
    // 3 row groups of 2^17 rows, each of two batches, with one column, the extreme case.
    let rows = 2 * table::ROW_GROUP_ROWS + 5;
    let data: Vec<u8> =
        (0..rows).map(|at| u8::try_from(at * 7 % 256).expect("below 256")).collect();
    let samples = Samples::new(SampleValues::Bytes { columns: 1, data }, None, None);
    let samples = samples.expect("samples");
    assert_eq!(round_trip(&samples), samples);
    // A row that is larger than a batch.
    let columns = BATCH_VALUES + 3;
    let data = vec![7u8; columns * 3];
    let samples = Samples::new(SampleValues::Bytes { columns, data }, None, None).expect("samples");
    assert_eq!(round_trip(&samples), samples);
}

#[test]
fn no_samples_are_samples() {
    let values = SampleValues::Bytes { columns: 4, data: Vec::new() };
    let samples = Samples::new(values, None, None).expect("none");
    assert_eq!(round_trip(&samples), samples);
}

/// Writes a table of kind `samples`.
fn write_raw(path: &Path, fields: Vec<Field>, columns: Vec<ArrayRef>, facts: &[(&str, String)]) {
    table::write_parquet(path, Kind::Samples, fields, columns, facts, &provenance())
        .expect("write");
}

fn list(values: ArrayRef, width: i32) -> (Field, ArrayRef) {
    let item = Arc::new(Field::new("item", values.data_type().clone(), true));
    let list = FixedSizeListArray::try_new(item, width, values, None).expect("lists");
    (Field::new(VALUES, list.data_type().clone(), false), Arc::new(list))
}

fn refusal(
    nodes: Vec<u32>,
    parts: Vec<Option<&str>>,
    values: (Field, ArrayRef),
    facts: &[(&str, String)],
) -> String {
    let (_folder, path) = place(names::SAMPLES);
    let fields = vec![
        Field::new(NODE, DataType::UInt32, false),
        Field::new(PART, DataType::Utf8, true),
        values.0,
    ];
    let columns: Vec<ArrayRef> =
        vec![Arc::new(UInt32Array::from(nodes)), Arc::new(StringArray::from(parts)), values.1];
    write_raw(&path, fields, columns, facts);
    let error = Samples::read(&path).expect_err("not samples");
    let source = std::error::Error::source(&error).map(|source| format!(" | {source}"));
    error.to_string().replace(&path.display().to_string(), "FILE") + &source.unwrap_or_default()
}

#[test]
fn tables_that_break_a_rule_are_refused() {
    let bytes = |values: Vec<u8>, width| list(Arc::new(UInt8Array::from(values)), width);
    let reals = |values: Vec<f32>| list(Arc::new(Float32Array::from(values)), 2);
    let two = || vec![0, 1];
    let said = refusal(two(), vec![None, None], reals(vec![1.0, 2.0, f32::NAN, 0.0]), &[]);
    assert!(said.contains("column 0 of sample 1: expected a finite number, found NaN"), "{said}");
    let said = refusal(vec![0, 2], vec![None, None], bytes(vec![1, 2], 1), &[]);
    assert!(said.contains("expected 1 in row 1"), "{said}");
    let said = refusal(two(), vec![Some("train"), None], bytes(vec![1, 2], 1), &[]);
    assert!(said.contains("a part for every sample, or for none"), "{said}");
    let said = refusal(two(), vec![Some("train"), Some("dev")], bytes(vec![1, 2], 1), &[]);
    assert!(said.contains("one of train, val, test"), "{said}");
    let shape =
        |height: &str| [("image_height", height.to_owned()), ("image_width", "2".to_owned())];
    let said = refusal(two(), vec![None, None], bytes(vec![1, 2, 3, 4], 2), &shape("2"));
    assert!(said.contains("image shape: expected 2 pixels, found 2 x 2"), "{said}");
    let said = refusal(two(), vec![None, None], bytes(vec![1, 2], 1), &shape("x"));
    assert!(said.contains("a count in `vgae.image_height`"), "{said}");
    let said = refusal(two(), vec![None, None], bytes(vec![1, 2], 1), &shape("1")[..1]);
    assert!(said.contains("or neither"), "{said}");
    let nulls = UInt8Array::from(vec![Some(1), None]);
    let said = refusal(two(), vec![None, None], list(Arc::new(nulls), 1), &[]);
    assert!(said.contains("found nulls"), "{said}");
    let words = StringArray::from(vec!["a", "b"]);
    let said = refusal(two(), vec![None, None], list(Arc::new(words), 1), &[]);
    assert!(said.contains("lists of UInt8 or Float32"), "{said}");
    let plain = (Field::new(VALUES, DataType::UInt32, false), two().into_iter());
    let said = refusal(
        two(),
        vec![None, None],
        (plain.0, Arc::new(UInt32Array::from_iter_values(plain.1))),
        &[],
    );
    assert!(said.contains("found type UInt32"), "{said}");
}

#[test]
fn another_kind_and_a_missing_column_are_named() {
    let (_folder, path) = place(names::NODES);
    let nodes = crate::Nodes::new(vec!["a".to_owned()], vec![None]).expect("a node");
    nodes.write(&path, &provenance()).expect("write");
    let said = Samples::read(&path).expect_err("nodes").to_string();
    assert!(said.contains("expected kind `samples`, found kind `nodes`"), "{said}");
    let (field, column) = list(Arc::new(UInt8Array::from(vec![1])), 1);
    write_raw(&path, vec![field], vec![column], &[]);
    let said = Samples::read(&path).expect_err("no nodes").to_string();
    assert!(said.contains("column `node`"), "{said}");
}

#[test]
fn a_damaged_file_is_no_panic() {
    let (_folder, path) = place(names::SAMPLES);
    images(40).write(&path, &provenance()).expect("write");
    let whole = std::fs::read(&path).expect("a file");
    for at in (0..whole.len()).step_by(3) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x41;
        std::fs::write(&path, &damaged).expect("write");
        drop(Samples::read(&path));
    }
    for end in (0..whole.len()).step_by(17) {
        std::fs::write(&path, &whole[..end]).expect("write");
        assert!(Samples::read(&path).is_err(), "cut at {end}");
    }
}

fn split(train: &[u32], validation: &[u32], test: &[u32]) -> SampleSplit {
    SampleSplit { train: train.to_vec(), validation: validation.to_vec(), test: test.to_vec() }
}

#[test]
fn a_split_survives_and_its_hash_tells_parts_apart() {
    let (_folder, path) = place(names::SAMPLE_SPLIT);
    let whole = split(&[0, 3], &[1], &[2, 4]);
    whole.write(&path, &provenance()).expect("write");
    assert_eq!(SampleSplit::read(&path, 5).expect("read"), whole);
    let said = SampleSplit::read(&path, 6).expect_err("one more sample");
    let said = std::error::Error::source(&said).expect("a rule").to_string();
    assert_eq!(said, "split of samples: expected each of 6 samples in a part, found 5 in none");
    assert!(SampleSplit::read(&path, 4).is_err());
    let hashes: std::collections::BTreeSet<_> = [
        whole,
        split(&[0], &[3, 1], &[2, 4]),
        split(&[0, 3], &[], &[1, 2, 4]),
        split(&[], &[], &[]),
    ]
    .map(|split| split.content_hash())
    .into();
    assert_eq!(hashes.len(), 4);
}

#[test]
fn splits_that_are_none_are_not_written() {
    let (_folder, path) = place(names::SAMPLE_SPLIT);
    let cases = [
        split(&[0, 1], &[1], &[]),
        split(&[0, 0], &[1], &[]),
        split(&[1, 0], &[2], &[]),
        split(&[0, 1], &[], &[7]),
        split(&[0], &[], &[2, 3]),
    ];
    let said =
        cases.map(|case| case.write(&path, &provenance()).expect_err("no split").to_string());
    let said = said.map(|text| text.trim_start_matches("split of samples: expected ").to_owned());
    assert_eq!(
        said,
        [
            "each sample in one part, found sample 1 in train and in val",
            "each sample in one part, found sample 0 in train and in train",
            "part train in ascending order, found 0 after 1",
            "samples below 3, found 7 in part test",
            "samples below 3, found 3 in part test",
        ]
    );
    assert!(!path.exists());
}

proptest! {
    #[test]
    fn any_samples_survive(
        columns in 1usize..5,
        numbers in prop::collection::vec(-1e30f32..1e30, 0..60),
        as_bytes: bool,
        named: bool,
    ) {
        let rows = numbers.len() / columns;
        let numbers = &numbers[..rows * columns];
        let values = if as_bytes {
            let data = numbers.iter().map(|value| value.to_le_bytes()[1]).collect();
            SampleValues::Bytes { columns, data }
        } else {
            let matrix = Matrix::from_row_major(rows, columns, numbers.to_vec());
            SampleValues::Reals(matrix.expect("a matrix"))
        };
        let part = |row| [Part::Train, Part::Validation, Part::Test][row % 3];
        // A table without rows contains no parts.
        let parts = (named && rows > 0).then(|| (0..rows).map(part).collect());
        let samples = Samples::new(values, None, parts).expect("samples");
        prop_assert_eq!(round_trip(&samples), samples);
    }
}
