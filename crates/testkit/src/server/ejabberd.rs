//! ejabberd's side of [`Server`](super::Server): Debian's 23.01 or newer.
//!
//! Started as `erl`, not by `ejabberdctl`, which changes to a system user and needs the Erlang name service. The node
//! has no name; accounts are made over its HTTP interface, open to loopback only.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{ServerError, Setting, http};

const CONFIGURATION: &str = include_str!("ejabberd.yml");

/// Fills the template.
pub fn configure(setting: &Setting) -> Result<(), ServerError> {
    for folder in ["spool", "upload"] {
        let path = setting.path(folder);
        fs::create_dir_all(&path).map_err(|error| ServerError::File(path, error))?;
    }
    let registration = if setting.options.registration {
        "mod_register: {ip_access: all, access: all, welcome_message: {}}"
    } else {
        "mod_time: {}"
    };
    let text = CONFIGURATION
        .replace("@domain@", &setting.options.domain)
        .replace("@folder@", &setting.folder.to_string_lossy())
        .replace("@tcp@", &setting.ports.tcp.to_string())
        .replace("@tls@", &setting.ports.tls.to_string())
        .replace("@http@", &setting.ports.http.to_string())
        .replace("@https@", &setting.ports.https.to_string())
        .replace("@public@", &setting.public_http_port().to_string())
        .replace("@upload_limit@", &setting.options.upload_limit.to_string())
        .replace(
            "@keeps@",
            if setting.options.keeps_all {
                "always"
            } else {
                "never"
            },
        )
        .replace("@resume@", &setting.options.resume.as_secs().to_string())
        .replace("@registration@", registration);
    setting.write("ejabberd.yml", &text)?;
    archive(setting)?;
    // Erlang's own resolver would ask the network for names that are meant for this machine.
    setting.write("inetrc", "{lookup, [\"file\", \"native\"]}.\n")
}

/// Makes the tables of the message archive. Its other place, Mnesia, gives back each message several times or not at all
/// while others are being written, and ejabberd itself warns of it.
fn archive(setting: &Setting) -> Result<(), ServerError> {
    let database = setting.path("archive.db");
    if database.exists() {
        return Ok(());
    }
    let schema = schema()?;
    // Whole or not at all.
    let beside = setting.path("archive.new");
    let _ = fs::remove_file(&beside);
    let made = Command::new("sqlite3")
        .arg(&beside)
        .arg(format!(".read '{}'", schema.display()))
        .output()
        .map_err(|error| ServerError::Program {
            program: "sqlite3".to_owned(),
            error,
        })?;
    match made.status.success() && made.stderr.is_empty() {
        true => fs::rename(&beside, &database).map_err(|error| ServerError::File(database, error)),
        false => Err(ServerError::Program {
            program: "sqlite3".to_owned(),
            error: std::io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned()),
        }),
    }
}

/// ejabberd's own description of its tables in SQLite.
fn schema() -> Result<PathBuf, ServerError> {
    let library = library()?;
    let entries =
        fs::read_dir(&library).map_err(|error| ServerError::File(library.clone(), error))?;
    entries
        .flatten()
        .map(|entry| entry.path().join("priv/sql/lite.sql"))
        .find(|path| path.is_file() && path.to_string_lossy().contains("/ejabberd-"))
        .ok_or_else(|| ServerError::Program {
            program: "ejabberd".to_owned(),
            error: std::io::Error::new(std::io::ErrorKind::NotFound, "no lite.sql beside ejabberd"),
        })
}

/// The program that is the server.
pub fn command(setting: &Setting) -> Result<Command, ServerError> {
    let mut command = Command::new("erl");
    command
        .env("EJABBERD_CONFIG_PATH", setting.path("ejabberd.yml"))
        .env("EJABBERD_LOG_PATH", setting.path("server.log"))
        .env("ERL_CRASH_DUMP", setting.path("crash.dump"))
        .env("ERL_CRASH_DUMP_SECONDS", "0")
        .env("ERL_INETRC", setting.path("inetrc"))
        .env("ERL_LIBS", library()?)
        .env("HOME", &setting.folder)
        // Two schedulers, and asleep when idle: several servers share a small machine with the program under test.
        .args([
            "+S",
            "2:2",
            "+sbwt",
            "none",
            "+sbwtdcpu",
            "none",
            "+sbwtdio",
            "none",
        ])
        .arg("-noinput")
        .args(["-mnesia", "dir"])
        .arg(format!("\"{}\"", setting.path("spool").display()))
        .args(["-s", "ejabberd"]);
    Ok(command)
}

/// Whether all of it is up: the application, and the listeners that it starts last.
pub fn answers(setting: &Setting) -> bool {
    http::post(setting.ports.http, "/api/status", "{}")
        .is_ok_and(|answer| answer.status == 200 && answer.body.contains("is running"))
        && [setting.ports.tcp, setting.ports.tls, setting.ports.https]
            .into_iter()
            .all(http::listens)
}

/// Makes an account.
pub fn register(setting: &Setting, user: &str, password: &str) -> Result<(), ServerError> {
    let wish =
        serde_json::json!({ "user": user, "host": setting.options.domain, "password": password });
    let answer = http::post(setting.ports.http, "/api/register", &wish.to_string())
        .map_err(ServerError::Connection)?;
    if answer.status == 200 {
        return Ok(());
    }
    Err(ServerError::Refused {
        what: format!("registering {user}"),
        answer: answer.body,
    })
}

/// The folder above `ejabberd-VERSION/`: `/usr/lib/<machine>` in Debian.
fn library() -> Result<PathBuf, ServerError> {
    let system = PathBuf::from("/usr/lib");
    let folders =
        fs::read_dir(&system).map_err(|error| ServerError::File(system.clone(), error))?;
    let candidates = folders
        .flatten()
        .map(|entry| entry.path())
        .chain([system.clone(), "/usr/lib/erlang/lib".into()]);
    let holds_ejabberd = |folder: &PathBuf| {
        fs::read_dir(folder).is_ok_and(|entries| {
            entries.flatten().any(|entry| {
                entry.file_name().to_string_lossy().starts_with("ejabberd-")
                    && entry.path().join("ebin/ejabberd.app").is_file()
            })
        })
    };
    candidates
        .into_iter()
        .find(holds_ejabberd)
        .ok_or_else(|| ServerError::Program {
            program: "ejabberd".to_owned(),
            error: std::io::Error::new(std::io::ErrorKind::NotFound, "no ejabberd below /usr/lib"),
        })
}
