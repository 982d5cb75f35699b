use std::cell::RefCell;
use std::f32::consts::TAU;
use std::io::Write;

use tempfile::TempPath;

use super::*;
use crate::process::corpus;

const RATE: usize = 48_000;

fn tone(frequency: f32, seconds: f32) -> Vec<f32> {
    let count = (seconds * RATE as f32) as usize;
    (0..count)
        .map(|n| 0.5 * (n as f32 * frequency * TAU / RATE as f32).sin())
        .collect()
}

fn silence(seconds: f32) -> Vec<f32> {
    vec![0.0; (seconds * RATE as f32) as usize]
}

thread_local! {
    /// Those of one test, until it ends.
    static FILES: RefCell<Vec<TempPath>> = const { RefCell::new(Vec::new()) };
}

/// A WAV file of 16 bits, mono.
fn track(samples: &[f32]) -> Track {
    let mut file = tempfile::Builder::new().suffix(".wav").tempfile().unwrap();
    let bytes = u32::try_from(samples.len() * 2).unwrap();
    let rate = u32::try_from(RATE).unwrap();
    let mut head = Vec::new();
    head.extend_from_slice(b"RIFF");
    head.extend_from_slice(&(36 + bytes).to_le_bytes());
    head.extend_from_slice(b"WAVEfmt ");
    head.extend_from_slice(&16_u32.to_le_bytes());
    head.extend_from_slice(&[1, 0, 1, 0]);
    head.extend_from_slice(&rate.to_le_bytes());
    head.extend_from_slice(&(rate * 2).to_le_bytes());
    head.extend_from_slice(&[2, 0, 16, 0]);
    head.extend_from_slice(b"data");
    head.extend_from_slice(&bytes.to_le_bytes());
    for sample in samples {
        head.extend_from_slice(&((sample * 32_767.0) as i16).to_le_bytes());
    }
    file.write_all(&head).unwrap();
    let path = file.into_temp_path();
    let track = Track::open(&path).unwrap();
    FILES.with_borrow_mut(|files| files.push(path));
    track
}

/// All that is heard from here on, at the device's rate.
fn heard(track: &mut Track, from_ms: u32, device_rate: u32) -> Vec<f32> {
    track.go_to(from_ms, device_rate).unwrap();
    while !track.complete {
        track.read().unwrap();
    }
    std::mem::take(&mut track.samples)
}

/// By the number of times that it rises through nought.
fn pitch(samples: &[f32], rate: f32) -> f32 {
    let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
    let rises = middle
        .windows(2)
        .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0)
        .count();
    rises as f32 * rate / middle.len() as f32
}

/// Energy at a frequency against all of it, by Goertzel's algorithm, over windows of 100 ms.
fn purity(samples: &[f32], frequency: f32) -> f32 {
    let window = RATE / 10;
    let (mut at, mut all) = (0.0, 0.0);
    for part in samples.chunks_exact(window) {
        let coefficient = 2.0 * (TAU * frequency / RATE as f32).cos();
        let (mut one, mut two) = (0.0_f32, 0.0_f32);
        for sample in part {
            let zero = sample + coefficient * one - two;
            (two, one) = (one, zero);
        }
        at += (one * one + two * two - coefficient * one * two) * 2.0 / window as f32;
        all += part.iter().map(|sample| sample * sample).sum::<f32>();
    }
    at / all
}

#[test]
fn the_speed_changes_and_the_pitch_does_not() {
    let mut track = track(&tone(440.0, 4.0));
    for speed in [50, 75, 125, 150, 200, 300] {
        track.set_speed(speed);
        let samples = heard(&mut track, 0, 48_000);
        let seconds = samples.len() as f32 / RATE as f32;
        let expected = 400.0 / f32::from(speed);
        assert!(
            (seconds - expected).abs() < 0.06,
            "{seconds} s at {speed} %"
        );
        let pitch = pitch(&samples, 48_000.0);
        assert!((pitch - 440.0).abs() < 5.0, "{pitch} Hz at {speed} %");
        let purity = purity(&samples[RATE / 10..samples.len() - RATE / 10], 440.0);
        assert!(purity > 0.95, "{purity} of it is the tone at {speed} %");
    }
}

#[test]
fn as_it_was_spoken_nothing_is_touched() {
    let spoken = tone(440.0, 0.5);
    let mut track = track(&spoken);
    let samples = heard(&mut track, 0, 48_000);
    assert_eq!(samples.len(), spoken.len());
    let furthest = samples
        .iter()
        .zip(&spoken)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(furthest < 0.000_1, "{furthest}");
}

