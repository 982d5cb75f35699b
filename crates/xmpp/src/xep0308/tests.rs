use super::*;

/// Example 4 of the text: the second version.
#[test]
fn the_example_names_the_first_version() {
    let replace: Element = "<replace id='bad1' xmlns='urn:xmpp:message-correct:0'/>"
        .parse()
        .unwrap();
    assert_eq!(parse(&replace).as_deref(), Some("bad1"));
    assert_eq!(build("bad1"), replace);
}

#[test]
fn without_an_id_it_replaces_nothing() {
    for xml in [
        "<replace xmlns='urn:xmpp:message-correct:0'/>",
        "<replace id='' xmlns='urn:xmpp:message-correct:0'/>",
        "<replace id='bad1' xmlns='urn:xmpp:other:0'/>",
    ] {
        assert_eq!(parse(&xml.parse().unwrap()), None, "{xml}");
    }
}
