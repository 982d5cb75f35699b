//! One command in, one reply out.

use std::sync::Arc;

use api::{Answer, ChatId, Command, Fault, FaultKind, Job, MessageId, StartChat};
use serde_json::Value;
use store::{StoreError, WriteTx};
use xmpp::{ChatState, Outbound, PresenceOut};

use crate::account::Account;
use crate::client::{Client, parse_address};
use crate::{catch_up, contacts, export, faults, health, import, search, sound_check, transfer};

/// Longer texts, in bytes as they stand on the wire, are refused by servers as stanzas too large: older ones take 64 kB.
const LONGEST_BODY: usize = 60_000;

impl Client {
    /// Does what a command says. The reply's shape is that of the command's [`api::Call::Reply`].
    ///
    /// # Errors
    /// Each command's own; [`FaultKind::NotSignedIn`] for most without an account.
    pub async fn call(&self, command: Command) -> Result<Answer<Value>, Fault> {
        // As large as the largest of all commands, and most are small.
        let value = Box::pin(self.answer(command)).await?;
        let seq = self
            .open_account()
            .map_or(0, |account| account.store.head());
        Ok(Answer { seq, value })
    }

    async fn answer(&self, command: Command) -> Result<Value, Fault> {
        match command {
            Command::SignIn(c) => value(
                self.sign_in(&c.address, c.password, c.server.as_deref())
                    .await?,
            ),
            Command::Register(c) => value(
                self.register(&c.address, c.password, c.server.as_deref())
                    .await?,
            ),
            Command::SignOut(_) => value(self.sign_out().await?),
            Command::Reconnect(_) => {
                self.account()?.reconnect().await;
                value(())
            }
            Command::ReadSettings(_) => value(self.inner.preferences.kept().settings),
            Command::SetSettings(c) => {
                let preferences = &self.inner.preferences;
                let (before, wanted) = (preferences.kept().settings, &c.settings);
                if before.skip_silence != wanted.skip_silence {
                    self.inner.playing.set_skip_silence(wanted.skip_silence);
                }
                if before.even_loudness != wanted.even_loudness {
                    self.inner.playing.set_even_loudness(wanted.even_loudness);
                }
                preferences
                    .change(move |kept| kept.settings = c.settings)
                    .await?;
                let speaker = preferences.kept().settings.loudspeaker;
                self.inner.playing.set_speaker(speaker);
                if let Some(account) = self.open_account() {
                    account.fetches.notify_one();
                }
                value(preferences.kept().settings)
            }
            Command::ListDevices(_) => value(sound_check::devices().await?),
            Command::SoundCheck(c) => value(self.sound_check(c.on).await?),
            Command::TestStart(_) => value(self.test_start().await?),
            Command::TestSpeaker(_) => {
                self.inner.playing.clip_over(self.inner.chimes.next());
                value(())
            }
            Command::TestStop(_) => value(self.test_stop().await?),
            Command::Untouched(_) => value(self.untouched_space().await?),
            Command::DeleteUntouched(_) => value(self.delete_untouched().await?),
            Command::Chats(c) => value(
                self.account()?
                    .store
                    .reader()
                    .chats(c.after)
                    .await
                    .map_err(store_fault)?,
            ),
            Command::StartChat(c) => value(start_chat(&self.account()?, &c).await?),
            Command::AnswerPresence(c) => {
                value(answer_presence(&*self.account()?, c.chat, c.allow).await?)
            }
            Command::SetDraft(c) => {
                value(write(self, move |tx| tx.set_draft(c.chat, &c.text)).await?)
            }
            Command::KeepSpot(c) => {
                value(write(self, move |tx| tx.keep_spot(c.chat, c.spot)).await?)
            }
            Command::MarkRead(c) => {
                let tell = self.inner.preferences.kept().settings.tell_read;
                write(self, move |tx| match tell {
                    true => tx.mark_read(c.chat, c.upto),
                    false => tx.mark_read_untold(c.chat, c.upto),
                })
                .await?;
                let account = self.account()?;
                account.outbox.notify_one();
                account.private_lists.nudge();
                value(())
            }
            Command::Typing(c) => {
                if self.inner.preferences.kept().settings.tell_typing {
                    typing(&*self.account()?, c.chat, c.on).await?;
                }
                value(())
            }
            Command::ReadWindow(c) => {
                let reader = self.account()?.store.reader();
                value(reader.window(c.chat, c.anchor).await.map_err(store_fault)?)
            }
            Command::Days(c) => {
                let reader = self.account()?.store.reader();
                let days = reader.days(c.chat, c.from, c.until, c.utc_offset_min);
                value(days.await.map_err(store_fault)?)
            }
            Command::FetchOlder(c) => {
                value(catch_up::fetch_older(&*self.account()?, c.chat).await?)
            }
            Command::History(_) => value(catch_up::state(&*self.account()?).await?),
            Command::ChatHistories(c) => {
                let reader = self.account()?.store.reader();
                let histories = reader.chat_histories(c.after);
                value(histories.await.map_err(store_fault)?)
            }
            Command::Freeable(c) => {
                let account = self.account()?;
                value(transfer::freeable(&account, c.chat, c.older_than_days).await?)
            }
            Command::FreeSpace(c) => {
                let account = self.account()?;
                value(transfer::free_space(&account, c.chat, c.older_than_days).await?)
            }
            Command::SetHistorySpan(c) => {
                let name = Some(c.span.name());
                write(self, move |tx| tx.set_meta(store::key::HISTORY_SPAN, name)).await?;
                self.account()?.history.look_again();
                value(())
            }
            Command::FetchAnyway(_) => {
                self.account()?.history.fetch_anyway();
                value(())
            }
            Command::Search(c) => value(
                search::search(&*self.account()?, c)
                    .await
                    .map_err(store_fault)?,
            ),
            Command::SearchCompletions(c) => {
                let reader = self.account()?.store.reader();
                let completions = reader.search_completions(c.text, c.cursor);
                value(completions.await.map_err(store_fault)?)
            }
            Command::RebuildSearch(_) => value(search::rebuild(&self.account()?).await?),
            Command::StopRebuild(_) => {
                self.account()?.rebuild.stop();
                value(())
            }
            Command::Verify(_) => {
                health::verify(&self.account()?);
                value(())
            }
            Command::ReadHealth(_) => value(health::state(&*self.account()?).await?),
            Command::Export(c) => value(export::export(&self.account()?, &c.folder).await?),
            Command::KeepExport(c) => value(export::keep(&self.account()?, c.folder).await?),
            Command::ReadExport(_) => value(export::state(&*self.account()?).await?),
            Command::Import(c) => value(import::import(&self.account()?, &c.folder).await?),
            Command::StopJob(c) => {
                let account = self.account()?;
                match c.job {
                    Job::RebuildSearch => account.rebuild.stop(),
                    Job::Verify => account.health.stop(),
                    job => account.jobs.stop(job),
                }
                value(())
            }
            Command::SendText(c) => {
                let account = self.account()?;
                let message = send_text(&account, c.chat, c.body).await?;
                if account.is_online() {
                    self.inner.chimes.sent();
                }
                value(message)
            }
            Command::Retry(c) => value(retry(&*self.account()?, c.message).await?),
            Command::Discard(c) => value(discard(&*self.account()?, c.message).await?),
            Command::Fetch(c) => value(transfer::fetch_now(&*self.account()?, c.message).await?),
            Command::SaveCopy(c) => value(transfer::save_copy(&*self.account()?, c.message).await?),
            Command::VoiceStart(c) => value(self.voice_start(c.chat).await?),
            Command::VoiceStop(c) => value(self.voice_stop(&c.draft).await?),
            Command::SendVoice(c) => value(self.send_voice(c.chat, &c.draft).await?),
            Command::VoiceContinue(c) => value(self.voice_continue(&c.draft, c.from_ms).await?),
            Command::VoiceTrim(c) => value(self.voice_trim(&c.draft, c.from_ms, c.until_ms).await?),
            Command::VoiceDiscard(c) => value(self.voice_discard(&c.draft).await?),
            Command::Play(c) => {
                self.may_sound().await?;
                value(self.play(c.sound, c.from_ms, c.follow).await?)
            }
            Command::Pause(_) => {
                self.inner.playing.pause();
                value(())
            }
            Command::Resume(_) => {
                self.may_sound().await?;
                self.inner.playing.resume();
                value(())
            }
            Command::Seek(c) => {
                self.inner.playing.seek(c.position_ms);
                value(())
            }
            Command::PlayNext(c) => {
                self.may_sound().await?;
                value(self.play_next(c.follow).await?)
            }
            Command::SetSpeed(c) => value(self.set_speed(c.chat, c.percent).await?),
            Command::Unheard(c) => {
                let reader = self.account()?.store.reader();
                value(reader.unheard(c.order).await.map_err(store_fault)?)
            }
            Command::PutAway(c) => value(self.put_away(c.messages).await?),
            Command::PutBack(c) => value(write(self, move |tx| tx.put_back(&c.messages)).await?),
        }
    }
}

