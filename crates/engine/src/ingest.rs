//! What arrives, and what it does: stanza values to effects (pure), effects to one write.
//!
//! Every decision about trust is made here, in the order it is written. The one place where an encrypted payload
//! will be opened is [`content`].

use api::{FaultKind, MessageState, Millis};
use store::{
    Contact, FollowUp, FollowUpContent, Incoming, IncomingContent, IncomingReply, SKEW, Source,
    StoreError, WriteTx,
};
use xmpp::{
    Archived, BareJid, ChatState, Displayed, Heard, Inbound, IncomingMessage, Jid, MarkerKind,
    MessageKind, PresenceIn, PresenceKind, RosterItem, Subscription,
};

/// Some servers stamp whole seconds.
pub(crate) const SECOND: Millis = 1_000;

/// One thing that a stanza does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// A message enters, or is recognised.
    Merge(Box<Incoming>),
    /// One is corrected, taken back or reacted to.
    FollowUp(Box<FollowUp>),
    /// One of ours got further.
    Raise {
        peer: String,
        id: String,
        state: MessageState,
    },
    /// Another device of ours played a voice message, and told its sender.
    HeardElsewhere { chat: String, id: String },
    /// Another device of ours displayed a chat up to a message.
    ReadElsewhere { chat: String, id: String },
    /// Another device of ours displayed a chat up to what our archive calls so (XEP-0490).
    DisplayedElsewhere { chat: String, id: String },
    /// Our account says that voice of this chat was heard, by the ids of its archive.
    HeardByAccount { chat: String, ids: Vec<String> },
    /// Another device of ours said that something arrived.
    ReceiptGiven { chat: String, id: String },
    /// One of ours came back.
    Bounced {
        peer: String,
        id: String,
        fault: FaultKind,
    },
    /// A contact changed.
    Contact(Contact),
    /// A contact is gone.
    ContactGone { address: String },
    /// Somebody asks to see when we are online.
    AsksPresence { peer: String, at: Millis },
    /// They no longer ask.
    AskedEnough { peer: String },
    /// Somebody came or went. Not stored.
    Presence(PresenceIn),
    /// Somebody types, or stopped. Not stored.
    Typing { peer: String, on: bool },
    /// Our archive holds this, as of now. Tells how far the archive came live; the caller's to keep.
    Reached { id: String, at: Millis },
}

impl Effect {
    /// Whether it leaves no trace.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Self::Presence(_) | Self::Typing { .. })
    }

    /// Whether it is somebody who speaks to us now.
    pub(crate) fn is_news(&self) -> bool {
        matches!(self, Self::Merge(incoming) if !incoming.own && incoming.source == Source::Live)
    }

    /// What our account says was displayed.
    pub(crate) fn displayed_elsewhere(displayed: Displayed) -> Self {
        Self::DisplayedElsewhere {
            chat: displayed.chat.to_string(),
            id: displayed.id,
        }
    }

    /// What our account says was heard.
    pub(crate) fn heard_by_account(heard: Heard) -> Self {
        Self::HeardByAccount {
            chat: heard.chat.to_string(),
            ids: heard.ids,
        }
    }

    /// It counts as one without an id of our archive.
    pub(crate) fn forget_server_id(&mut self) {
        if let Self::Merge(incoming) = self {
            incoming.server_id = None;
        }
    }
}

/// What a stanza does. `own` is our address, `now` the time for what carries none. Ids in our archive's name count only
/// where our server announced that it gives them (`gives_ids`): elsewhere anybody's could be taken for them.
pub(crate) fn effects(
    inbound: Inbound,
    own: &BareJid,
    now: Millis,
    gives_ids: bool,
) -> Vec<Effect> {
    let (message, mut effects) = match inbound {
        Inbound::Message(message) => {
            let effects = live(&message, own, now);
            (message, effects)
        }
        Inbound::Carbon { message, .. } => {
            let effects = copied(&message, own, Source::Carbon, now, None);
            (message, effects)
        }
        Inbound::Presence(presence) => return presence_effects(presence, now),
        Inbound::RosterPush(item) => return vec![roster_effect(item)],
        Inbound::Displayed(list) => {
            return list.into_iter().map(Effect::displayed_elsewhere).collect();
        }
        Inbound::Heard(list) => {
            return list.into_iter().map(Effect::heard_by_account).collect();
        }
        Inbound::Ignored(why) => {
            tracing::debug!(why, "ignored");
            return Vec::new();
        }
    };
    match server_id(&message, own) {
        Some(_) if !gives_ids => effects.iter_mut().for_each(Effect::forget_server_id),
        // One that was kept for us until now has its place further back.
        Some(id) if message.at.is_none() => effects.push(Effect::Reached { id, at: now }),
        _ => {}
    }
    effects
}

