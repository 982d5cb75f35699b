use super::*;

fn tone(amplitude: f32) -> Vec<f32> {
    (0..48_000)
        .map(|n| amplitude * (n as f32 * 220.0 * std::f32::consts::TAU / 48_000.0).sin())
        .collect()
}

#[test]
fn nothing_gets_past_it() {
    let mut limiter = Limiter::new(48_000);
    for amplitude in [0.7, 0.9, 1.0, 8.0, 1e20] {
        for sample in tone(amplitude) {
            let limited = limiter.limit(sample);
            assert!(limited.abs() < 0.891_25, "{limited} of {sample}");
        }
    }
}

#[test]
fn what_is_soft_enough_passes_untouched() {
    let mut limiter = Limiter::new(48_000);
    for sample in tone(0.63) {
        assert_eq!(limiter.limit(sample), sample);
    }
}

/// A shout does not silence what follows it.
#[test]
fn it_lets_go() {
    let mut limiter = Limiter::new(48_000);
    for sample in tone(4.0) {
        limiter.limit(sample);
    }
    for broken in [f32::MAX, f32::NEG_INFINITY, f32::NAN] {
        assert!(limiter.limit(broken).abs() < 0.891_25);
    }
    let after = tone(0.3);
    let kept = after.iter().map(|&s| (s, limiter.limit(s)));
    let late: Vec<(f32, f32)> = kept.skip(48_000 / 2).collect();
    assert!(late.iter().all(|(before, now)| before == now));
}

/// A loud vowel keeps its shape: apart from its size it is the same wave.
#[test]
fn a_loud_tone_stays_a_tone() {
    let mut limiter = Limiter::new(48_000);
    let loud = tone(2.0);
    let limited: Vec<f32> = loud.iter().map(|&s| limiter.limit(s)).collect();
    let (loud, limited) = (&loud[4_800..], &limited[4_800..]);
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let scale = product(loud, limited) / product(loud, loud);
    let rest: f32 = loud
        .iter()
        .zip(limited)
        .map(|(l, m)| (m - scale * l).powi(2))
        .sum();
    let distortion = 10.0 * (rest / product(limited, limited)).log10();
    assert!(distortion < -35.0, "{distortion} dB");
}
