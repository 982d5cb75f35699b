//! Starts Millet.
fn main() {}
