//! Where things lie in the checkout. The only place that spells a path of the build.

use std::path::{Path, PathBuf};

/// The root of the checkout `xtask` was built from.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Cargo's target folder for native code.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The target folder of the web part. Apart from [`target`]: it may be built by another compiler, and two
/// compilers in one folder rebuild each other's work for ever.
pub fn wasm_target() -> PathBuf {
    root().join("target-wasm")
}

/// The target folder of checks for other platforms, apart for the same reason.
pub fn check_target() -> PathBuf {
    target().join("check-targets")
}

/// What the app embeds.
pub fn dist() -> PathBuf {
    root().join("ui/dist")
}

/// The cargo that runs `xtask`, so that a chosen toolchain stays chosen.
pub fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}
