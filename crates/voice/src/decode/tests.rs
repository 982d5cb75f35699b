use std::path::PathBuf;
use std::process::Command;

use proptest::prelude::*;

use super::*;
use crate::{Pace, RecordOptions, Recorder, Script, Source, Take};

mod formats;
mod hostile;

/// A tone whose loudness rises in a straight line from nothing to 0.8, so that a place can be told by its peak.
fn rising(seconds: f32) -> Vec<f32> {
    let samples = (seconds * 48_000.0) as usize;
    (0..samples)
        .map(|n| {
            let tone = (n as f32 * 400.0 * std::f32::consts::TAU / 48_000.0).sin();
            tone * 0.8 * n as f32 / samples as f32
        })
        .collect()
}

fn recorded(folder: &Path, samples: &[f32]) -> (PathBuf, Take) {
    let path = folder.join("own.ogg");
    let source = Source::Scripted(Script::mono(samples, 48_000, Pace::Fast));
    let options = RecordOptions {
        source,
        ..RecordOptions::default()
    };
    let take = Recorder::start(&path, options, |_| {})
        .unwrap()
        .stop()
        .unwrap();
    (path, take)
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {text}");
    text
}

fn read_all(sound: &mut Sound) -> Vec<f32> {
    let mut out = Vec::new();
    while sound.read(&mut out).unwrap() {}
    out
}

#[test]
fn other_tools_find_our_file_valid() {
    let folder = tempfile::tempdir().unwrap();
    let (path, take) = recorded(folder.path(), &rising(2.345));
    assert_eq!(take.duration_ms, 2_345);
    let path = path.to_str().unwrap();
    let info = run("opusinfo", &[path]);
    assert!(info.contains("Encoded with Millet"), "{info}");
    assert!(info.contains("Pre-skip: 312"), "{info}");
    assert!(info.contains("Playback length: 0m:02.345s"), "{info}");
    assert!(info.contains("Channels: 1"), "{info}");
    assert!(!info.contains("WARNING"), "{info}");
    let entries = "stream=codec_name,channels,sample_rate,start_time:format=duration";
    let probe = run(
        "ffprobe",
        &["-v", "warning", "-show_entries", entries, path],
    );
    for line in [
        "codec_name=opus",
        "channels=1",
        "sample_rate=48000",
        "duration=2.351500",
    ] {
        assert!(probe.contains(line), "{line} in {probe}");
    }
    // Another decoder gives exactly the samples that went in, counted.
    let wav = folder.path().join("out.wav");
    run(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-i",
            path,
            "-c:a",
            "pcm_s16le",
            wav.to_str().unwrap(),
        ],
    );
    assert_eq!(super::probe(&wav).unwrap().duration_ms, 2_345);
}

#[test]
fn what_was_recorded_is_read_back_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let samples = rising(3.0);
    let (path, take) = recorded(folder.path(), &samples);
    let mut sound = Sound::open(&path).unwrap();
    assert_eq!(sound.frames(), samples.len() as u64);
    let heard = read_all(&mut sound);
    assert_eq!(heard.len(), samples.len());
    let probe = super::probe(&path).unwrap();
    assert_eq!(probe.duration_ms, take.duration_ms);
    for (bucket, (told, found)) in take.peaks.iter().zip(&probe.peaks).enumerate() {
        assert!(
            told.abs_diff(*found) < 20,
            "bucket {bucket}: {told} and {found}"
        );
    }
}

#[test]
fn seeking_lands_where_reading_would() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = recorded(folder.path(), &rising(20.0));
    let mut sound = Sound::open(&path).unwrap();
    let whole = read_all(&mut sound);
    for frame in [
        0u64, 1, 5_000, 100_000, 480_123, 900_000, 959_000, 960_000, 5_000_000,
    ] {
        sound.seek(frame).unwrap();
        let rest = read_all(&mut sound);
        let expected = &whole[(frame as usize).min(whole.len())..];
        assert_eq!(rest.len(), expected.len(), "from {frame}");
        let worst = rest
            .iter()
            .zip(expected)
            .take(48_000)
            .fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst < 0.05, "from {frame}: off by {worst}");
    }
}

