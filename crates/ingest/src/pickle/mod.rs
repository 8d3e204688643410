//! Python pickles of protocol 2, read without executing anything.
//!
//! A pickle is a program for a small stack machine, and Python's own reader lets that program import and
//! call whatever it names. This one builds plain values only. It accepts the few globals that scipy CSR
//! matrices, numpy arrays and `defaultdict(list)` need (see [`Global`]) and refuses every other, as well as
//! unknown opcodes.
//!
//! Defences against hostile files:
//! - compound values live in one arena and refer to each other by index, so sharing through the memo
//!   copies nothing, cycles are only indices, and neither reading nor dropping recurses;
//! - an opcode adds at most one value, so memory grows with the bytes read, never with a claimed size;
//! - strings stay slices of the input.
//!
//! The crate `serde-pickle` cannot take its place: it forgets which global it saw, so nothing could be
//! refused by name; it cannot fill a `defaultdict`; it copies memoised values and recurses without a
//! limit, in conversion and in drop.

mod arrays;
mod machine;
mod values;

pub use arrays::{Array, Csr, Scalar};
pub use machine::Pickle;
pub use values::Global;

#[cfg(test)]
pub(crate) mod make;
#[cfg(test)]
mod tests;
