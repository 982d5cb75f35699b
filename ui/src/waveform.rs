//! Bars from loudness: how many, how high, as one SVG path.

use std::fmt::Write as _;

/// From one bar to the next, in pixels: a bar of 3 and a gap of 2.
pub const STEP: u32 = 5;
/// Height of the drawing in pixels.
pub const HEIGHT: u32 = 28;

/// The width of a voice bubble in pixels, 180 to 420: logarithmic, so that seconds show and minutes fit.
pub fn bubble_width(duration_ms: u32) -> u32 {
    const NARROWEST: f64 = 180.0;
    const WIDEST: f64 = 420.0;
    const LONGEST_S: f64 = 120.0;
    let part = (f64::from(duration_ms) / 1000.0).ln_1p() / LONGEST_S.ln_1p();
    (NARROWEST + (WIDEST - NARROWEST) * part.clamp(0.0, 1.0)).round() as u32
}

/// How many bars stand in a width.
pub fn bar_count(width: u32) -> usize {
    (width / STEP).max(1) as usize
}

/// Loudness brought to a number of bars: the loudest of what falls on one bar. Silence where nothing is known.
pub fn bars(peaks: &[u8], count: usize) -> Vec<u8> {
    (0..count)
        .map(|bar| {
            let from = bar * peaks.len() / count;
            let to = ((bar + 1) * peaks.len()).div_ceil(count);
            peaks
                .get(from..to)
                .and_then(|part| part.iter().max())
                .copied()
                .unwrap_or(0)
        })
        .collect()
}

/// The same bars, with the loudest near the top: a soft voice is as readable as a loud one. What is all but silent stays so.
pub fn stretch(mut bars: Vec<u8>) -> Vec<u8> {
    const TOP: u16 = 240;
    const SILENCE: u8 = 8;
    let loudest = bars.iter().copied().max().unwrap_or(0);
    if loudest > SILENCE {
        for bar in &mut bars {
            // At most TOP, which fits.
            *bar = (u16::from(*bar) * TOP / u16::from(loudest)) as u8;
        }
    }
    bars
}

/// How high a bar stands, 0 to 1, from an amplitude of 0 to 255. Between amplitude, where speech is a flat line, and
/// decibels, where it is a wall.
pub fn loudness(peak: u8) -> f64 {
    (f64::from(peak) / 255.0).powf(0.7)
}

/// Vertical strokes with round caps, 3 wide; a silent one is a dot.
pub fn path(bars: impl IntoIterator<Item = u8>, height: u32) -> String {
    let mut path = String::new();
    let middle = f64::from(height) / 2.0;
    // The round caps stick out by half a stroke.
    let longest = f64::from(height) - 3.0;
    for (at, peak) in bars.into_iter().enumerate() {
        let x = at as f64 * f64::from(STEP) + 1.5;
        let half = (loudness(peak) * longest / 2.0).max(0.05);
        // Writing to a string does not fail.
        let _ = write!(path, "M{x} {:.1}V{:.1}", middle - half, middle + half);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bubbles_grow_and_stay_within_their_limits() {
        assert_eq!(bubble_width(0), 180);
        assert!(bubble_width(5_000) > bubble_width(2_000));
        assert_eq!(bubble_width(120_000), 420);
        assert_eq!(bubble_width(u32::MAX), 420);
    }

    #[test]
    fn bars_keep_the_loudest() {
        assert_eq!(bars(&[1, 9, 2, 3], 2), [9, 3]);
        assert_eq!(bars(&[5], 3), [5, 5, 5]);
        assert_eq!(bars(&[], 2), [0, 0]);
        assert_eq!(bars(&[1, 2, 3], 1), [3]);
    }

    #[test]
    fn soft_voices_are_stretched_and_silence_is_not() {
        assert_eq!(stretch(vec![10, 20, 0]), [120, 240, 0]);
        assert_eq!(stretch(vec![255, 51]), [240, 48]);
        assert_eq!(stretch(vec![4, 8]), [4, 8]);
        assert_eq!(stretch(vec![]), [0u8; 0]);
    }

    #[test]
    fn silence_has_no_height_and_full_scale_all_of_it() {
        assert_eq!(loudness(0), 0.0);
        assert!((0.3..0.5).contains(&loudness(64)));
        assert_eq!(loudness(255), 1.0);
    }

    #[test]
    fn a_path_has_one_stroke_for_each_bar() {
        let path = path([0, 255], 28);
        assert_eq!(path.matches('M').count(), 2);
        assert!(path.ends_with("M6.5 1.5V26.5"));
    }
}
