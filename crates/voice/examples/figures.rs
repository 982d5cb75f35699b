//! Prints what voice costs on this machine, as JSON with whole numbers; medians of five runs.
//!
//! `encode_x_realtime` and `decode_x_realtime` walk the whole path of a minute of sound (ring format to synced file;
//! file to waveform). `press_to_capture_ms` needs a microphone and is null without one.

use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use voice::{Pace, RecordEvent, RecordOptions, Recorder, Script, Source, VoiceError};

const RUNS: usize = 5;
const SECONDS: u32 = 60;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let samples = babble();
    let mut encode = Vec::new();
    let mut decode = Vec::new();
    for run in 0..RUNS {
        let path = folder.path().join(format!("{run}.ogg"));
        let source = Source::Scripted(Script::mono(&samples, 48_000, Pace::Fast));
        let began = Instant::now();
        let options = RecordOptions {
            source,
            ..RecordOptions::default()
        };
        Recorder::start(&path, options, |_| {})?.stop()?;
        encode.push(times_real_time(began.elapsed()));
        let began = Instant::now();
        voice::probe(&path)?;
        decode.push(times_real_time(began.elapsed()));
    }
    let mut capture = Vec::new();
    for run in 0..RUNS {
        match press(&folder.path().join(format!("live{run}.ogg"))) {
            Ok(Some(after_press)) => capture.push(after_press.as_millis() as u64),
            Ok(None) => {}
            Err(VoiceError::NoMicrophone) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let figures = serde_json::json!({
        "encode_x_realtime": median(encode),
        "decode_x_realtime": median(decode),
        "press_to_capture_ms": median(capture),
    });
    println!("{figures}");
    Ok(())
}

fn press(path: &Path) -> Result<Option<Duration>, VoiceError> {
    let (sender, receiver) = mpsc::channel();
    let recorder = Recorder::start(path, RecordOptions::default(), move |event| {
        let _ = sender.send(event);
    })?;
    let after_press = loop {
        match receiver.recv() {
            Ok(RecordEvent::Capturing { after_press }) => break Some(after_press),
            Ok(RecordEvent::Lost(_)) | Err(_) => break None,
            Ok(_) => {}
        }
    };
    recorder.halt()?;
    Ok(after_press)
}

/// Something like speech: syllables of a voice with overtones and a little breath, four a second.
fn babble() -> Vec<f32> {
    let mut noise = 1u32;
    (0..48_000 * SECONDS)
        .map(|n| {
            let t = f64::from(n) / 48_000.0;
            let syllable = (t * 4.0 * std::f64::consts::PI).sin().abs();
            let pitch = 120.0 + 20.0 * (t * 0.7).sin();
            let voice: f64 = (1..12)
                .map(|k| (t * pitch * f64::from(k) * std::f64::consts::TAU).sin() / f64::from(k))
                .sum();
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let breath = f64::from(noise >> 16) / 65_536.0 - 0.5;
            (syllable * (voice * 0.2 + breath * 0.05)) as f32
        })
        .collect()
}

fn times_real_time(took: Duration) -> u64 {
    (f64::from(SECONDS) / took.as_secs_f64()) as u64
}

fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}
