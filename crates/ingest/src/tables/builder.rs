//! Typed columns, put together value by value.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type, UInt64Type};
use polars::prelude::{
    BooleanChunkedBuilder, ChunkedBuilder, Column, Float64Type as Real, Int64Type as Integer,
    IntoColumn, PrimitiveChunkedBuilder, StringChunkedBuilder, UInt64Type as Natural,
};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    /// 64-bit integers.
    Integer,
    /// Integers from 0, of which some need all 64 bits.
    Natural,
    Real,
    Text,
}

impl Kind {
    /// The type that holds the values of an Arrow column.
    pub(super) fn of(kind: &DataType) -> Self {
        match kind {
            DataType::Boolean => Self::Boolean,
            DataType::UInt64 => Self::Natural,
            DataType::Dictionary(_, values) => Self::of(values),
            kind if kind.is_integer() => Self::Integer,
            kind if kind.is_floating() => Self::Real,
            DataType::Decimal32(_, 0)
            | DataType::Decimal64(_, 0)
            | DataType::Decimal128(_, 0)
            | DataType::Decimal256(_, 0) => Self::Integer,
            kind if kind.is_decimal() => Self::Real,
            _ => Self::Text,
        }
    }
}

/// A column under construction.
pub(super) enum Builder {
    Boolean(BooleanChunkedBuilder),
    Integer(PrimitiveChunkedBuilder<Integer>),
    Natural(PrimitiveChunkedBuilder<Natural>),
    Real(PrimitiveChunkedBuilder<Real>),
    Text(StringChunkedBuilder),
}

impl Builder {
    pub(super) fn new(kind: Kind, name: &str, capacity: usize) -> Self {
        let name = name.into();
        match kind {
            Kind::Boolean => Self::Boolean(BooleanChunkedBuilder::new(name, capacity)),
            Kind::Integer => Self::Integer(PrimitiveChunkedBuilder::new(name, capacity)),
            Kind::Natural => Self::Natural(PrimitiveChunkedBuilder::new(name, capacity)),
            Kind::Real => Self::Real(PrimitiveChunkedBuilder::new(name, capacity)),
            Kind::Text => Self::Text(StringChunkedBuilder::new(name, capacity)),
        }
    }

    /// A column in pieces, as [`ColumnFile::values`](crate::files::ColumnFile::values) returns them.
    pub(super) fn of(name: &str, pieces: &[ArrayRef]) -> Column {
        let kind = pieces.first().map_or(Kind::Text, |piece| Kind::of(piece.data_type()));
        let mut column = Self::new(kind, name, pieces.iter().map(Array::len).sum());
        for piece in pieces {
            column.add_piece(piece);
        }
        column.finish()
    }

    /// Adds a value of a text file. One that is not of the column's type is missing: types are chosen by all
    /// values.
    pub(super) fn add(&mut self, value: Option<&str>) {
        match self {
            Self::Boolean(column) => column.append_option(value.and_then(boolean)),
            Self::Integer(column) => {
                column.append_option(value.and_then(|it| it.parse().ok().or_else(|| whole(it))));
            }
            Self::Natural(column) => column.append_option(value.and_then(|it| it.parse().ok())),
            Self::Real(column) => column.append_option(value.and_then(|it| it.parse().ok())),
            Self::Text(column) => column.append_option(value),
        }
    }

    fn add_piece(&mut self, piece: &ArrayRef) {
        match self {
            Self::Boolean(column) => {
                piece.as_boolean().iter().for_each(|value| column.append_option(value));
            }
            Self::Integer(column) => {
                let values = piece.as_primitive::<Int64Type>().iter();
                values.for_each(|value| column.append_option(value));
            }
            Self::Natural(column) => {
                let values = piece.as_primitive::<UInt64Type>().iter();
                values.for_each(|value| column.append_option(value));
            }
            Self::Real(column) => {
                let values = piece.as_primitive::<Float64Type>().iter();
                values.for_each(|value| column.append_option(value));
            }
            Self::Text(column) => {
                piece.as_string::<i64>().iter().for_each(|value| column.append_option(value));
            }
        }
    }

