use std::sync::{Arc, Mutex};

use super::*;
use crate::process::{Denoise, corpus};
use crate::script::SampleFormat;

type Events = Arc<Mutex<Vec<RecordEvent>>>;

fn tone(rate: u32, seconds: f32) -> Vec<f32> {
    (0..(rate as f32 * seconds) as usize)
        .map(|n| (n as f32 * 300.0 * std::f32::consts::TAU / rate as f32).sin() * 0.5)
        .collect()
}

fn scripted(script: Script) -> RecordOptions {
    RecordOptions {
        source: Source::Scripted(script),
        ..RecordOptions::default()
    }
}

fn record(options: RecordOptions) -> (tempfile::TempDir, Take, Vec<RecordEvent>) {
    let folder = tempfile::tempdir().unwrap();
    let events = Events::default();
    let kept = Arc::clone(&events);
    let recorder = Recorder::start(&folder.path().join("a.ogg"), options, move |event| {
        kept.lock().unwrap().push(event);
    })
    .unwrap();
    let take = recorder.stop().unwrap();
    let events = std::mem::take(&mut *events.lock().unwrap());
    (folder, take, events)
}

fn levels(events: &[RecordEvent]) -> Vec<(u32, u8)> {
    events
        .iter()
        .filter_map(|event| match event {
            RecordEvent::Level { elapsed_ms, peak } => Some((*elapsed_ms, *peak)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_script_becomes_a_file_of_its_length() {
    let script = Script::mono(&tone(48_000, 1.5), 48_000, Pace::Fast);
    let (folder, take, events) = record(scripted(script));
    assert_eq!(take.duration_ms, 1_500);
    assert_eq!(take.peaks.len(), crate::PEAK_BUCKETS);
    assert!(
        take.peaks.iter().all(|&peak| (125..=129).contains(&peak)),
        "{:?}",
        take.peaks
    );
    let path = folder.path().join("a.ogg");
    assert_eq!(take.bytes, fs::metadata(&path).unwrap().len());
    assert!(matches!(events[0], RecordEvent::Capturing { .. }));
    let levels = levels(&events);
    assert_eq!(levels.len(), 18);
    assert_eq!(levels[17].0, 1_440);
    let probe = crate::probe(&path).unwrap();
    assert_eq!(
        (probe.duration_ms, probe.codec, probe.channels),
        (1_500, crate::Codec::Opus, 1)
    );
}

#[test]
fn every_format_rate_and_channel_count_is_taken() {
    for (format, rate, channels) in [
        (SampleFormat::I16, 44_100, 2),
        (SampleFormat::U16, 8_000, 1),
        (SampleFormat::I32, 96_000, 1),
        (SampleFormat::F32, 192_000, 6),
        (SampleFormat::I16, 16_000, 1),
        (SampleFormat::F32, 22_050, 2),
    ] {
        let samples: Vec<f32> = tone(rate, 1.0)
            .iter()
            .flat_map(|&sample| std::iter::repeat_n(sample, usize::from(channels)))
            .collect();
        let script = Script::interleaved(&samples, rate, channels, format, Pace::Fast);
        let (_folder, take, _) = record(scripted(script));
        assert_eq!(take.duration_ms, 1_000, "{format:?} {rate} {channels}");
        let middle = take.peaks[50];
        assert!(
            (123..=131).contains(&middle),
            "{format:?} {rate} {channels}: {middle}"
        );
    }
}

#[test]
fn an_unplugged_device_leaves_what_was_said() {
    let script = Script::mono(&tone(48_000, 2.0), 48_000, Pace::Fast)
        .unplug_after(Duration::from_millis(700));
    let (folder, take, events) = record(scripted(script));
    assert_eq!(take.duration_ms, 700);
    assert!(matches!(
        events.last(),
        Some(RecordEvent::Lost(VoiceError::DeviceLost))
    ));
    assert_eq!(
        crate::probe(&folder.path().join("a.ogg"))
            .unwrap()
            .duration_ms,
        700
    );
}

#[test]
fn the_limit_ends_it_exactly() {
    let script = Script::mono(&tone(44_100, 2.0), 44_100, Pace::Fast);
    let options = RecordOptions {
        limit: Duration::from_millis(1_234),
        ..scripted(script)
    };
    let (_folder, take, events) = record(options);
    assert_eq!(take.duration_ms, 1_234);
    assert!(matches!(events.last(), Some(RecordEvent::LimitReached)));
}

#[test]
fn digital_silence_is_remarked_once() {
    let script = Script::mono(&vec![0.0; 48_000 * 3], 48_000, Pace::Fast);
    let (_folder, take, events) = record(scripted(script));
    assert_eq!(take.duration_ms, 3_000);
    let remarks = events
        .iter()
        .filter(|event| matches!(event, RecordEvent::Silent))
        .count();
    assert_eq!(remarks, 1);
}

#[test]
fn nothing_said_is_an_empty_take() {
    let (folder, take, _) = record(scripted(Script::mono(&[], 48_000, Pace::Fast)));
    assert_eq!((take.duration_ms, take.peaks.len()), (0, 0));
    assert_eq!(
        crate::probe(&folder.path().join("a.ogg"))
            .unwrap()
            .duration_ms,
        0
    );
}

#[test]
fn a_real_time_microphone_gives_the_tail_and_halt_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let start = |name: &str| {
        let script = Script::mono(&tone(48_000, 5.0), 48_000, Pace::RealTime);
        let (sender, receiver) = mpsc::channel();
        let recorder = Recorder::start(&folder.path().join(name), scripted(script), move |event| {
            let _ = sender.send(event);
        })
        .unwrap();
        let elapsed = loop {
            if let RecordEvent::Level { elapsed_ms, .. } = receiver.recv().unwrap() {
                break elapsed_ms;
            }
        };
        (recorder, elapsed)
    };
    let (recorder, elapsed) = start("stopped.ogg");
    let stopped = recorder.stop().unwrap();
    assert!(
        stopped.duration_ms >= elapsed + 300,
        "{}",
        stopped.duration_ms
    );
    let (recorder, elapsed) = start("halted.ogg");
    let began = Instant::now();
    let halted = recorder.halt().unwrap();
    let took = began.elapsed().as_millis() as u32;
    assert!(halted.duration_ms >= elapsed);
    assert!(
        halted.duration_ms <= elapsed + took + 100,
        "{} after {elapsed}",
        halted.duration_ms
    );
}

#[test]
fn a_dropped_recorder_leaves_a_finished_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ogg");
    let script = Script::mono(&tone(48_000, 5.0), 48_000, Pace::RealTime);
    let (sender, receiver) = mpsc::channel();
    let recorder = Recorder::start(&path, scripted(script), move |event| {
        let _ = sender.send(event);
    })
    .unwrap();
    while !matches!(receiver.recv().unwrap(), RecordEvent::Level { .. }) {}
    drop(recorder);
    let before = fs::read(&path).unwrap();
    let take = crate::recover(&path).unwrap();
    assert!(take.duration_ms >= 80);
    assert_eq!(
        fs::read(&path).unwrap(),
        before,
        "nothing had to be repaired"
    );
}

#[test]
fn an_existing_file_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ogg");
    fs::write(&path, "mine").unwrap();
    let options = scripted(Script::mono(&[], 48_000, Pace::Fast));
    let error = Recorder::start(&path, options, |_| {}).unwrap_err();
    assert!(matches!(error, VoiceError::Disk(_)));
    assert_eq!(fs::read(&path).unwrap(), b"mine");
}

#[test]
fn an_impossible_device_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ogg");
    let options = scripted(Script::mono(&[0.0; 10], 1_000, Pace::Fast));
    assert!(Recorder::start(&path, options, |_| {}).is_err());
    assert!(!path.exists());
}

