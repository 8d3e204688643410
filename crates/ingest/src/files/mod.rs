//! Files before their values are read: packed ones, Arrow, and lists of numbers.

mod arrow;
mod content;
mod lists;

pub use arrow::{ArrowFile, holds_lists, holds_values, values};
pub use content::Content;
pub use lists::{Numbers, list_of, numbers, numbers_of_text};
pub(crate) use lists::{finite, not_finite};
