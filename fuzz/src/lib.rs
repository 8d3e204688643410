//! What the fuzz targets share: the readers, and memory that ends.

pub mod memory;
#[path = "../readers.rs"]
pub mod readers;