fn value<T: serde::Serialize>(reply: T) -> Result<Value, Fault> {
    serde_json::to_value(reply).map_err(faults::bug)
}

fn store_fault(error: StoreError) -> Fault {
    faults::store(&error)
}

async fn write<T: Send + 'static>(
    client: &Client,
    job: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Fault> {
    client
        .account()?
        .store
        .write(job)
        .await
        .map_err(store_fault)
}

async fn start_chat(account: &Arc<Account>, command: &StartChat) -> Result<ChatId, Fault> {
    let jid = parse_address(&command.address)?;
    let (address, now) = (jid.to_string(), account.env.now());
    let known = account
        .store
        .reader()
        .contact(address.clone())
        .await
        .map_err(store_fault)?;
    let is_wanted = known.is_none() && jid != account.address;
    let chat = account
        .store
        .write(move |tx| {
            let chat = tx.ensure_chat(&address)?;
            tx.raise_chat(chat, now)?;
            if is_wanted {
                contacts::want(tx, &address)?;
            }
            Ok(chat)
        })
        .await
        .map_err(store_fault)?;
    // Also while it catches up: what was wanted before has been asked for by then. Without a connection it stays wanted.
    if is_wanted && let Some(session) = account.session() {
        let account = Arc::clone(account);
        account.tracker.clone().spawn(async move {
            if let Err(fault) = contacts::add_wanted(&account, &session).await {
                tracing::debug!(%fault, "the contact waits for the next connection");
            }
        });
    }
    Ok(chat)
}

