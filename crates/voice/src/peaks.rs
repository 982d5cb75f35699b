//! The waveform that a bubble shows.
//!
//! One byte for every 20 ms is kept while it is recorded or read (90 kB for half an hour); the waveform is the
//! greatest of each of a fixed number of parts. Linear amplitude: a view that wants decibels can make them, the
//! reverse loses the loud end.

/// How many parts a waveform has, whatever the length of the sound.
pub const PEAK_BUCKETS: usize = 100;

/// Whether several samples in a row stand at full scale: the microphone's or the converter's end, not the voice's.
pub(crate) fn clips(samples: &[f32]) -> bool {
    const FULL: f32 = 0.985;
    samples
        .windows(3)
        .any(|run| run.iter().all(|sample| sample.abs() >= FULL))
}

/// Greatest amplitude as a byte, 255 = full scale.
pub(crate) fn peak(samples: &[f32]) -> u8 {
    let top = samples
        .iter()
        .fold(0.0f32, |top, sample| top.max(sample.abs()));
    (top.min(1.0) * 255.0).round() as u8
}

/// Reduces evenly spaced peaks to the waveform. Fewer than [`PEAK_BUCKETS`] are repeated, none give none.
pub(crate) fn waveform(peaks: &[u8]) -> Vec<u8> {
    if peaks.is_empty() {
        return Vec::new();
    }
    (0..PEAK_BUCKETS)
        .map(|bucket| {
            let from = bucket * peaks.len() / PEAK_BUCKETS;
            let to = ((bucket + 1) * peaks.len() / PEAK_BUCKETS).max(from + 1);
            peaks
                .get(from..to)
                .unwrap_or_default()
                .iter()
                .copied()
                .max()
                .unwrap_or(0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waveform_has_a_fixed_width() {
        assert_eq!(waveform(&[]), [0u8; 0]);
        assert_eq!(waveform(&[3]), [3; PEAK_BUCKETS]);
        let long: Vec<u8> = (0..1000).map(|frame| (frame / 10) as u8).collect();
        let expected: Vec<u8> = (0..100).collect();
        assert_eq!(waveform(&long), expected);
    }

    #[test]
    fn peaks_are_linear_and_clipped() {
        assert_eq!(peak(&[]), 0);
        assert_eq!(peak(&[0.1, -0.5, 0.2]), 128);
        assert_eq!(peak(&[-3.0, f32::NAN]), 255);
    }
}
