//! A copy of a message's file where its user can do with it what they like: the folder for downloads.
//!
//! The name is the sender's, made harmless: no path, no leading dot, nothing that turns the reading direction so that an
//! ending looks like another one, nothing that a system reserves. What is there already is never written over. Rejected:
//! opening the file with the system's program from here, which would be one tap from a stranger's message to running it.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use api::{Content, Fault, FaultKind, MessageId};

use crate::account::Account;
use crate::{client, faults};

/// In bytes, so that " (99)" and an ending fit any file system.
const LONGEST: usize = 180;

/// Copies of one name before this gives up.
const MOST: u32 = 99;

/// Puts a copy of a file, which is here, into the folder for downloads. Answers its path.
///
/// # Errors
/// [`FaultKind::NotFound`] where it is not here; [`FaultKind::DiskFull`], [`FaultKind::FolderUnusable`].
pub(crate) async fn save(account: &Account, message: MessageId) -> Result<String, Fault> {
    let reader = account.store.reader();
    let media = reader.media_of(message).await;
    let row = reader.message(message).await;
    let media = media.map_err(|error| faults::store(&error))?;
    let row = row.map_err(|error| faults::store(&error))?;
    let from = media
        .and_then(|media| media.file)
        .ok_or(FaultKind::NotFound)?;
    let name = match row.map(|row| row.content) {
        Some(Content::File { name, .. }) => name,
        _ => return Err(FaultKind::NotFound.into()),
    };
    let folder = directories::UserDirs::new()
        .map(|user| user.download_dir().unwrap_or(user.home_dir()).to_path_buf())
        .ok_or(FaultKind::FolderUnusable)?;
    let saved = tokio::task::spawn_blocking(move || into(&folder, &harmless(&name), &from))
        .await
        .map_err(faults::bug)?
        .map_err(|error| match client::unusable(&error) {
            full if full.kind == FaultKind::DiskFull => full,
            other => Fault::new(FaultKind::FolderUnusable, other.detail),
        })?;
    Ok(saved.to_string_lossy().into_owned())
}

/// Copies a file into a folder under this name or, where there is one, under this name with a number. Nothing half stays.
pub(super) fn into(folder: &Path, name: &str, from: &Path) -> io::Result<PathBuf> {
    let mut source = File::open(from)?;
    std::fs::create_dir_all(folder)?;
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    for number in 1..=MOST {
        let path = match number {
            1 => folder.join(name),
            _ => folder.join(format!("{stem} ({number}){ending}")),
        };
        let mut copy = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(copy) => copy,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        let copied = io::copy(&mut source, &mut copy).and_then(|_| copy.sync_all());
        if let Err(error) = copied {
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
        return Ok(path);
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// A name of one file on every system, out of what a stranger gave.
pub(super) fn harmless(name: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let kept: String = name
        .chars()
        .filter(|c| !c.is_control() && !turns(*c))
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
            c => c,
        })
        .collect();
    let kept = kept
        .trim()
        .trim_start_matches('.')
        .trim_end_matches(['.', ' ']);
    let (stem, ending) = match kept.rsplit_once('.') {
        // A longer one is no ending.
        Some((stem, ending)) if ending.len() <= 12 => (stem, format!(".{ending}")),
        _ => (kept, String::new()),
    };
    let mut short = String::new();
    for c in stem.chars() {
        if short.len() + c.len_utf8() + ending.len() > LONGEST {
            break;
        }
        short.push(c);
    }
    let short = short.trim_end();
    if short.is_empty() {
        return format!("file{ending}");
    }
    let base = short
        .split('.')
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase();
    let device = base
        .strip_suffix(|c: char| c.is_ascii_digit())
        .unwrap_or(&base);
    let is_reserved = matches!(base.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (matches!(device, "COM" | "LPT") && device != base);
    let mark = if is_reserved { "_" } else { "" };
    format!("{mark}{short}{ending}")
}
