//! A wrong arrow is found, and named.

use super::*;

fn workspace(changes: &[(&str, &[&str])]) -> Vec<String> {
    let mut known: BTreeMap<String, BTreeSet<String>> = EDGES
        .iter()
        .map(|(package, edges)| {
            (
                (*package).to_owned(),
                edges.iter().map(|edge| (*edge).to_owned()).collect(),
            )
        })
        .collect();
    for (package, dependencies) in changes {
        known.insert(
            (*package).to_owned(),
            dependencies.iter().map(|name| (*name).to_owned()).collect(),
        );
    }
    breaches(&known)
}

#[test]
fn the_design_breaches_nothing() {
    assert_eq!(workspace(&[]), Vec::<String>::new());
}

#[test]
fn a_wrong_arrow_is_named() {
    assert_eq!(
        workspace(&[("store", &["api", "xmpp"])]),
        ["Cargo.toml: store must not know xmpp"]
    );
    assert_eq!(
        workspace(&[("ui", &["api", "locale", "rusqlite"])]),
        ["Cargo.toml: only store may know rusqlite, not ui"]
    );
    assert_eq!(
        workspace(&[("utils", &[])]),
        ["Cargo.toml: the package utils has no place in the design"]
    );
    assert_eq!(
        workspace(&[("store", &[])]),
        ["Cargo.toml: store no longer knows api; correct the design"]
    );
}
