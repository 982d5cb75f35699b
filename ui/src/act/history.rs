//! Finding what was said, and the ways there and back.

use api::{
    ChatId, FetchAnyway, FetchOlder, HistorySpan, MessageId, RebuildSearch, SetHistorySpan,
    StopRebuild, Verify, WindowAnchor,
};
use wasm_bindgen_futures::spawn_local;

use super::Act;
use crate::backend;
use crate::state::route::Route;
use crate::state::visits::{Landing, Step, Whereabouts};
use crate::state::window::{Purpose, TimelineAction};

impl Act {
    /// A chat was opened, or none: reads what is to be seen of it. `unread`: how many messages in it are.
    pub fn open_timeline(&self, chat: Option<ChatId>, unread: u32) {
        self.with(|sinks| {
            let landing = sinks.way.opened(chat, unread);
            if let (Some(chat), Some(landing)) = (chat, landing) {
                self.land(chat, landing);
            }
        });
    }

    /// The reader of a chat is here.
    pub fn keep_spot(&self, chat: ChatId, spot: Whereabouts) {
        self.with(|sinks| sinks.way.keep(chat, spot));
    }

    /// The window may be gone in a moment: what is to last is told now.
    pub fn save_spot(&self) {
        self.with(|sinks| sinks.way.save());
    }

    /// Shows a message in its place.
    pub fn show_message(&self, chat: ChatId, id: MessageId) {
        self.jump(chat, WindowAnchor::Around { id });
    }

    /// Shows a place of a chat; [`Act::step_back`] leads back.
    pub fn jump(&self, chat: ChatId, to: WindowAnchor) {
        self.with(|sinks| self.step(sinks.way.jump(chat, to)));
    }

    /// Goes back to where the last jump began.
    pub fn step_back(&self) {
        self.with(|sinks| {
            if let Some(step) = sinks.way.back() {
                self.step(step);
            }
        });
    }

    /// Something was said where a jump may have led: no way back is offered any more.
    pub fn spoke(&self) {
        self.with(|sinks| sinks.way.spoke());
    }

    fn step(&self, step: Step) {
        match step {
            Step::Here(chat, landing) => self.land(chat, landing),
            Step::Elsewhere(Some(chat)) => self.go(Route::Chat(chat)),
            Step::Elsewhere(None) => self.go(Route::List),
        }
    }

    fn land(&self, chat: ChatId, landing: Landing) {
        match landing {
            Landing::Show(anchor) => self.read(chat, anchor, || {}),
            Landing::Return(spot) => {
                let around = WindowAnchor::Around { id: spot.id };
                self.read_for(chat, around, Purpose::Return(spot), || {});
            }
        }
    }

    /// Shows where what is unread begins.
    pub fn to_unread(&self, chat: ChatId) {
        self.read(chat, WindowAnchor::Unread, || {});
    }

    /// Asks the server for messages older than any that is here, then calls back with whether some came.
    pub fn fetch_older(&self, chat: ChatId, then: impl FnOnce(bool) + 'static) {
        let act = self.clone();
        let answer = backend::call(FetchOlder { chat });
        spawn_local(async move {
            // Without a connection there is a row that says so.
            let came = answer.await.unwrap_or(false);
            act.on_timeline(TimelineAction::Fetched(chat));
            then(came);
        });
    }

    /// How much of the history is to be here.
    pub fn set_history_span(&self, span: HistorySpan) {
        self.attempt(backend::call(SetHistorySpan { span }));
    }

    /// Fetches what is missing although the network is metered.
    pub fn fetch_anyway(&self) {
        self.attempt(backend::call(FetchAnyway {}));
    }

    /// Looks at every page of the database.
    pub fn verify(&self) {
        self.attempt(backend::call(Verify {}));
    }

    /// Makes the search index anew.
    pub fn rebuild_search(&self) {
        self.attempt(backend::call(RebuildSearch {}));
    }

    /// Stops that.
    pub fn stop_rebuild(&self) {
        self.attempt(backend::call(StopRebuild {}));
    }
}
