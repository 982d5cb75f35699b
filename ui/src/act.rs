//! What the user can do, as one handle that never changes.
//!
//! Components that act take this from the context and render no more often for it. Every command that can fail shows its
//! fault as a notice, unless the caller shows it in place.

mod history;
mod sound;

use std::future::Future;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use api::{
    Account, AnswerPresence, ChatCursor, ChatId, Chats as ReadChats, DeskOrder, Discard, Fault,
    FaultKind, Feed, Fetch, Follow, MessageId, Pause, Play, PlayNext, PutAway, PutBack,
    ReadSettings, ReadWindow, Reconnect, Resume, Retry, Seek, SendText, SendVoice, SetSettings,
    SetSpeed, Settings, SignOut, Sound, Unheard, VoiceDiscard, VoiceTrim, WindowAnchor,
};
use wasm_bindgen_futures::spawn_local;
use yew::{Callback, UseReducerDispatcher};

use crate::backend;
use crate::clock;
use crate::state::bin::{Bin, BinAction};
use crate::state::chats::{Chats, ChatsAction};
use crate::state::desk::{Desk, DeskAction};
use crate::state::jobs::{Jobs, JobsAction};
use crate::state::link::{Link, LinkAction};
use crate::state::notices::{Notices, NoticesAction};
use crate::state::player::{Player, PlayerAction, Playing};
use crate::state::route::Route;
use crate::state::settings::Change;
use crate::state::sound_check::{self, SoundCheck, SoundCheckAction};
use crate::state::transfers::{Transfers, TransfersAction};
use crate::state::window::{Purpose, Timeline, TimelineAction};
use crate::talk::Talk;
use crate::way::Way;

/// Where actions go.
#[derive(Clone, PartialEq)]
pub struct Sinks {
    /// Account and connection.
    pub link: UseReducerDispatcher<Link>,
    /// The chat list.
    pub chats: UseReducerDispatcher<Chats>,
    /// The open conversation.
    pub timeline: UseReducerDispatcher<Timeline>,
    /// The player.
    pub player: UseReducerDispatcher<Player>,
    /// Files on their way.
    pub transfers: UseReducerDispatcher<Transfers>,
    /// Voice drafts that were thrown away.
    pub bin: UseReducerDispatcher<Bin>,
    /// What goes on in the background.
    pub jobs: UseReducerDispatcher<Jobs>,
    /// What waits to be heard.
    pub desk: UseReducerDispatcher<Desk>,
    /// Microphone and loudspeaker.
    pub sound_check: UseReducerDispatcher<SoundCheck>,
    /// Notices.
    pub notices: UseReducerDispatcher<Notices>,
    /// The talk button.
    pub talk: Talk,
    /// Where one was and came from.
    pub way: Way,
    /// Where to go.
    pub go: Callback<Route>,
    /// How it should look and speak; gives all of it as it is then.
    pub settings: Callback<Change, Settings>,
}

/// The handle. Without sinks (outside the app) it does nothing.
#[derive(Clone, Default, PartialEq)]
pub struct Act(Option<Sinks>);

impl Act {
    /// A handle on these.
    pub fn new(sinks: Sinks) -> Self {
        Self(Some(sinks))
    }

    fn with(&self, act: impl FnOnce(&Sinks)) {
        if let Some(sinks) = &self.0 {
            act(sinks);
        }
    }

    /// The talk button.
    pub fn talk(&self) -> Option<&Talk> {
        self.0.as_ref().map(|sinks| &sinks.talk)
    }

    /// Hands items of the feed to every part of the state.
    pub fn feed(&self, items: Vec<Feed>) {
        self.with(|sinks| {
            sinks.talk.feed(&items);
            let items = Rc::new(items);
            sinks
                .link
                .dispatch(LinkAction::Feed(Rc::clone(&items), clock::now()));
            sinks.chats.dispatch(ChatsAction::Feed(Rc::clone(&items)));
            sinks
                .timeline
                .dispatch(TimelineAction::Feed(Rc::clone(&items)));
            sinks
                .player
                .dispatch(PlayerAction::Feed(Rc::clone(&items), clock::now()));
            sinks
                .transfers
                .dispatch(TransfersAction::Feed(Rc::clone(&items)));
            sinks.bin.dispatch(BinAction::Feed(Rc::clone(&items)));
            sinks.jobs.dispatch(JobsAction::Feed(Rc::clone(&items)));
            sinks.desk.dispatch(DeskAction::Feed(Rc::clone(&items)));
            sinks
                .sound_check
                .dispatch(SoundCheckAction::Feed(Rc::clone(&items)));
            if let Some(fault) = sound_check::ended(&items) {
                self.stop_test(Some(fault));
            }
            sinks.notices.dispatch(NoticesAction::Feed(items));
        });
    }

