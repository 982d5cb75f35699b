use std::path::PathBuf;

use super::*;
use crate::{Pace, RecordOptions, Recorder, Script, Source};

/// Half a second of silence, then of a tone, and so on.
fn recorded(folder: &Path, name: &str, halves: usize) -> PathBuf {
    let samples: Vec<f32> = (0..24_000 * halves)
        .map(|n| {
            let loud = (n / 24_000) % 2 == 1;
            let tone = (n as f32 * 300.0 * std::f32::consts::TAU / 48_000.0).sin() * 0.5;
            if loud { tone } else { 0.0 }
        })
        .collect();
    let path = folder.join(name);
    let options = RecordOptions {
        source: Source::Scripted(Script::mono(&samples, 48_000, Pace::Fast)),
        ..RecordOptions::default()
    };
    Recorder::start(&path, options, |_| {})
        .unwrap()
        .stop()
        .unwrap();
    path
}

#[test]
fn a_part_is_what_was_said_there() {
    let folder = tempfile::tempdir().unwrap();
    let whole = recorded(folder.path(), "whole.ogg", 4);
    let part = folder.path().join("part.ogg");
    // Loud first, silent then.
    let take = cut(&whole, &part, 600, 1_400).unwrap();
    assert_eq!(take.duration_ms, 800);
    assert_eq!(take.bytes, std::fs::metadata(&part).unwrap().len());
    assert_eq!(probe(&part).unwrap().duration_ms, 800);
    assert_eq!(crate::recover(&part).unwrap(), take);
    assert!(
        take.peaks[..45].iter().all(|&peak| peak > 100),
        "{:?}",
        take.peaks
    );
    assert!(
        take.peaks[60..].iter().all(|&peak| peak < 30),
        "{:?}",
        take.peaks
    );
    // A part of a part, and a part that claims more than there is.
    let again = folder.path().join("again.ogg");
    assert_eq!(cut(&part, &again, 100, 9_000).unwrap().duration_ms, 700);
    assert!(matches!(
        cut(&part, &folder.path().join("none.ogg"), 800, 900),
        Err(VoiceError::NotAudio)
    ));
}

#[test]
fn pieces_become_one() {
    let folder = tempfile::tempdir().unwrap();
    let first = recorded(folder.path(), "first.ogg", 2);
    let second = recorded(folder.path(), "second.ogg", 2);
    let sum = folder.path().join("sum.ogg");
    let take = join(&[&first, &second], &sum).unwrap();
    assert!(
        (2_000..=2_040).contains(&take.duration_ms),
        "{}",
        take.duration_ms
    );
    assert_eq!(crate::recover(&sum).unwrap(), take);
    let loud = |from: usize, to: usize| take.peaks[from..to].iter().all(|&peak| peak > 100);
    assert!(loud(30, 45) && loud(80, 95), "{:?}", take.peaks);
    assert!(!loud(5, 20) && !loud(55, 70), "{:?}", take.peaks);
}

#[test]
fn what_is_not_ours_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (text, to) = (folder.path().join("text"), folder.path().join("to.ogg"));
    std::fs::write(&text, b"not a sound").unwrap();
    assert!(matches!(
        join(&[&text, &text], &to),
        Err(VoiceError::NotAudio)
    ));
    assert!(matches!(join(&[], &to), Err(VoiceError::NotAudio)));
    assert!(!to.exists());
    let ours = recorded(folder.path(), "ours.ogg", 1);
    std::fs::write(&to, b"somebody's").unwrap();
    assert!(matches!(cut(&ours, &to, 0, 100), Err(VoiceError::Disk(_))));
    assert_eq!(std::fs::read(&to).unwrap(), b"somebody's");
}