/// What other clients send, made by another program.
#[test]
fn other_codecs_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let wav = folder.path().join("in.wav");
    let (own, _) = recorded(folder.path(), &rising(3.0));
    let (own, wav) = (own.to_str().unwrap(), wav.to_str().unwrap());
    run(
        "ffmpeg",
        &["-v", "error", "-i", own, "-c:a", "pcm_s16le", wav],
    );
    for (name, codec, encoder, channels, rate, slack) in [
        ("a.wav", Codec::Pcm, "pcm_s16le", 2u8, 44_100, 1),
        ("a.flac", Codec::Flac, "flac", 1, 48_000, 1),
        ("a.m4a", Codec::Aac, "aac", 2, 44_100, 60),
        ("a.aac", Codec::Aac, "aac", 1, 44_100, 80),
        ("a.mp3", Codec::Mp3, "libmp3lame", 2, 44_100, 60),
        ("b.mp3", Codec::Mp3, "libmp3lame", 1, 16_000, 90),
        ("a.ogg", Codec::Vorbis, "libvorbis", 2, 44_100, 30),
        ("b.ogg", Codec::Opus, "libopus", 2, 48_000, 1),
        ("a.webm", Codec::Opus, "libopus", 1, 48_000, 30),
        ("b.webm", Codec::Opus, "libopus", 2, 48_000, 30),
    ] {
        let path = folder.path().join(name);
        let text = path.to_str().unwrap();
        let (ac, ar) = (channels.to_string(), rate.to_string());
        run(
            "ffmpeg",
            &[
                "-v", "error", "-i", wav, "-ac", &ac, "-ar", &ar, "-c:a", encoder, text,
            ],
        );
        let probe = super::probe(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((probe.codec, probe.channels), (codec, channels), "{name}");
        assert!(
            probe.duration_ms.abs_diff(3_000) <= slack,
            "{name}: {} ms",
            probe.duration_ms
        );
        // The other program lowers a mono signal by 3 dB when it spreads it over two channels.
        let loud = if channels == 2 { 110 } else { 150 };
        let (early, late) = (probe.peaks[10], probe.peaks[90]);
        assert!(
            (8..40).contains(&early) && (loud..loud + 100).contains(&late),
            "{name}: {early} {late}"
        );
        // From the middle on it is at least half as loud.
        let mut sound = Sound::open(&path).unwrap();
        sound.seek(u64::from(sound.rate()) * 2).unwrap();
        let rest = read_all(&mut sound);
        let found = milliseconds(rest.len() as u64, sound.rate());
        assert!(
            found.abs_diff(1_000) <= slack.max(2),
            "{name}: {found} ms after a seek"
        );
        let first = peaks::peak(&rest[..rest.len() / 50]);
        assert!((75..165).contains(&first), "{name}: {first} at the seek");
    }
}

#[test]
fn files_without_sound_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    for content in [
        &b""[..],
        b"text",
        &[0; 70_000],
        &[0xff; 70_000],
        b"OggS",
        b"RIFF\xff\xff\xff\xffWAVE",
    ] {
        std::fs::write(&path, content).unwrap();
        let error = super::probe(&path).unwrap_err();
        assert!(matches!(error, VoiceError::NotAudio), "{error:?}");
    }
    assert!(matches!(
        super::probe(folder.path()),
        Err(VoiceError::NotAudio)
    ));
    assert!(matches!(
        super::probe(&folder.path().join("none")),
        Err(VoiceError::Disk(_))
    ));
}

#[test]
fn lying_positions_are_refused_or_cut() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = recorded(folder.path(), &rising(0.3));
    let whole = std::fs::read(&path).unwrap();
    let last = (0..whole.len() - 4)
        .rfind(|&at| whole[at..].starts_with(b"OggS"))
        .unwrap();
    let page = &whole[last..];
    for (granule, expected) in [
        (u64::MAX - 1, None),
        (48_000 * 3600 * 7, None),
        (0, Some(0)),
    ] {
        let mut changed = page.to_vec();
        changed[6..14].copy_from_slice(&granule.to_le_bytes());
        let mut lying = whole[..last].to_vec();
        lying.extend_from_slice(&crate::ogg::with_flags(&changed, crate::ogg::LAST));
        std::fs::write(&path, lying).unwrap();
        match (super::probe(&path), expected) {
            (Err(VoiceError::TooLong), None) => {}
            (Ok(probe), Some(duration_ms)) => assert_eq!(probe.duration_ms, duration_ms),
            (other, _) => panic!("{granule}: {other:?}"),
        }
    }
}

fn small_file() -> &'static [u8] {
    static FILE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    FILE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = recorded(folder.path(), &rising(0.7));
        std::fs::read(path).unwrap()
    })
}

#[test]
fn a_cut_at_any_byte_is_read_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.ogg");
    let whole = small_file();
    for cut in (0..whole.len()).step_by(3) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        if let Ok(probe) = super::probe(&path) {
            assert!(probe.duration_ms <= 700, "cut at {cut}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn changed_bytes_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("changed.ogg");
        let mut bytes = small_file().to_vec();
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        std::fs::write(&path, bytes).unwrap();
        let _ = super::probe(&path);
        if let Ok(mut sound) = Sound::open(&path) {
            let _ = sound.seek(10_000);
            let mut out = Vec::new();
            while let Ok(true) = sound.read(&mut out) {}
            prop_assert!(out.len() <= 48_000);
        }
    }
}
