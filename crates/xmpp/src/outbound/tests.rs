use super::*;
use crate::{Inbound, IncomingMessage, inbound};

/// Builds it, writes it, reads it as a contact would.
fn arrives(what: &Outbound) -> IncomingMessage {
    let Stanza::Message(message) = outbound(what) else {
        unreachable!("a message");
    };
    let element = Element::from(message);
    let xml = String::from(&element);
    let message = Message::try_from(xml.parse::<Element>().unwrap()).unwrap();
    match inbound(Stanza::Message(message), &"bo@y".parse().unwrap()) {
        Inbound::Message(message) => message,
        other => unreachable!("{other:?}"),
    }
}

fn bo() -> BareJid {
    "bo@y".parse().unwrap()
}

#[test]
fn a_text() {
    let text = Outbound::Text {
        to: bo(),
        origin_id: "o1".to_owned(),
        body: "语音 <&> \u{b}🎤".to_owned(),
    };
    let message = arrives(&text);
    assert_eq!(message.body.as_deref(), Some("语音 <&> 🎤"));
    assert_eq!(
        (message.id.as_deref(), message.origin_id.as_deref()),
        (Some("o1"), Some("o1"))
    );
    assert!(message.wants_receipt && message.markable && !message.no_store);
    assert!(!format!("{text:?} {message:?}").contains('语'));
}

#[test]
fn a_voice_message_is_what_the_proposal_shows() {
    let voice = Outbound::Voice {
        to: bo(),
        origin_id: "o2".to_owned(),
        url: "https://up.example/a/voice.ogg".to_owned(),
        name: "voice.ogg".to_owned(),
        size: 15_000,
        sha256: [0; 32],
        duration_ms: 5_000,
        peaks: vec![0, 128, 255],
    };
    let Stanza::Message(message) = outbound(&voice) else {
        unreachable!("a message");
    };
    let proposal = include_str!("../../../../docs/protocol/voice.md");
    let (_, rest) = proposal.split_once("```xml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let flat: String = example.lines().map(str::trim).collect();
    let expected: Element = flat.parse().unwrap();
    assert_eq!(Element::from(message), expected);

    let arrived = arrives(&voice);
    assert_eq!(arrived.body, arrived.oob_url);
    let file = arrived.file.unwrap();
    assert_eq!(file.urls, ["https://up.example/a/voice.ogg"]);
    assert_eq!(
        (file.size, file.duration_ms, file.sha256),
        (Some(15_000), Some(5_000), Some([0; 32]))
    );
    assert_eq!(arrived.voice.unwrap().peaks, [0, 128, 255]);
    assert!(arrived.fallback_body);
}

#[test]
fn notices() {
    let to = || Jid::new("bo@y/1").unwrap();
    let id = || "m1".to_owned();
    let receipt = arrives(&Outbound::Receipt { to: to(), id: id() });
    assert_eq!(receipt.receipt.as_deref(), Some("m1"));
    let displayed = arrives(&Outbound::Displayed { to: to(), id: id() });
    assert_eq!(displayed.marker.unwrap().id, "m1");
    let heard = arrives(&Outbound::Heard { to: to(), id: id() });
    assert_eq!(heard.heard.as_deref(), Some("m1"));
    assert!(heard.body.is_none() && !heard.wants_receipt && heard.id.is_none());
    let typing = arrives(&Outbound::ChatState {
        to: to(),
        state: ChatState::Composing,
    });
    assert!(typing.no_store && typing.chat_state == Some(ChatState::Composing));
}

#[test]
fn presence() {
    let Stanza::Presence(presence) = outbound(&Outbound::Presence(PresenceOut::Subscribe(bo())))
    else {
        unreachable!("a presence");
    };
    assert_eq!(
        (presence.type_, presence.to),
        (Type::Subscribe, Some(Jid::from(bo())))
    );
}

#[test]
fn a_reply_a_correction_a_retraction_reactions() {
    let (to, origin_id) = (bo(), "o2".to_owned());
    let reply = arrives(&Outbound::Reply {
        to: to.clone(),
        origin_id: origin_id.clone(),
        body: "yes".into(),
        author: "bo@y/1".parse().unwrap(),
        id: "b1".into(),
    });
    assert_eq!(reply.reply.map(|reply| reply.id).as_deref(), Some("b1"));
    assert!(reply.wants_receipt);
    let correction = arrives(&Outbound::Correction {
        to: to.clone(),
        origin_id: origin_id.clone(),
        body: "no".into(),
        id: "o1".into(),
    });
    assert_eq!(correction.replaces.as_deref(), Some("o1"));
    assert_eq!(correction.body.as_deref(), Some("no"));
    let retraction = arrives(&Outbound::Retraction {
        to: to.clone(),
        origin_id: origin_id.clone(),
        notice: "taken back".into(),
        id: "o1".into(),
    });
    assert_eq!(retraction.retracts.as_deref(), Some("o1"));
    assert_eq!((retraction.body, retraction.wants_receipt), (None, false));
    let what = Outbound::Reactions {
        to,
        origin_id,
        id: "b1".into(),
        emoji: vec!["👍".into()],
    };
    let reactions = arrives(&what).reactions.unwrap();
    assert_eq!(reactions.emoji, ["👍"]);
    assert!(!format!("{what:?} {reactions:?}").contains('👍'));
}
