//! What a check for another platform is told.

use super::*;

#[test]
fn tools_are_named_for_the_target_alone() {
    let command = command(
        "aarch64-apple-darwin",
        Library::Debian,
        Path::new("/stand-ins"),
    );
    let set = |name: &str| {
        command
            .get_envs()
            .find(|(known, _)| *known == name)
            .and_then(|(_, value)| value)
    };
    assert_eq!(
        set("CC_aarch64_apple_darwin"),
        Some("/stand-ins/millet-no-cc".as_ref())
    );
    assert_eq!(set("SDKROOT"), Some("/stand-ins".as_ref()));
    assert_eq!(set("CC"), None);
    assert!(process::shown(&command).contains("-Zbuild-std"));
}
