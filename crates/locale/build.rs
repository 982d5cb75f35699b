//! Turns `assets/locales` into Rust: a constant for every English message and
//! the text of every file. Owns nothing but names; whether the files are right
//! is a test of the crate.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const REFERENCE: &str = "en";

fn main() -> Result<(), Box<dyn Error>> {
    let crate_folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let locales = crate_folder.join("../../assets/locales");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", locales.display());

    let mut tags = Vec::new();
    for entry in fs::read_dir(&locales)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            tags.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    // The reference comes first: it is the last resort of every other.
    tags.sort_by_key(|tag| (tag != REFERENCE, tag.clone()));

    let mut keys = BTreeSet::new();
    let mut code = String::from("pub(crate) static LOCALES: &[Locale] = &[\n");
    for tag in &tags {
        writeln!(code, "    Locale {{ tag: {tag:?}, sources: &[")?;
        for file in fluent_files(&locales.join(tag))? {
            writeln!(
                code,
                "        include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../../assets/locales/{tag}/{file}\")),"
            )?;
            if tag == REFERENCE {
                keys.extend(ids(&fs::read_to_string(locales.join(tag).join(&file))?));
            }
        }
        code.push_str("    ] },\n");
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("locales.rs"), code)?;

    let mut code = String::new();
    for id in &keys {
        let name = id.replace('-', "_").to_uppercase();
        writeln!(code, "/// `{id}`")?;
        writeln!(code, "pub const {name}: Key = Key({id:?});")?;
    }
    writeln!(code, "/// Every key there is.")?;
    writeln!(code, "pub const ALL: &[Key] = &[")?;
    for id in &keys {
        writeln!(code, "    Key({id:?}),")?;
    }
    code.push_str("];\n");
    fs::write(out.join("keys.rs"), code)?;
    Ok(())
}

fn fluent_files(folder: &Path) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".ftl") {
            names.insert(name);
        }
    }
    Ok(names)
}

/// Message ids stand at the start of a line and are followed by ` =`; everything
/// that belongs to a message is indented (Fluent 1.0). Terms (`-name`) are no keys.
fn ids(source: &str) -> impl Iterator<Item = String> + '_ {
    source.lines().filter_map(|line| {
        let (id, _) = line.split_once('=')?;
        let id = id.trim_end();
        let starts = id.starts_with(|c: char| c.is_ascii_lowercase());
        let plain = id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        (starts && plain).then(|| id.to_owned())
    })
}
