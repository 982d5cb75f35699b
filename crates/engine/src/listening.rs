//! Listening to voice messages: what plays, what follows by itself, what was heard, where each was left.
//!
//! Here and not in the window, so that it goes on while other chats are read, and while the window is hidden.

use std::sync::{Arc, Weak};

use api::{ChatId, Fault, FaultKind, Follow, Media, MessageId, Millis, PlayedFrom, Signal, Sound};
use store::Tell;
use tokio::sync::mpsc;
use voice::PlayOptions;

use crate::account::Account;
use crate::client::{Client, Inner};
use crate::playing::{Listener, Moment, Piece};
use crate::{faults, transfer};

/// Voice that was put away can be had back for so long, in ms: longer than anything offers it.
const HAD_BACK: Millis = 10_000;

impl Client {
    /// Puts voice away unheard. Our other devices hear of it when it can no longer be had back.
    pub(crate) async fn put_away(&self, messages: Vec<MessageId>) -> Result<(), Fault> {
        let account = self.account()?;
        let until = account.env.now() + HAD_BACK;
        let put_away = account.store.write(move |tx| tx.put_away(&messages, until));
        put_away.await.map_err(|error| faults::store(&error))?;
        account.private_lists.nudge();
        Ok(())
    }

    /// Plays a message or a draft. What is not here yet is fetched meanwhile, and played unless something else is by then:
    /// nobody waits for a server behind this.
    pub(crate) async fn play(
        &self,
        sound: Sound,
        from_ms: u32,
        follow: Follow,
    ) -> Result<(), Fault> {
        match sound {
            Sound::Test(test) => {
                self.play_test(test, from_ms);
                Ok(())
            }
            Sound::Draft(draft) => {
                let path = self.draft_path(&draft).await?;
                let options = PlayOptions {
                    from_ms,
                    ..PlayOptions::default()
                };
                self.inner.playing.play(Piece {
                    sound: Sound::Draft(draft),
                    path,
                    from: None,
                    options,
                    listener: None,
                });
                Ok(())
            }
            Sound::Message(message) => {
                let account = self.account()?;
                let options = PlayOptions {
                    from_ms,
                    ..PlayOptions::default()
                };
                if media_of(&account, message).await?.state == Media::Here {
                    return self.play_message(&account, message, options, follow).await;
                }
                let client = Arc::downgrade(&self.inner);
                let task = async move {
                    let Some(inner) = client.upgrade() else {
                        return;
                    };
                    let client = Client { inner };
                    let played = client.play_message(&account, message, options, follow);
                    if let Err(fault) = played.await {
                        account.signal(Signal::Notice { fault });
                    }
                };
                self.account()?.tracker.spawn(task);
                Ok(())
            }
        }
    }

    /// Nothing is played into an open microphone, whoever asks: a key of a headset comes at any time.
    pub(crate) async fn may_sound(&self) -> Result<(), Fault> {
        if self.inner.recording.runs().await || self.inner.sound_check.runs().await {
            return Err(FaultKind::AlreadyRecording.into());
        }
        Ok(())
    }

    /// Plays what follows, in the manner of what plays or ended last. Whether anything does.
    pub(crate) async fn play_next(&self, follow: Follow) -> Result<bool, Fault> {
        match self.inner.playing.now() {
            (Some(Sound::Message(message)), _) => self.follow(message, follow).await,
            _ => Ok(false),
        }
    }

    /// How fast somebody is listened to, now and from now on.
    pub(crate) async fn set_speed(&self, chat: ChatId, percent: u16) -> Result<(), Fault> {
        let percent = percent.clamp(voice::SLOWEST, voice::FASTEST);
        let account = self.account()?;
        let (_, from) = self.inner.playing.now();
        if from.is_some_and(|from| from.chat == chat) {
            self.inner.playing.set_speed(percent);
        }
        let kept = account.store.write(move |tx| tx.set_speed(chat, percent));
        kept.await.map_err(|error| faults::store(&error))
    }

