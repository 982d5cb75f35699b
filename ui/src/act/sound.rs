//! Trying out microphone and loudspeaker.

use api::{
    Fault, ListDevices, Play, Sound, SoundCheck as Check, TestSound, TestSpeaker, TestStart,
    TestStop,
};
use wasm_bindgen_futures::spawn_local;

use super::Act;
use crate::backend;
use crate::state::sound_check::SoundCheckAction;

impl Act {
    /// The page about sound is open, or not any more.
    pub fn check_sound(&self, on: bool) {
        self.attempt(backend::call(Check { on }));
        if !on {
            self.sound(SoundCheckAction::Stopped(None));
        }
    }

    /// Lists the devices.
    pub fn list_devices(&self, stale: u32) {
        let act = self.clone();
        let answer = backend::call(ListDevices {});
        spawn_local(async move {
            match answer.await {
                Ok(devices) => act.sound(SoundCheckAction::Listed(stale, devices)),
                Err(fault) => act.tell(fault),
            }
        });
    }

    /// Opens the microphone for a test.
    pub fn start_test(&self) {
        let act = self.clone();
        let answer = backend::call(TestStart {});
        self.sound(SoundCheckAction::Start);
        spawn_local(async move {
            match answer.await {
                Ok(()) => act.sound(SoundCheckAction::Started),
                Err(fault) => {
                    act.sound(SoundCheckAction::Stopped(None));
                    act.tell(fault);
                }
            }
        });
    }

    /// Ends the test and lets it be heard; what ended by itself says why.
    pub fn stop_test(&self, fault: Option<Fault>) {
        let act = self.clone();
        let answer = backend::call(TestStop {});
        if let Some(fault) = fault {
            act.tell(fault);
        }
        spawn_local(async move {
            match answer.await {
                Ok(take) => {
                    act.sound(SoundCheckAction::Stopped(Some(take)));
                    act.play_test(TestSound::Sent, 0);
                }
                Err(fault) => {
                    act.sound(SoundCheckAction::Stopped(None));
                    act.tell(fault);
                }
            }
        });
    }

    /// Plays what the test recorded.
    pub fn play_test(&self, sound: TestSound, from_ms: u32) {
        self.attempt(backend::call(Play {
            sound: Sound::Test(sound),
            from_ms,
            follow: api::Follow::default(),
        }));
    }

    /// Lets the loudspeaker be heard.
    pub fn test_speaker(&self) {
        self.attempt(backend::call(TestSpeaker {}));
    }

    fn sound(&self, action: SoundCheckAction) {
        self.with(|sinks| sinks.sound_check.dispatch(action));
    }
}
