//! Which package may know which: the arrows of `ARCHITECTURE.md`, from `cargo metadata`.
//!
//! Dev-dependencies are not counted: tests may reach further than the product.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::failure::{Failure, Outcome};

/// Each of our packages, and those of ours it knows.
const EDGES: &[(&str, &[&str])] = &[
    ("api", &[]),
    ("engine", &["api", "store", "voice", "xmpp"]),
    ("locale", &[]),
    ("millet", &["api", "engine", "locale", "store"]),
    ("store", &["api"]),
    ("testkit", &[]),
    ("ui", &["api", "locale"]),
    ("voice", &[]),
    ("xmpp", &[]),
    ("xtask", &[]),
];

/// The two programs at the top: they may know these, and need not.
const MAY: &[&str] = &["millet", "ui"];

/// Libraries that embody a layer, and the one package that may know each.
const OWNED: &[(&str, &str)] = &[
    ("cpal", "voice"),
    ("opus", "voice"),
    ("rusqlite", "store"),
    ("tauri", "millet"),
    ("tokio-xmpp", "xmpp"),
    ("xmpp-parsers", "xmpp"),
    ("yew", "ui"),
];

/// Compares the workspace with [`EDGES`] and [`OWNED`].
pub fn check(root: &Path) -> Outcome<Vec<String>> {
    let metadata = MetadataCommand::new()
        .current_dir(root)
        .no_deps()
        .exec()
        .map_err(|error| Failure::new(format!("cargo metadata: {error}")))?;
    let known: BTreeMap<String, BTreeSet<String>> = metadata
        .packages
        .iter()
        .map(|package| {
            let dependencies = package.dependencies.iter();
            let counted =
                dependencies.filter(|dependency| dependency.kind != DependencyKind::Development);
            (
                package.name.to_string(),
                counted.map(|dependency| dependency.name.clone()).collect(),
            )
        })
        .collect();
    Ok(breaches(&known))
}

fn breaches(known: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let allowed: BTreeMap<&str, BTreeSet<&str>> = EDGES
        .iter()
        .map(|(package, edges)| (*package, edges.iter().copied().collect()))
        .collect();
    let mut breaches = Vec::new();
    for (package, dependencies) in known {
        let Some(allowed) = allowed.get(package.as_str()) else {
            breaches.push(format!(
                "Cargo.toml: the package {package} has no place in the design"
            ));
            continue;
        };
        let ours: BTreeSet<&str> = dependencies
            .iter()
            .map(String::as_str)
            .filter(|name| known.contains_key(*name))
            .collect();
        for extra in ours.difference(allowed) {
            breaches.push(format!("Cargo.toml: {package} must not know {extra}"));
        }
        if !MAY.contains(&package.as_str()) {
            for lost in allowed.difference(&ours) {
                breaches.push(format!(
                    "Cargo.toml: {package} no longer knows {lost}; correct the design"
                ));
            }
        }
        for (library, owner) in OWNED {
            if dependencies.contains(*library) && package != owner {
                breaches.push(format!(
                    "Cargo.toml: only {owner} may know {library}, not {package}"
                ));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests;
