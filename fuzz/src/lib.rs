//! Shared by the fuzz targets: the readers, and a limit of memory.

pub mod memory;
#[path = "../readers.rs"]
pub mod readers;
