//! Random small graphs, written in random dialects of text, Parquet and Arrow: what is read is the same graph, or
//! an error. Never another graph.
//!
//! `VGAE_DIALECTS=20000 cargo test -p vgae-ingest --test dialects` reads as many files; a failure names its seed,
//! which `VGAE_DIALECT=SEED` repeats.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use vgae_artifacts::{Audit, Graph};
use vgae_ingest::{IngestConfig, IngestError, load};

/// Files that the usual tests read.
const USUAL: u64 = 400;

/// A graph by its ids.
#[derive(Debug, Clone, PartialEq, Default)]
struct Truth {
    /// The ends of each edge, the smaller first, with its weight in thousandths.
    edges: BTreeMap<(String, String), Option<i64>>,
    nodes: BTreeSet<String>,
    labels: BTreeMap<String, String>,
    /// The values of a node in thousandths by the names of features; zeros are left out.
    features: BTreeMap<(String, String), i64>,
}

/// Rounded to thousandths, which values are written with.
fn thousandths(value: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "small values")]
    let rounded = (value * 1000.0).round() as i64;
    rounded
}

impl Truth {
    fn of(graph: &Graph) -> Self {
        let ids = graph.nodes.ids();
        let weights = graph.edges.weights();
        let edges = graph.edges.pairs().iter().enumerate().map(|(at, pair)| {
            let mut ends = [ids[pair.src as usize].clone(), ids[pair.dst as usize].clone()];
            ends.sort();
            let [src, dst] = ends;
            ((src, dst), weights.map(|weights| thousandths(f64::from(weights[at]))))
        });
        let edges = edges.collect();
        let labels = ids.iter().zip(graph.nodes.labels());
        let labels = labels.filter_map(|(id, label)| Some((id.clone(), label.clone()?)));
        let mut features = BTreeMap::new();
        if let Some(found) = &graph.features {
            let names = found.names().unwrap_or_default();
            for (node, id) in ids.iter().enumerate() {
                for (column, value) in found.row(node) {
                    let name = names.get(column as usize).cloned().unwrap_or_default();
                    features.insert((id.clone(), name), thousandths(f64::from(value)));
                }
            }
        }
        Self { edges, nodes: ids.iter().cloned().collect(), labels: labels.collect(), features }
    }
}

/// A table before it is written.
#[derive(Debug, Default)]
struct Sheet {
    names: Vec<String>,
    /// A column after the other; none is missing.
    columns: Vec<Vec<Option<String>>>,
}

impl Sheet {
    fn add(&mut self, name: &str, values: Vec<Option<String>>) {
        self.names.push(name.to_owned());
        self.columns.push(values);
    }

    fn shuffle(&mut self, random: &mut ChaCha8Rng) {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        order.shuffle(random);
        self.names = order.iter().map(|&at| self.names[at].clone()).collect();
        self.columns = order.iter().map(|&at| self.columns[at].clone()).collect();
    }

    fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }
}

/// Options that a table is written with.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Debug)]
struct Dialect {
    extension: &'static str,
    separator: &'static str,
    quote_all: bool,
    backslash: bool,
    header: bool,
    end: &'static str,
    last_end: bool,
    mark: bool,
    comments: bool,
    blank_lines: bool,
    missing: &'static str,
    repeat_header: bool,
    packing: &'static str,
}

impl Dialect {
    fn random(random: &mut ChaCha8Rng) -> Self {
        let extension = *["csv", "csv", "tsv", "txt", "edges", "parquet", "arrow"]
            .choose(random)
            .expect("some");
        let separators: &[&str] = match extension {
            "csv" => &[",", ",", ";", "\t", "|", "::", ", "],
            "tsv" => &["\t", "\t", ","],
            _ => &[" ", "\t", ",", "  ", ", ", ";"],
        };
        let separator = separators.choose(random).expect("some");
        Self {
            extension,
            separator,
            quote_all: random.random_bool(0.3),
            backslash: random.random_bool(0.2),
            header: random.random_bool(0.6),
            end: ["\n", "\n", "\r\n", "\r"].choose(random).expect("some"),
            last_end: random.random_bool(0.7),
            mark: random.random_bool(0.15),
            comments: random.random_bool(0.2),
            blank_lines: random.random_bool(0.15),
            missing: ["", "NA", "NaN", "NULL", "None", "n/a"].choose(random).expect("some"),
            repeat_header: random.random_bool(0.05),
            packing: ["", "", "", ".gz", ".zst"].choose(random).expect("some"),
        }
    }

