//! Typed columns, put together value by value.

use arrow::array::{ArrayRef, AsArray};
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
            kind if kind.is_integer() => Self::Integer,
            kind if kind.is_floating() => Self::Real,
            _ => Self::Text,
        }
    }

    /// The Arrow type that pieces of a column must have.
    pub(super) fn arrow(self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::Natural => DataType::UInt64,
            Self::Real => DataType::Float64,
            Self::Text => DataType::LargeUtf8,
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

    /// Adds a value of a text file. One that is not of the column's type is missing: types are chosen by all
    /// values.
    pub(super) fn add(&mut self, value: Option<&str>) {
        match self {
            Self::Boolean(column) => column.append_option(value.and_then(boolean)),
            Self::Integer(column) => column.append_option(value.and_then(|it| it.parse().ok())),
            Self::Natural(column) => column.append_option(value.and_then(|it| it.parse().ok())),
            Self::Real(column) => column.append_option(value.and_then(|it| it.parse().ok())),
            Self::Text(column) => column.append_option(value),
        }
    }

    /// Adds the values of a piece, which has the type [`Kind::arrow`].
    pub(super) fn add_piece(&mut self, piece: &ArrayRef) {
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

/// The type of a column of text, by its values so far.
#[expect(clippy::struct_excessive_bools, reason = "what the values are not, type by type")]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Survey {
    not_boolean: bool,
    not_integer: bool,
    not_natural: bool,
    not_real: bool,
    has_values: bool,
}

impl Survey {
    pub(super) fn add(&mut self, value: &str) {
        self.has_values = true;
        self.not_boolean = self.not_boolean || boolean(value).is_none();
        self.not_integer = self.not_integer || value.parse::<i64>().is_err();
        self.not_natural = self.not_natural || value.parse::<u64>().is_err();
        self.not_real = self.not_real || (self.not_integer && value.parse::<f64>().is_err());
    }

    /// The narrowest type of all values; text if there is none.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self { has_values: false, .. } => Kind::Text,
            Self { not_integer: false, .. } => Kind::Integer,
            Self { not_natural: false, .. } => Kind::Natural,
            Self { not_real: false, .. } => Kind::Real,
            Self { not_boolean: false, .. } => Kind::Boolean,
            _ => Kind::Text,
        }
    }
}
