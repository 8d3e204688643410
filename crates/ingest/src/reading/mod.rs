//! One reading of tables: what kind of file each is, and what its columns may be by their names.
//!
//! Every command decides here and in `tables`, from the content, the names and the options that are given. A
//! decision has its reasons and is recorded ([`TableReading`](vgae_artifacts::TableReading)). What can be read in
//! two ways is an error that names the option for each.

mod form;
pub mod names;

pub(crate) use form::Form;

/// Whether a comment has names of columns.
pub(crate) fn is_names(comment: &str) -> bool {
    let words = comment.trim_start_matches(['#', '%', '/']).split([',', ';', '\t', ' ', '|']);
    words.filter(|word| !word.is_empty()).all(names::is_known)
}
