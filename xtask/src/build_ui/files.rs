//! Folders as maps from relative name to file, and making one folder equal to such a map.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

/// Every file below `folder`, by its name relative to it. Symbolic links and dot files are passed over.
pub fn below(folder: &Path) -> Outcome<BTreeMap<PathBuf, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next).map_err(|error| Failure::at("listing", &next, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| Failure::at("listing", &next, &error))?;
            let path = entry.path();
            let kind = entry
                .file_type()
                .map_err(|error| Failure::at("reading", &path, &error))?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file()
                && let Ok(name) = path.strip_prefix(folder)
            {
                found.insert(name.to_path_buf(), path);
            }
        }
    }
    Ok(found)
}

/// Makes `folder` hold exactly `wanted`: other files go, equal files keep their modification time.
pub fn mirror(wanted: &BTreeMap<PathBuf, PathBuf>, folder: &Path) -> Outcome {
    fs::create_dir_all(folder).map_err(|error| Failure::at("creating", folder, &error))?;
    for (name, path) in below(folder)? {
        if !wanted.contains_key(&name) {
            fs::remove_file(&path).map_err(|error| Failure::at("removing", &path, &error))?;
        }
    }
    for (name, source) in wanted {
        let bytes = fs::read(source).map_err(|error| Failure::at("reading", source, &error))?;
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|present| present == bytes) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| Failure::at("creating", parent, &error))?;
        }
        fs::write(&path, bytes).map_err(|error| Failure::at("writing", &path, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