async fn answer_presence(account: &Account, chat: ChatId, allow: bool) -> Result<(), Fault> {
    let session = account
        .session()
        .filter(|_| account.is_online())
        .ok_or(FaultKind::Offline)?;
    let jid = parse_address(&address_of(account, chat).await?)?;
    let answer = if allow {
        PresenceOut::Subscribed(jid.clone())
    } else {
        PresenceOut::Unsubscribed(jid.clone())
    };
    session
        .presence(answer)
        .await
        .map_err(|_| FaultKind::Offline)?;
    if allow {
        // People who see each other expect it to go both ways.
        session
            .presence(PresenceOut::Subscribe(jid))
            .await
            .map_err(|_| FaultKind::Offline)?;
    }
    account
        .store
        .write(move |tx| tx.set_asks_presence(chat, false).map(drop))
        .await
        .map_err(store_fault)
}

async fn typing(account: &Account, chat: ChatId, on: bool) -> Result<(), Fault> {
    let Some(session) = account.session().filter(|_| account.is_online()) else {
        return Ok(());
    };
    let to = parse_address(&address_of(account, chat).await?)?;
    let state = if on {
        ChatState::Composing
    } else {
        ChatState::Paused
    };
    let _ = session
        .send_unkeyed(&Outbound::ChatState {
            to: to.into(),
            state,
        })
        .await;
    Ok(())
}

async fn send_text(account: &Account, chat: ChatId, body: String) -> Result<MessageId, Fault> {
    if body.trim().is_empty() {
        return Err(faults::bug("an empty message"));
    }
    if escaped_len(&body) > LONGEST_BODY {
        return Err(FaultKind::TooLarge {
            max: LONGEST_BODY as u64,
        }
        .into());
    }
    let (origin_id, at) = (account.env.id(), account.env.now());
    let message = account
        .store
        .write(move |tx| {
            tx.set_draft(chat, "")?;
            tx.add_text(chat, &origin_id, at, &body)
        })
        .await
        .map_err(store_fault)?;
    account.outbox.notify_one();
    Ok(message)
}

/// The length of a text in XML.
fn escaped_len(text: &str) -> usize {
    text.bytes()
        .map(|byte| match byte {
            b'&' => "&amp;".len(),
            b'<' | b'>' => "&lt;".len(),
            b'"' | b'\'' => "&quot;".len(),
            _ => 1,
        })
        .sum()
}

async fn retry(account: &Account, message: MessageId) -> Result<(), Fault> {
    let fresh = account.env.id();
    account
        .store
        .write(move |tx| tx.retry_message(message, &fresh))
        .await
        .map_err(store_fault)?;
    account.outbox.notify_one();
    Ok(())
}

async fn discard(account: &Account, message: MessageId) -> Result<(), Fault> {
    let file = account
        .store
        .write(move |tx| tx.discard_message(message))
        .await
        .map_err(store_fault)?;
    if let Some(file) = file {
        crate::client::remove_file(&account.store.media_dir().join(file)).await;
    }
    Ok(())
}

async fn address_of(account: &Account, chat: ChatId) -> Result<String, Fault> {
    let chat = account
        .store
        .reader()
        .chat(chat)
        .await
        .map_err(store_fault)?;
    chat.map(|chat| chat.address)
        .ok_or_else(|| FaultKind::NotFound.into())
}
