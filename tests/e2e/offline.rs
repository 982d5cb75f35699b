//! The server is gone: what was said is still there, and what is said now goes out later.

use testkit::{driver::Window, sound};

use crate::{
    ears,
    stage::{Stage, id, newest, pictures, reaches, write},
};

#[test]
fn without_a_server_everything_is_there() {
    let stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let mut stage = stage;
    let annes = stage.arrive(&ann);
    let bos = stage.arrive(&bo);
    stage.start_chat(&annes, "bo");
    write(&annes, "before the storm");
    let said = stage.folder.path().join("said.wav");
    sound::speech("before the storm", &said).unwrap();
    stage.speak(&annes, "ann", &said);
    reaches(&annes, "voice", "delivered");
    stage.open_chat(&bos, "ann");
    bos.shown(&id("message", "[data-kind=voice] [data-media=here]"))
        .unwrap();

    // The server goes while both windows are open.
    stage.server.stop().unwrap();
    annes
        .until("document.querySelector('[data-testid=connection]').dataset.state !== 'online'")
        .unwrap();
    annes.shown(&id("next-try", "")).unwrap();
    let next = annes.text(&id("next-try", "")).unwrap();
    assert!(next.contains(|c: char| c.is_ascii_digit()), "{next}");
    pictures(&annes, "offline");
    write(&annes, "first in the dark");
    write(&annes, "second in the dark");
    annes
        .until(&format!(
            "{}?.dataset.state === 'pending'",
            newest("text", true)
        ))
        .unwrap();

    // Bo starts the app anew, with nobody to talk to: all of it is there, and plays.
    bos.close().unwrap();
    let bos = bo.open();
    stage.open_chat(&bos, "ann");
    ears::assert_plays(&stage, &bos, "bo", &said);
    write(&bos, "from bo in the dark");

    // It is back: everything goes out by itself, in order and once.
    stage.server.start_again().unwrap();
    let order = "[...document.querySelectorAll('[data-testid=message][data-kind=text]')]\
                 .map((m) => m.textContent.match(/(first|second|from bo) in the dark/)?.[1])\
                 .filter(Boolean).join()";
    reconnect(&annes);
    reaches(&annes, "text", "sent");
    stage.sign_in_again(&bos, "bo");
    stage.open_chat(&bos, "ann");
    bos.until(&format!(
        "{order} === 'first,second,from bo' || {order} === 'from bo,first,second'"
    ))
    .unwrap();
    annes
        .until(&format!(
            "{order} === 'first,second,from bo' || {order} === 'from bo,first,second'"
        ))
        .unwrap();
    reaches(&bos, "text", "delivered");
    annes.close().unwrap();
    bos.close().unwrap();
}

/// The next try may be a while off; the user is impatient.
fn reconnect(window: &Window) {
    window
        .execute(
            "document.querySelector('[data-testid=reconnect]')?.click()",
            serde_json::json!([]),
        )
        .unwrap();
}
