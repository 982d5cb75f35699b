//! Drafts that go on, are trimmed, and are killed in between: what was said is there.

use std::path::{Path, PathBuf};

use api::{
    Call, ChatId, Chats, DeleteUntouched, Fault, FaultKind, ReadSettings, SendVoice, SetSettings,
    Settings, Untouched, VoiceContinue, VoiceDiscard, VoiceDraft, VoiceStart, VoiceStop, VoiceTrim,
};
use store::{Store, key};
use tempfile::TempDir;
use voice::{Pace, RecordOptions, Recorder, Script, Source};

use super::Files;
use crate::{Client, Env, Keyring};

const CHAT: ChatId = ChatId(1);

/// A microphone that hears a tone for so long, as fast as it is taken.
fn tone(ms: usize) -> Source {
    let samples: Vec<f32> = (0..48 * ms)
        .map(|n| (n as f32 * 300.0 * std::f32::consts::TAU / 48_000.0).sin() * 0.5)
        .collect();
    Source::Scripted(Script::mono(&samples, 48_000, Pace::Fast))
}

/// A home whose account was signed in before, and where its drafts are.
async fn home() -> (TempDir, PathBuf) {
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
    (home, folder.join("drafts"))
}

async fn start(home: &TempDir, microphone: Source) -> Client {
    let env = Env {
        keyring: Keyring::None,
        password: None,
        sounds: false,
        microphone,
        ..Env::system()
    };
    Client::start(home.path().to_path_buf(), env).await.unwrap()
}

async fn ask<C: Call>(client: &Client, call: C) -> Result<C::Reply, Fault> {
    let answer = client.call(call.into_command()).await?;
    Ok(serde_json::from_value(answer.value).unwrap())
}

async fn drafts(client: &Client) -> Vec<VoiceDraft> {
    let page = ask(client, Chats { after: None }).await.unwrap();
    page.chats[0].voice_drafts.clone()
}

/// The lengths of all drafts, each of which is finished and plays.
async fn lengths(client: &Client, folder: &Path) -> Vec<u32> {
    let mut lengths: Vec<u32> = drafts(client)
        .await
        .iter()
        .map(|draft| {
            assert!(!draft.recording);
            let probe = voice::probe(&folder.join(format!("{}.ogg", draft.id))).unwrap();
            assert_eq!(probe.duration_ms, draft.duration_ms);
            draft.duration_ms
        })
        .collect();
    lengths.sort_unstable();
    assert!(Files::unsettled(folder).unwrap().is_empty());
    lengths
}

async fn record(client: &Client) -> String {
    let draft = ask(client, VoiceStart { chat: CHAT }).await.unwrap().id;
    ask(
        client,
        VoiceStop {
            draft: draft.clone(),
        },
    )
    .await
    .unwrap();
    draft
}

fn on(draft: &str, from_ms: Option<u32>) -> VoiceContinue {
    VoiceContinue {
        draft: draft.to_owned(),
        from_ms,
    }
}

fn stop(draft: &str) -> VoiceStop {
    VoiceStop {
        draft: draft.to_owned(),
    }
}

fn about(found: &[u32], wanted: &[u32]) {
    let near = |(found, wanted): (&u32, &u32)| found.abs_diff(*wanted) <= 60;
    assert!(
        found.len() == wanted.len() && found.iter().zip(wanted).all(near),
        "{found:?} instead of {wanted:?}"
    );
}

#[tokio::test]
async fn a_draft_goes_on_is_trimmed_and_recorded_again_from_a_place() {
    let (home, folder) = home().await;
    let client = start(&home, tone(1_000)).await;
    let draft = record(&client).await;
    about(&lengths(&client, &folder).await, &[1_000]);

    let running = ask(&client, on(&draft, None)).await.unwrap();
    assert!(running.recording && running.id == draft);
    let second = ask(&client, on(&draft, None)).await.unwrap_err();
    assert_eq!(second.kind, FaultKind::AlreadyRecording);
    let longer = ask(&client, stop(&draft)).await.unwrap();
    about(&[longer.duration_ms], &[2_000]);
    assert_eq!(longer.peaks.len(), 100);
    about(&lengths(&client, &folder).await, &[2_000]);

    ask(&client, on(&draft, Some(500))).await.unwrap();
    ask(&client, stop(&draft)).await.unwrap();
    about(&lengths(&client, &folder).await, &[1_500]);

    let trim = |from_ms, until_ms| VoiceTrim {
        draft: draft.clone(),
        from_ms,
        until_ms,
    };
    let shorter = ask(&client, trim(250, 1_000)).await.unwrap();
    assert_eq!(shorter.duration_ms, 750);
    about(&lengths(&client, &folder).await, &[750]);
    let none = ask(&client, trim(700, 700)).await.unwrap_err();
    assert_eq!(none.kind, FaultKind::Bug);
    about(&lengths(&client, &folder).await, &[750]);

    // From the very beginning: only the new piece is left.
    ask(&client, on(&draft, Some(0))).await.unwrap();
    ask(
        &client,
        SendVoice {
            chat: CHAT,
            draft: draft.clone(),
        },
    )
    .await
    .unwrap();
    assert!(drafts(&client).await.is_empty());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    client.shutdown().await;
}

