//! What Debian's compiler may inherit from ours.

use super::*;

#[test]
fn the_other_compiler_keeps_the_network_and_loses_the_toolchain() {
    for name in [
        "CARGO",
        "CARGO_MANIFEST_DIR",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC_WRAPPER",
        "RUSTUP_TOOLCHAIN",
        "LD_LIBRARY_PATH",
    ] {
        assert!(is_of_our_toolchain(name), "{name}");
    }
    for name in [
        "CARGO_HOME",
        "CARGO_HTTP_PROXY",
        "CARGO_NET_OFFLINE",
        "HOME",
        "PATH",
        "RUSTUP_HOME",
        "RUST_BACKTRACE",
    ] {
        assert!(!is_of_our_toolchain(name), "{name}");
    }
    let command = debian();
    let set = command
        .get_envs()
        .find(|(name, _)| *name == "RUSTC_BOOTSTRAP")
        .and_then(|(_, value)| value);
    assert_eq!(set, Some("1".as_ref()));
}
