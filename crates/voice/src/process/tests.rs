use proptest::prelude::*;

use super::*;
use crate::encode::RATE;

const ALL: ProcessOptions = ProcessOptions {
    high_pass: true,
    denoise: Denoise::On,
    gain: true,
};

fn processed(options: ProcessOptions, samples: &[f32], piece: usize) -> Vec<f32> {
    let mut processing = Processing::new(options).unwrap();
    let mut out = Vec::new();
    for piece in samples.chunks(piece) {
        processing.push(piece, &mut out);
    }
    processing.finish(&mut out);
    out
}

fn tone(hertz: f32, seconds: f32, amplitude: f32) -> Vec<f32> {
    let step = hertz * std::f32::consts::TAU / RATE as f32;
    (0..(seconds * RATE as f32) as usize)
        .map(|at| (at as f32 * step).sin() * amplitude)
        .collect()
}

/// Repeatable noise, -1 to 1.
fn noise(seconds: f32, amplitude: f32) -> Vec<f32> {
    let mut state = 0x2545_f491_u32;
    (0..(seconds * RATE as f32) as usize)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state as f32 / u32::MAX as f32 * 2.0 - 1.0) * amplitude
        })
        .collect()
}

/// Something like speech: a buzz of 140 Hz and its harmonics through the resonances of a vowel that changes, four syllables a second, with a pause
/// of 600 ms after every two seconds.
fn voice(seconds: f32, amplitude: f32) -> Vec<f32> {
    let count = (seconds * RATE as f32) as usize;
    let mut out = Vec::with_capacity(count);
    let mut phase = 0.0_f32;
    for at in 0..count {
        let time = at as f32 / RATE as f32;
        let pitch = 140.0 + 25.0 * (time * 1.7).sin();
        phase = (phase + pitch / RATE as f32).fract();
        let (first, second) = match (time * 4.0) as u32 % 3 {
            0 => (700.0, 1_200.0),
            1 => (300.0, 2_300.0),
            _ => (450.0, 900.0),
        };
        let mut sample = 0.0;
        for harmonic in 1..25_u8 {
            let hertz = pitch * f32::from(harmonic);
            let near = |formant: f32| (-((hertz - formant) / 180.0).powi(2)).exp();
            let strength = near(first) + 0.6 * near(second) + 0.05 / f32::from(harmonic);
            sample += strength * (phase * f32::from(harmonic) * std::f32::consts::TAU).sin();
        }
        let syllable = (time * 4.0 * std::f32::consts::PI).sin().abs();
        let speaks = time % 2.6 < 2.0;
        out.push(if speaks {
            sample * syllable * amplitude * 0.35
        } else {
            0.0
        });
    }
    out
}

fn db(samples: &[f32]) -> f32 {
    let power = samples.iter().map(|sample| sample * sample).sum::<f32>();
    10.0 * (power / samples.len().max(1) as f32).max(1e-12).log10()
}

fn loudness(samples: &[f32]) -> f64 {
    let mut meter = ebur128::EbuR128::new(1, RATE, ebur128::Mode::I).unwrap();
    meter.add_frames_f32(samples).unwrap();
    meter.loudness_global().unwrap()
}

