//! Encoders: what turns features and edges into one row of numbers a node. One file each.

mod gcn;

pub(crate) use gcn::{Gcn, Pass};