    fn is_text(&self) -> bool {
        !matches!(self.extension, "parquet" | "arrow")
    }

    fn value(&self, value: &str) -> String {
        let is_special = value.contains([' ', '\t', ',', ';', '|', ':', '"', '\n', '\r', '#', '%'])
            || value.is_empty();
        if !self.quote_all && !is_special {
            return value.to_owned();
        }
        let inner = if self.backslash {
            value.replace('\\', "\\\\").replace('"', "\\\"")
        } else {
            value.replace('"', "\"\"")
        };
        format!("\"{inner}\"")
    }

    fn text(&self, sheet: &Sheet, random: &mut ChaCha8Rng) -> Vec<u8> {
        let mut text = String::new();
        if self.mark {
            text.push('\u{feff}');
        }
        if self.comments {
            write!(text, "# made by hand, {} rows{}", sheet.rows(), self.end).expect("text");
        }
        let names: Vec<String> = sheet
            .names
            .iter()
            .map(|name| match name.as_str() {
                "" => String::new(),
                name => self.value(name),
            })
            .collect();
        let mut lines = Vec::new();
        if self.header {
            lines.push(names.join(self.separator));
        }
        for row in 0..sheet.rows() {
            if self.header && self.repeat_header && row == sheet.rows() / 2 && row > 0 {
                lines.push(names.join(self.separator));
            }
            if self.blank_lines && random.random_bool(0.1) {
                lines.push(String::new());
            }
            let values = sheet.columns.iter().map(|column| match &column[row] {
                Some(value) => self.value(value),
                None => self.missing.to_owned(),
            });
            lines.push(values.collect::<Vec<_>>().join(self.separator));
        }
        text.push_str(&lines.join(self.end));
        if self.last_end {
            text.push_str(self.end);
        }
        text.into_bytes()
    }

    /// Writes the sheet as `name` and returns the file's name.
    fn write(&self, folder: &Path, name: &str, sheet: &Sheet, random: &mut ChaCha8Rng) -> String {
        let packing = if self.is_text() { self.packing } else { "" };
        let file = format!("{name}.{}{packing}", self.extension);
        let path = folder.join(&file);
        if !self.is_text() {
            let arrays = sheet.names.iter().zip(&sheet.columns);
            let arrays = arrays.map(|(name, column)| {
                let name = if name.is_empty() { "__index_level_0__" } else { name };
                (name.to_owned(), array(column), true)
            });
            let batch = RecordBatch::try_from_iter_with_nullable(arrays).expect("columns");
            let out = std::fs::File::create(&path).expect("create");
            if self.extension == "parquet" {
                let mut writer = parquet::arrow::ArrowWriter::try_new(out, batch.schema(), None)
                    .expect("a writer");
                writer.write(&batch).expect("written");
                writer.close().expect("closed");
            } else {
                let mut writer = arrow::ipc::writer::FileWriter::try_new(out, &batch.schema())
                    .expect("a writer");
                writer.write(&batch).expect("written");
                writer.finish().expect("finished");
            }
            return file;
        }
        let bytes = self.text(sheet, random);
        let bytes = match packing {
            ".gz" => {
                let mut packer =
                    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                packer.write_all(&bytes).expect("packed");
                packer.finish().expect("packed")
            }
            ".zst" => zstd::encode_all(bytes.as_slice(), 1).expect("packed"),
            _ => bytes,
        };
        std::fs::write(&path, bytes).expect("written");
        file
    }
}

/// A column by the narrowest type of its values, as programs write it.
fn array(column: &[Option<String>]) -> ArrayRef {
    let all = |fits: &dyn Fn(&str) -> bool| column.iter().flatten().all(|value| fits(value));
    let values = || column.iter().map(|value| value.as_deref());
    let is_canonical =
        |value: &str| value.parse::<i64>().is_ok_and(|number| number.to_string() == value);
    if all(&is_canonical) {
        Arc::new(
            values()
                .map(|value| value.and_then(|it| it.parse::<i64>().ok()))
                .collect::<Int64Array>(),
        )
    } else if all(&|value| value.parse::<f64>().is_ok())
        && column.iter().flatten().any(|value| value.contains('.'))
    {
        Arc::new(
            values()
                .map(|value| value.and_then(|it| it.parse::<f64>().ok()))
                .collect::<Float64Array>(),
        )
    } else {
        Arc::new(values().collect::<StringArray>())
    }
}

