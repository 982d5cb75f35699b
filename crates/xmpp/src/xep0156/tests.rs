use super::*;

#[test]
fn example_1() {
    let xrd = "<?xml version='1.0' encoding='utf-8'?><XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>
        <Link rel='urn:xmpp:alt-connections:xbosh' href='https://web.example.com:5280/bosh'/>
        <Link rel='urn:xmpp:alt-connections:websocket' href='ws://web.example.com:80/ws'/>
        <Link rel='urn:xmpp:alt-connections:websocket' href='wss://web.example.com:443/ws'/></XRD>";
    assert_eq!(parse(xrd).unwrap().as_str(), "wss://web.example.com/ws");
}

#[test]
fn hostile() {
    for xml in [
        "",
        "<html/>",
        "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'/>",
        "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
         <Link rel='urn:xmpp:alt-connections:websocket' href='ws://127.0.0.1/ws'/></XRD>",
        "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
         <Link rel='urn:xmpp:alt-connections:websocket' href='file:///etc/passwd'/></XRD>",
    ] {
        assert_eq!(parse(xml), None, "{xml}");
    }
}
