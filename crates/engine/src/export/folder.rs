//! The exported folder on the disk: whose it is, and how its files are written so that a kill leaves it readable.
//!
//! A file is either replaced whole (written beside, then renamed over) or appended to; what was appended and not noted
//! in `state.json` is cut off by the next export. Blocks.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::line::{AccountFile, FORMAT};

pub(crate) const ACCOUNT: &str = "account.json";
pub(crate) const CHATS: &str = "chats.json";
pub(crate) const ARCHIVE: &str = "archive.json";
pub(crate) const STATE: &str = "state.json";
pub(crate) const MESSAGES: &str = "messages.jsonl";
pub(crate) const CHATS_FOLDER: &str = "chats";
const READ_ME: &str = "README.txt";

/// Larger ones were not written by us.
pub(crate) const LARGEST_JSON: u64 = 64 * 1024 * 1024;

/// What a folder holds before an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Nothing, or it is not there.
    Nothing,
    /// An export of this account.
    Ours {
        /// See [`AccountFile`].
        written_by: String,
    },
    /// Something else, which stays as it is.
    Other,
}

pub(crate) fn holds(root: &Path, address: &str) -> io::Result<Holds> {
    let mut entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Holds::Nothing),
        Err(error) => return Err(error),
    };
    if let Ok(account) = read_json::<AccountFile>(&root.join(ACCOUNT))
        && account.format == FORMAT
        && account.address == address
    {
        return Ok(Holds::Ours {
            written_by: account.written_by,
        });
    }
    // An `account.json.new` is all that a kill at the very beginning leaves.
    let other = entries.find(|entry| match entry {
        Ok(entry) => entry.file_name() != fresh(Path::new(ACCOUNT)).as_os_str(),
        Err(_) => true,
    });
    Ok(if other.is_none() {
        Holds::Nothing
    } else {
        Holds::Other
    })
}

/// A small JSON file. A symbolic link, a device or a large file is none.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    let about = fs::symlink_metadata(path)?;
    if !about.is_file() || about.len() > LARGEST_JSON {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut json = Vec::new();
    File::open(path)?
        .take(LARGEST_JSON)
        .read_to_end(&mut json)?;
    serde_json::from_slice(&json).map_err(io::Error::from)
}

pub(crate) fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let mut json = serde_json::to_vec_pretty(value)?;
    json.push(b'\n');
    replace(path, &json)
}

/// Replaces a file whole: after a crash there is the old one or the new one. Where it says the same already, nothing is
/// written.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    if says(path, content) {
        return Ok(());
    }
    let fresh = fresh(path);
    let mut file = File::create(&fresh)?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    put(&fresh, path)
}

/// The same for what can be made again, without waiting for the disk.
pub(crate) fn replace_page(path: &Path, content: &[u8]) -> io::Result<()> {
    if says(path, content) {
        return Ok(());
    }
    let fresh = fresh(path);
    fs::write(&fresh, content)?;
    fs::rename(&fresh, path)
}

fn says(path: &Path, content: &[u8]) -> bool {
    let same_length = fs::symlink_metadata(path)
        .is_ok_and(|about| about.is_file() && about.len() == content.len() as u64);
    same_length && fs::read(path).is_ok_and(|present| present == content)
}

/// The name that a file is written under.
pub(crate) fn fresh(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

/// A file that is complete and on the disk takes its place.
pub(crate) fn put(fresh: &Path, path: &Path) -> io::Result<()> {
    fs::rename(fresh, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

pub(crate) fn append(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(content)
}

/// What was appended is on the disk.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Cuts off what was appended and never settled. Whether the rest is all there.
pub(crate) fn cut(path: &Path, bytes: u64) -> io::Result<bool> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if !about.is_file() || about.len() < bytes {
        return Ok(false);
    }
    if about.len() > bytes {
        OpenOptions::new().write(true).open(path)?.set_len(bytes)?;
    }
    Ok(true)
}

/// Copies a file unless it is there. Its size; `None` where there is nothing to copy.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<Option<u64>> {
    let size = match fs::metadata(from) {
        Ok(about) => about.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if length(to) == Some(size) {
        return Ok(Some(size));
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = fresh(to);
    let size = fs::copy(from, &fresh)?;
    OpenOptions::new().write(true).open(&fresh)?.sync_all()?;
    fs::rename(&fresh, to)?;
    Ok(Some(size))
}

/// Of a file in the folder; `None`: there is no such file.
pub(crate) fn length(path: &Path) -> Option<u64> {
    let about = fs::symlink_metadata(path).ok()?;
    about.is_file().then_some(about.len())
}

pub(crate) fn sha256(path: &Path) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut file = BufReader::new(File::open(path)?);
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut chunk)?;
        match chunk.get(..read) {
            None | Some([]) => return Ok(hash.finalize().into()),
            Some(read) => hash.update(read),
        }
    }
}

pub(crate) fn write_read_me(root: &Path) -> io::Result<()> {
    replace(&root.join(READ_ME), READ_ME_TEXT.as_bytes())
}

const READ_ME_TEXT: &str = "\
This is a history of conversations, exported by Millet.

index.html       opens in any browser, without a network: everything that was said, with its voice.
chats.json       the conversations.
chats/*/messages.jsonl
                 the messages of one, a line of JSON each, oldest first. A later line with the same id
                 takes the place of an earlier one; {\"id\":7,\"gone\":true} says that it was taken away.
chats/*/voice/   what was spoken (Ogg Opus mostly, as it came).
chats/*/files/   pictures and other files.
account.json     whose history it is, and when it was exported.
archive.json     how much of the server's archive this covers.
state.json       notes for the next export; not part of the history, and made anew where it is missing.

Millet takes this folder in again: Settings, History, Import. Every field is described in docs/export.md
of its source. Times are milliseconds since 1970-01-01 00:00 UTC. Nothing here is encrypted.
";
