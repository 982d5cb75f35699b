//! A picture from another client, from the server through `media://` onto the screen; let go of, and had again.

use std::path::Path;

use serde_json::json;
use testkit::slixmpp::Slixmpp;

use crate::stage::{PASSWORD, Stage, id, pictures};

#[test]
fn a_picture_is_shown() {
    let stage = Stage::set(&["ann", "kim"]);
    let ann = stage.person("ann");
    let window = stage.arrive(&ann);
    let mut kim = Slixmpp::sign_in(&stage.server, "kim", PASSWORD).unwrap();

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/icons/128x128.png");
    let size = std::fs::metadata(&file).unwrap().len();
    kim.tell(&json!({ "do": "upload", "path": file, "type": "image/png" }))
        .unwrap();
    let url = kim
        .until("the upload", |event| {
            (event["event"] == "uploaded").then(|| event["url"].as_str().unwrap().to_owned())
        })
        .unwrap();
    // The name is what an attacker would send; it is shown, and leads nowhere.
    let message = format!(
        "<message xmlns='jabber:client' to='ann@localhost' type='chat' id='p1'><body>{url}</body>\
         <x xmlns='jabber:x:oob'><url>{url}</url></x>\
         <file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'>\
         <file xmlns='urn:xmpp:file:metadata:0'><media-type>image/png</media-type>\
         <name>../../../ear.png</name><size>{size}</size></file>\
         <sources><url-data xmlns='http://jabber.org/protocol/url-data' target='{url}'/></sources>\
         </file-sharing></message>"
    );
    kim.tell(&json!({ "do": "raw", "xml": message })).unwrap();

    stage.open_chat(&window, "kim");
    let picture = id("message", "[data-kind=image]");
    window.shown(&picture).unwrap();
    // It is within the size that comes by itself.
    let shown = format!("document.querySelector('{picture} img')?.naturalWidth === 128");
    window.until(&shown).unwrap();
    pictures(&window, "picture");

    // Room is made for others; what was there says so, and comes with a tap.
    window.click(&id("settings", "")).unwrap();
    window.click(&id("history-open", "")).unwrap();
    window.click(&id("free-space", "")).unwrap();
    window.click(&id("free-confirm", "")).unwrap();
    pictures(&window, "space-freed");
    window.click(&id("free-close", "")).unwrap();
    window
        .until("document.querySelector('[data-testid=history-media]').textContent.startsWith('0')")
        .unwrap();
    stage.open_chat(&window, "kim");
    pictures(&window, "picture-waits");
    window.click(&id("fetch", "")).unwrap();
    window.until(&shown).unwrap();
    window.close().unwrap();
}