/// What a message from our archive does.
pub(crate) fn archived(item: &Archived, own: &BareJid) -> Vec<Effect> {
    let id = Some(item.archive_id.as_str());
    copied(&item.message, own, Source::Archive, item.at, id)
}

fn live(message: &IncomingMessage, own: &BareJid, now: Millis) -> Vec<Effect> {
    let peer = message.from.to_bare();
    match message.kind {
        MessageKind::Error => bounce(message, &peer),
        // Rooms and broadcasts have no place yet; what they say stays on the server.
        MessageKind::Groupchat | MessageKind::Headline => Vec::new(),
        MessageKind::Chat | MessageKind::Normal => {
            let mut effects = copied(message, own, Source::Live, now, None);
            if let Some(state) = message.chat_state
                && peer != *own
                && message.at.is_none()
            {
                let on = state == ChatState::Composing;
                effects.push(Effect::Typing {
                    peer: peer.to_string(),
                    on,
                });
            }
            effects
        }
    }
}

/// A message however it came: live, as a carbon, or from the archive.
fn copied(
    message: &IncomingMessage,
    own: &BareJid,
    source: Source,
    now: Millis,
    archive_id: Option<&str>,
) -> Vec<Effect> {
    if matches!(message.kind, MessageKind::Groupchat | MessageKind::Headline) {
        return Vec::new();
    }
    let from = message.from.to_bare();
    if message.kind == MessageKind::Error {
        return bounce(message, &from);
    }
    let is_own = from == *own;
    let chat = if is_own {
        message
            .to
            .as_ref()
            .map(Jid::to_bare)
            .unwrap_or_else(|| own.clone())
    } else {
        from
    };
    let chat = chat.to_string();
    let mut effects = Vec::new();
    let (said, about) = said(message, archive_id.is_some());
    if let Some(content) = said {
        effects.push(Effect::Merge(Box::new(Incoming {
            chat: chat.clone(),
            author: message.from.to_bare().to_string(),
            reply_address: message.from.to_string(),
            own: is_own,
            at: sane_time(message.at, now, source),
            stanza_id: message.id.clone(),
            origin_id: message.origin_id.clone(),
            server_id: archive_id
                .map(str::to_owned)
                .or_else(|| server_id(message, own)),
            content,
            wants_receipt: message.wants_receipt,
            markable: message.markable,
            source,
            reply: message.reply.as_ref().map(|reply| IncomingReply {
                id: reply.id.clone(),
                author: reply.to.as_ref().map(|to| to.to_bare().to_string()),
                quote: reply.quote.clone().unwrap_or_default(),
            }),
        })));
    }
    for (target, content) in about {
        effects.push(Effect::FollowUp(Box::new(FollowUp {
            chat: chat.clone(),
            author: message.from.to_bare().to_string(),
            own: is_own,
            at: sane_time(message.at, now, source),
            id: message.origin_id.clone().or_else(|| message.id.clone()),
            target,
            content,
            wants_receipt: message.wants_receipt,
            source,
            reply_address: message.from.to_string(),
        })));
    }
    if is_own {
        if let Some(id) = &message.receipt {
            effects.push(Effect::ReceiptGiven {
                chat: chat.clone(),
                id: id.clone(),
            });
        }
        if let Some(id) = &message.heard {
            effects.push(Effect::HeardElsewhere {
                chat: chat.clone(),
                id: id.clone(),
            });
        }
        if let Some(marker) = &message.marker
            && marker.kind != MarkerKind::Received
        {
            effects.push(Effect::ReadElsewhere {
                chat,
                id: marker.id.clone(),
            });
        }
    } else {
        raise(message, &chat, &mut effects);
    }
    effects
}

fn raise(message: &IncomingMessage, peer: &str, effects: &mut Vec<Effect>) {
    let mut push = |id: &String, state| {
        effects.push(Effect::Raise {
            peer: peer.to_owned(),
            id: id.clone(),
            state,
        });
    };
    if let Some(id) = &message.receipt {
        push(id, MessageState::Delivered);
    }
    if let Some(marker) = &message.marker {
        let state = match marker.kind {
            MarkerKind::Received => MessageState::Delivered,
            MarkerKind::Displayed | MarkerKind::Acknowledged => MessageState::Read,
        };
        push(&marker.id, state);
    }
    if let Some(id) = &message.heard {
        push(id, MessageState::Heard);
    }
}

