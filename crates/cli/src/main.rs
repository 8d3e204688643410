//! vgae.
fn main() {}
