//! The app dies without a word, as by a power cut, with a voice message on its way. Nothing said is lost, or sent twice.

use testkit::sound;

use crate::{
    ears,
    stage::{Stage, id, is_online, newest, reaches},
};

#[test]
fn what_was_said_outlives_the_app() {
    let mut stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let (annes, bos) = (stage.arrive(&ann), stage.arrive(&bo));
    stage.start_chat(&annes, "bo");
    let said = stage.folder.path().join("said.wav");
    sound::speech("nothing of this is lost", &said).unwrap();

    // While it is spoken: a draft.
    stage.hold_and_say(&annes, "ann", &said);
    annes.kill().unwrap();
    let annes = ann.open();
    stage.open_chat(&annes, "bo");
    annes.shown(&id("draft", "")).unwrap();
    stage.sign_in_again(&annes, "ann");
    is_online(&annes);
    stage.open_chat(&annes, "bo");
    annes.click(&id("draft-send", "")).unwrap();
    reaches(&annes, "voice", "delivered");
    stage.open_chat(&bos, "ann");
    ears::assert_plays(&stage, &bos, "bo", &said);

    // After the release, before the server has it: it goes out when there is one.
    stage.server.stop().unwrap();
    annes
        .until("document.querySelector('[data-testid=connection]').dataset.state !== 'online'")
        .unwrap();
    stage.speak(&annes, "ann", &said);
    let pending = format!("{}?.dataset.state === 'pending'", newest("voice", true));
    annes.until(&pending).unwrap();
    annes.kill().unwrap();
    let annes = ann.open();
    stage.open_chat(&annes, "bo");
    annes.until(&pending).unwrap();
    stage.server.start_again().unwrap();
    stage.sign_in_again(&annes, "ann");
    stage.open_chat(&annes, "bo");
    reaches(&annes, "voice", "delivered");
    let heard = id("message", "[data-kind=voice][data-own=false]");
    bos.until(&format!(
        "document.querySelectorAll(\"{heard}\").length === 2"
    ))
    .unwrap();
    // What else might come would have come before this.
    crate::stage::write(&annes, "that was all");
    reaches(&annes, "text", "read");
    assert_eq!(bos.count(&heard).unwrap(), 2);
    annes.close().unwrap();
    bos.close().unwrap();
}
