use super::*;

fn own() -> BareJid {
    "juliet@capulet.lit".parse().unwrap()
}

#[test]
fn a_question() {
    let query = ArchiveQuery {
        with: Some("romeo@montague.lit".parse().unwrap()),
        start: Some(1_281_139_200_000),
        end: Some(1_281_139_201_000),
        after: Some("09af3-cc343-b409f".to_owned()),
        before: None,
        max: 10_000,
    };
    let element: Element = build(&query, "f27").into();
    let expected: Element = "<query xmlns='urn:xmpp:mam:2' queryid='f27'><x xmlns='jabber:x:data' type='submit'>\
        <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>\
        <field var='with'><value>romeo@montague.lit</value></field>\
        <field var='start'><value>2010-08-07T00:00:00.000Z</value></field>\
        <field var='end'><value>2010-08-07T00:00:01.000Z</value></field></x>\
        <set xmlns='http://jabber.org/protocol/rsm'><max>250</max><after>09af3-cc343-b409f</after></set></query>"
        .parse()
        .unwrap();
    assert_eq!(String::from(&element), String::from(&expected));
}

#[test]
fn a_result_from_the_specs_example() {
    let element: Element = "<result xmlns='urn:xmpp:mam:2' queryid='f27' id='28482-98726-73623'>\
        <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/>\
        <message xmlns='jabber:client' to='juliet@capulet.lit/balcony' from='romeo@montague.lit/orchard' type='chat'>\
        <body>Call me but love</body></message></forwarded></result>"
        .parse()
        .unwrap();
    assert_eq!(query_id(&element), Some("f27"));
    let archived = parse(element, &own()).unwrap();
    assert_eq!(
        (archived.archive_id.as_str(), archived.at),
        ("28482-98726-73623", 1_278_803_305_000)
    );
    assert_eq!(archived.message.body.as_deref(), Some("Call me but love"));
    assert_eq!(archived.message.at, Some(1_278_803_305_000));
}

#[test]
fn who_may_tell_our_history() {
    let from = |jid: &str| Jid::new(jid).unwrap();
    assert!(archive_is_entitled(None, &own(), true));
    assert!(archive_is_entitled(
        Some(&from("juliet@capulet.lit")),
        &own(),
        true
    ));
    assert!(!archive_is_entitled(
        Some(&from("juliet@capulet.lit")),
        &own(),
        false
    ));
    assert!(!archive_is_entitled(
        Some(&from("juliet@capulet.lit/x")),
        &own(),
        true
    ));
    assert!(!archive_is_entitled(
        Some(&from("eve@capulet.lit")),
        &own(),
        true
    ));
    assert!(!archive_is_entitled(
        Some(&from("capulet.lit")),
        &own(),
        true
    ));
}

#[test]
fn the_end_of_a_page() {
    let fin: Element = "<fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='http://jabber.org/protocol/rsm'/></fin>"
        .parse()
        .unwrap();
    let page = page(fin, Vec::new()).unwrap();
    assert!(page.complete && page.first.is_none() && page.count.is_none());
    assert!(super::page("<x xmlns='y'/>".parse().unwrap(), Vec::new()).is_none());
}
