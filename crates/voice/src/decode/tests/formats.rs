//! Every format that other clients send, mono and stereo, made by other programs: the right length, and the sound that went
//! in, at its place.

use super::*;

/// A second and a half whose pitch rises, so that it is like itself at no other place.
fn chirp() -> Vec<f32> {
    (0..72_000)
        .map(|n| {
            let seconds = n as f32 / 48_000.0;
            let loud = 0.4 + 0.2 * (seconds * 9.0).sin();
            loud * (std::f32::consts::TAU * seconds * (200.0 + 300.0 * seconds)).sin()
        })
        .collect()
}

/// The chirp as a file that ffmpeg reads.
fn source(folder: &Path) -> String {
    let bytes: Vec<u8> = chirp().iter().flat_map(|s| s.to_le_bytes()).collect();
    let path = folder.join("chirp.raw");
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn encode(folder: &Path, name: &str, channels: u8, options: &[&str]) -> PathBuf {
    let (raw, path) = (source(folder), folder.join(name));
    let ac = channels.to_string();
    let mut arguments = vec!["-v", "error", "-y", "-f", "f32le", "-ar", "48000"];
    arguments.extend(["-ac", "1", "-i", raw.as_str(), "-ac", ac.as_str()]);
    arguments.extend(options);
    arguments.push(path.to_str().unwrap());
    run("ffmpeg", &arguments);
    path
}

/// How alike two sounds are (1: the same but for loudness) at the best offset of `second` up to `reach` samples, and that
/// offset.
fn likeness(first: &[f32], second: &[f32], reach: i64) -> (f32, i64) {
    let alike = |offset: i64| {
        let (skip_first, skip_second) = (offset.min(0).unsigned_abs(), offset.max(0) as usize);
        let pairs = first
            .iter()
            .skip(skip_first as usize)
            .zip(second.iter().skip(skip_second))
            .take(48_000)
            .step_by(11);
        let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
        for (a, b) in pairs {
            both += a * b;
            one += a * a;
            other += b * b;
        }
        both / (one * other).sqrt().max(1e-9)
    };
    // A period of the chirp has more than forty samples, so that the top of the right hill is near a coarse step.
    let coarse = (reach / 100).clamp(1, 6);
    let mut best = (-1.0, 0);
    let mut look = |offsets: std::ops::RangeInclusive<i64>, step: i64| {
        for offset in offsets.step_by(step as usize) {
            let found = alike(offset);
            if found > best.0 {
                best = (found, offset);
            }
        }
        best
    };
    let (_, near) = look(-reach..=reach, coarse);
    look((near - coarse).max(-reach)..=(near + coarse).min(reach), 1)
}

/// Decodes a file and compares it with the chirp, from its beginning and after seeks. What is wrong with it.
fn faults(path: &Path, codec: Codec, channels: u8, slack_ms: u32, shift: i64) -> Vec<String> {
    let mut faults = Vec::new();
    let name = path.file_name().unwrap().to_str().unwrap();
    let mut ask = |right: bool, what: String| {
        if !right {
            faults.push(format!("{name}: {what}"));
        }
    };
    let probe = probe(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let kind = (probe.codec, probe.channels);
    ask(kind == (codec, channels), format!("{kind:?}"));
    let length = probe.duration_ms;
    ask(length.abs_diff(1_500) <= slack_ms, format!("{length} ms"));
    ask(probe.peaks.len() == PEAK_BUCKETS, "a waveform".to_owned());

    let mut sound = Sound::open(path).unwrap();
    ask(sound.rate() == 48_000, format!("{} Hz", sound.rate()));
    let claimed = milliseconds(sound.frames(), 48_000);
    let right = claimed.abs_diff(length) <= slack_ms;
    ask(right, format!("claims {claimed} ms and has {length}"));
    let source = chirp();
    let mut heard = Vec::new();
    let found = loop {
        match sound.read(&mut heard) {
            Ok(true) => {}
            other => break other,
        }
    };
    ask(found.is_ok(), format!("{found:?}"));
    let (alike, offset) = likeness(&source, &heard, shift);
    ask(alike > 0.97, format!("{alike} at {offset}"));
    for from in [48_000, 9_600] {
        let mut rest = Vec::new();
        let found = sound.seek(from).and_then(|()| {
            while sound.read(&mut rest)? {}
            Ok(())
        });
        ask(found.is_ok(), format!("from {from}: {found:?}"));
        let part = &source[from as usize..];
        let (alike, offset) = likeness(part, &rest, shift);
        let right = alike > 0.95;
        ask(right, format!("from {from}: {alike} at {offset}"));
        let left = milliseconds(rest.len() as u64, 48_000);
        let right = (left + from as u32 / 48).abs_diff(length) <= slack_ms;
        ask(right, format!("from {from}: {left} ms"));
    }
    faults
}

#[test]
fn every_format_sounds_like_its_source() {
    let folder = tempfile::tempdir().unwrap();
    // Name, codec, what ffmpeg is told, how far the length may be off (padding that the file does not tell), and how far
    // the sound may be shifted, in samples.
    let formats: &[(&str, Codec, &[&str], u32, i64)] = &[
        ("s16.wav", Codec::Pcm, &["-c:a", "pcm_s16le"], 0, 0),
        ("u8.wav", Codec::Pcm, &["-c:a", "pcm_u8"], 0, 0),
        ("s24.wav", Codec::Pcm, &["-c:a", "pcm_s24le"], 0, 0),
        ("s32.wav", Codec::Pcm, &["-c:a", "pcm_s32le"], 0, 0),
        ("alaw.wav", Codec::Pcm, &["-c:a", "pcm_alaw"], 0, 0),
        ("mulaw.wav", Codec::Pcm, &["-c:a", "pcm_mulaw"], 0, 0),
        ("f32.wav", Codec::Pcm, &["-c:a", "pcm_f32le"], 0, 0),
        ("a.flac", Codec::Flac, &["-c:a", "flac"], 0, 0),
        ("ogg.oga", Codec::Flac, &["-c:a", "flac"], 0, 0),
        (
            "a.m4a",
            Codec::Aac,
            &["-c:a", "aac", "-b:a", "96k"],
            45,
            2_200,
        ),
        (
            "fragmented.m4a",
            Codec::Aac,
            &["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"],
            45,
            2_200,
        ),
        ("a.aac", Codec::Aac, &["-c:a", "aac"], 60, 2_200),
        ("a.mp3", Codec::Mp3, &["-c:a", "libmp3lame"], 0, 4),
        (
            "plain.mp3",
            Codec::Mp3,
            &["-c:a", "libmp3lame", "-write_xing", "0"],
            75,
            2_400,
        ),
        ("vorbis.ogg", Codec::Vorbis, &["-c:a", "libvorbis"], 1, 4),
        (
            "vorbis.webm",
            Codec::Vorbis,
            &["-c:a", "libvorbis"],
            30,
            1_500,
        ),
        ("opus.ogg", Codec::Opus, &["-c:a", "libopus"], 1, 4),
        ("opus.webm", Codec::Opus, &["-c:a", "libopus"], 20, 100),
        (
            "live.webm",
            Codec::Opus,
            &["-c:a", "libopus", "-live", "1", "-f", "webm"],
            20,
            100,
        ),
        ("opus.mp4", Codec::Opus, &["-c:a", "libopus"], 1, 4),
    ];
    let mut found = Vec::new();
    for (name, codec, options, slack, shift) in formats {
        for channels in [1, 2] {
            let name = format!("{channels}-{name}");
            let path = encode(folder.path(), &name, channels, options);
            found.extend(faults(&path, *codec, channels, *slack, *shift));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_is_not_known_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    for (name, options, is_sound) in [
        ("alac.m4a", &["-c:a", "alac"][..], true),
        ("slow.wav", &["-ar", "4000", "-c:a", "pcm_s16le"], true),
        ("fast.wav", &["-ar", "384000", "-c:a", "pcm_s16le"], true),
        ("adpcm.wav", &["-c:a", "adpcm_ima_wav"], true),
        ("ac3.mkv", &["-c:a", "ac3"], true),
        ("a.ac3", &["-c:a", "ac3"], false),
        ("a.wma", &["-c:a", "wmav2"], false),
        ("speex.ogg", &["-ar", "16000", "-c:a", "libspeex"], false),
    ] {
        let path = encode(folder.path(), name, 1, options);
        let found = probe(&path);
        let right = match is_sound {
            true => matches!(found, Err(VoiceError::UnsupportedCodec)),
            false => matches!(found, Err(VoiceError::NotAudio)),
        };
        assert!(right, "{name}: {found:?}");
    }
}

#[test]
fn surround_sound_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["-c:a", "libopus", "-b:a", "192k"];
    let path = encode(folder.path(), "six.ogg", 6, &options);
    assert_eq!(faults(&path, Codec::Opus, 6, 1, 4), [""; 0]);
    let path = encode(folder.path(), "six.webm", 6, &options);
    assert_eq!(faults(&path, Codec::Opus, 6, 20, 100), [""; 0]);
}

#[test]
fn opusenc_writes_what_we_read() {
    let folder = tempfile::tempdir().unwrap();
    let wav = encode(folder.path(), "in.wav", 1, &["-c:a", "pcm_s16le"]);
    let path = folder.path().join("a.opus");
    let (wav, text) = (wav.to_str().unwrap(), path.to_str().unwrap());
    for options in [&["--framesize", "60"][..], &["--framesize", "2.5"]] {
        let mut arguments = vec!["--quiet"];
        arguments.extend(options);
        arguments.extend([wav, text]);
        run("opusenc", &arguments);
        assert_eq!(faults(&path, Codec::Opus, 1, 1, 4), [""; 0]);
    }
}

/// What `cat` makes of recordings: heard one after the other, found by their places.
#[test]
fn a_chain_is_heard_whole() {
    let folder = tempfile::tempdir().unwrap();
    let one = std::fs::read(encode(folder.path(), "1.ogg", 1, &["-c:a", "libopus"])).unwrap();
    let two = std::fs::read(encode(folder.path(), "2.ogg", 2, &["-c:a", "libopus"])).unwrap();
    let (own, take) = recorded(folder.path(), &chirp());
    assert_eq!(take.duration_ms, 1_500);
    let path = folder.path().join("chain.ogg");
    std::fs::write(&path, [one, std::fs::read(own).unwrap(), two].concat()).unwrap();
    let probe = probe(&path).unwrap();
    assert_eq!(probe.duration_ms, 4_500);
    let mut sound = Sound::open(&path).unwrap();
    assert_eq!(sound.counted().unwrap() / 48_000, 4);
    let heard = read_all(&mut sound);
    assert_eq!(heard.len(), 3 * 72_000);
    for link in heard.chunks(72_000) {
        let (alike, offset) = likeness(&chirp(), link, 4);
        assert!(alike > 0.97, "{alike} at {offset}");
    }
    for frame in [0u64, 71_999, 72_000, 100_000, 216_000, 1_000_000] {
        sound.seek(frame).unwrap();
        let rest = read_all(&mut sound);
        let expected = &heard[(frame as usize).min(heard.len())..];
        assert_eq!(rest.len(), expected.len(), "from {frame}");
        let part = &expected[..expected.len().min(20_000)];
        if part.len() > 1_000 {
            let (alike, _) = likeness(part, &rest, 0);
            assert!(alike > 0.95, "from {frame}: {alike}");
        }
    }
}
