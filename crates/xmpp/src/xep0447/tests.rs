use super::*;

#[test]
fn the_specs_example() {
    let element: Element = "<file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'>\
        <file xmlns='urn:xmpp:file:metadata:0'><media-type>image/jpeg</media-type><name>summit.jpg</name>\
        <size>3032449</size><width>4096</width><height>2160</height>\
        <hash xmlns='urn:xmpp:hashes:2' algo='sha3-256'>2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU=</hash>\
        <hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU=</hash>\
        <desc>Photo from the summit.</desc></file>\
        <sources><url-data xmlns='http://jabber.org/protocol/url-data' target='https://download.montague.lit/4a771ac1'/>\
        <jinglepub xmlns='urn:xmpp:jinglepub:1' from='romeo@montague.lit/resource' id='9559976B'/></sources></file-sharing>"
        .parse()
        .unwrap();
    let file = parse(&element).unwrap();
    assert_eq!(file.urls, ["https://download.montague.lit/4a771ac1"]);
    assert_eq!(file.media_type.as_deref(), Some("image/jpeg"));
    assert_eq!(
        (file.name.as_deref(), file.size),
        (Some("summit.jpg"), Some(3_032_449))
    );
    assert_eq!(
        (file.width, file.height, file.duration_ms),
        (Some(4096), Some(2160), None)
    );
    assert_eq!(file.sha256.map(|h| h[0]), Some(0xd9));
    assert_eq!(parse(&build(&file)), Some(file));
}

#[test]
fn hostile() {
    let with = |metadata: &str, sources: &str| {
        let xml = format!(
            "<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'>{metadata}</file>\
             <sources>{sources}</sources></file-sharing>"
        );
        parse(&xml.parse().unwrap())
    };
    let url =
        |u: &str| format!("<url-data xmlns='http://jabber.org/protocol/url-data' target='{u}'/>");
    assert_eq!(with("", ""), None);
    assert_eq!(with("", &url("file:///etc/passwd")), None);
    assert_eq!(
        with("", &url("https://a/x").repeat(99)).unwrap().urls.len(),
        4
    );
    let odd = with(
        "<size>-1</size><length>1e9</length><name/><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>AA==</hash>",
        &url("https://a/x"),
    )
    .unwrap();
    assert_eq!(
        (odd.size, odd.duration_ms, odd.name, odd.sha256),
        (None, None, None, None)
    );
    let long = with(
        &format!("<name>{}</name>", "语".repeat(4000)),
        &url("https://a/x"),
    )
    .unwrap();
    assert!(long.name.unwrap().len() <= 255);
}
