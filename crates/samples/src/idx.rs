//! IDX files: images and labels as MNIST, Fashion-MNIST and their kin have them.
//!
//! A file is a magic number (two zero bytes, the type of the values, the number of dimensions), the sizes
//! of the dimensions as big-endian `u32`, then the values and nothing else. Only unsigned bytes are read:
//! images have three dimensions (`0x00000803`), labels one (`0x00000801`). A file that starts like gzip is
//! unpacked first, and never to more than its header says.
//!
//! Format: Y. `LeCun`, "The MNIST database of handwritten digits", section "File formats".

use std::io::Read;

use flate2::bufread::MultiGzDecoder;
use vgae_artifacts::{ImageShape, Nodes, Part, SampleValues, Samples};

use vgae_ingest::fetch::Dataset;
use vgae_ingest::{FormatError, IngestError, RawFile};

/// Reads `train-images-idx3-ubyte` and three more files of a dataset.
pub(crate) fn read(dataset: &Dataset, file: &RawFile<'_>) -> Result<(Nodes, Samples), IngestError> {
    let load = |images: &str, labels: &str| -> Result<LabelledImages, IngestError> {
        Ok(part((images, file(images)?), (labels, file(labels)?))?)
    };
    let train = load("train-images-idx3-ubyte", "train-labels-idx1-ubyte")?;
    let test = load("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")?;
    // The registry is refused where these are missing.
    let Some(counts) = &dataset.samples else { return assemble(train, &test, &[]) };
    let published = |count| (count, counts.height, counts.width);
    for (part, found, expected) in [
        ("training", &train.images, published(counts.train)),
        ("test", &test.images, published(counts.test)),
    ] {
        let found = (found.len(), found.shape.height, found.shape.width);
        if found != expected {
            let images = |(count, height, width)| format!("{count} images of {height} x {width}");
            let differences = format!(
                "expected {} in the {part} part, found {}",
                images(expected),
                images(found)
            );
            return Err(IngestError::Counts { dataset: dataset.name.clone(), differences });
        }
    }
    assemble(train, &test, &counts.classes)
}

const IMAGES: u32 = 0x0803;
const LABELS: u32 = 0x0801;
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The most that deflate packs into a byte.
const DEFLATE_RATIO: u64 = 1032;

/// Images of one size, pixel after pixel, row after row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// Shape of each image.
    pub shape: ImageShape,
    /// `images x height x width` brightnesses.
    pub pixels: Vec<u8>,
}

impl Images {
    /// The number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pixels.len().checked_div(self.shape.height * self.shape.width).unwrap_or(0)
    }

    /// Whether there are none, which [`images`] refuses.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }
}

/// Images with a class number for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledImages {
    /// The images.
    pub images: Images,
    /// A class number for each of them.
    pub labels: Vec<u8>,
    /// The file the labels came from, for errors.
    pub labels_file: String,
}

/// Reads a file of images; `file` is its name in errors.
///
/// # Errors
/// When the magic number is another one, there is no image or no pixel, or the sizes in the header are not
/// those of the file.
pub fn images(file: &str, bytes: Vec<u8>) -> Result<Images, FormatError> {
    let ([count, height, width], pixels) = values(file, bytes, IMAGES)?;
    let names = ["image", "row of pixels", "pixel in a row"];
    if let Some((at, name)) = [count, height, width]
        .iter()
        .zip(names)
        .enumerate()
        .find_map(|(at, (&size, name))| (size == 0).then_some((at as u64, name)))
    {
        return Err(FormatError::byte(file, 4 + 4 * at, format!("at least one {name}"), "0"));
    }
    Ok(Images { shape: ImageShape { height, width }, pixels })
}

/// Reads a file of labels; `file` is its name in errors.
///
/// # Errors
/// When the magic number is another one, or the size in the header is not that of the file.
pub fn labels(file: &str, bytes: Vec<u8>) -> Result<Vec<u8>, FormatError> {
    let ([_], labels) = values(file, bytes, LABELS)?;
    Ok(labels)
}

/// Reads images and their labels, each given as a name and bytes.
///
/// # Errors
/// As [`images`] and [`labels`], and when there are not as many labels as images.
pub fn part(
    (images_file, images_bytes): (&str, Vec<u8>),
    (labels_file, labels_bytes): (&str, Vec<u8>),
) -> Result<LabelledImages, FormatError> {
    let images = images(images_file, images_bytes)?;
    let labels = labels(labels_file, labels_bytes)?;
    if labels.len() != images.len() {
        let expected = format!("{} labels, one for each image of {images_file}", images.len());
        return Err(FormatError::whole(labels_file, expected, labels.len().to_string()));
    }
    Ok(LabelledImages { images, labels, labels_file: labels_file.to_owned() })
}

