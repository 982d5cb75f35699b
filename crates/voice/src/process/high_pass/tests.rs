use super::*;

/// In dB, once it has settled.
fn through(frequency: f64) -> f64 {
    let rate = f64::from(RATE);
    let mut samples: Vec<f32> = (0..96_000)
        .map(|n| 0.5 * (TAU * frequency * f64::from(n) / rate).sin() as f32)
        .collect();
    let power = |samples: &[f32]| -> f64 {
        let settled = &samples[48_000..];
        settled.iter().map(|&s| f64::from(s).powi(2)).sum()
    };
    let before = power(&samples);
    HighPass::new().apply(&mut samples);
    10.0 * (power(&samples) / before).log10()
}

#[test]
fn hum_goes_and_voices_stay() {
    assert!(through(50.0) < -8.0, "{}", through(50.0));
    assert!(through(20.0) < -20.0, "{}", through(20.0));
    assert!((through(80.0) + 3.0).abs() < 0.1, "{}", through(80.0));
    for frequency in [200.0, 1_000.0, 10_000.0] {
        let change = through(frequency);
        assert!(change.abs() < 0.5, "{change} dB at {frequency} Hz");
    }
}

/// Microphones without a transformer rest beside nought.
#[test]
fn what_stands_still_goes() {
    let mut samples = vec![0.3f32; 48_000];
    HighPass::new().apply(&mut samples);
    assert!(samples[24_000..].iter().all(|s| s.abs() < 1e-6));
}
