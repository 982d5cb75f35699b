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
fn a_tap_records_hands_free() {
    let mut recording = running();
    assert_eq!(recording.step(Input::Release(1299.0)), None);
    assert_eq!(recording.name(), "locked");
    assert_eq!(
        recording.step(Input::Send(4000.0)),
        Some(Effect::Send(CHAT, "d".into()))
    );
    let mut hold = running();
    assert!(matches!(
        hold.step(Input::Release(1300.0)),
        Some(Effect::Send(..))
    ));
}

#[test]
fn a_tap_while_the_microphone_opens_records_hands_free() {
    let mut recording = pressed();
    assert_eq!(recording.step(Input::Release(1100.0)), None);
    assert_eq!(recording.name(), "locked");
    assert_eq!(recording.step(Input::Started("d".into())), None);
    assert_eq!(recording.name(), "locked");
    assert_eq!(recording.step(Input::Release(1200.0)), None);
}

#[test]
fn the_second_half_of_a_double_click_sends_nothing() {
    let mut recording = running();
    recording.step(Input::Release(1100.0));
    assert_eq!(recording.step(Input::Send(1250.0)), None);
    assert_eq!(recording.name(), "locked");
    assert!(recording.step(Input::Send(1600.0)).is_some());
}

#[test]
fn a_tap_that_slid_off_is_kept() {
    let mut recording = running();
    recording.step(Input::Aim { cancelling: true });
    assert_eq!(
        recording.step(Input::Release(1100.0)),
        Some(Effect::Stop("d".into()))
    );
    assert_eq!(recording.name(), "idle");
}

#[test]
fn a_hold_that_was_too_short_for_the_backend_shows_the_hint() {
    let mut recording = running();
    recording.step(Input::Release(1300.0));
    recording.step(Input::Settled("d".into(), Err(FaultKind::TooShort)));
    assert_eq!(recording.hints, 1);
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
    assert_eq!(held.step(Input::Interrupt), Some(Effect::Stop("d".into())));
    let mut locked = running();
    locked.step(Input::Lock(1100.0));
    assert_eq!(
        locked.step(Input::Interrupt),
        Some(Effect::Stop("d".into()))
    );
    let mut starting = pressed();
    assert_eq!(starting.step(Input::Interrupt), None);
    assert_eq!(
        starting.step(Input::Started("d".into())),
        Some(Effect::Stop("d".into()))
    );
}

#[test]
fn an_interrupted_tap_is_kept() {
    let mut recording = running();
    assert_eq!(
        recording.step(Input::Interrupt),
        Some(Effect::Stop("d".into()))
    );
    assert_eq!(recording.kept, 1);
}

#[test]
fn locked_it_outlives_the_release() {
    let mut recording = running();
    recording.step(Input::Lock(1100.0));
    assert_eq!(recording.step(Input::Release(9000.0)), None);
    assert_eq!(recording.name(), "locked");
    assert_eq!(
        recording.step(Input::Send(9000.0)),
        Some(Effect::Send(CHAT, "d".into()))
    );
}

fn locked() -> Recording {
    let mut recording = running();
    recording.step(Input::Lock(1100.0));
    recording
}

fn paused() -> Recording {
    let mut recording = locked();
    recording.step(Input::Level {
        draft: "d".into(),
        elapsed_ms: 900,
        peak: 7,
    });
    assert_eq!(recording.step(Input::Pause), Some(Effect::Stop("d".into())));
    recording
}

fn resume(from_ms: Option<u32>) -> Input {
    Input::Continue {
        chat: CHAT,
        draft: "d".into(),
        from_ms,
        duration_ms: 900,
    }
}

#[test]
fn paused_it_is_a_draft_in_its_place() {
    let mut recording = paused();
    assert_eq!(recording.name(), "paused");
    assert_eq!(recording.paused(), Some("d"));
    assert!(recording.is_on() && recording.hides("d"));
    // Answers and late levels change nothing.
    recording.step(Input::Settled("d".into(), Ok(())));
    assert_eq!(recording.step(Input::Pause), None);
    assert_eq!(recording.step(Input::Press(CHAT, 3000.0)), None);
    assert_eq!(recording.step(Input::Release(3001.0)), None);
    assert_eq!(recording.paused(), Some("d"));
}

#[test]
fn only_what_is_hands_free_can_be_paused() {
    assert_eq!(running().step(Input::Pause), None);
    assert_eq!(pressed().step(Input::Pause), None);
    assert_eq!(Recording::default().step(Input::Pause), None);
}

