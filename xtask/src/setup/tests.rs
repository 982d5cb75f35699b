//! What counts as installed, and that groups stay what they say.

use super::*;

#[test]
fn only_the_status_installed_counts() {
    let printed =
        "cmake installed\nxvfb config-files\nlibasound2-dev not-installed\nprosody unpacked\n";
    assert_eq!(installed(printed), BTreeSet::from(["cmake".to_owned()]));
}

#[test]
fn running_the_app_needs_no_server_and_no_test_tool() {
    let run = packages(RUN);
    for package in Group::Demo
        .packages()
        .iter()
        .chain(Group::Headless.packages())
        .chain(Group::Test.packages())
        .chain(Group::Wasm.packages())
    {
        assert!(!run.contains(package), "{package}");
    }
    assert!(packages(TEST).is_superset(&packages(DEMO)));
    assert!(packages(DEMO).is_superset(&packages(SEEN_DEMO)));
    assert!(!packages(SEEN_DEMO).contains("pulseaudio"));
}

#[test]
fn the_install_script_is_a_script() {
    let checked = Command::new("sh")
        .args(["-n", "-c", INSTALL])
        .status()
        .unwrap();
    assert!(checked.success());
}
