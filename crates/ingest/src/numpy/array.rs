//! One array of a `.npy` file.

use super::header;
use crate::FormatError;

const MAGIC: &[u8] = b"\x93NUMPY";

/// The element types that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scalar {
    Bool,
    Signed,
    Unsigned,
    Float,
    /// Bytes of a fixed length, padded by zeros.
    Text,
}

/// An array whose bytes are still those of the file; their number fits shape and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Array<'a> {
    descr: String,
    shape: Vec<usize>,
    fortran: bool,
    scalar: Scalar,
    /// Bytes an element.
    size: usize,
    big_endian: bool,
    data: &'a [u8],
}

impl<'a> Array<'a> {
    /// Reads the header and holds its claims against the bytes that are there. `name` is for errors.
    ///
    /// # Errors
    /// When this is no `.npy` file, it is cut off or too long, or its elements are neither numbers nor bytes.
    pub fn parse(name: &str, bytes: &'a [u8]) -> Result<Self, FormatError> {
        let fault = |at: usize, expected: &str, found: String| {
            Err(FormatError::byte(name, at as u64, expected, found))
        };
        if !bytes.starts_with(MAGIC) {
            let found = bytes[..bytes.len().min(6)].escape_ascii().to_string();
            return fault(0, "an array as `numpy.save` writes it", format!("`{found}`"));
        }
        let (length, start) = match bytes.get(6..12) {
            Some(&[1, _, a, b, ..]) => (usize::from(u16::from_le_bytes([a, b])), 10),
            Some(&[2 | 3, _, a, b, c, d]) => (u32::from_le_bytes([a, b, c, d]) as usize, 12),
            Some(&[version, ..]) => {
                return fault(6, "version 1, 2 or 3 of the format", version.to_string());
            }
            _ => return fault(bytes.len(), "a header", "the end of the file".to_owned()),
        };
        let end = start + length;
        let Some(text) = bytes.get(start..end) else {
            return fault(start, "a header", format!("one of {length} bytes, beyond the end"));
        };
        let header = std::str::from_utf8(text).ok().and_then(header::parse);
        let Some(header) = header else {
            let shown: String = text.escape_ascii().map(char::from).take(80).collect();
            return fault(start, "a header with `descr`, `fortran_order` and `shape`", shown);
        };
        let Some((scalar, size, big_endian)) = element(&header.descr) else {
            return fault(
                start,
                "booleans, whole numbers or floats of 4 or 8 bytes (nothing pickled)",
                format!("elements of type `{}`", header.descr),
            );
        };
        let data = &bytes[end..];
        let claimed =
            header.shape.iter().try_fold(size, |product, &axis| product.checked_mul(axis));
        if claimed != Some(data.len()) {
            let expected = format!("{} elements `{}`", shape(&header.shape), header.descr);
            return fault(end, &expected, format!("{} bytes", data.len()));
        }
        let header::Header { descr, fortran, shape } = header;
        Ok(Self { descr, shape, fortran, scalar, size, big_endian, data })
    }

