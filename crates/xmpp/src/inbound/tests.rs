use super::*;
use crate::MarkerKind;

fn own() -> BareJid {
    "romeo@montague.example".parse().unwrap()
}

fn read(xml: &str) -> Inbound {
    let element: Element = xml.parse().unwrap();
    let stanza = match element.name() {
        "presence" => Stanza::Presence(Presence::try_from(element).unwrap()),
        _ => Stanza::Message(Message::try_from(element).unwrap()),
    };
    inbound(stanza, &own())
}

fn message(payload: &str) -> IncomingMessage {
    match read(&format!(
        "<message xmlns='jabber:client' from='a@b/c' type='chat' id='m'>{payload}</message>"
    )) {
        Inbound::Message(message) => message,
        other => unreachable!("{other:?}"),
    }
}

/// XEP-0280 example 12, and the attack of CVE-2017-5589.
#[test]
fn carbons_are_believed_from_our_own_account_only() {
    let carbon = |from: &str| {
        read(&format!(
            "<message xmlns='jabber:client' from='{from}' to='romeo@montague.example/home' type='chat'>\
             <received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
             <message xmlns='jabber:client' from='juliet@capulet.example/balcony' to='romeo@montague.example/garden' \
             type='chat'><body>What man art thou</body></message></forwarded></received></message>"
        ))
    };
    match carbon("romeo@montague.example") {
        Inbound::Carbon { sent, message } => {
            assert!(!sent);
            assert_eq!(message.from.as_str(), "juliet@capulet.example/balcony");
            assert_eq!(message.body.as_deref(), Some("What man art thou"));
        }
        other => unreachable!("{other:?}"),
    }
    for stranger in [
        "eve@montague.example",
        "romeo@montague.example/home",
        "montague.example",
    ] {
        assert!(
            matches!(carbon(stranger), Inbound::Ignored(_)),
            "{stranger}"
        );
    }
}

#[test]
fn an_archive_result_outside_a_page_is_ignored() {
    let stray = read(
        "<message xmlns='jabber:client'><result xmlns='urn:xmpp:mam:2' id='1'><forwarded xmlns='urn:xmpp:forward:0'>\
         <message xmlns='jabber:client'><body>x</body></message></forwarded></result></message>",
    );
    assert!(matches!(stray, Inbound::Ignored(_)));
}

#[test]
fn a_plain_message_of_an_old_client() {
    let Inbound::Message(message) =
        read("<message xmlns='jabber:client' from='a@b'><body>hi</body></message>")
    else {
        unreachable!("a message");
    };
    assert_eq!(
        (message.kind, message.body.as_deref()),
        (MessageKind::Normal, Some("hi"))
    );
    assert!(message.id.is_none() && message.origin_id.is_none() && !message.wants_receipt);
}

#[test]
fn without_a_sender_it_is_our_own_account() {
    let Inbound::Message(message) =
        read("<message xmlns='jabber:client'><body>hi</body></message>")
    else {
        unreachable!("a message");
    };
    assert_eq!(message.from, Jid::from(own()));
}

#[test]
fn ids_receipts_and_markers_of_the_specs() {
    let ids = message(
        "<stanza-id xmlns='urn:xmpp:sid:0' id='28482' by='room@b'/><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>\
         <stanza-id xmlns='urn:xmpp:sid:0' id='' by='b'/><request xmlns='urn:xmpp:receipts'/>\
         <markable xmlns='urn:xmpp:chat-markers:0'/><delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>",
    );
    assert_eq!(
        (ids.stanza_ids.len(), ids.stanza_ids[0].id.as_str()),
        (1, "28482")
    );
    assert_eq!(
        (ids.origin_id.as_deref(), ids.at),
        (Some("o1"), Some(1_031_699_305_000))
    );
    assert!(ids.wants_receipt && ids.markable);
    let receipt = message("<received xmlns='urn:xmpp:receipts' id='richard2-4.1.247'/>");
    assert_eq!(receipt.receipt.as_deref(), Some("richard2-4.1.247"));
    for (name, kind) in [
        ("received", MarkerKind::Received),
        ("displayed", MarkerKind::Displayed),
        ("acknowledged", MarkerKind::Acknowledged),
    ] {
        let marked = message(&format!(
            "<{name} xmlns='urn:xmpp:chat-markers:0' id='message-1'/>"
        ));
        let id = "message-1".to_owned();
        assert_eq!(marked.marker, Some(Marker { kind, id }));
    }
}

#[test]
fn a_fallback_counts_only_if_it_covers_the_body() {
    let covers = |xml: &str| message(xml).fallback_body;
    assert!(covers(
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'/>"
    ));
    assert!(covers(
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'><body/></fallback>"
    ));
    assert!(!covers(
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'/>"
    ));
    assert!(!covers(
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'><body start='0' end='9'/></fallback>"
    ));
    assert!(!covers(
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'><subject/></fallback>"
    ));
}

#[test]
fn a_message_that_came_back() {
    let Inbound::Message(bounce) = read(
        "<message xmlns='jabber:client' from='a@b' type='error' id='o1'><error type='wait'>\
         <recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>away</text></error></message>",
    ) else {
        unreachable!("a message");
    };
    let error = bounce.error.unwrap();
    assert_eq!(
        (error.condition.as_str(), error.temporary),
        ("recipient-unavailable", true)
    );
    assert_eq!(
        (bounce.kind, error.text.as_deref()),
        (MessageKind::Error, Some("away"))
    );
}

#[test]
fn hostile() {
    let long = message(&format!("<body>{}</body>", "语".repeat(60_000)));
    assert!(long.body.unwrap().len() <= 64 * 1024);
    let many = message(&"<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='b'/>".repeat(500));
    assert_eq!(many.stanza_ids.len(), 8);
    let odd = message(
        "<x xmlns='jabber:x:oob'><url>javascript:alert(1)</url></x><x xmlns='jabber:x:oob'/>",
    );
    assert_eq!(odd.oob_url, None);
    let huge = message(&format!(
        "<origin-id xmlns='urn:xmpp:sid:0' id='{}'/>",
        "x".repeat(5000)
    ));
    assert_eq!(huge.origin_id, None);
}

#[test]
fn presence_of_others() {
    let kind = |xml: &str| match read(&format!(
        "<presence xmlns='jabber:client' from='a@b/c' {xml}</presence>"
    )) {
        Inbound::Presence(presence) => presence.kind,
        other => unreachable!("{other:?}"),
    };
    let away = PresenceKind::Available {
        show: Show::Away,
        status: Some("lunch".to_owned()),
    };
    assert_eq!(kind("><show>away</show><status>lunch</status>"), away);
    assert_eq!(kind("type='unavailable'>"), PresenceKind::Unavailable);
    assert_eq!(kind("type='subscribe'>"), PresenceKind::Subscribe);
    assert_eq!(kind("type='error'>"), PresenceKind::Error);
}
