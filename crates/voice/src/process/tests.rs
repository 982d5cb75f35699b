use proptest::prelude::*;

use super::*;

const ALL: ProcessOptions = ProcessOptions {
    denoise: Denoise::On,
    gain: true,
    high_pass: true,
};

fn processed(options: ProcessOptions, samples: &[f32], pieces: &[usize]) -> Vec<f32> {
    let mut processing = Processing::new(options);
    let mut out = Vec::new();
    let mut rest = samples;
    let mut pieces = pieces.iter().cycle();
    while !rest.is_empty() {
        let piece = pieces.next().map_or(rest.len(), |&piece| piece);
        let (now, later) = rest.split_at(piece.min(rest.len()));
        processing.push(now, &mut out);
        rest = later;
    }
    processing.finish(&mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_sample_has_its_place_however_it_is_cut(
        length in 0usize..30_000,
        pieces in prop::collection::vec(1usize..3_000, 1..8),
        denoise in prop::sample::select(vec![Denoise::Off, Denoise::Auto, Denoise::On]),
        (gain, high_pass) in any::<(bool, bool)>(),
    ) {
        let options = ProcessOptions { denoise, gain, high_pass };
        let speech = corpus::mixed(&corpus::speech(1.0, 5), &corpus::noise("pink", 1.0), 10.0);
        let sound = &speech[..length.min(speech.len())];
        let whole = processed(options, sound, &[]);
        prop_assert_eq!(whole.len(), sound.len());
        prop_assert!(processed(options, sound, &pieces) == whole);
    }

    /// Whatever a device delivers: numbers come out, and none above -1 dBFS.
    #[test]
    fn nothing_breaks_it(
        strange in prop::collection::vec(prop::num::f32::ANY, 1..2_000),
        at in 0usize..40_000,
    ) {
        let mut sound = corpus::speech(1.0, 5);
        let from = at.min(sound.len() - strange.len());
        sound[from..from + strange.len()].copy_from_slice(&strange);
        let heard = processed(ALL, &sound, &[960]);
        prop_assert_eq!(heard.len(), sound.len());
        prop_assert!(heard.iter().all(|sample| sample.abs() <= 0.891_25));
    }
}

#[test]
fn by_default_nothing_is_done() {
    let mut sound = corpus::speech(0.5, 5);
    sound[7] = f32::MAX;
    assert!(processed(ProcessOptions::default(), &sound, &[441]) == sound);
}

#[test]
fn silence_stays_silence() {
    for denoise in [Denoise::Off, Denoise::Auto, Denoise::On] {
        let silence = vec![0.0f32; 48_000 * 3];
        let heard = processed(ProcessOptions { denoise, ..ALL }, &silence, &[960]);
        assert!(heard.iter().all(|&sample| sample == 0.0), "{denoise:?}");
    }
}

/// A click at the very beginning and one at the very end, in their places.
#[test]
fn neither_end_is_lost() {
    for denoise in [Denoise::Off, Denoise::Auto, Denoise::On] {
        let mut clicks = vec![0.0f32; 20_011];
        for at in [100, 20_000] {
            clicks[at] = 0.5;
        }
        let heard = processed(ProcessOptions { denoise, ..ALL }, &clicks, &[960]);
        let loudest = |part: std::ops::Range<usize>| {
            let order = |a: &usize, b: &usize| heard[*a].abs().total_cmp(&heard[*b].abs());
            part.max_by(order).unwrap()
        };
        assert!(loudest(0..10_000).abs_diff(100) < 960, "{denoise:?}");
        let last = loudest(10_000..20_011);
        // A click is noise to the network; only its place counts then.
        assert!(
            last.abs_diff(20_000) < 960 || denoise == Denoise::On,
            "{denoise:?}: {last}"
        );
    }
}

/// The setting that is recommended, from beginning to end: soft speech in a noisy room.
#[test]
fn soft_speech_in_a_noisy_room_gets_loud_and_clear() {
    let speech = corpus::at_level(corpus::speech(12.0, 7), -34.0);
    let noisy = corpus::mixed(&speech, &corpus::noise("fan", 12.0), 12.0);
    let heard = processed(
        ProcessOptions {
            denoise: Denoise::Auto,
            ..ALL
        },
        &noisy,
        &[960],
    );
    let late = 6 * corpus::RATE..;
    let (spoken, before) = (&speech[late.clone()], &noisy[late.clone()]);
    let after = &heard[late];
    let apart = |sound: &[f32]| corpus::level(sound) - corpus::pauses(spoken, sound);
    assert!(corpus::level(after) > corpus::level(before) + 10.0);
    assert!(
        apart(after) > apart(before) + 12.0,
        "{} from {}",
        apart(after),
        apart(before)
    );
}
