// Small files that claim much, made by a number: each reader's own kinds. Shared by the fuzz targets, which mix them
// into their inputs, and by the workspace's tests, which read them in little memory.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryViewArray, BooleanArray, DictionaryArray, FixedSizeListArray, Float32Array,
    Int32Array, Int64Array, ListArray, StringArray, StringViewArray, UInt32Array, UInt64Array,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use vgae_artifacts::names::FILES;
use vgae_artifacts::{Provenance, table};

/// One input of a fuzzer in so many is a bomb.
pub const EVERY: u64 = 256;

type Made = Result<Vec<u8>, Box<dyn Error + Send + Sync>>;

/// Numbers from one: `SplitMix64` (Steele et al. 2014).
pub struct Numbers(pub u64);

impl Numbers {
    /// A number below `below`; 0 if there is none.
    pub fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below.max(1) as u64).unwrap_or(0)
    }

    /// A power of two up to `2^most`.
    fn power(&mut self, most: usize) -> usize {
        1 << self.below(most + 1)
    }
}

/// Returns bomb number `number` of a target of the fuzzer; `None` if it has no kinds of its own, or the file could not
/// be made.
pub fn bomb(target: &str, number: u64) -> Option<Vec<u8>> {
    let mut numbers = Numbers(number);
    let made = match target {
        "columns" => columns_parquet(&mut numbers),
        "parquet" => artifact(&mut numbers),
        "embeddings_parquet" => embeddings(&mut numbers).and_then(|batch| parquet(&batch, 0)),
        "arrow" => table_of(&mut numbers).and_then(|batch| ipc(&batch)),
        "embeddings_arrow" => embeddings(&mut numbers).and_then(|batch| ipc(&batch)),
        "text" | "idx" => packed(&mut numbers),
        "graph" => Ok(graph(&mut numbers)),
        "numpy" => Ok(numpy(&mut numbers)),
        "pickle" => Ok(pickle(&mut numbers)),
        "planetoid" => Ok(planetoid(&mut numbers)),
        "safetensors" => Ok(safetensors(&mut numbers)),
        "json" => Ok(json(&mut numbers)),
        "toml" => Ok(toml(&mut numbers)),
        _ => return None,
    };
    made.ok()
}

/// Rows with one long value, and others with numbers: little to store, much to hold.
fn table_of(numbers: &mut Numbers) -> Result<RecordBatch, Box<dyn Error + Send + Sync>> {
    let (rows, length) = (numbers.power(17), numbers.power(20));
    let text = "x".repeat(length);
    let keys = || Int32Array::from(vec![0; rows]);
    let long: ArrayRef = match numbers.below(4) {
        0 => Arc::new(DictionaryArray::try_new(keys(), Arc::new(StringArray::from(vec![text])))?),
        1 => {
            let one = StringViewArray::from_iter_values([text]);
            let views = vec![one.views()[0]; rows];
            Arc::new(StringViewArray::try_new(views.into(), one.data_buffers().to_vec(), None)?)
        }
        2 => {
            let one = BinaryViewArray::from_iter_values([text]);
            let views = vec![one.views()[0]; rows];
            Arc::new(BinaryViewArray::try_new(views.into(), one.data_buffers().to_vec(), None)?)
        }
        // Lists that overlap are no arrays; equal ones in a dictionary are.
        _ => {
            let values: ArrayRef = Arc::new(Float32Array::from(vec![1.0; length.min(1 << 16)]));
            let ends = OffsetBuffer::from_lengths([values.len()]);
            let item = Arc::new(Field::new("item", DataType::Float32, true));
            let list: ArrayRef = Arc::new(ListArray::try_new(item, ends, values, None)?);
            Arc::new(DictionaryArray::try_new(keys(), list)?)
        }
    };
    let src: ArrayRef = Arc::new(Int64Array::from(vec![1; rows]));
    Ok(RecordBatch::try_from_iter([("src", src.clone()), ("dst", src), ("x", long)])?)
}

fn columns_parquet(numbers: &mut Numbers) -> Made {
    let batch = table_of(numbers)?;
    parquet(&batch, numbers.below(3))
}

/// An artifact with as many rows as asked for, of equal values.
fn artifact(numbers: &mut Numbers) -> Made {
    let tables: Vec<_> = FILES.iter().filter(|file| file.columns.is_some()).collect();
    let which = numbers.below(tables.len());
    let file = tables[which];
    let forms = file.columns.map(|columns| columns()).unwrap_or_default();
    let fields = forms.get(numbers.below(forms.len())).cloned().unwrap_or_default();
    let (rows, length) = (numbers.power(17), numbers.power(18));
    let columns = fields.iter().map(|field| constant(field.data_type(), rows, length));
    let columns: Vec<ArrayRef> = columns.collect::<Result<_, _>>()?;
    let kind = file.kind.ok_or("a file without a kind")?;
    let facts = [("node_count", rows.to_string())];
    let provenance = Provenance::of_stage("bomb");
    let schema = table::artifact_schema(kind, fields, &facts, &provenance);
    let batch = RecordBatch::try_new(schema, columns)?;
    let bytes = parquet(&batch, numbers.below(3))?;
    Ok([&[u8::try_from(which)?], bytes.as_slice()].concat())
}