/// Neither the first nor the last syllable is swallowed.
#[test]
fn both_ends_are_heard_at_any_speed() {
    let spoken = [tone(600.0, 0.1), silence(1.0), tone(600.0, 0.1)].concat();
    let mut track = track(&spoken);
    for speed in [50, 150, 300] {
        track.set_speed(speed);
        let samples = heard(&mut track, 0, 48_000);
        let energy = |part: &[f32]| part.iter().map(|s| s * s).sum::<f32>() / RATE as f32;
        // A tone of amplitude 0.5 has 0.125 a second.
        let whole = 0.125 * 0.1 * 100.0 / f32::from(speed);
        let half = samples.len() / 2;
        for part in [&samples[..half], &samples[half..]] {
            let part = energy(part) / whole;
            assert!(part > 0.6, "{part} of the tone is heard at {speed} %");
        }
    }
}

#[test]
fn a_place_is_the_files_whatever_the_speed() {
    let mut track = track(&tone(440.0, 10.0));
    for (speed, device_rate) in [(100, 48_000), (200, 48_000), (150, 44_100), (50, 16_000)] {
        track.set_speed(speed);
        track.go_to(2_000, device_rate).unwrap();
        let second = u64::from(device_rate);
        assert_eq!(track.position(0), 2_000);
        let after = 2_000 + u32::from(speed) * 10;
        assert!(track.position(second).abs_diff(after) <= 1, "{speed} %");
        assert_eq!(track.position(100 * second), 10_000, "never past the end");
    }
}

#[test]
fn pauses_are_left_out_and_counted() {
    let spoken = [
        tone(300.0, 1.0),
        silence(2.0),
        tone(300.0, 1.0),
        silence(0.2),
        tone(300.0, 0.5),
    ]
    .concat();
    let mut track = track(&spoken);
    track.set_skip_silence(true);
    let samples = heard(&mut track, 0, 48_000);
    let seconds = samples.len() as f32 / RATE as f32;
    assert!((seconds - 2.96).abs() < 0.05, "{seconds} s are left");
    assert!(
        track.skipped_ms().abs_diff(1_740) <= 40,
        "{}",
        track.skipped_ms()
    );
    // Before the cut, and after it.
    assert_eq!(track.position(48_000), 1_000);
    let after = track.position(48_000 * 3 / 2);
    assert!(after.abs_diff(3_240) <= 40, "{after}");
    let end = track.position(samples.len() as u64);
    assert!(end.abs_diff(4_700) <= 2, "{end}");
}

/// What is quiet is judged against the voice: a soft voice in a silent room is no pause.
#[test]
fn a_soft_voice_is_not_left_out() {
    let soft: Vec<f32> = tone(300.0, 3.0).iter().map(|s| s * 0.01).collect();
    let mut track = track(&soft);
    track.set_skip_silence(true);
    let samples = heard(&mut track, 0, 48_000);
    assert!(samples.len() >= soft.len() - 1);
    assert_eq!(track.skipped_ms(), 0);
}

/// What was measured before the first sample counts from there on, and again after a seek; how long the message is and
/// which moment is heard does not change.
#[test]
fn a_soft_message_is_as_loud_as_others_from_its_beginning() {
    let soft = corpus::at_level(corpus::speech(6.0, 11), -29.0);
    let mut track = track(&soft);
    let plain = heard(&mut track, 0, 48_000);
    track.set_even_loudness(true);
    for (from_ms, count) in [(0, plain.len()), (3_000, plain.len() / 2)] {
        let even = heard(&mut track, from_ms, 48_000);
        assert_eq!(even.len(), count);
        let plain = &plain[plain.len() - count..];
        let first = corpus::level(&even[..48_000]) - corpus::level(&plain[..48_000]);
        assert!((first - 9.0).abs() < 3.0, "{first} dB from {from_ms} ms on");
        assert_eq!(track.position(48_000), from_ms + 1_000);
    }
    track.set_even_loudness(false);
    assert!(heard(&mut track, 0, 48_000) == plain);
}

/// Nobody speaks in what was measured first.
#[test]
fn a_soft_message_that_begins_late_gets_louder_on_the_way() {
    let soft = corpus::at_level(corpus::speech(6.0, 11), -29.0);
    let mut track = track(&[silence(6.0), soft].concat());
    let plain = heard(&mut track, 0, 48_000);
    track.set_even_loudness(true);
    let even = heard(&mut track, 0, 48_000);
    let last = 11 * RATE..;
    let change = corpus::level(&even[last.clone()]) - corpus::level(&plain[last]);
    assert!((change - 8.5).abs() < 3.0, "{change} dB");
}

/// A click waits for no more than a few milliseconds, however long the message is.
#[test]
fn measuring_is_bounded() {
    let long = corpus::speech(6.0, 11).repeat(20);
    let track = track(&long);
    let mut loudness = Loudness::new(48_000);
    loudness.measure(&track.path, std::time::Duration::MAX);
    assert!(loudness.measured < 6 * 48_000);
    let mut loudness = Loudness::new(48_000);
    loudness.measure(&track.path, std::time::Duration::ZERO);
    assert_eq!(loudness.measured, 0);
}
