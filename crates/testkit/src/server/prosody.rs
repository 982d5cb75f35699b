//! Prosody's side of [`Server`](super::Server): Debian's 0.12 or newer.

use std::fs;
use std::process::{Command, Stdio};

use super::{ServerError, Setting, http};

const CONFIGURATION: &str = include_str!("prosody.cfg.lua");

/// Fills the template.
pub fn configure(setting: &Setting) -> Result<(), ServerError> {
    for folder in ["data", "certs"] {
        let path = setting.path(folder);
        fs::create_dir_all(&path).map_err(|error| ServerError::File(path, error))?;
    }
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
                "true"
            } else {
                "false"
            },
        )
        .replace("@resume@", &setting.options.resume.as_secs().to_string())
        .replace(
            "@registration@",
            if setting.options.registration {
                "true"
            } else {
                "false"
            },
        );
    setting.write("prosody.cfg.lua", &text)
}

/// The program that is the server.
pub fn command(setting: &Setting) -> Command {
    let mut command = Command::new("prosody");
    command
        .arg("-F")
        .arg("--config")
        .arg(setting.path("prosody.cfg.lua"));
    command
}

/// Whether all of it is up: every listener, and the paths that modules add to them.
pub fn answers(setting: &Setting) -> bool {
    let ports = &setting.ports;
    [ports.tcp, ports.tls, ports.https]
        .into_iter()
        .all(http::listens)
        && http::get(ports.http, "/xmpp-websocket").is_ok_and(|answer| answer.status != 404)
}

/// Makes an account, or gives an existing one this password.
pub fn register(setting: &Setting, user: &str, password: &str) -> Result<(), ServerError> {
    let output = Command::new("prosodyctl")
        .arg("--config")
        .arg(setting.path("prosody.cfg.lua"))
        .args(["register", user, &setting.options.domain, password])
        .current_dir(&setting.folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| ServerError::Program {
            program: "prosodyctl".to_owned(),
            error,
        })?;
    if output.status.success() {
        return Ok(());
    }
    let answer = String::from_utf8_lossy(&output.stdout).into_owned();
    Err(ServerError::Refused {
        what: format!("registering {user}"),
        answer,
    })
}