    /// Says what went wrong.
    pub fn tell(&self, fault: Fault) {
        self.with(|sinks| sinks.notices.dispatch(NoticesAction::Add(fault)));
    }

    /// Takes a notice away.
    pub fn close_notice(&self, id: u32) {
        self.with(|sinks| sinks.notices.dispatch(NoticesAction::Close(id)));
    }

    /// The backend cannot start.
    pub fn broken(&self, fault: Fault) {
        self.with(|sinks| sinks.link.dispatch(LinkAction::Broken(fault)));
    }

    /// Goes somewhere.
    pub fn go(&self, route: Route) {
        self.with(|sinks| sinks.go.emit(route));
    }

    /// Changes the settings: here at once, and on the disk.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings) + 'static) {
        self.with(|sinks| {
            let settings = sinks.settings.emit(Box::new(change));
            self.attempt(backend::call(SetSettings { settings }));
        });
    }

    /// Takes the settings as they are on the disk: a page that was loaded again was given those of its first time. What
    /// the person changed before the answer came stays.
    pub fn read_settings(&self) {
        self.with(|sinks| {
            let settings = sinks.settings.clone();
            let before = settings.emit(Box::new(|_| {}));
            let answer = backend::call(ReadSettings {});
            spawn_local(async move {
                if let Ok(kept) = answer.await {
                    settings.emit(Box::new(move |now| {
                        if *now == before {
                            *now = kept;
                        }
                    }));
                }
            });
        });
    }

    fn attempt<T>(&self, answer: impl Future<Output = Result<T, Fault>> + 'static) {
        let act = self.clone();
        spawn_local(async move {
            if let Err(fault) = answer.await {
                act.tell(fault);
            }
        });
    }

    // The account.

    /// Somebody is signed in. The feed starts over by itself.
    pub fn signed_in(&self, account: Account) {
        self.with(|sinks| {
            // Ids are those of one account.
            sinks.way.forget();
            sinks.link.dispatch(LinkAction::SignedIn(account));
        });
    }

    /// Signs out.
    pub fn sign_out(&self) {
        let act = self.clone();
        let answer = backend::call(SignOut {});
        spawn_local(async move {
            match answer.await {
                Ok(()) => {
                    act.go(Route::List);
                    act.with(|sinks| {
                        sinks.way.forget();
                        sinks.link.dispatch(LinkAction::SignedOut);
                    });
                }
                Err(fault) => act.tell(fault),
            }
        });
    }

    /// Tries to connect at once.
    pub fn reconnect(&self) {
        self.attempt(backend::call(Reconnect {}));
    }

    // The chat list and the timeline.

    /// Answers whether somebody may see when we are online.
    pub fn answer_presence(&self, chat: ChatId, allow: bool) {
        self.attempt(backend::call(AnswerPresence { chat, allow }));
    }

    /// Reads the next page of the chat list, then calls back.
    pub fn more_chats(&self, after: ChatCursor, turn: u32, then: impl FnOnce() + 'static) {
        let act = self.clone();
        let answer = backend::call(ReadChats { after: Some(after) });
        spawn_local(async move {
            match answer.await {
                Ok(page) => act.with(|sinks| sinks.chats.dispatch(ChatsAction::Page(turn, page))),
                Err(fault) => act.tell(fault),
            }
            then();
        });
    }

    /// Says which chat the timeline is of.
    pub fn show_timeline(&self, chat: Option<ChatId>) {
        self.on_timeline(TimelineAction::Open(chat));
    }

    /// Reads a stretch of the timeline to show it, then calls back.
    pub fn read(&self, chat: ChatId, anchor: WindowAnchor, then: impl FnOnce() + 'static) {
        self.read_for(chat, anchor, Purpose::Show(anchor), then);
    }

    /// Reads again what is shown around here; the reader stays.
    pub fn refresh(&self, chat: ChatId, anchor: WindowAnchor) {
        self.read_for(chat, anchor, Purpose::Refresh, || {});
    }

    fn read_for(
        &self,
        chat: ChatId,
        anchor: WindowAnchor,
        purpose: Purpose,
        then: impl FnOnce() + 'static,
    ) {
        static READS: AtomicU32 = AtomicU32::new(0);
        let read = READS.fetch_add(1, Ordering::Relaxed);
        let act = self.clone();
        // Before the backend looks: whatever it does not see is kept from here on.
        act.on_timeline(TimelineAction::Reading(read, chat, purpose));
        let answer = backend::call(ReadWindow { chat, anchor });
        spawn_local(async move {
            match answer.await {
                Ok(window) => act.on_timeline(TimelineAction::Loaded(read, purpose, window)),
                Err(fault) => {
                    act.on_timeline(TimelineAction::ReadFailed(read));
                    if matches!(purpose, Purpose::Return(_)) && fault.kind == FaultKind::NotFound {
                        // Where one was is gone.
                        act.to_unread(chat);
                    } else {
                        act.tell(fault);
                    }
                }
            }
            then();
        });
    }

    fn on_timeline(&self, action: TimelineAction) {
        self.with(|sinks| sinks.timeline.dispatch(action));
    }

    /// Whether the newest message is on screen, looked at or not.
    pub fn following(&self, on: bool) {
        self.on_timeline(TimelineAction::Following(on));
    }

    /// What was looked for has been shown long enough.
    pub fn flashed(&self) {
        self.on_timeline(TimelineAction::Flashed);
    }

    /// The newest message was seen.
    pub fn at_present(&self) {
        self.on_timeline(TimelineAction::AtPresent);
    }

    /// Scrolls to the newest message, reading it first if it is not held.
    pub fn to_present(&self, chat: ChatId, is_held: bool) {
        if is_held {
            self.on_timeline(TimelineAction::ToBottom);
        } else {
            self.read(chat, WindowAnchor::Latest, || {});
        }
    }

    // Messages.

    /// Sends words; calls back with them if they could not be stored.
    pub fn send_text(&self, chat: ChatId, body: String, failed: impl FnOnce(String) + 'static) {
        self.spoke();
        let act = self.clone();
        let answer = backend::call(SendText {
            chat,
            body: body.clone(),
        });
        spawn_local(async move {
            if let Err(fault) = answer.await {
                failed(body);
                act.tell(fault);
            }
        });
    }

    /// Tries a failed message again.
    pub fn retry(&self, message: MessageId) {
        self.attempt(backend::call(Retry { message }));
    }

    /// Takes a failed message away.
    pub fn discard(&self, message: MessageId) {
        self.attempt(backend::call(Discard { message }));
    }

    /// Fetches a file.
    pub fn fetch(&self, message: MessageId) {
        self.attempt(backend::call(Fetch { message }));
    }

    /// Sends a voice draft.
    pub fn send_draft(&self, chat: ChatId, draft: String) {
        self.spoke();
        self.attempt(backend::call(SendVoice { chat, draft }));
    }

    /// Keeps one part of a voice draft.
    pub fn trim_draft(&self, draft: String, from_ms: u32, until_ms: u32) {
        self.attempt(backend::call(VoiceTrim {
            draft,
            from_ms,
            until_ms,
        }));
    }

    /// Throws a voice draft away; it can be had back for a while.
    pub fn throw_draft(&self, chat: ChatId, draft: String) {
        self.on_bin(BinAction::Throw(chat, draft));
    }

    /// Has a voice draft back.
    pub fn restore_draft(&self, draft: String) {
        self.on_bin(BinAction::Restore(draft));
    }

    /// Destroys a voice draft that was thrown away.
    pub fn discard_draft(&self, draft: String) {
        self.on_bin(BinAction::Going(draft.clone()));
        let act = self.clone();
        let answer = backend::call(VoiceDiscard {
            draft: draft.clone(),
        });
        spawn_local(async move {
            if let Err(fault) = answer.await {
                act.restore_draft(draft);
                // One that is gone already is what was wanted.
                if fault.kind != FaultKind::NotFound {
                    act.tell(fault);
                }
            }
        });
    }

    fn on_bin(&self, action: BinAction) {
        self.with(|sinks| sinks.bin.dispatch(action));
    }

    // Playing.

    /// Play, pause or go on, as it stands; what does not play begins where it was left.
    pub fn toggle(&self, sound: &Sound, playing: Option<&Playing>, place_ms: u32) {
        match playing {
            Some(playing) if playing.is_playing() => self.attempt(backend::call(Pause {})),
            Some(_) => self.attempt(backend::call(Resume {})),
            None => self.play(sound.clone(), place_ms),
        }
    }

    /// Plays from a position.
    pub fn play(&self, sound: Sound, from_ms: u32) {
        self.listen(sound, from_ms, Follow::Chat);
    }

    /// Plays from a position, and then what follows.
    pub fn listen(&self, sound: Sound, from_ms: u32, follow: Follow) {
        self.attempt(backend::call(Play {
            sound,
            from_ms,
            follow,
        }));
    }

    /// Plays what follows.
    pub fn play_next(&self, follow: Follow) {
        self.attempt(backend::call(PlayNext { follow }));
    }

    /// How fast somebody is listened to.
    pub fn set_speed(&self, chat: ChatId, percent: u16) {
        self.attempt(backend::call(SetSpeed { chat, percent }));
    }

    /// Reads what waits to be heard.
    pub fn read_desk(&self, order: DeskOrder, stale: u32) {
        self.with(|sinks| {
            let desk = sinks.desk.clone();
            let answer = backend::call(Unheard { order });
            spawn_local(async move {
                // Where it cannot be read, what is shown stays until something changes.
                if let Ok(page) = answer.await {
                    desk.dispatch(DeskAction::Loaded(stale, page));
                }
            });
        });
    }

    /// In which order it is to be heard.
    pub fn set_desk_order(&self, order: DeskOrder) {
        self.with(|sinks| sinks.desk.dispatch(DeskAction::Order(order)));
    }

    /// Puts voice away unheard; it can be had back for a while.
    pub fn put_away(&self, messages: Vec<MessageId>) {
        self.with(|sinks| sinks.desk.dispatch(DeskAction::PutAway(messages.clone())));
        let answer = backend::call(PutAway {
            messages: messages.clone(),
        });
        let act = self.clone();
        spawn_local(async move {
            if let Err(fault) = answer.await {
                act.with(|sinks| sinks.desk.dispatch(DeskAction::NotPutAway(messages)));
                act.tell(fault);
            }
        });
    }

    /// Has voice back that was put away.
    pub fn put_back(&self, number: u32, messages: Vec<MessageId>) {
        let answer = backend::call(PutBack { messages });
        let act = self.clone();
        spawn_local(async move {
            if let Err(fault) = answer.await {
                act.tell(fault);
            }
            act.is_put_away(number);
        });
    }

    /// It can no longer be had back, or is back.
    pub fn is_put_away(&self, number: u32) {
        self.with(|sinks| sinks.desk.dispatch(DeskAction::Settled(number)));
    }

    /// Fetches a voice message and plays it when it is here.
    pub fn play_when_here(&self, message: MessageId) {
        self.want(Some(message));
        let act = self.clone();
        let answer = backend::call(Fetch { message });
        spawn_local(async move {
            if let Err(fault) = answer.await {
                // It may come much later: nobody expects it to sound then.
                act.want(None);
                act.tell(fault);
            }
        });
    }

    /// What to play when it is here.
    pub fn want(&self, message: Option<MessageId>) {
        self.with(|sinks| sinks.player.dispatch(PlayerAction::Want(message)));
    }

    /// Moves within what plays, or plays from there.
    pub fn seek(&self, sound: &Sound, playing: Option<&Playing>, position_ms: u32) {
        match playing {
            Some(_) => self.attempt(backend::call(Seek { position_ms })),
            None => self.play(sound.clone(), position_ms),
        }
    }

    /// Play was pressed: a mini player that was closed comes back.
    pub fn pressed_play(&self) {
        self.with(|sinks| sinks.player.dispatch(PlayerAction::Press));
    }

    /// Closes the mini player, and holds what it plays.
    pub fn close_player(&self, is_playing: bool) {
        self.with(|sinks| sinks.player.dispatch(PlayerAction::Hide));
        if is_playing {
            self.attempt(backend::call(Pause {}));
        }
    }
}
