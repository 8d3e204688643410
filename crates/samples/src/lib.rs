//! Images and tables of numbers without a graph: ingest, split and evaluation.