/// Puts training and test images together: ids `train-0`, `train-1`, ..., then `test-0`, ...; labels by
/// their names in `classes`; the parts as given.
///
/// # Errors
/// When the images of the two parts are not of one size, or a label has no name.
pub fn assemble(
    train: LabelledImages,
    test: &LabelledImages,
    classes: &[String],
) -> Result<(Nodes, Samples), IngestError> {
    let shape = train.images.shape;
    if test.images.shape != shape {
        let text = |shape: ImageShape| format!("images of {} x {}", shape.height, shape.width);
        let expected = format!("{}, as in the training part", text(shape));
        let found = text(test.images.shape);
        return Err(FormatError::whole("the test part", expected, found).into());
    }
    let (mut ids, mut names, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    for (part, set) in [(Part::Train, &train), (Part::Test, test)] {
        for (at, &label) in set.labels.iter().enumerate() {
            let name = classes.get(usize::from(label)).ok_or_else(|| {
                let expected = format!("a class below {}", classes.len());
                FormatError::byte(&set.labels_file, 8 + at as u64, expected, label.to_string())
            })?;
            ids.push(format!("{part}-{at}"));
            names.push(Some(name.clone()));
            parts.push(part);
        }
    }
    let mut data = train.images.pixels;
    data.reserve_exact(test.images.pixels.len());
    data.extend_from_slice(&test.images.pixels);
    let values = SampleValues::Bytes { columns: shape.height * shape.width, data };
    let samples = Samples::new(values, Some(shape), Some(parts))?;
    Ok((Nodes::new(ids, names)?, samples))
}

/// The sizes of `N` dimensions, and the values.
fn values<const N: usize>(
    file: &str,
    bytes: Vec<u8>,
    magic: u32,
) -> Result<([usize; N], Vec<u8>), FormatError> {
    let start = 4 + 4 * N;
    let mut bytes =
        if bytes.starts_with(&GZIP) { unpack::<N>(file, &bytes, magic)? } else { bytes };
    let (sizes, claimed) = header::<N>(file, &bytes, magic)?;
    let found = (bytes.len() - start) as u64;
    let shape = sizes.map(|size| size.to_string()).join(" x ");
    if found < claimed {
        let expected = format!("{claimed} values ({shape}) after the header");
        let at = bytes.len() as u64;
        return Err(FormatError::byte(file, at, expected, format!("the end after {found}")));
    }
    if found > claimed {
        let expected = format!("the end after {claimed} values ({shape})");
        let at = start as u64 + claimed;
        return Err(FormatError::byte(file, at, expected, format!("{} more", found - claimed)));
    }
    // Moves the values over the header: no second copy of a large file.
    bytes.drain(..start);
    Ok((sizes, bytes))
}

/// The sizes that a header claims, and how many values that makes. Reads nothing behind the header.
fn header<const N: usize>(
    file: &str,
    bytes: &[u8],
    magic: u32,
) -> Result<([usize; N], u64), FormatError> {
    let word = |at: usize| {
        let bytes: Option<[u8; 4]> = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
        bytes.map(u32::from_be_bytes)
    };
    match word(0) {
        Some(found) if found == magic => {}
        found => {
            let found = match found {
                Some(LABELS) => format!("{LABELS:#010x}: a file of labels"),
                Some(IMAGES) => format!("{IMAGES:#010x}: a file of images"),
                Some(other) => format!("{other:#010x}"),
                None => format!("{} bytes in all", bytes.len()),
            };
            let what = if magic == IMAGES { "images" } else { "labels" };
            let expected = format!("the magic number {magic:#010x} of {what} in IDX form");
            return Err(FormatError::byte(file, 0, expected, found));
        }
    }
    let (mut sizes, mut claimed) = ([0; N], Some(1u64));
    for (at, size) in sizes.iter_mut().enumerate() {
        let place = 4 + 4 * at;
        let found = word(place).ok_or_else(|| {
            let expected = format!("a header of {} bytes", 4 + 4 * N);
            FormatError::byte(file, place as u64, expected, "the end of the file")
        })?;
        claimed = claimed.and_then(|claimed| claimed.checked_mul(u64::from(found)));
        *size = usize::try_from(found).unwrap_or(usize::MAX);
    }
    // A product of three sizes can pass 2^64, and no file is as long as that.
    Ok((sizes, claimed.unwrap_or(u64::MAX)))
}

/// Unpacks a gzip stream, of which the header is read first: memory is set aside for what it claims, if so
/// few packed bytes can hold so much.
fn unpack<const N: usize>(file: &str, packed: &[u8], magic: u32) -> Result<Vec<u8>, FormatError> {
    let broken =
        |error: std::io::Error| FormatError::whole(file, "a whole gzip stream", error.to_string());
    let mut reader = MultiGzDecoder::new(packed);
    let mut bytes = Vec::new();
    reader.by_ref().take(4 + 4 * N as u64).read_to_end(&mut bytes).map_err(broken)?;
    let (sizes, claimed) = header::<N>(file, &bytes, magic)?;
    let most = (packed.len() as u64).saturating_mul(DEFLATE_RATIO);
    if claimed > most {
        let shape = sizes.map(|size| size.to_string()).join(" x ");
        let expected = format!("at most {most} values out of {} packed bytes", packed.len());
        return Err(FormatError::byte(file, 4, expected, format!("{claimed} ({shape})")));
    }
    bytes.reserve_exact(usize::try_from(claimed).unwrap_or(0).saturating_add(1));
    // Reading one byte more than claimed detects a longer stream and forces the checksum to be read.
    reader.take(claimed + 1).read_to_end(&mut bytes).map_err(broken)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
