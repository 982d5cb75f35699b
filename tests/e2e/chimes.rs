//! The app's own short sounds, as they come out of a loudspeaker.

use std::path::Path;

use crate::{
    ears,
    stage::{Stage, id, picture, put_notices_aside, reaches, write},
};

/// Longer than any of them.
const CHIME_MS: usize = 450;

#[test]
fn a_message_is_heard_unless_that_is_turned_off() {
    let stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let annes = stage.arrive(&ann);
    let bos = stage.arrive(&bo);
    stage.start_chat(&annes, "bo");
    put_notices_aside(&bos);
    // What is being caught up on makes no sound.
    bos.gone(&id("connection", "[data-busy]")).unwrap();

    let heard = stage.folder.path().join("received.wav");
    let recording = stage.sound.listen("bo", &heard).unwrap();
    write(&annes, "one");
    ears::hear_out(&heard, CHIME_MS);
    recording.stop().unwrap();
    let sound = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sounds/received.wav");
    ears::assert_heard(&sound, &heard);

    // Bo turns it off and on again; only the message after that is heard.
    bos.click(&id("settings", "")).unwrap();
    let switch = id("settings-sounds", "");
    let flip = |on: bool| {
        bos.click(&switch).unwrap();
        let kept = "__TAURI__.core.invoke('call', { command: { cmd: 'read_settings' } })\
                    .then((answer) => arguments[0](answer.value.sounds))";
        let now = bos.execute_async(kept, serde_json::json!([])).unwrap();
        assert_eq!(now, on);
    };
    flip(false);
    picture(&bos, "settings-sounds-off");
    let heard = stage.folder.path().join("silent.wav");
    let recording = stage.sound.listen("bo", &heard).unwrap();
    write(&annes, "two");
    reaches(&annes, "text", "delivered");
    bos.until("document.querySelector('[data-testid=chat]').textContent.includes('two')")
        .unwrap();
    ears::assert_silent(&heard, CHIME_MS);
    flip(true);
    write(&annes, "three");
    ears::hear_out(&heard, CHIME_MS);
    recording.stop().unwrap();

    annes.close().unwrap();
    bos.close().unwrap();
}
