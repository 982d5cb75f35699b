//! Every order of events around the talk button.

use super::*;

const CHAT: ChatId = ChatId(1);

fn pressed() -> Recording {
    let mut recording = Recording::default();
    assert_eq!(
        recording.step(Input::Press(CHAT, 1000.0)),
        Some(Effect::Start(CHAT))
    );
    recording
}

fn running() -> Recording {
    let mut recording = pressed();
    assert_eq!(recording.step(Input::Started("d".into())), None);
    recording
}

#[test]
fn hold_and_release_sends() {
    let mut recording = running();
    assert_eq!(recording.name(), "recording");
    assert_eq!(
        recording.step(Input::Release(3000.0)),
        Some(Effect::Send(CHAT, "d".into()))
    );
    assert_eq!(recording.name(), "idle");
    assert!(recording.hides("d"));
    recording.step(Input::Settled("d".into(), Ok(())));
    assert!(!recording.hides("d"));
}

#[test]
fn released_before_the_microphone_runs_it_is_sent_when_it_does() {
    let mut recording = pressed();
    assert_eq!(recording.step(Input::Release(1900.0)), None);
    assert!(!recording.is_on());
    assert_eq!(
        recording.step(Input::Started("d".into())),
        Some(Effect::Send(CHAT, "d".into()))
    );
}

#[test]
fn a_slip_of_the_finger_shows_the_hint() {
    let mut recording = running();
    let effect = recording.step(Input::Release(1100.0));
    assert_eq!(effect, Some(Effect::Discard("d".into())));
    assert_eq!(recording.hints, 1);
    recording.step(Input::Settled("d".into(), Err(FaultKind::TooShort)));
    assert_eq!(recording.hints, 2);
}

#[test]
fn slid_off_and_released_is_kept() {
    let mut recording = running();
    recording.step(Input::Aim { cancelling: true });
    assert_eq!(
        recording.step(Input::Release(5000.0)),
        Some(Effect::Stop("d".into()))
    );
    assert!(!recording.hides("d"));
}

#[test]
fn slid_off_and_back_is_sent() {
    let mut recording = running();
    recording.step(Input::Aim { cancelling: true });
    recording.step(Input::Aim { cancelling: false });
    assert!(matches!(
        recording.step(Input::Release(5000.0)),
        Some(Effect::Send(..))
    ));
}

#[test]
fn an_interruption_never_loses_audio() {
    let mut held = running();
    assert_eq!(
        held.step(Input::Interrupt(5000.0)),
        Some(Effect::Stop("d".into()))
    );
    let mut locked = running();
    locked.step(Input::Lock);
    assert_eq!(
        locked.step(Input::Interrupt(1001.0)),
        Some(Effect::Stop("d".into()))
    );
    let mut starting = pressed();
    assert_eq!(starting.step(Input::Interrupt(2000.0)), None);
    assert_eq!(
        starting.step(Input::Started("d".into())),
        Some(Effect::Stop("d".into()))
    );
}

#[test]
fn an_interrupted_slip_is_dropped() {
    let mut recording = running();
    assert_eq!(
        recording.step(Input::Interrupt(1100.0)),
        Some(Effect::Discard("d".into()))
    );
    assert_eq!(recording.hints, 1);
}

#[test]
fn locked_it_outlives_the_release() {
    let mut recording = running();
    recording.step(Input::Lock);
    assert_eq!(recording.step(Input::Release(9000.0)), None);
    assert_eq!(recording.name(), "locked");
    assert_eq!(
        recording.step(Input::Send),
        Some(Effect::Send(CHAT, "d".into()))
    );
}

#[test]
fn locked_and_stopped_is_a_draft() {
    let mut recording = running();
    recording.step(Input::Lock);
    assert_eq!(recording.step(Input::Stop), Some(Effect::Stop("d".into())));
}

#[test]
fn a_second_press_changes_nothing() {
    let mut recording = running();
    let before = recording.clone();
    assert_eq!(recording.step(Input::Press(ChatId(2), 2000.0)), None);
    assert_eq!(recording, before);
}

#[test]
fn no_microphone_is_told_once() {
    let mut recording = pressed();
    let fault = Fault::from(FaultKind::NoMicrophone);
    assert_eq!(
        recording.step(Input::StartFailed(fault.clone())),
        Some(Effect::Tell(fault))
    );
    assert_eq!(recording.step(Input::Release(5000.0)), None);
}

#[test]
fn a_lost_microphone_ends_it_as_a_draft() {
    let mut recording = running();
    recording.step(Input::Ended("d".into()));
    assert_eq!(recording.name(), "idle");
    assert!(!recording.hides("d"));
    assert_eq!(recording.step(Input::Release(5000.0)), None);
}

#[test]
fn a_new_recording_may_begin_while_the_last_one_leaves() {
    let mut recording = running();
    recording.step(Input::Release(5000.0));
    assert_eq!(
        recording.step(Input::Press(CHAT, 5100.0)),
        Some(Effect::Start(CHAT))
    );
    assert!(recording.hides("d"));
    recording.step(Input::Started("e".into()));
    recording.step(Input::Settled("d".into(), Ok(())));
    assert!(recording.hides("e") && !recording.hides("d"));
}

#[test]
fn levels_are_bounded_and_only_of_this_recording() {
    let mut recording = running();
    for _ in 0..1000 {
        recording.step(Input::Level {
            draft: "d".into(),
            elapsed_ms: 70,
            peak: 9,
        });
    }
    recording.step(Input::Level {
        draft: "other".into(),
        elapsed_ms: 1,
        peak: 1,
    });
    assert_eq!(recording.levels.len(), LEVELS);
    assert_eq!(recording.elapsed_ms, 70);
}

#[test]
fn an_answer_nobody_waits_for_becomes_a_draft() {
    let mut recording = Recording::default();
    assert_eq!(
        recording.step(Input::Started("d".into())),
        Some(Effect::Stop("d".into()))
    );
}

#[test]
fn a_press_after_a_slip_takes_the_microphone_that_is_being_opened() {
    let again = || {
        let mut recording = pressed();
        recording.step(Input::Release(1100.0));
        assert!(!recording.is_on());
        assert_eq!(recording.step(Input::Press(CHAT, 1200.0)), None);
        assert!(recording.is_held());
        recording
    };
    let send = Some(Effect::Send(CHAT, "d".into()));

    let mut late = again();
    assert_eq!(late.step(Input::Started("d".into())), None);
    assert_eq!(late.step(Input::Release(1600.0)), send);

    let mut early = again();
    assert_eq!(early.step(Input::Release(1600.0)), None);
    assert_eq!(early.step(Input::Started("d".into())), send);

    // Its own length counts, not that since the slip.
    let mut slip = again();
    slip.step(Input::Started("d".into()));
    assert_eq!(
        slip.step(Input::Release(1400.0)),
        Some(Effect::Discard("d".into()))
    );

    let mut elsewhere = pressed();
    elsewhere.step(Input::Release(1100.0));
    assert_eq!(elsewhere.step(Input::Press(ChatId(2), 1200.0)), None);
    assert!(!elsewhere.is_on());
}
