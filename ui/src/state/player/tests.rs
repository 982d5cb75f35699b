//! The player against scripts of signals.

use super::*;

fn told(player: Rc<Player>, id: i64, state: PlaybackState) -> Rc<Player> {
    let playback = Playback {
        sound: Sound::Message(MessageId(id)),
        state,
        position_ms: 100,
        duration_ms: 5000,
        speed: 100,
        skipped_ms: 0,
        from: None,
        fault: None,
    };
    let items = vec![Feed::Signal(Signal::Playback { playback })];
    player.reduce(PlayerAction::Feed(Rc::new(items), 0.0))
}

#[test]
fn closed_it_stays_away_until_something_plays_again() {
    use PlaybackState::{Ended, Paused, Playing};
    let player = told(Rc::default(), 1, Playing);
    assert!(!player.is_hidden());
    let player = player.reduce(PlayerAction::Hide);
    // A position that was on its way.
    let player = told(player, 1, Playing);
    assert!(player.is_hidden());
    let player = told(player, 1, Paused);
    assert!(player.is_hidden());
    assert!(!told(Rc::clone(&player), 1, Playing).is_hidden());
    let player = told(player, 1, Ended);
    assert!(player.is_hidden());
    assert!(!told(player, 2, Playing).is_hidden());
}

#[test]
fn another_sound_or_a_press_brings_it_back() {
    let player = told(Rc::default(), 1, PlaybackState::Playing).reduce(PlayerAction::Hide);
    assert!(!told(Rc::clone(&player), 2, PlaybackState::Playing).is_hidden());
    let pressed = player.reduce(PlayerAction::Press);
    assert!(!pressed.is_hidden());
}

#[test]
fn held_it_can_be_closed() {
    let player = told(Rc::default(), 1, PlaybackState::Paused).reduce(PlayerAction::Hide);
    assert!(told(Rc::clone(&player), 1, PlaybackState::Paused).is_hidden());
    assert!(!told(player, 1, PlaybackState::Playing).is_hidden());
}

#[test]
fn the_position_counts_on_while_it_plays_only() {
    let player = told(Rc::default(), 1, PlaybackState::Playing);
    assert_eq!(player.now.as_ref().unwrap().position_at(400.0), 500);
    assert_eq!(player.now.as_ref().unwrap().position_at(9e9), 5000);
    let player = told(player, 1, PlaybackState::Paused);
    assert_eq!(player.now.as_ref().unwrap().position_at(400.0), 100);
}

#[test]
fn at_twice_the_speed_it_counts_twice_as_fast() {
    let mut playing = told(Rc::default(), 1, PlaybackState::Playing)
        .now
        .clone()
        .unwrap();
    Rc::make_mut(&mut playing.playback).speed = 200;
    assert_eq!(playing.position_at(400.0), 900);
}
