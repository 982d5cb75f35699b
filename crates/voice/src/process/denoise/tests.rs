use super::*;
use crate::process::corpus;

fn quieted(mut suppressor: Suppressor, samples: &[f32]) -> Vec<f32> {
    let mut out = Vec::new();
    suppressor.push(samples, &mut out);
    suppressor.finish(&mut out);
    out
}

/// Margins of some 2 dB below what was measured; see docs/voice.md.
#[test]
fn speech_comes_out_of_noise() {
    let speech = corpus::after_a_breath(&corpus::speech(10.0, 7));
    for (kind, gain, hush) in [
        ("white", 5.5, 15.0),
        ("pink", 3.0, 15.0),
        ("fan", 3.0, 15.0),
        ("hum", 1.5, 13.0),
    ] {
        let noisy = corpus::mixed(&speech, &corpus::noise(kind, 10.0), 10.0);
        for suppressor in [Suppressor::always(), Suppressor::automatic()] {
            let heard = quieted(suppressor, &noisy);
            let won = corpus::snr(&speech, &heard) - corpus::snr(&speech, &noisy);
            assert!(won > gain, "{kind}: {won} dB won");
            let fell = corpus::pauses(&speech, &noisy) - corpus::pauses(&speech, &heard);
            assert!(fell > hush, "{kind}: {fell} dB less in pauses");
        }
    }
}

/// By itself it leaves alone what is clean, sample for sample.
#[test]
fn clean_speech_is_left_alone() {
    for seed in [1, 2, 7] {
        let speech = corpus::speech(10.0, seed);
        assert!(
            quieted(Suppressor::automatic(), &speech) == speech,
            "{seed}"
        );
        for kind in corpus::NOISES {
            let good = corpus::mixed(&speech, &corpus::noise(kind, 10.0), 40.0);
            assert!(quieted(Suppressor::automatic(), &good) == good, "{kind}");
        }
    }
}

/// A long vowel has no gaps, as noise has none.
#[test]
fn a_long_vowel_is_no_noise() {
    let vowel: Vec<f32> = (0..3 * corpus::RATE)
        .map(|n| {
            let t = n as f64 / corpus::RATE as f64;
            let tone = |k: f64| (std::f64::consts::TAU * 140.0 * k * t).sin() / k;
            (0.1 * (1..20).map(|k| tone(f64::from(k))).sum::<f64>()) as f32
        })
        .collect();
    assert!(quieted(Suppressor::automatic(), &vowel) == vowel);
}

#[test]
fn noise_is_found_within_a_second_and_its_end_too() {
    let room = corpus::at_level(corpus::noise("fan", 6.0), -40.0);
    let heard = quieted(Suppressor::automatic(), &room);
    let second = corpus::level(&heard[corpus::RATE..2 * corpus::RATE]);
    assert!(second < -55.0, "{second} dBFS");
    let mut suppressor = Suppressor::automatic();
    let mut out = Vec::new();
    suppressor.push(&room, &mut out);
    assert!(suppressor.mix > 0.9);
    suppressor.push(
        &corpus::at_level(corpus::noise("fan", 3.0), -75.0),
        &mut out,
    );
    assert_eq!(suppressor.mix, 0.0);
}

/// Going over is no step: between two samples nothing changes by more than it does in the noise itself.
#[test]
fn it_never_clicks() {
    let room = corpus::at_level(corpus::noise("fan", 3.0), -30.0);
    let steepest = |samples: &[f32]| {
        samples
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0, f32::max)
    };
    let heard = quieted(Suppressor::automatic(), &room);
    assert!(steepest(&heard) <= steepest(&room) * 1.01);
}

/// A word that is spoken at once is whole, and so is the last.
#[test]
fn both_ends_are_there() {
    for length in [4_800, 5_003, 24_001] {
        let mut clicks = vec![0.0f32; length];
        clicks[5] = 0.8;
        clicks[length - 3] = 0.8;
        let heard = quieted(Suppressor::always(), &clicks);
        assert_eq!(heard.len(), length);
        assert!((heard[5] - 0.8).abs() < 0.01, "{}", heard[5]);
    }
    let speech = corpus::speech(1.0, 7);
    let heard = quieted(Suppressor::always(), &speech);
    for part in [0..960, 960..4_800, 43_200..48_000] {
        let change = corpus::level(&heard[part.clone()]) - corpus::level(&speech[part]);
        assert!(change > -3.0, "{change} dB");
    }
}

/// Where the network is gone, what is heard is what was said, in its place.
#[test]
fn a_network_that_fails_is_left_out() {
    let noisy = corpus::noise("fan", 2.0);
    let mut suppressor = Suppressor::always();
    let mut out = Vec::new();
    suppressor.push(&noisy[..48_000], &mut out);
    suppressor.network = None;
    suppressor.push(&noisy[48_000..], &mut out);
    suppressor.finish(&mut out);
    assert_eq!(out.len(), noisy.len());
    assert!(out[48_000..] == noisy[48_000..]);
    assert!(out[24_000..47_000] != noisy[24_000..47_000]);
}

/// It goes on after what is no number, as if that had been silence.
#[test]
fn it_is_given_numbers_only() {
    let mut noisy = corpus::noise("fan", 2.0);
    noisy[30_000..30_100].fill(f32::NAN);
    noisy[40_000] = f32::INFINITY;
    let mut suppressor = Suppressor::always();
    let mut out = Vec::new();
    suppressor.push(&noisy, &mut out);
    assert!(suppressor.network.is_some());
    assert!(corpus::level(&out[48_000..]) < -25.0);
}
