//! A mirrored folder is equal to what was wanted, and touches nothing that already was.

use super::*;

#[test]
fn mirror_removes_adds_and_leaves_alone() {
    let place = tempfile::tempdir().unwrap();
    let (source, copy) = (place.path().join("source"), place.path().join("copy"));
    fs::create_dir_all(source.join("styles")).unwrap();
    fs::create_dir_all(&copy).unwrap();
    fs::write(source.join("index.html"), "page").unwrap();
    fs::write(source.join("styles/tokens.css"), "tokens").unwrap();
    fs::write(copy.join("index.html"), "page").unwrap();
    fs::write(copy.join("stale.js"), "old").unwrap();
    let before = fs::metadata(copy.join("index.html"))
        .unwrap()
        .modified()
        .unwrap();

    mirror(&below(&source).unwrap(), &copy).unwrap();

    let names: Vec<_> = below(&copy).unwrap().into_keys().collect();
    assert_eq!(
        names,
        [
            PathBuf::from("index.html"),
            PathBuf::from("styles/tokens.css")
        ]
    );
    assert_eq!(
        fs::metadata(copy.join("index.html"))
            .unwrap()
            .modified()
            .unwrap(),
        before
    );
}
