use super::*;
use crate::process::corpus;

fn loudness(samples: &[f32]) -> f64 {
    let mut meter = EbuR128::new(1, 48_000, Mode::I).unwrap();
    meter.add_frames_f32(samples).unwrap();
    meter.loudness_global().unwrap()
}

fn spoken(lufs: f64, seconds: f64) -> Vec<f32> {
    let speech = corpus::speech(seconds, 11);
    let change = lufs - loudness(&speech);
    speech.iter().map(|s| s * factor(change)).collect()
}

/// As it is played: heard in pieces, each before it is made louder.
fn played(loudness: &mut Loudness, from: u64, samples: &[f32]) -> Vec<f32> {
    let mut out = Vec::new();
    for (index, piece) in samples.chunks(960).enumerate() {
        loudness.hear(from + index as u64 * 960, piece);
        let mut piece = piece.to_vec();
        loudness.apply(&mut piece);
        out.extend(piece);
    }
    out
}

#[test]
fn soft_and_loud_messages_come_together() {
    for lufs in [-29.0, -24.0, -10.0] {
        let message = spoken(lufs, 10.0);
        let mut even = Loudness::new(48_000);
        even.hear(0, &message[..FIRST as usize * 48_000]);
        even.look();
        even.jump();
        let heard = loudness(&played(&mut even, 0, &message));
        assert!((heard - TARGET_LUFS).abs() < 1.5, "{heard} from {lufs}");
    }
}

#[test]
fn the_gain_has_bounds_and_an_end() {
    for (lufs, most) in [(-45.0, BOUND), (-1.0, -BOUND)] {
        let mut even = Loudness::new(48_000);
        even.hear(0, &spoken(lufs, 5.0));
        even.look();
        assert_eq!(even.goal, most, "at {lufs}");
    }
    let mut even = Loudness::new(48_000);
    even.goal = BOUND;
    even.jump();
    let mut loud = spoken(-12.0, 3.0);
    even.apply(&mut loud);
    assert!(loud.iter().all(|sample| sample.abs() < 0.891_25));
}

/// Neither a message without a word nor one too short to be measured.
#[test]
fn what_is_no_speech_stays_as_it_is() {
    let room = corpus::at_level(corpus::noise("pink", 5.0), -60.0);
    let tick = vec![0.01f32; 4_800];
    for message in [room, tick, vec![0.0; 480_000], Vec::new()] {
        let mut even = Loudness::new(48_000);
        assert!(played(&mut even, 0, &message) == message);
    }
}

/// Somebody who begins late, or gets louder: without a jump that is heard.
#[test]
fn what_is_heard_later_is_followed_slowly() {
    let mut even = Loudness::new(48_000);
    played(&mut even, 0, &vec![0.0; 5 * 48_000]);
    assert_eq!(even.goal, 0.0);
    let mut last = even.decibels;
    for (index, piece) in spoken(-28.0, 8.0).chunks(48_000).enumerate() {
        let from = (5 + index as u64) * 48_000;
        played(&mut even, from, piece);
        assert!((even.decibels - last).abs() <= SLEW + 0.01);
        last = even.decibels;
    }
    assert!((last - 10.0).abs() < 1.5, "{last} dB");
}

/// What was heard before a seek does not count twice, and no more than a minute counts.
#[test]
fn each_second_counts_once() {
    let message = spoken(-20.0, 6.0);
    let mut even = Loudness::new(48_000);
    even.hear(0, &message);
    even.hear(0, &message);
    even.hear(48_000, &message);
    assert_eq!(even.measured, message.len() as u64);
    for minute in 0..12 {
        even.hear((minute + 1) * 288_000, &message);
    }
    assert_eq!(even.measured, MOST * 48_000);
}

#[test]
fn what_is_no_number_ends_the_measuring() {
    let mut even = Loudness::new(48_000);
    even.hear(0, &spoken(-28.0, 3.0));
    let goal = even.goal;
    even.hear(144_000, &[f32::NAN; 960]);
    assert!(even.meter.is_none());
    even.hear(144_960, &spoken(-10.0, 3.0));
    assert!(goal > 8.0);
    assert_eq!(even.goal, goal);
}
