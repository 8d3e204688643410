//! Options that are declared once, as the fields of a struct.
//!
//! serde gives a field its name, type and default, schemars its documentation and range. From that declaration this
//! crate derives the rest: the check of values ([`check()`]), the merge of given values over defaults
//! ([`Options::set`]), values from a command line ([`Field::parse`]), lines of a commented template
//! ([`template::lines`]) and rows of a reference ([`Field::allowed`], [`Field::shown_default`]).
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use vgae_options::{Options, fields};
//!
//! #[derive(Debug, Serialize, Deserialize, JsonSchema)]
//! struct Training {
//!     /// Number of epochs.
//!     #[schemars(range(min = 1, max = 1000))]
//!     epochs: u32,
//! }
//!
//! let mut training = Training { epochs: 200 };
//! assert_eq!(fields(&training)[0].allowed(), "1 to 1000");
//! let given = serde_json::json!({"epochs": 0});
//! let error = training.set(given.as_object().expect("an object")).expect_err("out of range");
//! assert_eq!(error.to_string(), "epochs: expected 1 to 1000, found 0");
//! ```
//!
//! This crate does not contain any option of its own, or read files.

mod check;
mod error;
mod field;
mod options;
mod schema;
pub mod template;
mod toml_value;
mod words;

pub use check::check;
pub use error::OptionError;
pub use field::{Field, fields, summary};
pub use options::{Options, root_schema, schema_of};
pub use toml_value::toml_value;
pub use words::{expected, found, nearest};
