//! A test is heard by nobody else, never in the way of a message, and leaves nothing.

use std::path::PathBuf;

use api::{
    Call, ChatId, Command, Fault, FaultKind, ReadSettings, Resume, SetSettings, SoundCheck,
    TestStart, TestStop, VoiceContinue, VoiceDiscard, VoiceStart, VoiceStop,
};
use store::{Store, key};
use tempfile::TempDir;
use voice::{Pace, Script, Source};

use crate::{Client, Env, Keyring};

const CHAT: ChatId = ChatId(1);

/// Half a second of a soft tone, as fast as it is taken.
fn microphone() -> Source {
    let samples: Vec<f32> = (0..24_000)
        .map(|n| (n as f32 * 300.0 * std::f32::consts::TAU / 48_000.0).sin() * 0.1)
        .collect();
    Source::Scripted(Script::mono(&samples, 48_000, Pace::Fast))
}

async fn start() -> (TempDir, PathBuf, Client) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("accounts").join("ab12");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(home.path().join("current"), "ab12").unwrap();
    let store = Store::open(&folder).unwrap();
    store
        .write(|tx| {
            tx.set_meta(key::ADDRESS, Some("ann@localhost"))?;
            tx.ensure_chat("bo@localhost").map(drop)
        })
        .await
        .unwrap();
    store.close().await;
    let env = Env {
        keyring: Keyring::None,
        password: None,
        sounds: false,
        microphone: microphone(),
        ..Env::system()
    };
    let client = Client::start(home.path().to_path_buf(), env).await.unwrap();
    (home, folder, client)
}

async fn ask<C: Call>(client: &Client, call: C) -> Result<C::Reply, Fault> {
    let command: Command = call.into_command();
    let answer = client.call(command).await?;
    Ok(serde_json::from_value(answer.value).unwrap())
}

#[tokio::test]
async fn a_test_leaves_nothing() {
    let (home, folder, client) = start().await;
    let check = home.path().join("sound-check");
    let unseen = ask(&client, TestStart {}).await.unwrap_err();
    assert_eq!(unseen.kind, FaultKind::NotFound);
    ask(&client, SoundCheck { on: true }).await.unwrap();
    ask(&client, TestStart {}).await.unwrap();
    let again = ask(&client, TestStart {}).await.unwrap_err();
    assert_eq!(again.kind, FaultKind::AlreadyRecording);
    let take = ask(&client, TestStop {}).await.unwrap();
    // The suppression and the evening that are on by default have something to be compared with.
    assert!(
        take.is_processed && take.duration_ms.abs_diff(500) <= 20,
        "{take:?}"
    );
    assert_eq!(
        voice::probe(&check.join("heard.ogg")).unwrap().duration_ms,
        take.duration_ms
    );
    assert!(
        std::fs::read_dir(folder.join("drafts"))
            .unwrap()
            .next()
            .is_none()
    );
    ask(&client, SoundCheck { on: false }).await.unwrap();
    assert!(!check.exists());
    let gone = ask(&client, TestStop {}).await.unwrap_err();
    assert_eq!(gone.kind, FaultKind::NotFound);

    // A message is more than a test.
    ask(&client, SoundCheck { on: true }).await.unwrap();
    ask(&client, TestStart {}).await.unwrap();
    let draft = ask(&client, VoiceStart { chat: CHAT }).await.unwrap();
    let refused = ask(&client, TestStart {}).await.unwrap_err();
    assert_eq!(refused.kind, FaultKind::AlreadyRecording);
    // Nothing sounds into the microphone, not by a key of a headset either.
    let refused = ask(&client, Resume {}).await.unwrap_err();
    assert_eq!(refused.kind, FaultKind::AlreadyRecording);
    ask(&client, VoiceStop { draft: draft.id }).await.unwrap();
    assert!(!check.exists());
    client.shutdown().await;
}

#[tokio::test]
async fn the_untouched_sound_is_kept_where_it_is_asked_for() {
    let (_home, folder, client) = start().await;
    let untouched = || match std::fs::read_dir(folder.join("untouched")) {
        Ok(files) => files.map(|file| file.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    };
    let record = async || {
        let draft = ask(&client, VoiceStart { chat: CHAT }).await.unwrap().id;
        let id = draft.clone();
        ask(&client, VoiceStop { draft }).await.unwrap();
        id
    };
    record().await;
    assert!(untouched().is_empty());

    let mut settings = ask(&client, ReadSettings {}).await.unwrap();
    settings.keep_untouched = true;
    ask(&client, SetSettings { settings }).await.unwrap();
    let draft = record().await;
    let kept = untouched();
    assert_eq!(kept.len(), 1);
    let take = voice::probe(&folder.join("drafts").join(format!("{draft}.ogg"))).unwrap();
    let before = voice::probe(&kept[0]).unwrap();
    assert_eq!(before.duration_ms, take.duration_ms);
    // It was made louder.
    let loudest = |peaks: &[u8]| peaks.iter().copied().max();
    assert!(loudest(&take.peaks) >= loudest(&before.peaks));

    // What is said after it is kept too, and goes with it.
    let on = VoiceContinue {
        draft: draft.clone(),
        from_ms: None,
    };
    ask(&client, on).await.unwrap();
    let stop = VoiceStop {
        draft: draft.clone(),
    };
    ask(&client, stop).await.unwrap();
    assert_eq!(untouched().len(), 2);
    ask(&client, VoiceDiscard { draft }).await.unwrap();
    assert!(untouched().is_empty());
    client.shutdown().await;
}