#[test]
fn a_pause_ends_in_going_on_sending_keeping_or_the_bin() {
    let mut on = paused();
    assert_eq!(
        on.step(resume(None)),
        Some(Effect::Continue {
            draft: "d".into(),
            from_ms: None
        })
    );
    assert_eq!((on.name(), on.elapsed_ms), ("locked", 900));
    assert_eq!(on.levels, [7]);
    assert!(on.hides("d"));
    assert_eq!(on.step(Input::Started("d".into())), None);
    assert_eq!(on.step(Input::Pause), Some(Effect::Stop("d".into())));

    let mut sent = paused();
    assert_eq!(
        sent.step(Input::Send(1101.0)),
        Some(Effect::Send(CHAT, "d".into()))
    );
    assert!(sent.hides("d") && !sent.is_on());

    let mut kept = paused();
    assert_eq!(kept.step(Input::Interrupt), None);
    assert_eq!((kept.name(), kept.kept), ("idle", 1));
    assert!(!kept.hides("d"));

    let mut binned = paused();
    assert_eq!(binned.step(Input::Discard), None);
    assert_eq!((binned.name(), binned.kept), ("idle", 0));
}

#[test]
fn a_microphone_that_is_gone_leaves_the_pause() {
    let mut recording = paused();
    recording.step(resume(Some(400)));
    assert_eq!(recording.elapsed_ms, 400);
    let fault = Fault::from(FaultKind::NoMicrophone);
    assert_eq!(
        recording.step(Input::StartFailed(fault.clone())),
        Some(Effect::Tell(fault.clone()))
    );
    assert_eq!(recording.paused(), Some("d"));

    // Sent meanwhile: it waits to be sent again rather than going out unseen.
    recording.step(resume(None));
    recording.step(Input::Send(9000.0));
    recording.step(Input::StartFailed(fault.clone()));
    assert_eq!(recording.paused(), Some("d"));

    // Kept meanwhile.
    recording.step(resume(None));
    recording.step(Input::Interrupt);
    recording.step(Input::StartFailed(fault));
    assert_eq!(recording.name(), "idle");
}

#[test]
fn a_draft_of_earlier_goes_on() {
    let mut recording = Recording::default();
    assert!(recording.step(resume(None)).is_some());
    assert_eq!((recording.name(), recording.elapsed_ms), ("locked", 900));
    // One at a time.
    assert_eq!(recording.step(resume(None)), None);
    recording.step(Input::Started("d".into()));
    assert_eq!(recording.step(resume(None)), None);
    assert_eq!(running().step(resume(None)), None);
}

#[test]
fn a_draft_that_is_gone_is_not_paused() {
    let mut recording = paused();
    recording.step(Input::Gone("other".into()));
    assert_eq!(recording.name(), "paused");
    recording.step(Input::Gone("d".into()));
    assert_eq!(recording.name(), "idle");
}

#[test]
fn discarded_while_it_runs_it_is_a_draft_for_the_bin() {
    let mut recording = locked();
    assert_eq!(recording.draft(), Some("d"));
    assert_eq!(
        recording.step(Input::Discard),
        Some(Effect::Stop("d".into()))
    );
    assert_eq!((recording.name(), recording.kept), ("idle", 0));
    // A hold ends by letting go.
    let mut held = running();
    assert_eq!(held.step(Input::Discard), None);
    assert_eq!(held.name(), "recording");
    let mut starting = pressed();
    starting.step(Input::Release(1100.0));
    assert_eq!(starting.step(Input::Discard), None);
    assert_eq!(starting.name(), "locked");
}

#[test]
fn a_lost_microphone_pauses_what_nobody_holds() {
    let mut recording = locked();
    recording.step(Input::Ended("d".into()));
    assert_eq!(recording.paused(), Some("d"));
}

#[test]
fn remarks_are_made_once_and_pass() {
    let mut recording = locked();
    let at = |recording: &mut Recording, elapsed_ms| {
        recording.step(Input::Level {
            draft: "d".into(),
            elapsed_ms,
            peak: 1,
        });
        recording.remark()
    };
    assert_eq!(at(&mut recording, 59_999), None);
    assert_eq!(at(&mut recording, 60_000), Some(Remark::Long));
    recording.step(Input::Clipping("other".into()));
    assert_eq!(at(&mut recording, 60_080), Some(Remark::Long));
    recording.step(Input::Clipping("d".into()));
    assert_eq!(at(&mut recording, 60_160), Some(Remark::TooLoud));
    assert_eq!(at(&mut recording, 68_080), None);
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
