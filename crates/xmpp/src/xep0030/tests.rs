use super::*;

#[test]
fn the_hash_is_stable_and_the_node_is_ours() {
    let caps = our_caps().unwrap();
    assert_eq!(caps.attr("node"), Some(NODE));
    let node = format!("{NODE}#{}", caps.attr("ver").unwrap());
    assert!(is_our_node(None) && is_our_node(Some(&node)));
    assert!(!is_our_node(Some("http://example.com#x")) && !is_our_node(Some(NODE)));
    assert!(our_info(None).features.contains("urn:millet:voice:0"));
}

#[test]
fn what_is_said_about_messages_is_understood() {
    let features = our_info(None).features;
    for feature in [
        "urn:xmpp:message-correct:0",
        "urn:xmpp:message-retract:1",
        "urn:xmpp:fallback:0",
        "urn:xmpp:reactions:0",
        "urn:xmpp:reply:0",
        "urn:xmpp:mds:displayed:0+notify",
    ] {
        assert!(features.contains(feature), "{feature}");
    }
}
