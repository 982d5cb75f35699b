//! Everything that is done with the repository.
fn main() {}