/// Ids of one of the kinds that people have.
fn ids(count: usize, random: &mut ChaCha8Rng) -> Vec<String> {
    let words = [
        "ann", "bob lee", "cid, jr.", "d\"e\"e", "#eve", "Zoë", "gus;hal", "x|y", "a::b", "it's",
        "007", "1e5", "-",
    ];
    let kind = random.random_range(0..6);
    let start = random.random_range(0..50);
    (0..count)
        .map(|at| match kind {
            0 => (at + start).to_string(),
            1 => (at * 37 + 1000).to_string(),
            2 => format!("n{at}"),
            3 => format!("N{at:03}"),
            4 => match words.get(at) {
                Some(word) => (*word).to_owned(),
                None => format!("w {at}"),
            },
            _ => format!("-{}", at + 1),
        })
        .collect()
}

/// A random graph in files of random dialects: the names of the files, and the graph.
#[expect(clippy::too_many_lines, reason = "a list of choices")]
fn write(folder: &Path, random: &mut ChaCha8Rng) -> (String, Option<String>, Truth, String) {
    let count = random.random_range(4..14);
    let ids = ids(count, random);
    let is_weighted = random.random_bool(0.4);
    let mut truth = Truth::default();
    let mut rows: Vec<(usize, usize, Option<String>)> = Vec::new();
    for _ in 0..random.random_range(count..3 * count) {
        let (a, b) = (random.random_range(0..count), random.random_range(0..count));
        let mut ends = [ids[a].clone(), ids[b].clone()];
        ends.sort();
        let [src, dst] = ends;
        if truth.edges.contains_key(&(src.clone(), dst.clone())) || a == b {
            continue;
        }
        let weight = random.random_range(-2000i64..9000);
        let text = is_weighted.then(|| format!("{}", weight as f64 / 1000.0));
        let weight = text.as_ref().map(|text| thousandths(text.parse().expect("a number")));
        truth.edges.insert((src, dst), weight);
        rows.push((a, b, text));
    }
    let dialect = Dialect::random(random);
    let are_numbers = ids.iter().all(|id| id.parse::<i64>().is_ok());
    let floats = are_numbers && random.random_bool(0.1);
    let end = |at: usize, is_float: bool| {
        Some(if is_float { format!("{}.0", ids[at]) } else { ids[at].clone() })
    };
    let pairs = [
        ("source", "target"),
        ("src", "dst"),
        ("from", "to"),
        ("Source", "Target"),
        ("u", "v"),
        ("from_id", "to_id"),
        ("node1", "node2"),
        (":START_ID", ":END_ID"),
        ("person", "friend"),
        ("p", "q"),
    ];
    let (src, dst) = *pairs.choose(random).expect("some");
    let mut sheet = Sheet::default();
    sheet.add(src, rows.iter().map(|row| end(row.0, false)).collect());
    sheet.add(dst, rows.iter().map(|row| end(row.1, floats)).collect());
    if is_weighted {
        sheet.add("weight", rows.iter().map(|row| row.2.clone()).collect());
    }
    if !dialect.header && is_weighted && dialect.is_text() {
        // Without names weights are no weights.
        for weight in truth.edges.values_mut() {
            *weight = None;
        }
    }
    if random.random_bool(0.2) {
        let note = ["ok", "so, so", "say \"hi\"", "", "5\" disk", "a\tb"];
        let notes = (0..rows.len()).map(|_| (*note.choose(random).expect("some")).to_owned());
        let notes = notes.map(|note| (!note.is_empty()).then_some(note)).collect();
        sheet.add("note", notes);
    }
    if random.random_bool(0.2) {
        sheet.add(
            "timestamp",
            (0..rows.len()).map(|at| Some((1_600_000_000 + 7 * at).to_string())).collect(),
        );
    }
    let is_conventional = src != "person" && src != "p";
    if is_conventional && (dialect.header || !dialect.is_text()) && random.random_bool(0.4) {
        sheet.shuffle(random);
    }
    if (dialect.header || !dialect.is_text()) && random.random_bool(0.2) {
        let start = random.random_range(0..2);
        sheet.names.insert(0, String::new());
        sheet
            .columns
            .insert(0, (start..start + rows.len()).map(|at| Some(at.to_string())).collect());
    }
    let edges = dialect.write(folder, "edges", &sheet, random);
    let mut described = format!("{dialect:?}\n{sheet:?}\n");
    if random.random_bool(0.5) {
        truth.nodes =
            rows.iter().flat_map(|row| [row.0, row.1]).map(|at| ids[at].clone()).collect();
        return (edges, None, truth, described);
    }

    truth.nodes = ids.iter().cloned().collect();
    let dialect = Dialect { header: true, ..Dialect::random(random) };
    let mut sheet = Sheet::default();
    let name = *["id", "Id", "node_id", "node", "nodeId:ID", "name"].choose(random).expect("some");
    sheet.add(name, ids.iter().cloned().map(Some).collect());
    if random.random_bool(0.5) {
        let mut labels = Vec::new();
        for id in &ids {
            let label = *["red", "blue", "light green"].choose(random).expect("some");
            let label = random.random_bool(0.9).then_some(label);
            labels.push(label.map(str::to_owned));
            truth.labels.extend(label.map(|label| (id.clone(), label.to_owned())));
        }
        if labels.iter().all(Option::is_none) {
            labels[0] = Some("red".to_owned());
            truth.labels.insert(ids[0].clone(), "red".to_owned());
        }
        let name = *["label", "class", "Label", "group"].choose(random).expect("some");
        sheet.add(name, labels);
    }
    for feature in 0..random.random_range(0..3) {
        let name = format!("x{feature}");
        let is_whole = random.random_bool(0.4);
        let values: Vec<i64> = ids
            .iter()
            .map(|_| {
                if is_whole {
                    1000 * random.random_range(0..5)
                } else {
                    random.random_range(-3000..3000)
                }
            })
            .collect();
        let text = |value: i64| {
            let value = value as f64 / 1000.0;
            if is_whole { format!("{value:.0}") } else { format!("{value:.3}") }
        };
        sheet.add(&name, values.iter().map(|&value| Some(text(value))).collect());
        for (id, value) in ids.iter().zip(values).filter(|(_, value)| *value != 0) {
            truth.features.insert((id.clone(), name.clone()), value);
        }
    }
    if random.random_bool(0.2) {
        let masks =
            (0..count).map(|at| Some(if at % 3 == 0 { "True" } else { "False" }.to_owned()));
        sheet.add("train_mask", masks.collect());
    }
    if random.random_bool(0.2) {
        sheet.add("rawId", (0..count).map(|at| Some((at * 91 + 5000).to_string())).collect());
    }
    if random.random_bool(0.2) {
        sheet.add("remark", (0..count).map(|at| Some(format!("r, {at}"))).collect());
    }
    if random.random_bool(0.5) {
        sheet.shuffle(random);
    }
    if random.random_bool(0.2) {
        sheet.names.insert(0, String::new());
        sheet.columns.insert(0, (0..count).map(|at| Some(at.to_string())).collect());
    }
    let nodes = dialect.write(folder, "nodes", &sheet, random);
    write!(described, "{dialect:?}\n{sheet:?}\n").expect("text");
    (edges, Some(nodes), truth, described)
}