fn bounce(message: &IncomingMessage, peer: &BareJid) -> Vec<Effect> {
    let (Some(id), Some(error)) = (&message.id, &message.error) else {
        return Vec::new();
    };
    let fault = match error.condition.as_str() {
        "service-unavailable"
        | "item-not-found"
        | "remote-server-not-found"
        | "remote-server-timeout"
        | "recipient-unavailable"
        | "gone" => FaultKind::Undeliverable,
        _ => FaultKind::Refused,
    };
    vec![Effect::Bounced {
        peer: peer.to_string(),
        id: id.clone(),
        fault,
    }]
}

/// The id our own archive gave. Ids by anybody else could be chosen to hide another message.
fn server_id(message: &IncomingMessage, own: &BareJid) -> Option<String> {
    let ours = message
        .stanza_ids
        .iter()
        .find(|id| id.by.resource().is_none() && id.by.to_bare() == *own);
    ours.map(|id| id.id.clone())
}

/// A delay stamp sorts a message into the timeline; one from the future would pin it to the end for good.
fn sane_time(stamp: Option<Millis>, now: Millis, source: Source) -> Millis {
    match source {
        Source::Archive => now,
        Source::Live | Source::Carbon => stamp.filter(|at| (0..=now).contains(at)).unwrap_or(now),
    }
}

/// What a message says, and what it says about which others. Who may say so, the store knows: it has the others.
fn said(
    message: &IncomingMessage,
    in_archive: bool,
) -> (Option<IncomingContent>, Vec<(String, FollowUpContent)>) {
    if let Some(target) = &message.retracts {
        return (None, vec![(target.clone(), FollowUpContent::Retraction)]);
    }
    let own_id = message.origin_id.as_ref().or(message.id.as_ref());
    // In the place of what was taken back the archive holds only that it was.
    if let Some(id) = own_id.filter(|_| message.tombstone && in_archive) {
        let nothing = IncomingContent::Text {
            body: String::new(),
        };
        let taken_back = (id.clone(), FollowUpContent::Retraction);
        return (Some(nothing), vec![taken_back]);
    }
    let mut about = Vec::new();
    if let Some(reactions) = &message.reactions {
        let emoji = reactions.emoji.clone();
        about.push((reactions.id.clone(), FollowUpContent::Reactions { emoji }));
    }
    let said = content(message);
    match (&message.replaces, said) {
        // Files in the place of something are shown beside it.
        (Some(target), Some(IncomingContent::Text { body })) if Some(target) != own_id => {
            about.push((target.clone(), FollowUpContent::Correction { body }));
            (None, about)
        }
        (_, said) => (said, about),
    }
}

/// What a message says, whoever's client wrote it; `None` where it says nothing to a person.
fn content(message: &IncomingMessage) -> Option<IncomingContent> {
    let body = message
        .body
        .as_deref()
        .filter(|body| !body.trim().is_empty());
    let shared = message.file.as_ref();
    let lone_url = message
        .oob_url
        .as_deref()
        .filter(|url| body.is_none_or(|body| body.trim() == *url))
        .or_else(|| {
            body.map(str::trim)
                .filter(|body| message.voice.is_some() && is_url(body))
        });
    let url = shared
        .and_then(|file| file.urls.first().map(String::as_str))
        .or(lone_url);
    // Words that are not the file's stand-in are what was said; the file stays reachable below them.
    let beside = url.or(message.oob_url.as_deref());
    if let (Some(body), Some(url), None, false) =
        (body, beside, &message.voice, message.fallback_body)
        && body.trim() != url
    {
        let body = match body.contains(url) {
            true => body.to_owned(),
            false => format!("{body}\n{url}"),
        };
        return Some(IncomingContent::Text { body });
    }
    let Some(url) = url else {
        return body.map(|body| IncomingContent::Text {
            body: body.to_owned(),
        });
    };
    let name = shared
        .and_then(|file| file.name.clone())
        .unwrap_or_else(|| name_in(url));
    let media_type = shared
        .and_then(|file| file.media_type.clone())
        .map(|given| given.to_ascii_lowercase())
        .unwrap_or_else(|| media_type_of(&name).to_owned());
    let size = shared.and_then(|file| file.size);
    let sha256 = shared.and_then(|file| file.sha256);
    if message.voice.is_some()
        || media_type.starts_with("audio/")
        || media_type == "application/ogg"
    {
        let length = message
            .voice
            .as_ref()
            .map(|voice| voice.duration_ms)
            .or_else(|| {
                shared
                    .and_then(|file| file.duration_ms)
                    .and_then(|ms| u32::try_from(ms).ok())
            });
        let peaks = message
            .voice
            .as_ref()
            .map(|voice| voice.peaks.clone())
            .unwrap_or_default();
        return Some(IncomingContent::Voice {
            url: url.to_owned(),
            name,
            media_type,
            size,
            sha256,
            duration_ms: length,
            peaks,
        });
    }
    Some(IncomingContent::File {
        url: url.to_owned(),
        name,
        media_type,
        size,
        sha256,
        dimensions: shared.and_then(|file| file.width.zip(file.height)),
    })
}