/// A voice at full scale is told of, and not with every word; one that is merely loud is not.
#[test]
fn a_voice_that_is_too_loud_is_told_of() {
    let tone = |amplitude: f32| -> Vec<f32> {
        (0..6 * 48_000)
            .map(|n| (n as f32 * 300.0 * std::f32::consts::TAU / 48_000.0).sin() * amplitude)
            .map(|sample| sample.clamp(-1.0, 1.0))
            .collect()
    };
    for (amplitude, expected) in [(3.0, 2), (0.9, 0)] {
        let (_folder, _, events) =
            record(scripted(Script::mono(&tone(amplitude), 48_000, Pace::Fast)));
        let told = events
            .iter()
            .filter(|event| matches!(event, RecordEvent::Clipping));
        assert_eq!(told.count(), expected, "{amplitude}");
    }
}

/// All that a file holds.
fn decoded(path: &Path) -> Vec<f32> {
    let mut sound = crate::decode::Sound::open(path).unwrap();
    let mut samples = Vec::new();
    while sound.read(&mut samples).unwrap() {}
    samples
}

/// A soft voice in a room with a fan.
fn noisy() -> Vec<f32> {
    let speech = corpus::at_level(corpus::speech(5.0, 7), -32.0);
    corpus::mixed(&speech, &corpus::noise("fan", 5.0), 12.0)
}

