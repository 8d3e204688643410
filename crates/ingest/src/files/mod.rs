//! People's files before polars sees them: packed ones, text between blanks, Arrow and lists of numbers.
//!
//! Apart from `tables`, so that `fuzz/` has them without polars.

mod arrow;
mod content;
mod lists;
mod text;

pub use arrow::{ArrowFile, holds_lists, holds_values};
pub use content::Content;
pub use lists::{Numbers, numbers};
#[cfg(feature = "tables")]
pub(crate) use lists::{finite, not_finite};
pub use text::to_tabs;