#[test]
fn nothing_to_do_is_nothing() {
    assert!(Processing::new(ProcessOptions::default()).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn as_many_come_out_as_go_in(
        count in 0_usize..3_000,
        piece in 1_usize..1_500,
        high_pass: bool,
        gain: bool,
        denoise in prop_oneof![Just(Denoise::Off), Just(Denoise::Auto), Just(Denoise::On)],
    ) {
        let options = ProcessOptions { high_pass, denoise, gain };
        prop_assume!(options != ProcessOptions::default());
        let samples = &noise(0.1, 0.3)[..count.min(4_800)];
        let whole = processed(options, samples, samples.len().max(1));
        prop_assert_eq!(whole.len(), samples.len());
        prop_assert_eq!(processed(options, samples, piece), whole);
    }
}

#[test]
fn rumble_goes_and_the_voice_stays() {
    let options = ProcessOptions {
        high_pass: true,
        ..ProcessOptions::default()
    };
    // Without the first tenth of a second, in which the filter settles.
    let change = |hertz: f32| {
        let before = tone(hertz, 1.0, 0.5);
        db(&processed(options, &before, 480)[4_800..]) - db(&before[4_800..])
    };
    assert!(change(20.0) < -22.0, "{}", change(20.0));
    assert!(change(50.0) < -7.5, "{}", change(50.0));
    assert!((change(80.0) + 3.0).abs() < 0.3, "{}", change(80.0));
    assert!(change(200.0).abs() < 0.3, "{}", change(200.0));
    assert!(change(3_000.0).abs() < 0.1, "{}", change(3_000.0));
}

#[test]
fn the_first_and_the_last_moment_stay_where_they_are() {
    let mut clicks = vec![0.0; 48_000];
    for at in [240, 24_000, 47_700] {
        for (offset, place) in clicks[at..at + 240].iter_mut().enumerate() {
            *place = (offset as f32 * 0.3).sin() * 0.5;
        }
    }
    let options = ProcessOptions {
        high_pass: true,
        denoise: Denoise::Auto,
        gain: true,
    };
    let out = processed(options, &clicks, 777);
    for at in [240_usize, 24_000, 47_700] {
        let loudest = (at - 100..at + 300)
            .max_by(|&a, &b| out[a].abs().total_cmp(&out[b].abs()))
            .unwrap();
        assert!((at..at + 240).contains(&loudest), "{loudest} for {at}");
        assert!(out[loudest].abs() > 0.3, "{}", out[loudest]);
        assert!(db(&out[at - 200..at]) < -60.0, "{}", db(&out[at - 200..at]));
    }
}

#[test]
fn noise_between_the_words_goes_and_the_words_stay() {
    let clean = voice(6.0, 0.5);
    let noise = noise(6.0, 0.02);
    let mixed: Vec<f32> = clean.iter().zip(&noise).map(|(a, b)| a + b).collect();
    let options = |denoise| ProcessOptions {
        denoise,
        ..ProcessOptions::default()
    };
    let pause = 2 * 48_000 + 14_400..2 * 48_000 + 26_400;
    let words = 4 * 48_000 - 24_000..4 * 48_000 + 24_000;
    for way in [Denoise::On, Denoise::Auto] {
        let out = processed(options(way), &mixed, 960);
        let quieter = db(&mixed[pause.clone()]) - db(&out[pause.clone()]);
        assert!(quieter > 12.0, "{way:?}: {quieter} dB");
        let change = db(&out[words.clone()]) - db(&mixed[words.clone()]);
        assert!(change.abs() < 2.0, "{way:?}: {change} dB");
    }
    // A quiet room is left alone, to the sample.
    let hiss: Vec<f32> = noise.iter().map(|sample| sample * 0.02).collect();
    let quiet: Vec<f32> = clean.iter().zip(&hiss).map(|(a, b)| a + b).collect();
    assert_eq!(processed(options(Denoise::Auto), &quiet, 960), quiet);
}

#[test]
fn soft_and_loud_speech_come_out_as_loud() {
    let options = ProcessOptions {
        gain: true,
        ..ProcessOptions::default()
    };
    for amplitude in [0.08, 0.2, 1.0] {
        let spoken = voice(12.0, amplitude);
        let out = processed(options, &spoken, 960);
        // After the time it takes to find it.
        let found = loudness(&out[5 * 48_000..]);
        assert!(
            (found - TARGET).abs() < 2.0,
            "{amplitude}: {} LUFS became {found}",
            loudness(&spoken)
        );
        let loudest = out
            .iter()
            .fold(0.0_f32, |top, sample| top.max(sample.abs()));
        assert!(loudest <= 0.892, "{loudest}");
    }
}

#[test]
fn nobody_speaking_is_not_made_louder() {
    let room = noise(8.0, 0.002);
    let options = ProcessOptions {
        gain: true,
        ..ProcessOptions::default()
    };
    assert_eq!(processed(options, &room, 960), room);
    let silence = vec![0.0; 48_000];
    assert!(
        processed(ALL, &silence, 960)
            .iter()
            .all(|sample| sample.abs() < 1e-4)
    );
}

#[test]
fn what_is_no_number_is_silence() {
    let mut samples = voice(1.0, 0.5);
    for at in [0, 500, 501, 20_000] {
        samples[at] = f32::NAN;
        samples[at + 7] = f32::INFINITY;
    }
    let out = processed(ALL, &samples, 480);
    assert!(
        out.iter()
            .all(|sample| sample.is_finite() && sample.abs() <= 0.892)
    );
    assert!(db(&out[24_000..]) > -40.0);
}
