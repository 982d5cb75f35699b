use super::*;

fn element(xml: &str) -> Element {
    xml.parse().unwrap()
}

#[test]
fn a_slot_with_the_headers_that_are_allowed() {
    let slot = parse(&element(
        "<slot xmlns='urn:xmpp:http:upload:0'><put url='https://upload.montague.tld/a/tr%C3%A8s%20cool.jpg'>\
         <header name='Authorization'>Basic Base64String==</header><header name='cookie'>foo=bar; user=romeo</header>\
         <header name='Host'>evil</header><header name='Expires'>a\nX-Evil: 1</header></put>\
         <get url='https://download.montague.tld/a/tr%C3%A8s%20cool.jpg'/></slot>",
    ))
    .unwrap();
    assert_eq!(
        slot.put_url,
        "https://upload.montague.tld/a/tr%C3%A8s%20cool.jpg"
    );
    assert_eq!(
        slot.get_url,
        "https://download.montague.tld/a/tr%C3%A8s%20cool.jpg"
    );
    let expected = [
        ("Authorization", "Basic Base64String=="),
        ("Cookie", "foo=bar; user=romeo"),
    ];
    let got: Vec<_> = slot
        .headers
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(got, expected);
    assert_eq!(format!("{slot:?}"), "UploadSlot(…)");
}

#[test]
fn hostile() {
    for xml in [
        "<slot xmlns='urn:xmpp:http:upload:0'><put url='https://a/'/></slot>",
        "<slot xmlns='urn:xmpp:http:upload:0'><put url='file:///etc/passwd'/><get url='https://a/'/></slot>",
        "<slot xmlns='urn:x'><put url='https://a/'/><get url='https://a/'/></slot>",
    ] {
        assert!(parse(&element(xml)).is_none(), "{xml}");
    }
}

#[test]
fn the_service_and_its_limit() {
    let info = element(
        "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='store' type='file'/>\
         <feature var='urn:xmpp:http:upload:0'/><x type='result' xmlns='jabber:x:data'>\
         <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:http:upload:0</value></field>\
         <field var='max-file-size'><value>5242880</value></field></x></query>",
    );
    let jid = Jid::new("upload.montague.tld").unwrap();
    let found = service(&jid, &DiscoInfoResult::try_from(info).unwrap()).unwrap();
    assert_eq!(found.max_size, Some(5_242_880));
}

#[test]
fn refusals() {
    let fault = |condition: &str| {
        IqError::Refused(crate::StanzaFault {
            condition: condition.to_owned(),
            temporary: false,
            text: None,
        })
    };
    assert_eq!(
        refusal(fault("not-acceptable"), Some(9)),
        UploadError::TooLarge { max: Some(9) }
    );
    assert_eq!(
        refusal(fault("resource-constraint"), None),
        UploadError::Quota
    );
    assert!(matches!(
        refusal(fault("forbidden"), None),
        UploadError::Iq(_)
    ));
}
