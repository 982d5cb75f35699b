use std::sync::mpsc;

use super::*;

#[test]
fn what_cannot_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("a.txt");
    std::fs::write(&text, "no sound in here").unwrap();
    let (sender, receiver) = mpsc::channel();
    let player = Player::new(move |event| {
        let _ = sender.send(event);
    });
    player.play(1, folder.path().join("missing.ogg"), PlayOptions::default());
    player.play(2, text, PlayOptions::default());
    let PlayEvent::Failed {
        id: 1,
        error: VoiceError::Disk(_),
    } = receiver.recv().unwrap()
    else {
        panic!("a missing file is a disk error");
    };
    let PlayEvent::Failed {
        id: 2,
        error: VoiceError::NotAudio,
    } = receiver.recv().unwrap()
    else {
        panic!("text is not audio");
    };
}

#[test]
fn commands_without_a_message_do_nothing() {
    let (sender, receiver) = mpsc::channel();
    let player = Player::new(move |event: PlayEvent| {
        let _ = sender.send(format!("{event:?}"));
    });
    player.pause();
    player.resume();
    player.seek(5_000);
    player.stop();
    drop(player);
    assert!(
        receiver.recv().is_err(),
        "no event, and the thread has ended"
    );
}