fn read(folder: &Path, edges: &str, nodes: Option<&str>) -> Result<(Graph, Audit), IngestError> {
    let nodes = nodes.map_or(String::new(), |nodes| format!("nodes = \"{nodes}\"\n"));
    let config: IngestConfig =
        toml::from_str(&format!("edges = \"{edges}\"\n{nodes}")).expect("a configuration");
    load(&config, folder, None)
}

#[test]
fn a_file_is_read_right_or_refused() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds = match number("VGAE_DIALECT") {
        Some(seed) => seed..seed + 1,
        None => 0..number("VGAE_DIALECTS").unwrap_or(USUAL),
    };
    let count = seeds.end - seeds.start;
    let mut refused: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for seed in seeds {
        let folder = tempfile::tempdir().expect("a folder");
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (edges, nodes, truth, described) = write(folder.path(), &mut random);
        if truth.edges.is_empty() {
            continue;
        }
        match read(folder.path(), &edges, nodes.as_deref()) {
            Ok((graph, audit)) => {
                let text = std::fs::read(folder.path().join(&edges)).unwrap_or_default();
                let text = String::from_utf8_lossy(&text).into_owned();
                assert_eq!(
                    Truth::of(&graph),
                    truth,
                    "VGAE_DIALECT={seed}\n{described}{text}\n{:#?}",
                    audit.readings
                );
            }
            Err(error) => {
                let error = error.to_string();
                let kind = error.split(['`', ',']).next().unwrap_or_default().to_owned();
                refused.entry(kind).or_insert((0, seed)).0 += 1;
            }
        }
    }
    let total: u64 = refused.values().map(|(count, _)| count).sum();
    // A reader that refuses everything would be right as well.
    assert!(count < 100 || total * 4 < count, "{total} of {count} refused: {refused:#?}");
}
