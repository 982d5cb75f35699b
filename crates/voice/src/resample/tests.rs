use super::*;

fn convert(samples: &[f32], from: u32, to: u32, piece: usize) -> Vec<f32> {
    let mut resampler = Resampler::new(from, to).unwrap();
    let mut out = Vec::new();
    for piece in samples.chunks(piece) {
        resampler.push(piece, &mut out).unwrap();
    }
    resampler.finish(&mut out).unwrap();
    out
}

#[test]
fn the_length_is_exact_for_every_rate() {
    for from in [
        8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000,
    ] {
        for frames in [0, 1, 479, 4_410, 30_001] {
            let out = convert(&vec![0.1; frames], from, 48_000, 333);
            let exact = (frames as f64 * 48_000.0 / f64::from(from)).round() as usize;
            assert_eq!(out.len(), exact, "{frames} frames at {from} Hz");
        }
    }
}

#[test]
fn a_tone_keeps_its_phase_and_height() {
    let tone = |rate: u32, frames: usize| -> Vec<f32> {
        (0..frames)
            .map(|n| (n as f32 * 440.0 * std::f32::consts::TAU / rate as f32).sin() * 0.5)
            .collect()
    };
    for from in [8_000, 16_000, 44_100, 96_000, 192_000] {
        let out = convert(&tone(from, from as usize / 2), from, 48_000, 480);
        let expected = tone(48_000, 24_000);
        // The edges hear the silence outside the signal through the filter.
        let worst = out[1_000..23_000]
            .iter()
            .zip(&expected[1_000..23_000])
            .fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs()));
        // 0.04 of 0.5 at 440 Hz is a shift by 30 microseconds.
        assert!(worst < 0.04, "{from} Hz is off by {worst}");
    }
}

#[test]
fn an_impossible_rate_is_refused() {
    assert!(Resampler::new(0, 48_000).is_err());
    assert!(Resampler::new(48_000, 1_000_000).is_err());
}
