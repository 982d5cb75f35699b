//! Playback: one thread that owns the output stream.

use std::path::PathBuf;

use crate::VoiceError;

/// What happens while it plays. Events come on the player's thread.
#[derive(Debug)]
#[non_exhaustive]
pub enum PlayEvent {
    /// Where it is; at most 15 a second while it plays, and once at each start, resume and seek.
    Playing {
        /// As given to `play`.
        id: u64,
        /// What has left the loudspeaker, in ms.
        position_ms: u32,
        /// Length of the file, in ms.
        duration_ms: u32,
    },
    /// It stands still.
    Paused {
        /// As given to `play`.
        id: u64,
        /// Where, in ms.
        position_ms: u32,
    },
    /// The last sample was heard.
    Ended {
        /// As given to `play`.
        id: u64,
    },
    /// It cannot be played, or not further.
    Failed {
        /// As given to `play`.
        id: u64,
        /// Why.
        error: VoiceError,
    },
}

/// Plays one file at a time. Calls return at once; dropping it stops the sound and joins the thread.
pub struct Player;

impl Player {
    /// Starts the thread. No device is opened before the first `play`, and it is closed a few seconds after the last.
    pub fn new(on_event: impl FnMut(PlayEvent) + Send + 'static) -> Player {
        let _ = on_event;
        Player
    }

    /// Plays a file from a position on; what played before stops without an event. `id` is the caller's and comes
    /// back in events.
    pub fn play(&self, id: u64, path: PathBuf, from_ms: u32) {
        let _ = (id, path, from_ms);
    }

    /// Stands still; nothing happens where nothing plays.
    pub fn pause(&self) {}

    /// Goes on from where it was paused.
    pub fn resume(&self) {}

    /// Goes to a position, playing or paused.
    pub fn seek(&self, position_ms: u32) {
        let _ = position_ms;
    }

    /// Ends playback without an event.
    pub fn stop(&self) {}
}