    /// The length of each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The element type in numpy's words, as `<f4`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.descr
    }

    /// Where the element of a matrix stands among the stored ones.
    pub(crate) fn place(&self, row: usize, col: usize) -> usize {
        match self.shape[..] {
            [rows, _] if self.fortran => col * rows + row,
            [_, cols] => row * cols + col,
            _ => 0,
        }
    }

    /// Returns the position of an element among the stored ones by its index along each axis.
    pub(crate) fn offset(&self, index: &[usize]) -> usize {
        let axes = self.shape.iter().zip(index);
        let add = |at: usize, (axis, index): (&usize, &usize)| at * axis + index;
        if self.fortran { axes.rev().fold(0, add) } else { axes.fold(0, add) }
    }

    /// A stored element as `f64`; NaN where it is no number.
    ///
    /// # Panics
    /// When there are not so many elements.
    #[must_use]
    pub fn float(&self, at: usize) -> f64 {
        let bytes = &self.data[at * self.size..][..self.size];
        #[expect(clippy::cast_precision_loss, reason = "features are stored as f32 anyway")]
        match (self.scalar, self.size) {
            (Scalar::Bool, _) => f64::from(u8::from(bytes[0] != 0)),
            (Scalar::Float, 4) => {
                f64::from(f32::from_bits(u32::try_from(self.word(bytes)).unwrap_or_default()))
            }
            (Scalar::Float, _) => f64::from_bits(self.word(bytes)),
            (Scalar::Unsigned, _) => self.word(bytes) as f64,
            (Scalar::Signed, _) => self.signed(bytes) as f64,
            (Scalar::Text, _) => f64::NAN,
        }
    }

    /// A stored element as a whole number, if it is one below 2^63.
    pub(crate) fn whole(&self, at: usize) -> Option<i64> {
        let bytes = &self.data[at * self.size..][..self.size];
        match self.scalar {
            Scalar::Signed => Some(self.signed(bytes)),
            Scalar::Unsigned => i64::try_from(self.word(bytes)).ok(),
            Scalar::Float => whole_float(self.float(at)),
            Scalar::Bool | Scalar::Text => None,
        }
    }

    /// The elements in the order they are stored, if they are whole numbers below 2^63.
    pub(crate) fn wholes(&self) -> Option<impl Iterator<Item = i64> + '_> {
        let is_whole = matches!(self.scalar, Scalar::Signed | Scalar::Unsigned);
        let elements = self.data.chunks_exact(self.size);
        // An unsigned one beyond an i64 becomes negative, which no index may be.
        let whole = |bytes: &[u8]| match self.scalar {
            Scalar::Unsigned => i64::try_from(self.word(bytes)).unwrap_or(-1),
            _ => self.signed(bytes),
        };
        is_whole.then(|| elements.map(whole))
    }

    /// The only element, if it is a text.
    pub(crate) fn text(&self) -> Option<String> {
        let is_text = self.scalar == Scalar::Text && self.shape.is_empty();
        let bytes = self.data.iter().copied().filter(|&byte| byte != 0).collect();
        is_text.then(|| String::from_utf8(bytes).ok()).flatten()
    }

    /// Up to eight bytes as a whole number, zeros in front.
    fn word(&self, bytes: &[u8]) -> u64 {
        let add = |word: u64, byte: &u8| word << 8 | u64::from(*byte);
        if self.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) }
    }

    fn signed(&self, bytes: &[u8]) -> i64 {
        let unused = 64 - 8 * bytes.len();
        // The sign bit goes to the top and comes back as copies of itself.
        (self.word(bytes) << unused).cast_signed() >> unused
    }
}

/// A float without decimal places as a whole number, as far as floats tell whole numbers apart.
fn whole_float(value: f64) -> Option<i64> {
    let most = (1u64 << f64::MANTISSA_DIGITS) as f64;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    (value.fract() == 0.0 && value.abs() <= most).then_some(value as i64)
}

/// `<f4` and the like.
fn element(descr: &str) -> Option<(Scalar, usize, bool)> {
    let mut letters = descr.chars();
    let (order, kind) = (letters.next()?, letters.next()?);
    let size: usize = letters.as_str().parse().ok()?;
    let big_endian = match order {
        '<' | '|' => false,
        '>' => true,
        _ => return None,
    };
    let scalar = match (kind, size) {
        ('b', 1) => Scalar::Bool,
        ('i', 1 | 2 | 4 | 8) => Scalar::Signed,
        ('u', 1 | 2 | 4 | 8) => Scalar::Unsigned,
        ('f', 4 | 8) => Scalar::Float,
        // scipy's `format` is one of bytes; of letters in older versions, four bytes each.
        ('S', 1..=64) => Scalar::Text,
        ('U', 1..=64) => return Some((Scalar::Text, 4 * size, big_endian)),
        _ => return None,
    };
    Some((scalar, size, big_endian))
}

fn shape(axes: &[usize]) -> String {
    let axes: Vec<String> = axes.iter().map(ToString::to_string).collect();
    axes.join(" x ")
}