#[tokio::test]
async fn discarded_while_it_goes_on_nothing_is_left() {
    let (home, folder) = home().await;
    let client = start(&home, tone(300)).await;
    let draft = record(&client).await;
    ask(&client, on(&draft, None)).await.unwrap();
    ask(&client, VoiceDiscard { draft }).await.unwrap();
    assert!(drafts(&client).await.is_empty());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    client.shutdown().await;
}

#[tokio::test]
async fn without_a_microphone_the_draft_is_as_it_was() {
    let (home, folder) = home().await;
    let client = start(&home, tone(500)).await;
    let draft = record(&client).await;
    client.shutdown().await;
    let client = start(&home, Source::Device("none of this name".into())).await;
    ask(&client, on(&draft, Some(100))).await.unwrap_err();
    about(&lengths(&client, &folder).await, &[500]);
    client.shutdown().await;
}

/// A draft of a second, and what a kill left beside it; then the next start.
async fn killed(leave: impl FnOnce(&Files, &Path)) -> Vec<u32> {
    let (home, folder) = home().await;
    let client = start(&home, tone(1_000)).await;
    let draft = record(&client).await;
    client.shutdown().await;
    let store = Store::open(folder.parent().unwrap()).unwrap();
    let id = draft.clone();
    store.write(move |tx| tx.draft_resume(&id)).await.unwrap();
    store.close().await;
    leave(&Files::new(&folder, &draft), &folder);
    let client = start(&home, tone(1)).await;
    let found = lengths(&client, &folder).await;
    client.shutdown().await;
    found
}

/// A piece as it lies there while it is spoken: without an end.
fn spoken(path: &Path, ms: usize) {
    let options = RecordOptions {
        source: tone(ms),
        ..RecordOptions::default()
    };
    Recorder::start(path, options, |_| {})
        .unwrap()
        .stop()
        .unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length - 10).unwrap();
}

#[tokio::test]
async fn every_kill_leaves_the_draft_and_what_was_spoken() {
    // Before the microphone was open.
    about(&killed(|_, _| {}).await, &[1_000]);
    // Before the piece held sound.
    about(
        &killed(|files, _| std::fs::write(files.piece(), b"OggS").unwrap()).await,
        &[1_000],
    );
    // While it was spoken: its last page is not whole.
    about(
        &killed(|files, _| spoken(&files.piece(), 700)).await,
        &[1_600],
    );
    // While a shorter draft was written, and after it took its place.
    let again = killed(|files, _| {
        spoken(&files.piece(), 700);
        std::fs::write(files.fresh(), b"half").unwrap();
    });
    about(&again.await, &[1_600]);
    let again = killed(|files, _| {
        spoken(&files.piece(), 700);
        files.shorten(400).unwrap();
    });
    about(&again.await, &[1_000]);
    let anew = killed(|files, _| {
        spoken(&files.piece(), 700);
        files.shorten(0).unwrap();
    });
    about(&anew.await, &[600]);
    // After the joined file was written and before it had its name.
    let written = killed(|files, folder| {
        spoken(&files.piece(), 700);
        voice::recover(&files.piece()).unwrap();
        voice::edit::join(&[&files.take(), &files.piece()], &folder.join("sum")).unwrap();
        std::fs::rename(folder.join("sum"), files.fresh()).unwrap();
    });
    about(&written.await, &[1_600]);
    // After it had, with and without the piece that is in it.
    for piece_stays in [true, false] {
        let named = killed(|files, folder| {
            spoken(&files.piece(), 700);
            voice::recover(&files.piece()).unwrap();
            voice::edit::join(&[&files.take(), &files.piece()], &folder.join("sum")).unwrap();
            std::fs::rename(folder.join("sum"), files.whole()).unwrap();
            if !piece_stays {
                std::fs::remove_file(files.piece()).unwrap();
            }
        });
        about(&named.await, &[1_600]);
    }
    // After it took the draft's place.
    let joined = killed(|files, _| {
        spoken(&files.piece(), 700);
        voice::recover(&files.piece()).unwrap();
        files.join().unwrap();
    });
    about(&joined.await, &[1_600]);
}

