use super::*;
use crate::process::corpus;

fn levelled(samples: &[f32]) -> Vec<f32> {
    let mut samples = samples.to_vec();
    Gain::new(Learned::default()).apply(&mut samples);
    samples
}

/// Integrated loudness, as a player would measure it.
fn loudness(samples: &[f32]) -> f64 {
    let mut meter = EbuR128::new(1, RATE, Mode::I).unwrap();
    meter.add_frames_f32(samples).unwrap();
    meter.loudness_global().unwrap()
}

fn spoken(lufs: f64) -> Vec<f32> {
    let speech = corpus::speech(16.0, 3);
    let change = lufs - loudness(&speech);
    speech.iter().map(|s| s * factor(change)).collect()
}

#[test]
fn soft_and_loud_voices_come_together() {
    for lufs in [-33.0, -26.0, -8.0] {
        let heard = levelled(&spoken(lufs));
        let settled = loudness(&heard[6 * corpus::RATE..]);
        assert!((settled - TARGET_LUFS).abs() < 2.0, "{settled} from {lufs}");
    }
}

#[test]
fn a_voice_that_is_right_is_left_alone() {
    let mut gain = Gain::new(Learned::default());
    let speech = spoken(TARGET_LUFS);
    let mut heard = speech.clone();
    gain.apply(&mut heard);
    let change = corpus::level(&heard) - corpus::level(&speech);
    assert!(change.abs() < 0.5, "{change} dB");
    // What is soft between the loud counts for nothing, and a little more or less is none.
    gain.recent.clear();
    gain.recent.extend([TARGET_LUFS, -45.0].repeat(20));
    assert!((gain.voice() - TARGET_LUFS).abs() < 0.01);
    let goal = gain.goal;
    for (off, follows) in [(0.9, false), (-0.9, false), (3.0, true)] {
        gain.recent.clear();
        gain.recent.extend([TARGET_LUFS - goal - off; REMEMBERED]);
        gain.aim();
        assert_eq!(gain.goal != goal, follows, "{off} dB");
    }
}

#[test]
fn the_gain_has_bounds() {
    for (lufs, most) in [(-50.0, MOST), (-45.0, MOST), (-3.0, LEAST)] {
        let speech = spoken(lufs);
        let heard = levelled(&speech);
        let late = 10 * corpus::RATE..;
        let change = corpus::level(&heard[late.clone()]) - corpus::level(&speech[late]);
        assert!((change - most).abs() < 1.0, "{change} dB at {lufs}");
    }
}

/// Nobody speaks: neither an empty room nor a noisy one gets louder.
#[test]
fn silence_is_never_raised() {
    let nothing = vec![0.0f32; 10 * corpus::RATE];
    assert_eq!(levelled(&nothing), nothing);
    for kind in ["white", "pink", "fan", "hum"] {
        for decibels in [-70.0, -50.0, -35.0] {
            let room = corpus::at_level(corpus::noise(kind, 10.0), decibels);
            let change = corpus::level(&levelled(&room)) - decibels;
            assert!(change.abs() < 0.1, "{kind} {decibels}: {change} dB");
        }
    }
    // Somebody in the next room.
    let far = spoken(-62.0);
    assert!(levelled(&far) == far);
}

#[test]
fn it_is_slow_and_waits_in_pauses() {
    let mut gain = Gain::new(Learned::default());
    let mut sound = spoken(-36.0);
    sound.extend(vec![1e-5; 5 * corpus::RATE]);
    let mut last = 0.0;
    let blocks = sound.len() / BLOCK;
    for (index, block) in sound.chunks_mut(BLOCK).enumerate() {
        gain.apply(block);
        let moved: f64 = gain.decibels - last;
        let second = index / 10;
        let most = if second < 5 { QUICKLY } else { UP };
        assert!(moved.abs() <= most + 1e-9, "{moved} dB in second {second}");
        if index > blocks - 45 {
            assert_eq!(moved, 0.0, "in the pause");
        }
        last = gain.decibels;
    }
    assert!(last > 14.0, "{last} dB");
}

#[test]
fn without_a_meter_the_gain_stays() {
    let mut gain = Gain::new(Learned::default());
    let mut speech = spoken(-30.0);
    let (first, rest) = speech.split_at_mut(8 * corpus::RATE);
    gain.apply(first);
    gain.meter = None;
    let before = gain.decibels;
    gain.apply(rest);
    assert!(before > 8.0);
    assert_eq!(gain.decibels, before);
}

/// The second recording of a soft voice is right from its first word.
#[test]
fn what_was_learned_is_where_the_next_one_begins() {
    let learned = Learned::default();
    let speech = spoken(-33.0);
    let level = |gain: &mut Gain| {
        let mut heard = speech.clone();
        gain.apply(&mut heard);
        corpus::level(&heard[..2 * corpus::RATE])
    };
    let first = level(&mut Gain::new(learned.clone()));
    let second = level(&mut Gain::new(learned.clone()));
    assert!(second - first > 4.0, "{first} and {second} dB");

    // A second of somebody else's is too little to tell.
    let before = learned.decibels();
    let mut loud = spoken(-8.0);
    loud.truncate(corpus::RATE);
    Gain::new(learned.clone()).apply(&mut loud);
    assert_eq!(learned.decibels(), before);
}
