//! Prints what voice costs on this machine, as JSON with whole numbers; medians of five runs.
//!
//! `encode_x_realtime`, `decode_x_realtime`, `stretch_x_realtime` and `denoise_x_realtime` walk the whole path of a minute of sound (ring format
//! to synced file, as it is and with everything done to it; file to waveform; file to the samples of a device at twice the speed). The
//! denoiser's figure is of the difference alone. `measure_x_realtime` is what evenness at playback costs before the first sample, beside the
//! decoding; `denoise_snr_db` and `denoise_pauses_db` are what is won against four noises at 10 dB (the mean, in tenths; the corpus is made). `record_cpu_pct` and `front_loss_ms` are taken at a microphone that does not exist, by a child with
//! the environment for it.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use ebur128::{EbuR128, Mode};
use serde_json::{Value, json};
use testkit::sound::Sound;
use voice::{
    Denoise, Pace, PlayOptions, ProcessOptions, Processing, RecordEvent, RecordOptions, Recorder,
    Script, Source,
};

#[path = "../src/process/corpus.rs"]
#[allow(dead_code)]
mod corpus;

const RUNS: usize = 5;
const SECONDS: u32 = 60;
/// Set for the child that has a microphone.
const CHILD: &str = "VOICE_FIGURES_CHILD";
/// As the app has it when noise is always taken out.
const EVERYTHING: ProcessOptions = ProcessOptions {
    high_pass: true,
    denoise: Denoise::On,
    gain: true,
};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    if std::env::var_os(CHILD).is_some() {
        println!("{}", live()?);
        return Ok(());
    }
    let mut figures = alone()?;
    let sound = Sound::start(&["ann"])?;
    let child = Command::new(std::env::current_exe()?)
        .env(CHILD, "")
        .envs(sound.environment("ann"))
        .output()?;
    let live: Value = serde_json::from_slice(&child.stdout)?;
    if let (Some(figures), Value::Object(live)) = (figures.as_object_mut(), live) {
        figures.extend(live);
    }
    println!("{figures}");
    Ok(())
}

/// What needs no device.
fn alone() -> Result<Value, Failure> {
    let folder = tempfile::tempdir()?;
    let samples = babble();
    let record = |name: &str, processing: ProcessOptions| {
        let path = folder.path().join(name);
        let options = RecordOptions {
            source: Source::Scripted(Script::mono(&samples, 48_000, Pace::Fast)),
            processing,
            ..RecordOptions::default()
        };
        let began = Instant::now();
        let take = Recorder::start(&path, options, |_| {})?.stop()?;
        Ok::<_, Failure>((path, began.elapsed(), take))
    };
    let (mut encode, mut decode) = (Vec::new(), Vec::new());
    let (mut denoise, mut stretch) = (Vec::new(), Vec::new());
    let (mut bytes, mut measure) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let (path, plain, take) = record(&format!("{run}.ogg"), ProcessOptions::default())?;
        encode.push(times_real_time(plain));
        bytes.push(take.bytes * 60_000 / u64::from(take.duration_ms).max(1));
        let only = ProcessOptions {
            denoise: Denoise::On,
            ..ProcessOptions::default()
        };
        let (_, all, _) = record(&format!("{run}-all.ogg"), only)?;
        denoise.push(times_real_time(all.saturating_sub(plain)));
        let began = Instant::now();
        voice::probe(&path)?;
        decode.push(times_real_time(began.elapsed()));
        let twice = PlayOptions {
            speed: 200,
            ..PlayOptions::default()
        };
        let began = Instant::now();
        voice::render(&path, &twice, 48_000)?;
        stretch.push(times_real_time(began.elapsed()));
        let began = Instant::now();
        let mut meter = EbuR128::new(1, 48_000, Mode::I)?;
        meter.add_frames_f32(&samples)?;
        meter.loudness_global()?;
        measure.push(times_real_time(began.elapsed()));
    }
    let (snr, pauses) = won();
    Ok(json!({
        "measure_x_realtime": median(measure),
        "denoise_snr_db": snr,
        "denoise_pauses_db": pauses,
        "encode_x_realtime": median(encode),
        "decode_x_realtime": median(decode),
        "denoise_x_realtime": median(denoise),
        "stretch_x_realtime": median(stretch),
        "bytes_per_minute": median(bytes),
    }))
}

/// By noise suppression that is always on, in tenths of a dB: of the signal-to-noise ratio, and in pauses.
fn won() -> (i64, i64) {
    // Against other people's voices nothing is won.
    let noises: Vec<&str> = corpus::NOISES
        .into_iter()
        .filter(|&kind| kind != "babble")
        .collect();
    let speech = corpus::after_a_breath(&corpus::speech(20.0, 7));
    let (mut snr, mut pauses) = (0.0, 0.0);
    for &kind in &noises {
        let noisy = corpus::mixed(&speech, &corpus::noise(kind, 20.0), 10.0);
        let mut processing = Processing::new(ProcessOptions {
            denoise: Denoise::On,
            ..ProcessOptions::default()
        });
        let mut heard = Vec::new();
        for piece in noisy.chunks(960) {
            processing.push(piece, &mut heard);
        }
        processing.finish(&mut heard);
        snr += corpus::snr(&speech, &heard) - corpus::snr(&speech, &noisy);
        pauses += corpus::pauses(&speech, &noisy) - corpus::pauses(&speech, &heard);
    }
    let tenths = |sum: f64| (sum * 10.0 / noises.len() as f64).round() as i64;
    (tenths(snr), tenths(pauses))
}

/// What is taken at a microphone.
fn live() -> Result<Value, Failure> {
    const WATCH: Duration = Duration::from_secs(5);
    let folder = tempfile::tempdir()?;
    let (mut missed, mut busy) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let path = folder.path().join(format!("{run}.ogg"));
        missed.push(press(&path)?.as_millis() as u64);
        let options = RecordOptions {
            processing: EVERYTHING,
            ..RecordOptions::default()
        };
        let path = folder.path().join(format!("{run}-all.ogg"));
        let recorder = Recorder::start(&path, options, |_| {})?;
        let before = busy_ms()?;
        std::thread::sleep(WATCH);
        let spent = busy_ms()? - before;
        busy.push(spent * 1000 / WATCH.as_millis() as u64);
        recorder.halt()?;
    }
    Ok(json!({
        "front_loss_ms": median(missed),
        // Tenths of a per cent, to the nearest per cent.
        "record_cpu_pct": median(busy).map(|tenths| (tenths + 5) / 10),
    }))
}

/// Processor time of this process so far: fields 14 and 15 of proc(5), of which a second has a hundred.
fn busy_ms() -> Result<u64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Ok(ticks * 10)
}

fn press(path: &Path) -> Result<Duration, Failure> {
    let (sender, receiver) = mpsc::channel();
    let recorder = Recorder::start(path, RecordOptions::default(), move |event| {
        let _ = sender.send(event);
    })?;
    let missed = loop {
        match receiver.recv()? {
            RecordEvent::Capturing { missed, .. } => break missed,
            RecordEvent::Lost(error) => return Err(error.into()),
            _ => {}
        }
    };
    recorder.halt()?;
    Ok(missed)
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