const CLEARED: ProcessOptions = ProcessOptions {
    denoise: Denoise::On,
    gain: true,
    high_pass: true,
};

/// What is told of the microphone is the same, what will be heard is not; to the sample as long.
#[test]
fn a_take_is_processed_and_kept_as_it_was() {
    let sound = noisy();
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept.ogg");
    let options = |processing, keep_untouched| RecordOptions {
        processing,
        keep_untouched,
        ..scripted(Script::mono(&sound, 48_000, Pace::Fast))
    };
    let (plain, plain_take, plain_events) = record(options(ProcessOptions::default(), None));
    let (cleared, take, events) = record(options(CLEARED, Some(kept.clone())));
    assert_eq!(take.duration_ms, 5_000);
    assert_eq!(levels(&events), levels(&plain_events));
    let plain = decoded(&plain.path().join("a.ogg"));
    let cleared = decoded(&cleared.path().join("a.ogg"));
    assert_eq!((plain.len(), cleared.len()), (sound.len(), sound.len()));
    assert_eq!(decoded(&kept), plain);
    let late = 3 * 48_000..;
    assert!(corpus::level(&cleared[late.clone()]) > corpus::level(&plain[late]) + 4.0);
    let loudest = |take: &Take| take.peaks[60..].iter().copied().max();
    assert!(
        loudest(&take) > loudest(&plain_take),
        "the waveform is of what is heard"
    );
}

#[test]
fn the_limit_is_exact_where_sound_is_processed() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept.ogg");
    let options = RecordOptions {
        limit: Duration::from_millis(1_234),
        processing: CLEARED,
        keep_untouched: Some(kept.clone()),
        ..scripted(Script::mono(&noisy(), 48_000, Pace::Fast))
    };
    let (_folder, take, events) = record(options);
    assert_eq!(take.duration_ms, 1_234);
    assert!(matches!(events.last(), Some(RecordEvent::LimitReached)));
    assert_eq!(crate::probe(&kept).unwrap().duration_ms, 1_234);
}

#[test]
fn an_unplugged_device_leaves_what_was_processed() {
    let script =
        Script::mono(&noisy(), 48_000, Pace::Fast).unplug_after(Duration::from_millis(700));
    let (_folder, take, _) = record(RecordOptions {
        processing: CLEARED,
        ..scripted(script)
    });
    assert_eq!(take.duration_ms, 700);
}

/// The second file may be where it cannot be written: the take is the same.
#[test]
fn what_cannot_be_kept_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken.ogg");
    fs::write(&taken, "mine").unwrap();
    let places = [folder.path().join("missing/kept.ogg"), taken.clone()];
    for place in places {
        let (_folder, take, events) = record(RecordOptions {
            keep_untouched: Some(place),
            ..scripted(Script::mono(&tone(48_000, 1.0), 48_000, Pace::Fast))
        });
        assert_eq!(take.duration_ms, 1_000);
        assert!(
            !events
                .iter()
                .any(|event| matches!(event, RecordEvent::Lost(_)))
        );
    }
    assert_eq!(fs::read(&taken).unwrap(), b"mine");
}
