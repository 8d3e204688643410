//! Files before their values are read: packed ones, text of any encoding, columns of Arrow and Parquet, and lists
//! of numbers.

mod columns;
mod content;
mod encoding;
mod lists;
mod parts;

pub use columns::{ColumnFile, holds_lists, holds_values};
pub use content::Content;
pub use encoding::{encoding, text, utf8};
pub use lists::{Numbers, list_of, numbers, numbers_of_text, whole_lists};
pub use lists::{finite, not_finite};
pub(crate) use parts::{hash, joined, parts};
