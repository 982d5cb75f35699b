//! Holds the place of the `engine` crate until it is there: a client without an account.

use std::path::PathBuf;

use api::{Answer, Command, Fault, FaultKind, Feed, MessageId, Reset};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

#[derive(Clone)]
pub struct Client;

pub struct Env;

impl Env {
    pub fn system() -> Self {
        Self
    }
}

pub struct MediaFile {
    pub path: PathBuf,
    pub media_type: String,
}

impl Client {
    pub async fn start(_home: PathBuf, _env: Env) -> Result<Self, Fault> {
        Ok(Self)
    }

    pub async fn call(&self, _command: Command) -> Result<Answer<serde_json::Value>, Fault> {
        Err(FaultKind::NotSignedIn.into())
    }

    pub async fn subscribe(&self) -> Result<(Reset, UnboundedReceiver<Feed>), Fault> {
        Ok((Reset::default(), unbounded_channel().1))
    }

    pub async fn media(&self, _message: MessageId) -> Result<MediaFile, Fault> {
        Err(FaultKind::NotFound.into())
    }

    pub async fn shutdown(&self) {}
}
