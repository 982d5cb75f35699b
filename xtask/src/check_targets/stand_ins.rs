//! Programs that take the place of a C compiler, an archiver and cmake, and do nothing.
//!
//! They are this program under other names, so that no shell is needed. Each leaves an empty file wherever its arguments
//! name an output, since build scripts look for them afterwards.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::failure::{Failure, Outcome};

/// What build scripts read, without the target's name, and who stands in.
pub const VARIABLES: [(&str, &str); 5] = [
    ("CC", CC),
    ("CXX", CC),
    ("AR", AR),
    ("RANLIB", AR),
    ("CMAKE", CMAKE),
];

const CC: &str = "millet-no-cc";
const AR: &str = "millet-no-ar";
const CMAKE: &str = "millet-no-cmake";

/// Lays this program out under each name in `folder`.
pub fn lay_out(folder: &Path) -> Outcome {
    fs::create_dir_all(folder).map_err(|error| Failure::at("creating", folder, &error))?;
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(format!("looking for our own program: {error}")))?;
    for name in [CC, AR, CMAKE] {
        let place = folder.join(file_name(name));
        // Beside, then over it: another check may be running this one.
        let fresh = folder.join(format!("{name}.{}", std::process::id()));
        fs::hard_link(&program, &fresh)
            .or_else(|_| fs::copy(&program, &fresh).map(|_| ()))
            .and_then(|()| fs::rename(&fresh, &place))
            .map_err(|error| Failure::at("writing", &place, &error))?;
    }
    Ok(())
}

/// A tool's name on this machine.
pub fn file_name(tool: &str) -> String {
    format!("{tool}{}", std::env::consts::EXE_SUFFIX)
}

/// What this program does where it was started under one of the names; nothing where it was not.
pub fn stand_in() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    let name = PathBuf::from(arguments.next()?);
    let name = name.file_stem()?.to_str()?;
    if ![CC, AR, CMAKE].contains(&name) {
        return None;
    }
    let arguments: Vec<OsString> = arguments.collect();
    if arguments
        .iter()
        .any(|argument| argument == "--version" || argument == "-version")
    {
        println!("{name} 1.0");
        return Some(ExitCode::SUCCESS);
    }
    for output in outputs(&arguments) {
        if let Err(error) = fs::write(&output, b"") {
            eprintln!("{name}: {}: {error}", output.display());
            return Some(ExitCode::FAILURE);
        }
    }
    Some(ExitCode::SUCCESS)
}

/// The files that a compiler or an archiver would write: `-o FILE`, `-FoFILE`, `-out:FILE`, and archives.
pub fn outputs(arguments: &[OsString]) -> Vec<PathBuf> {
    let mut outputs = Vec::new();
    let mut before = None;
    for argument in arguments {
        let Some(argument) = argument.to_str() else {
            continue;
        };
        if before == Some("-o") {
            outputs.push(PathBuf::from(argument));
        } else if let Some(file) = argument
            .strip_prefix("-Fo")
            .or_else(|| argument.strip_prefix("-out:"))
        {
            outputs.push(PathBuf::from(file));
        } else if !argument.starts_with('-')
            && Path::new(argument)
                .extension()
                .is_some_and(|ending| ending == "a" || ending == "lib")
        {
            outputs.push(PathBuf::from(argument));
        }
        before = Some(argument);
    }
    outputs
}

#[cfg(test)]
mod tests;