fn is_url(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

/// The last part of a URL's path, for showing only.
fn name_in(url: &str) -> String {
    let parsed = url::Url::parse(url).ok();
    let last = parsed
        .as_ref()
        .and_then(|url| url.path_segments()?.next_back().map(str::to_owned));
    last.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "file".to_owned())
}

/// What a name suggests, where the sender gave no media type.
fn media_type_of(name: &str) -> &'static str {
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref().unwrap_or_default() {
        "ogg" | "oga" | "opus" => "audio/ogg",
        "m4a" | "aac" | "3gp" => "audio/mp4",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}

fn presence_effects(presence: PresenceIn, at: Millis) -> Vec<Effect> {
    let peer = presence.from.to_bare().to_string();
    match presence.kind {
        PresenceKind::Subscribe => vec![Effect::AsksPresence { peer, at }],
        PresenceKind::Unsubscribe => vec![Effect::AskedEnough { peer }],
        PresenceKind::Subscribed | PresenceKind::Unsubscribed => Vec::new(),
        _ => vec![Effect::Presence(presence)],
    }
}

fn roster_effect(item: RosterItem) -> Effect {
    if item.subscription == Subscription::Remove {
        return Effect::ContactGone {
            address: item.jid.to_string(),
        };
    }
    Effect::Contact(contact(item))
}

pub(crate) fn contact(item: RosterItem) -> Contact {
    Contact {
        address: item.jid.to_string(),
        name: item.name,
        subscription: match item.subscription {
            Subscription::None | Subscription::Remove => store::Subscription::None,
            Subscription::To => store::Subscription::To,
            Subscription::From => store::Subscription::From,
            Subscription::Both => store::Subscription::Both,
        },
        pending_out: item.asked,
    }
}

/// [`apply`] for what is newer than all that is held: it belongs to the end, whose time may be the server's or, what came
/// live, that of our clock. Where the newest of the archive is not here yet (`is_current`), only a stamp in whole seconds
/// is helped, to the end of its second.
pub(crate) fn apply_newest(
    tx: &mut WriteTx<'_>,
    effects: &mut [Effect],
    is_current: bool,
) -> Result<(), StoreError> {
    for effect in effects {
        if let Effect::Merge(incoming) = effect
            && (is_current || incoming.at % SECOND == 0)
        {
            let ahead = if is_current { SKEW + 1 } else { SECOND };
            let held = tx.newest_between(&incoming.chat, incoming.at, incoming.at + ahead)?;
            incoming.at = held.unwrap_or(incoming.at);
        }
        apply(tx, std::slice::from_ref(effect))?;
    }
    Ok(())
}

/// Writes the effects that last; those that pass are left to the caller.
pub(crate) fn apply(tx: &mut WriteTx<'_>, effects: &[Effect]) -> Result<(), StoreError> {
    for effect in effects {
        match effect {
            Effect::Merge(incoming) => {
                tx.merge(incoming)?;
            }
            Effect::FollowUp(what) => tx.follow_up(what)?,
            Effect::Raise { peer, id, state } => {
                tx.receipt(peer, id, *state)?;
            }
            Effect::ReadElsewhere { chat, id } => {
                let chat = tx.ensure_chat(chat)?;
                tx.read_elsewhere(chat, id)?;
            }
            Effect::HeardElsewhere { chat, id } => tx.heard_elsewhere(chat, id)?,
            Effect::DisplayedElsewhere { chat, id } => tx.displayed_elsewhere(chat, id)?,
            Effect::HeardByAccount { chat, ids } => tx.heard_by_account(chat, ids)?,
            Effect::ReceiptGiven { chat, id } => tx.receipt_given(chat, id)?,
            Effect::Bounced { peer, id, fault } => {
                tx.bounced(peer, id, fault.clone())?;
            }
            Effect::Contact(contact) => tx.roster(std::slice::from_ref(contact), false)?,
            Effect::ContactGone { address } => tx.roster_removed(address)?,
            Effect::AsksPresence { peer, at } => {
                let chat = tx.ensure_chat(peer)?;
                // The server repeats the question with every stream; only the first one is news.
                if tx.set_asks_presence(chat, true)? {
                    tx.raise_chat(chat, *at)?;
                }
            }
            Effect::AskedEnough { peer } => {
                let chat = tx.ensure_chat(peer)?;
                tx.set_asks_presence(chat, false)?;
            }
            Effect::Presence(_) | Effect::Typing { .. } | Effect::Reached { .. } => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