/// A column of equal values; of types that no artifact has, an error.
fn constant(
    of: &DataType,
    rows: usize,
    length: usize,
) -> Result<ArrayRef, Box<dyn Error + Send + Sync>> {
    Ok(match of {
        DataType::UInt32 => Arc::new(UInt32Array::from(vec![1; rows])),
        DataType::UInt64 => Arc::new(UInt64Array::from(vec![1; rows])),
        DataType::Int64 => Arc::new(Int64Array::from(vec![1; rows])),
        DataType::Float32 => Arc::new(Float32Array::from(vec![1.0; rows])),
        DataType::Boolean => Arc::new(BooleanArray::from(vec![true; rows])),
        // Held by the generator: 4 MB at most.
        DataType::Utf8 => {
            let text = "x".repeat(length.min((1 << 22) / rows));
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, rows)))
        }
        DataType::FixedSizeList(item, width) => {
            let values = usize::try_from(*width)? * rows.min(1 << 10);
            let values = constant(item.data_type(), values, length)?;
            Arc::new(FixedSizeListArray::try_new(item.clone(), *width, values, None)?)
        }
        other => return Err(format!("no bomb of {other}").into()),
    })
}

/// Vectors of a few nodes with a claimed width, or of many nodes.
fn embeddings(numbers: &mut Numbers) -> Result<RecordBatch, Box<dyn Error + Send + Sync>> {
    let (rows, width) = (numbers.power(14), numbers.power(8));
    let values: ArrayRef = Arc::new(Float32Array::from(vec![0.5; rows * width]));
    let item = Arc::new(Field::new("item", DataType::Float32, false));
    let vectors: ArrayRef =
        Arc::new(FixedSizeListArray::try_new(item, i32::try_from(width)?, values, None)?);
    let text = "x".repeat(numbers.power(10));
    let label = StringArray::from_iter_values(std::iter::repeat_n(text, rows.min(1 << 10)));
    let label: ArrayRef = Arc::new(label);
    let count = label.len().min(rows);
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values((0i64..).take(count)));
    Ok(RecordBatch::try_from_iter([
        ("id", ids),
        ("label", label.slice(0, count)),
        ("embedding", vectors.slice(0, count)),
    ])?)
}

fn parquet(batch: &RecordBatch, packing: usize) -> Made {
    let packing = match packing {
        0 => Compression::UNCOMPRESSED,
        1 => Compression::SNAPPY,
        _ => Compression::ZSTD(ZstdLevel::default()),
    };
    let properties = WriterProperties::builder()
        .set_compression(packing)
        .set_dictionary_page_size_limit(1 << 24)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))?;
    writer.write(batch)?;
    writer.close()?;
    Ok(bytes)
}

fn ipc(batch: &RecordBatch) -> Made {
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD))?;
    let schema = Arc::new(Schema::clone(&batch.schema()));
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &schema, options)?;
    writer.write(batch)?;
    Ok(writer.into_inner()?)
}

/// Much of nothing, packed.
fn packed(numbers: &mut Numbers) -> Made {
    let unit: &[u8] = [b"0".as_slice(), b"a b\n", b"\0", b"\"", b"1,"][numbers.below(5)];
    let bytes = unit.repeat(numbers.power(22));
    Ok(match numbers.below(2) {
        0 => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(&bytes)?;
            gzip.finish()?
        }
        _ => zstd::encode_all(&bytes[..], 1)?,
    })
}

/// Graph files that claim nodes and entries, nest deeply, or expand entities.
fn graph(numbers: &mut Numbers) -> Vec<u8> {
    let (many, depth) = (usize::MAX >> numbers.below(50), numbers.power(12));
    match numbers.below(7) {
        0 => format!("%%MatrixMarket matrix coordinate real general\n{many} {many} {many}\n1 1 1\n"),
        1 => format!("%%MatrixMarket matrix array real general\n{many} {many}\n1\n"),
        2 => format!("*Vertices {many}\n*Edges\n1 2\n"),
        3 => format!("graph [ {} ]", "node [ ".repeat(depth)),
        4 => format!("<graphml>{}", "<graph edgedefault=\"directed\">".repeat(depth)),
        5 => {
            let entities = (1..=depth.min(40)).map(|at| {
                format!("<!ENTITY e{at} \"&e{};&e{};\">", at - 1, at - 1)
            });
            let entities: String = entities.collect();
            format!(
                "<?xml version=\"1.0\"?><!DOCTYPE g [<!ENTITY e0 \"x\">{entities}]><graphml><graph id=\"&e{};\"/></graphml>",
                depth.min(40)
            )
        }
        _ => format!("{{\"nodes\": {}1", "[".repeat(depth)),
    }
    .into_bytes()
}

