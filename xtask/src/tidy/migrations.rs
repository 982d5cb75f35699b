//! A shipped schema step never changes: `frozen.txt` holds the SHA-256 of each.
//!
//! ```text
//! 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  0001_start.sql
//! ```
//! A step is added to the list with the release that ships it (`sha256sum *.sql` in the folder); until then it may
//! still change, and only the newest ones may be missing from the list.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::failure::{Failure, Outcome};

/// Checks the names of the steps and the hashes of the shipped ones.
pub fn check(folder: &Path) -> Outcome<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut steps = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|error| Failure::at("listing", folder, &error))? {
        let path = entry
            .map_err(|error| Failure::at("listing", folder, &error))?
            .path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if name.ends_with(".sql") {
            let bytes = fs::read(&path).map_err(|error| Failure::at("reading", &path, &error))?;
            let hash: String = Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            steps.insert(name.to_owned(), hash);
        }
    }
    let frozen = fs::read_to_string(folder.join("frozen.txt")).unwrap_or_default();
    Ok(faults_of(&steps, &frozen))
}

/// What is wrong with `steps` (name to hash), given the list.
fn faults_of(steps: &BTreeMap<String, String>, frozen: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, name) in steps.keys().enumerate() {
        let number = format!("{:04}_", index + 1);
        if !name.starts_with(&number) {
            faults.push(format!(
                "{name}: steps are numbered without gaps; expected {number}"
            ));
        }
    }
    let mut shipped = 0;
    for line in frozen
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        shipped += 1;
        let Some((hash, name)) = line.split_once("  ") else {
            faults.push(format!("frozen.txt: not `hash  name`: {line}"));
            continue;
        };
        match steps.get(name) {
            None => faults.push(format!("{name}: a shipped step is gone")),
            Some(present) if present != hash => {
                faults.push(format!(
                    "{name}: a shipped step has changed; add a new step instead"
                ));
            }
            Some(_) => {
                if steps
                    .keys()
                    .nth(shipped - 1)
                    .is_none_or(|step| step != name)
                {
                    faults.push(format!("{name}: the list skips a step or is out of order"));
                }
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests;
