//! Somebody with Millet, in this process.

use std::path::PathBuf;
use std::sync::Arc;

use api::{
    Call, ChatId, Content, Fault, Media, MessageId, MessageRow, MessageState, ReadWindow, Secret,
    SendText, SendVoice, SignIn, StartChat, VoiceStart, VoiceStop, WindowAnchor,
};
use engine::{Client, Env, Keyring, Surroundings};
use tempfile::TempDir;
use testkit::server::Server;

use crate::place;
use crate::seen::{Seen, Watch};

/// What one signs in with.
#[derive(Clone, Debug)]
pub struct Account {
    pub address: String,
    pub password: String,
    pub server: String,
}

impl Account {
    /// A new account with a name of its own, over WebSocket.
    pub fn new(server: &Server, name: &str) -> Self {
        let name = place::name_of_its_own(name);
        let password = format!("{name}'s <secret>");
        server.register(&name, &password).unwrap();
        Self {
            address: server.address(&name),
            password,
            server: server.ws_url(),
        }
    }

    /// The same account by another way.
    pub fn over(&self, server: impl Into<String>) -> Self {
        Self {
            server: server.into(),
            ..self.clone()
        }
    }

    pub fn sign_in(&self) -> SignIn {
        SignIn {
            address: self.address.clone(),
            password: Secret(self.password.clone()),
            server: Some(self.server.clone()),
        }
    }
}

/// A data folder that outlives the client in it.
#[derive(Clone)]
pub struct Home(Arc<TempDir>);

impl Home {
    pub fn new() -> Self {
        Self(Arc::new(tempfile::tempdir().unwrap()))
    }

    pub fn path(&self) -> PathBuf {
        self.0.path().to_path_buf()
    }
}

/// What a test gives it: no keyring, no news of the network, no sounds of the app itself, the real clock, and a microphone that says what it is given.
pub fn env(microphone: voice::Source) -> Env {
    Env {
        keyring: Keyring::None,
        sounds: false,
        surroundings: Surroundings::Silent,
        microphone,
        ..Env::system()
    }
}

/// A microphone that hears nothing.
pub fn mute() -> voice::Source {
    voice::Source::Scripted(voice::Script::mono(&[], 48_000, voice::Pace::Fast))
}

pub struct Person {
    pub account: Account,
    pub home: Home,
    pub client: Client,
    watch: Watch,
}

impl std::ops::Deref for Person {
    type Target = Watch;

    fn deref(&self) -> &Watch {
        &self.watch
    }
}

impl Person {
    /// A new account, signed in over WebSocket and up to date.
    pub async fn sign_up(server: &Server, name: &str) -> Self {
        Self::sign_in(&Account::new(server, name), mute()).await
    }

    /// A new device, signed in and up to date.
    pub async fn sign_in(account: &Account, microphone: voice::Source) -> Self {
        let person = Self::open(account, Home::new(), env(microphone)).await;
        person.ask(account.sign_in()).await.unwrap();
        person.online().await;
        person
    }

    /// Millet on a data folder, as it starts there; one that was signed in signs in by itself.
    pub async fn start(account: &Account, home: Home) -> Self {
        let password = Some(Secret(account.password.clone()));
        Self::open(
            account,
            home,
            Env {
                password,
                ..env(mute())
            },
        )
        .await
    }

    pub async fn open(account: &Account, home: Home, env: Env) -> Self {
        // `MILLET_LOG=engine=debug,xmpp=debug` shows what led to a failure.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_env("MILLET_LOG"))
            .with_test_writer()
            .try_init();
        let client = Client::start(home.path(), env).await.unwrap();
        let (reset, mut feed) = client.subscribe().await.unwrap();
        let watch = Watch::new(&account.address);
        watch.take(api::Feed::Reset(Box::new(reset)));
        let fed = watch.clone();
        tokio::spawn(async move {
            while let Some(item) = feed.recv().await {
                fed.take(item);
            }
        });
        Self {
            account: account.clone(),
            home,
            client,
            watch,
        }
    }

    /// Closes the app; what it leaves is in the folder.
    pub async fn close(self) -> Home {
        self.client.shutdown().await;
        self.home
    }

    pub fn address(&self) -> &str {
        &self.account.address
    }

    pub async fn online(&self) {
        self.until_true("being online", Seen::is_online).await;
    }

    pub async fn ask<C: Call>(&self, call: C) -> Result<C::Reply, Fault> {
        let answer = Box::pin(self.client.call(call.into_command())).await?;
        Ok(serde_json::from_value(answer.value).unwrap())
    }

    /// The chat with somebody, made where it is not there.
    pub async fn chat(&self, address: &str) -> ChatId {
        let address = address.to_owned();
        self.ask(StartChat { address }).await.unwrap()
    }

    pub async fn say(&self, to: &str, body: &str) -> MessageId {
        let chat = self.chat(to).await;
        self.say_in(chat, body).await
    }

    pub async fn say_in(&self, chat: ChatId, body: &str) -> MessageId {
        let body = body.to_owned();
        self.ask(SendText { chat, body }).await.unwrap()
    }

    /// Records what the microphone says, all of it, and sends it.
    pub async fn speak(&self, to: &str) -> MessageId {
        let chat = self.chat(to).await;
        let draft = self.ask(VoiceStart { chat }).await.unwrap().id;
        let stopped = self
            .ask(VoiceStop {
                draft: draft.clone(),
            })
            .await
            .unwrap();
        assert!(stopped.duration_ms > 0, "{stopped:?}");
        self.ask(SendVoice { chat, draft }).await.unwrap()
    }

    /// Waits until a text arrives.
    pub async fn hears(&self, text: &str) -> MessageRow {
        self.until(&format!("{text:?}"), |seen| seen.text(text).cloned())
            .await
    }

    /// Waits until `count` voice messages are here with their sound.
    pub async fn hears_voices(&self, count: usize) -> Vec<MessageRow> {
        self.until(&format!("{count} voice messages with sound"), |seen| {
            let voices = seen.voices();
            (voices.len() >= count && voices.iter().all(|row| media_of(row) == Some(Media::Here)))
                .then(|| voices.into_iter().cloned().collect())
        })
        .await
    }

    pub async fn reaches(&self, message: MessageId, state: MessageState) {
        self.until_true(&format!("{message:?} to be {state:?}"), |seen| {
            seen.state(message).is_some_and(|now| now >= state)
        })
        .await;
    }

    /// The whole timeline with somebody, oldest first, read as the window reads it.
    pub async fn timeline(&self, with: &str) -> Vec<MessageRow> {
        let chat = self
            .look(|seen| seen.chat(with).map(|chat| chat.id))
            .unwrap();
        let mut anchor = WindowAnchor::Latest;
        let mut rows = Vec::new();
        loop {
            let page = self.ask(ReadWindow { chat, anchor }).await.unwrap();
            let Some(first) = page.rows.first() else {
                break;
            };
            anchor = WindowAnchor::Before {
                cursor: first.cursor(),
            };
            rows.splice(0..0, page.rows);
            if !page.has_older {
                break;
            }
        }
        rows
    }
}

pub fn media_of(row: &MessageRow) -> Option<Media> {
    match &row.content {
        Content::Voice { media, .. } | Content::File { media, .. } => Some(*media),
        Content::Text { .. } => None,
    }
}