/// Arrays whose header claims a shape.
fn numpy(numbers: &mut Numbers) -> Vec<u8> {
    let (rows, columns) = (usize::MAX >> numbers.below(60), usize::MAX >> numbers.below(60));
    let code = ["<f4", "<f8", "|u1", "<i8", "<U1000000", "|S99999999"][numbers.below(6)];
    let header =
        format!("{{'descr': '{code}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let header = format!("{header:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap_or(0).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(vec![0; numbers.power(8)]);
    bytes
}

/// Lists of lists that the memo doubles, nested or long, or strings with a claimed length.
fn pickle(numbers: &mut Numbers) -> Vec<u8> {
    let depth = numbers.power(9);
    let body: Vec<u8> = match numbers.below(4) {
        // A list of the list before, twice, each remembered.
        0 => {
            let twice = |at: u8| [b"](h".as_slice(), &[at, b'h', at, b'e', b'q', at + 1]].concat();
            let levels = u8::try_from(depth.min(200)).unwrap_or(0);
            [b"]q\0".to_vec(), (0..levels).flat_map(twice).collect()].concat()
        }
        1 => [b"]".repeat(depth), b"a".repeat(depth.saturating_sub(1))].concat(),
        2 => [b"T".as_slice(), &i32::MAX.to_le_bytes(), b"abc"].concat(),
        _ => [b"(".repeat(depth), b"t".repeat(depth)].concat(),
    };
    [b"\x80\x02".to_vec(), body, b".".to_vec()].concat()
}

/// Planetoid files with an index far away, or pickles as above.
fn planetoid(numbers: &mut Numbers) -> Vec<u8> {
    let index = format!("{}\n", usize::MAX >> numbers.below(60)).into_bytes();
    let mut bytes = Vec::new();
    for which in 0..6u8 {
        let file = if which == 5 { index.clone() } else { pickle(numbers) };
        bytes.push(which);
        bytes.extend(u16::try_from(file.len()).unwrap_or(0).to_le_bytes());
        bytes.extend(file);
    }
    bytes
}

/// Tensors that claim a shape, overlap, or are many and empty.
fn safetensors(numbers: &mut Numbers) -> Vec<u8> {
    let (rows, count) = (usize::MAX >> numbers.below(60), numbers.power(7));
    let tensor = |at: usize| {
        format!("\"w{at}\":{{\"dtype\":\"F32\",\"shape\":[{rows},0],\"data_offsets\":[0,0]}}")
    };
    let header = match numbers.below(3) {
        0 => format!("{{{}}}", (0..count).map(tensor).collect::<Vec<_>>().join(",")),
        1 => format!(
            "{{\"w0\":{{\"dtype\":\"F32\",\"shape\":[{rows}],\"data_offsets\":[0,{rows}]}}}}"
        ),
        _ => format!("{{\"__metadata__\":{{\"vgae\":\"{}\"}}}}", "[".repeat(count * 20)),
    };
    let length = match numbers.below(3) {
        0 => usize::MAX >> numbers.below(40),
        _ => header.len(),
    };
    [&(length as u64).to_le_bytes()[..], header.as_bytes()].concat()
}

/// Deep or long documents.
fn json(numbers: &mut Numbers) -> Vec<u8> {
    let depth = numbers.power(12);
    match numbers.below(3) {
        0 => "[".repeat(depth),
        1 => "{\"a\":".repeat(depth),
        _ => format!("{{\"kind\":\"metrics\",\"content\":[{}0]}}", "1e308,".repeat(depth / 4)),
    }
    .into_bytes()
}

/// Pipelines that ask for much.
fn toml(numbers: &mut Numbers) -> Vec<u8> {
    let many = (i64::MAX >> numbers.below(62)).max(1);
    let data = "[data]\ndataset = \"karate\"\n";
    match numbers.below(5) {
        0 => format!("{data}[grid]\nmethods = [\"gae\"]\nruns = {many}\n"),
        1 => {
            let values = vec!["0.01"; numbers.power(6)].join(",");
            let keys = ["learning_rate", "dropout", "kl_weight"];
            let vary: String = keys.map(|key| format!("model.{key} = [{values}]\n")).concat();
            format!("{data}[grid]\nmethods = [\"vgae\"]\n[grid.vary]\n{vary}")
        }
        2 => format!("{data}[model]\nmethod = \"gae\"\nhidden = {many}\nlatent = {many}\n"),
        3 => format!("a = {}", "[".repeat(numbers.power(11))),
        _ => format!("{}b = 1", "a.".repeat(numbers.power(11))),
    }
    .into_bytes()
}