    pub(super) fn finish(self) -> Column {
        match self {
            Self::Boolean(column) => column.finish().into_column(),
            Self::Integer(column) => column.finish().into_column(),
            Self::Natural(column) => column.finish().into_column(),
            Self::Real(column) => column.finish().into_column(),
            Self::Text(column) => column.finish().into_column(),
        }
    }
}

/// `true` and `false`, whatever their capitals.
fn boolean(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") { Some(true) } else { is("false").then_some(false) }
}

/// Integers up to this are exact as floating-point numbers.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// The integer that is written as a floating-point number, `1.0` or `1e+05`.
fn whole(text: &str) -> Option<i64> {
    integral(text.parse().ok()?)
}

/// The integer that a floating-point number is.
pub(super) fn integral(number: f64) -> Option<i64> {
    let is_whole = number.abs() < EXACT && number.fract() == 0.0;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    is_whole.then_some(number as i64)
}

/// Whether an integer is written as programs write it: without zeros or a plus in front.
fn is_canonical(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.starts_with('+') && (text == "0" || !digits.starts_with('0'))
}

/// Properties of the values of a text column seen so far.
#[expect(clippy::struct_excessive_bools, reason = "what the values are not, type by type")]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Survey {
    not_boolean: bool,
    not_integer: bool,
    not_natural: bool,
    not_real: bool,
    /// Whether an integer has zeros or a plus in front, so that it is no number.
    not_canonical: bool,
    /// Whether a number is no integer.
    not_whole: bool,
    has_values: bool,
    has_unknown: bool,
    /// Whether the values do not count the rows.
    not_count: bool,
    first: i64,
    rows: i64,
}

impl Survey {
    /// Adds the value of a row; none if it is missing. A `?` that may be missing is `unknown`.
    pub(super) fn add(&mut self, value: Option<&str>, unknown: bool) {
        self.rows += 1;
        let Some(value) = value else {
            self.not_count = true;
            return;
        };
        if unknown {
            (self.has_unknown, self.not_count) = (true, true);
            return;
        }
        self.has_values = true;
        self.not_boolean = self.not_boolean || boolean(value).is_none();
        if self.not_real {
            return;
        }
        let integer = value.parse::<i64>();
        if let Ok(integer) = integer {
            self.not_canonical = self.not_canonical || !is_canonical(value);
            if self.rows == 1 {
                self.first = integer;
            }
            self.not_count = self.not_count || integer != self.first + self.rows - 1;
            self.not_natural = self.not_natural || integer < 0;
            return;
        }
        (self.not_integer, self.not_count) = (true, true);
        self.not_natural = self.not_natural || value.parse::<u64>().is_err();
        match value.parse::<f64>() {
            Ok(number) => self.not_whole = self.not_whole || integral(number).is_none(),
            Err(_) => self.not_real = true,
        }
    }

    /// The narrowest type of all values; text if there is none.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self { has_values: false, .. } => Kind::Text,
            Self { not_real: false, not_integer: false, .. } => Kind::Integer,
            Self { not_real: false, not_natural: false, .. } => Kind::Natural,
            Self { not_real: false, .. } => Kind::Real,
            Self { not_boolean: false, has_unknown: false, .. } => Kind::Boolean,
            _ => Kind::Text,
        }
    }

    /// The type of the values as ids: `007` is another id than 7, while `1.0` is 1 in a column of numbers.
    pub(super) fn kind_of_ids(self) -> Kind {
        match self.kind() {
            Kind::Integer | Kind::Real
                if !self.not_canonical && !self.not_whole && !self.has_unknown =>
            {
                Kind::Integer
            }
            _ => Kind::Text,
        }
    }

    /// Whether ids are written as floating-point numbers.
    pub(super) fn has_whole_reals(self) -> bool {
        self.kind() == Kind::Real && self.kind_of_ids() == Kind::Integer
    }

    /// Whether the values count the rows, from 0 or 1.
    pub(super) fn counts(self) -> bool {
        self.has_values
            && !self.not_real
            && !self.not_integer
            && !self.not_count
            && self.first.abs() <= 1
            && self.first >= 0
    }
}