    async fn play_message(
        &self,
        account: &Arc<Account>,
        message: MessageId,
        options: PlayOptions,
        follow: Follow,
    ) -> Result<(), Fault> {
        let turn = self.inner.playing.turn();
        let mut media = media_of(account, message).await?;
        if media.state != Media::Here {
            transfer::fetch_now(account, message).await?;
            media = media_of(account, message).await?;
            // Something else was started while this one was fetched.
            if turn != self.inner.playing.turn() {
                return Ok(());
            }
        }
        let path = media
            .file
            .filter(|_| media.voice)
            .ok_or(FaultKind::NotFound)?;
        let from = played_from(account, message).await?;
        let speed = account.store.reader().speed(from.chat).await;
        let settings = self.inner.preferences.kept().settings;
        let options = PlayOptions {
            speed: speed.map_err(|error| faults::store(&error))?,
            skip_silence: settings.skip_silence,
            even_loudness: settings.even_loudness,
            ..options
        };
        self.inner.playing.play(Piece {
            sound: Sound::Message(message),
            path,
            from: Some(from),
            options,
            listener: Some(self.listener(account, message, follow)),
        });
        Ok(())
    }

    /// One task for all of a message's moments: each is stored after the one before.
    fn listener(&self, account: &Arc<Account>, message: MessageId, follow: Follow) -> Listener {
        let (told, mut moments) = mpsc::unbounded_channel();
        let account = Arc::clone(account);
        // The client owns the player, and the player what ends this.
        let client = Arc::downgrade(&self.inner);
        account.tracker.clone().spawn(async move {
            while let Some(moment) = moments.recv().await {
                moved(&client, &account, message, follow, moment).await;
            }
        });
        Box::new(move |moment| {
            // Fails only where the account is gone.
            let _ = told.send(moment);
        })
    }

    /// Plays what is to be heard after a message, after a short tone.
    async fn follow(&self, message: MessageId, follow: Follow) -> Result<bool, Fault> {
        let account = self.account()?;
        let reader = account.store.reader();
        let next = reader.next_unheard(message, follow).await;
        let Some(next) = next.map_err(|error| faults::store(&error))? else {
            return Ok(false);
        };
        let options = PlayOptions {
            lead: Some(self.inner.chimes.next()),
            ..PlayOptions::default()
        };
        self.play_message(&account, next.id, options, follow)
            .await?;
        Ok(true)
    }
}

async fn moved(
    client: &Weak<Inner>,
    account: &Arc<Account>,
    message: MessageId,
    follow: Follow,
    moment: Moment,
) {
    let tell = match account.preferences.kept().settings.tell_heard {
        true => Tell::Them,
        false => Tell::Account,
    };
    let kept = account.store.write(move |tx| match moment {
        Moment::Sounds => tx.heard(message, tell),
        Moment::At(place_ms) => tx.keep_place(message, place_ms),
        Moment::Ended => tx.keep_place(message, 0),
    });
    if let Err(error) = kept.await {
        tracing::warn!(%error, "what was heard was not stored");
    }
    if moment == Moment::Sounds {
        account.outbox.notify_one();
        account.private_lists.nudge();
    }
    let client = client.upgrade().map(|inner| Client { inner });
    if let Some(client) = client.filter(|_| moment == Moment::Ended)
        && client.may_follow(account, message, follow).await
        && let Err(fault) = client.follow(message, follow).await
    {
        tracing::info!(%fault, "what follows cannot be played");
    }
}

impl Client {
    /// Not into a microphone that is open, not where something else was started since, and not where it is not wanted.
    async fn may_follow(&self, account: &Arc<Account>, ended: MessageId, follow: Follow) -> bool {
        let wanted = follow != Follow::Chat || self.inner.preferences.kept().settings.play_next;
        let is_last = self.inner.playing.now().0 == Some(Sound::Message(ended));
        let is_open = self
            .open_account()
            .is_some_and(|open| Arc::ptr_eq(&open, account));
        wanted && is_last && is_open && !self.inner.recording.runs().await
    }
}

async fn played_from(account: &Account, message: MessageId) -> Result<PlayedFrom, Fault> {
    let reader = account.store.reader();
    let row = reader.message(message).await;
    let row = row.map_err(|error| faults::store(&error))?;
    let chat = row.ok_or(FaultKind::NotFound)?.chat;
    let row = reader.chat(chat).await;
    let row = row.map_err(|error| faults::store(&error))?;
    Ok(PlayedFrom {
        chat,
        title: row.ok_or(FaultKind::NotFound)?.title,
    })
}

async fn media_of(account: &Account, message: MessageId) -> Result<store::MediaRow, Fault> {
    let media = account.store.reader().media_of(message).await;
    media
        .map_err(|error| faults::store(&error))?
        .ok_or_else(|| FaultKind::NotFound.into())
}
