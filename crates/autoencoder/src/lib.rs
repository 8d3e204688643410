//! Auto-encoders of samples without a graph: images and tables.
