//! Stanzas in, effects out, as text.

use minidom::Element;

use super::*;

const NOW: Millis = 1_000_000;

/// The effects of a stanza that ann gets, a line each.
fn effects_of(xml: &str) -> String {
    effects_at(xml, true)
}

/// The same, by whether her server announced that it gives ids.
fn effects_at(xml: &str, gives_ids: bool) -> String {
    let element: Element = xml.parse().unwrap();
    let own: BareJid = "ann@x".parse().unwrap();
    let stanza = xmpp::Stanza::try_from(element).unwrap();
    let effects = effects(xmpp::inbound(stanza, &own), &own, NOW, gives_ids);
    effects.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn line(effect: &Effect) -> String {
    match effect {
        Effect::Merge(m) => {
            let content = match &m.content {
                IncomingContent::Text { body } => format!("text '{body}'"),
                IncomingContent::Voice {
                    url,
                    duration_ms,
                    peaks,
                    media_type,
                    name,
                    ..
                } => {
                    format!("voice {url} {duration_ms:?} {peaks:?} {media_type} {name}")
                }
                IncomingContent::File {
                    url,
                    name,
                    media_type,
                    size,
                    ..
                } => {
                    format!("file {url} {name} {media_type} {size:?}")
                }
            };
            let mut marks = String::new();
            for (is, mark) in [
                (m.own, " own"),
                (m.wants_receipt, " receipt"),
                (m.markable, " markable"),
            ] {
                marks.push_str(if is { mark } else { "" });
            }
            let ids = [
                ("id", &m.stanza_id),
                ("origin", &m.origin_id),
                ("server", &m.server_id),
            ];
            for (name, id) in ids {
                if let Some(id) = id {
                    marks.push_str(&format!(" {name}={id}"));
                }
            }
            format!("{} {} at {}{marks}: {content}", m.chat, m.author, m.at)
        }
        other => format!("{other:?}"),
    }
}

#[track_caller]
fn check(xml: &str, expected: &str) {
    assert_eq!(effects_of(xml), expected);
}

#[test]
fn a_text_with_everything() {
    check(
        "<message xmlns='jabber:client' from='bo@x/1' to='ann@x/2' type='chat' id='m1'>
           <body>hi</body>
           <origin-id xmlns='urn:xmpp:sid:0' id='o1'/>
           <stanza-id xmlns='urn:xmpp:sid:0' id='s1' by='ann@x'/>
           <request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>
         </message>",
        "bo@x bo@x at 1000000 receipt markable id=m1 origin=o1 server=s1: text 'hi'\n\
         Reached { id: \"s1\", at: 1000000 }",
    );
}

#[test]
fn ids_count_where_they_were_announced() {
    let said = |more: &str| {
        format!(
            "<message xmlns='jabber:client' from='bo@x/1' type='chat' id='m1'><body>hi</body>
             <stanza-id xmlns='urn:xmpp:sid:0' id='s1' by='ann@x'/>{more}</message>"
        )
    };
    assert_eq!(
        effects_at(&said(""), false),
        "bo@x bo@x at 1000000 id=m1: text 'hi'"
    );
    // What was kept for us until now says nothing of what came since.
    let kept = "<delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:05Z'/>";
    assert_eq!(
        effects_at(&said(kept), true),
        "bo@x bo@x at 5000 id=m1 server=s1: text 'hi'"
    );
}

#[test]
fn a_plain_message_without_ids() {
    check(
        "<message xmlns='jabber:client' from='bo@x'><body>hi</body></message>",
        "bo@x bo@x at 1000000: text 'hi'",
    );
}

#[test]
fn only_our_own_archive_gives_server_ids() {
    check(
        "<message xmlns='jabber:client' from='bo@x/1' type='chat'><body>hi</body>
           <stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='bo@x'/>
           <stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='ann@x/phone'/>
         </message>",
        "bo@x bo@x at 1000000: text 'hi'",
    );
}

#[test]
fn a_stamp_from_the_future_is_now() {
    check(
        "<message xmlns='jabber:client' from='bo@x/1' type='chat'><body>hi</body>
           <delay xmlns='urn:xmpp:delay' stamp='2900-01-01T00:00:00Z'/></message>",
        "bo@x bo@x at 1000000: text 'hi'",
    );
    check(
        "<message xmlns='jabber:client' from='bo@x/1' type='chat'><body>hi</body>
           <delay xmlns='urn:xmpp:delay' stamp='1970-01-01T00:00:05Z'/></message>",
        "bo@x bo@x at 5000: text 'hi'",
    );
}

#[test]
fn receipts_and_markers_raise() {
    check(
        "<message xmlns='jabber:client' from='bo@x/1' type='chat'>
           <received xmlns='urn:xmpp:receipts' id='o1'/></message>",
        r#"Raise { peer: "bo@x", id: "o1", state: Delivered }"#,
    );
    check(
        "<message xmlns='jabber:client' from='bo@x/1' type='chat'>
           <displayed xmlns='urn:xmpp:chat-markers:0' id='o1'/></message>",
        r#"Raise { peer: "bo@x", id: "o1", state: Read }"#,
    );
    check(
        "<message xmlns='jabber:client' from='bo@x/1' type='chat'>
           <heard xmlns='urn:millet:voice:0' id='o1'/></message>",
        r#"Raise { peer: "bo@x", id: "o1", state: Heard }"#,
    );
}

#[test]
fn what_our_other_device_sent_is_ours_and_what_it_read_is_read() {
    let carbon = |inner: &str| {
        format!(
            "<message xmlns='jabber:client' from='ann@x' to='ann@x/2'>
               <sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>
                 <message xmlns='jabber:client' from='ann@x/phone' to='bo@x' type='chat' id='m1'>{inner}</message>
               </forwarded></sent></message>"
        )
    };
    check(
        &carbon("<body>hi</body>"),
        "bo@x ann@x at 1000000 own id=m1: text 'hi'",
    );
    check(
        &carbon("<displayed xmlns='urn:xmpp:chat-markers:0' id='o9'/>"),
        r#"ReadElsewhere { chat: "bo@x", id: "o9" }"#,
    );
    check(
        &carbon("<heard xmlns='urn:millet:voice:0' id='o9'/>"),
        r#"HeardElsewhere { chat: "bo@x", id: "o9" }"#,
    );
}

#[test]
fn a_carbon_from_a_stranger_does_nothing() {
    check(
        "<message xmlns='jabber:client' from='eve@x' to='ann@x/2'>
           <sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>
             <message xmlns='jabber:client' from='ann@x/phone' to='bo@x' type='chat' id='m1'><body>hi</body></message>
           </forwarded></sent></message>",
        "",
    );
}

#[test]
fn voice_of_other_clients_is_voice() {
    // Conversations and Dino: the URL as body and out of band, nothing else.
    check(
        "<message xmlns='jabber:client' from='bo@x/1' type='chat' id='m1'>
           <body>https://up.x/a/recording.m4a</body>
           <x xmlns='jabber:x:oob'><url>https://up.x/a/recording.m4a</url></x></message>",
        "bo@x bo@x at 1000000 id=m1: voice https://up.x/a/recording.m4a None [] audio/mp4 recording.m4a",
    );
    check(
        "<message xmlns='jabber:client' from='bo@x/1' type='chat' id='m1'>
           <body>https://up.x/a/cat.PNG</body>
           <x xmlns='jabber:x:oob'><url>https://up.x/a/cat.PNG</url></x></message>",
        "bo@x bo@x at 1000000 id=m1: file https://up.x/a/cat.PNG cat.PNG image/png None",
    );
}

#[test]
fn a_link_in_a_sentence_is_a_sentence() {
    check(
        "<message xmlns='jabber:client' from='bo@x/1' type='chat'>
           <body>look: https://up.x/cat.png</body>
           <x xmlns='jabber:x:oob'><url>https://up.x/cat.png</url></x></message>",
        "bo@x bo@x at 1000000: text 'look: https://up.x/cat.png'",
    );
}

#[test]
fn words_beside_a_file_are_kept() {
    let shared = |body: &str, fallback: &str| {
        format!(
            "<message xmlns='jabber:client' from='bo@x/1' type='chat'><body>{body}</body>{fallback}
               <file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'>
                 <media-type>image/png</media-type><name>cat.png</name></file>
               <sources><url-data xmlns='http://jabber.org/protocol/url-data' target='https://up.x/cat.png'/></sources>
             </file-sharing></message>"
        )
    };
    check(
        &shared("look at this", ""),
        "bo@x bo@x at 1000000: text 'look at this\nhttps://up.x/cat.png'",
    );
    check(
        &shared(
            "https://up.x/cat.png",
            "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'/>",
        ),
        "bo@x bo@x at 1000000: file https://up.x/cat.png cat.png image/png None",
    );
    check(
        "<message xmlns='jabber:client' from='bo@x/1' type='chat'><body>look</body>
           <x xmlns='jabber:x:oob'><url>https://up.x/cat.png</url></x></message>",
        "bo@x bo@x at 1000000: text 'look\nhttps://up.x/cat.png'",
    );
}

#[test]
fn rooms_broadcasts_and_nothing_to_say() {
    check(
        "<message xmlns='jabber:client' from='r@c.x/n' type='groupchat'><body>hi</body></message>",
        "",
    );
    check(
        "<message xmlns='jabber:client' from='x' type='headline'><body>hi</body></message>",
        "",
    );
    check(
        "<message xmlns='jabber:client' from='bo@x' type='chat'><body>  </body></message>",
        "",
    );
}

#[test]
fn typing_is_told_and_not_kept() {
    check(
        "<message xmlns='jabber:client' from='bo@x/1' type='chat'>
           <composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
        r#"Typing { peer: "bo@x", on: true }"#,
    );
}

#[test]
fn a_message_that_comes_back_names_why() {
    check(
        "<message xmlns='jabber:client' from='bo@nowhere' to='ann@x/2' type='error' id='o1'>
           <error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>
         </message>",
        r#"Bounced { peer: "bo@nowhere", id: "o1", fault: Undeliverable }"#,
    );
}

/// What follows up on a message, a line each.
fn follow_ups_of(xml: &str) -> String {
    let element: Element = xml.parse().unwrap();
    let own: BareJid = "ann@x".parse().unwrap();
    let stanza = xmpp::Stanza::try_from(element).unwrap();
    let effects = effects(xmpp::inbound(stanza, &own), &own, NOW, true);
    let lines = effects.iter().map(|effect| match effect {
        Effect::FollowUp(what) => {
            let says = match &what.content {
                FollowUpContent::Correction { body } => format!("'{body}'"),
                FollowUpContent::Retraction => "taken back".to_owned(),
                FollowUpContent::Reactions { emoji } => emoji.join(","),
            };
            let id = what.id.as_deref().unwrap_or("-");
            format!(
                "{} {} own={} {id} -> {}: {says}",
                what.chat, what.author, what.own, what.target
            )
        }
        other => line(other),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_correction_says_nothing_by_itself() {
    let says = |inside: &str| {
        follow_ups_of(&format!(
            "<message xmlns='jabber:client' from='bo@x/1' to='ann@x' type='chat' id='m2'>{inside}</message>"
        ))
    };
    let replace = "<replace id='m1' xmlns='urn:xmpp:message-correct:0'/>";
    assert_eq!(
        says(&format!("<body>now</body>{replace}")),
        "bo@x bo@x own=false m2 -> m1: 'now'"
    );
    // A file in the place of something is shown beside it; itself it cannot replace; nothing replaces nothing.
    let url = "https://x/a.pdf";
    assert_eq!(
        says(&format!(
            "<body>{url}</body><x xmlns='jabber:x:oob'><url>{url}</url></x>{replace}"
        )),
        "bo@x bo@x at 1000000 id=m2: file https://x/a.pdf a.pdf application/octet-stream None"
    );
    assert_eq!(
        says("<body>now</body><replace id='m2' xmlns='urn:xmpp:message-correct:0'/>"),
        "bo@x bo@x at 1000000 id=m2: text 'now'"
    );
    assert_eq!(says(replace), "");
    assert_eq!(
        says("<body>sorry</body><retract id='m1' xmlns='urn:xmpp:message-retract:1'/>"),
        "bo@x bo@x own=false m2 -> m1: taken back"
    );
}

#[test]
fn reactions_may_come_with_words_or_with_their_stand_in() {
    let says = |inside: &str| {
        follow_ups_of(&format!(
            "<message xmlns='jabber:client' from='ann@x/2' to='bo@x' type='chat' id='m2'>{inside}\
             <reactions id='m1' xmlns='urn:xmpp:reactions:0'><reaction>👍</reaction></reactions></message>"
        ))
    };
    let reaction = "bo@x ann@x own=true m2 -> m1: 👍";
    assert_eq!(says(""), reaction);
    let stand_in = "<body>👍</body><fallback for='urn:xmpp:reactions:0' xmlns='urn:xmpp:fallback:0'><body/></fallback>";
    assert_eq!(says(stand_in), reaction);
    assert_eq!(
        says("<body>fine</body>"),
        format!("bo@x ann@x at 1000000 own id=m2: text 'fine'\n{reaction}")
    );
}

#[test]
fn errors_rooms_and_strangers_carbons_change_nothing() {
    let retract = "<retract id='m1' xmlns='urn:xmpp:message-retract:1'/>";
    for kind in ["groupchat", "headline", "error"] {
        let xml = format!(
            "<message xmlns='jabber:client' from='bo@x/1' to='ann@x' type='{kind}' id='m2'>{retract}</message>"
        );
        assert_eq!(follow_ups_of(&xml), "", "{kind}");
    }
    let carbon = format!(
        "<message xmlns='jabber:client' from='eve@x' to='ann@x/1'><sent xmlns='urn:xmpp:carbons:2'>\
         <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='ann@x/2' to='bo@x' type='chat'>\
         {retract}</message></forwarded></sent></message>"
    );
    assert_eq!(follow_ups_of(&carbon), "");
}

#[test]
fn a_tombstone_in_the_archive_is_a_message_that_was_taken_back() {
    let xml = "<message xmlns='jabber:client' from='bo@x/1' to='ann@x' type='chat' id='m1'>\
               <retracted xmlns='urn:xmpp:message-retract:1' id='m2'/></message>";
    assert_eq!(follow_ups_of(xml), "", "only the archive says so");
    let own: BareJid = "ann@x".parse().unwrap();
    let stanza = xmpp::Stanza::try_from(xml.parse::<Element>().unwrap()).unwrap();
    let Inbound::Message(message) = xmpp::inbound(stanza, &own) else {
        panic!("a message");
    };
    let item = Archived {
        archive_id: "s1".into(),
        at: NOW,
        message,
    };
    let effects = archived(&item, &own);
    assert!(
        matches!(
            effects.as_slice(),
            [Effect::Merge(_), Effect::FollowUp(what)] if what.target == "m1"
        ),
        "{effects:?}"
    );
}
