//! Prints what voice costs on this machine, as JSON with whole numbers; medians of five runs.
//!
//! `encode_x_realtime` and `decode_x_realtime` walk the whole path of a minute of sound (ring format to synced file;
//! file to waveform). `denoise_x_realtime` is all that can be done to what is recorded, `stretch_x_realtime` playing at
//! twice the speed, `measure_x_realtime` what evenness at playback costs before the first sample, beside the decoding.
//! `denoise_snr_db` and `denoise_pauses_db` are what is won against four noises at 10 dB (the mean, in tenths; the corpus
//! is made: `src/process/corpus.rs`). `press_to_capture_ms` needs a microphone and is null without one.

use std::num::{NonZeroU16, NonZeroU32};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use ebur128::{EbuR128, Mode};
use voice::{
    Denoise, Pace, ProcessOptions, Processing, RecordEvent, RecordOptions, Recorder, Script,
    Source, VoiceError,
};
use wsola::TimeStretch;

#[path = "../src/process/corpus.rs"]
#[allow(dead_code)]
mod corpus;

const RUNS: usize = 5;
const SECONDS: u32 = 60;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let samples = babble();
    let mut encode = Vec::new();
    let mut decode = Vec::new();
    let (mut denoise, mut stretch, mut measure) = (Vec::new(), Vec::new(), Vec::new());
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
        let everything = ProcessOptions {
            denoise: Denoise::On,
            gain: true,
            high_pass: true,
        };
        let began = Instant::now();
        processed(everything, &samples);
        denoise.push(times_real_time(began.elapsed()));
        let began = Instant::now();
        stretched(&samples)?;
        stretch.push(times_real_time(began.elapsed()));
        let began = Instant::now();
        let mut meter = EbuR128::new(1, 48_000, Mode::I)?;
        meter.add_frames_f32(&samples)?;
        meter.loudness_global()?;
        measure.push(times_real_time(began.elapsed()));
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
    let (snr, pauses) = won();
    let figures = serde_json::json!({
        "encode_x_realtime": median(encode),
        "decode_x_realtime": median(decode),
        "denoise_x_realtime": median(denoise),
        "stretch_x_realtime": median(stretch),
        "measure_x_realtime": median(measure),
        "denoise_snr_db": snr,
        "denoise_pauses_db": pauses,
        "press_to_capture_ms": median(capture),
    });
    println!("{figures}");
    Ok(())
}

fn processed(options: ProcessOptions, samples: &[f32]) -> Vec<f32> {
    let mut processing = Processing::new(options);
    let mut heard = Vec::new();
    // As much as the recorder finds in the ring.
    for piece in samples.chunks(960) {
        processing.push(piece, &mut heard);
    }
    processing.finish(&mut heard);
    heard
}

/// As the player does it, at twice the speed.
fn stretched(samples: &[f32]) -> Result<usize, Box<dyn std::error::Error>> {
    let rate = NonZeroU32::new(48_000).ok_or("a rate")?;
    let mut stretch = TimeStretch::new(rate, NonZeroU16::MIN)?;
    stretch.set_tempo(2.0);
    let mut block = vec![0.0; stretch.min_output_buff_size()];
    let mut made = 0;
    for piece in samples.chunks(960) {
        stretch.push(piece);
        while let Ok(count) = stretch.pull(&mut block) {
            made += count;
        }
    }
    Ok(made)
}

/// By noise suppression that is always on, in tenths of a dB: of the signal-to-noise ratio, and in pauses.
fn won() -> (i64, i64) {
    // Against other people's voices nothing is won.
    let noises: Vec<&str> = corpus::NOISES
        .into_iter()
        .filter(|&kind| kind != "babble")
        .collect();
    let options = ProcessOptions {
        denoise: Denoise::On,
        ..ProcessOptions::default()
    };
    let speech = corpus::after_a_breath(&corpus::speech(20.0, 7));
    let (mut snr, mut pauses) = (0.0, 0.0);
    for &kind in &noises {
        let noisy = corpus::mixed(&speech, &corpus::noise(kind, 20.0), 10.0);
        let heard = processed(options, &noisy);
        snr += corpus::snr(&speech, &heard) - corpus::snr(&speech, &noisy);
        pauses += corpus::pauses(&speech, &noisy) - corpus::pauses(&speech, &heard);
    }
    let tenths = |sum: f64| (sum * 10.0 / noises.len() as f64).round() as i64;
    (tenths(snr), tenths(pauses))
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