#[tokio::test]
async fn a_kill_while_trimming_leaves_all_or_the_part() {
    type Leave = fn(&Files);
    let leftovers: [(Leave, u32); 3] = [
        (
            |files| std::fs::write(files.fresh(), b"half").unwrap(),
            1_000,
        ),
        (|files| drop(files.cut(200, 600).unwrap()), 400),
        (
            |files| {
                files.cut(200, 600).unwrap();
                files.settle().unwrap();
            },
            400,
        ),
    ];
    for (leave, wanted) in leftovers {
        let (home, folder) = home().await;
        let client = start(&home, tone(1_000)).await;
        let draft = record(&client).await;
        client.shutdown().await;
        let files = Files::new(&folder, &draft);
        leave(&files);
        // The row was written before the part took the draft's place.
        if wanted == 400 && !files.whole().exists() {
            let store = Store::open(folder.parent().unwrap()).unwrap();
            store
                .write(move |tx| tx.draft_finish(&draft, 400, &[1]))
                .await
                .unwrap();
            store.close().await;
        }
        let client = start(&home, tone(1)).await;
        about(&lengths(&client, &folder).await, &[wanted]);
        client.shutdown().await;
    }
}

#[tokio::test]
async fn what_cannot_be_joined_is_two_drafts() {
    let (home, folder) = home().await;
    let client = start(&home, tone(600)).await;
    let draft = record(&client).await;
    ask(&client, on(&draft, None)).await.unwrap();
    // A folder in the way: the joined file gets no name.
    let in_the_way = Files::new(&folder, &draft).whole();
    std::fs::create_dir(&in_the_way).unwrap();
    ask(&client, stop(&draft)).await.unwrap_err();
    std::fs::remove_dir(&in_the_way).unwrap();
    about(&lengths(&client, &folder).await, &[600, 600]);
    client.shutdown().await;
}

#[tokio::test]
async fn a_recording_that_cannot_be_finished_leaves_no_row_behind() {
    let (home, folder) = home().await;
    let client = start(&home, tone(400)).await;
    let draft = ask(&client, VoiceStart { chat: CHAT }).await.unwrap().id;
    let store = client.account().unwrap().store.clone();
    let row = store.reader().draft(draft.clone()).await.unwrap().unwrap();
    assert!(row.draft.recording);
    // As a disk leaves it that was full before the first page of sound.
    let files = Files::new(&folder, &draft);
    std::fs::write(files.take(), b"OggS").unwrap();
    client.account().unwrap().save_draft(row).await.unwrap();
    assert!(drafts(&client).await.is_empty());
    assert!(!files.take().exists());
    client.shutdown().await;
}

/// What is kept as the microphone heard it is counted and deleted, of drafts and of what was sent, but not under a recording.
#[tokio::test]
async fn what_is_kept_untouched_can_be_deleted() {
    let (home, _) = home().await;
    let client = start(&home, tone(1_500)).await;
    let kept = async |client: &Client| ask(client, Untouched {}).await.unwrap().files;
    record(&client).await;
    assert_eq!(kept(&client).await, 0, "nobody asked to keep it");
    let settings = Settings {
        keep_untouched: true,
        ..ask(&client, ReadSettings {}).await.unwrap()
    };
    ask(&client, SetSettings { settings }).await.unwrap();
    let sent = record(&client).await;
    let send = SendVoice {
        chat: CHAT,
        draft: sent,
    };
    ask(&client, send).await.unwrap();
    record(&client).await;
    let before = ask(&client, Untouched {}).await.unwrap();
    assert!(before.files == 2 && before.bytes > 1_000, "{before:?}");

    let runs = ask(&client, VoiceStart { chat: CHAT }).await.unwrap();
    let gone = ask(&client, DeleteUntouched {}).await.unwrap();
    assert_eq!(gone, before);
    ask(&client, stop(&runs.id)).await.unwrap();
    assert_eq!(kept(&client).await, 1);
}
