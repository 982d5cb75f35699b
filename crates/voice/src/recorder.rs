//! One running recording: a thread that takes sound from a source and leaves a playable file.

use std::path::Path;
use std::time::Duration;

use crate::VoiceError;
use crate::script::Script;

/// Bits a second of the encoded speech. Mono speech is transparent at 24 kbit/s for most people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bitrate {
    /// 16 kbit/s: 120 kB a minute.
    Low,
    /// 24 kbit/s: 180 kB a minute.
    #[default]
    Standard,
    /// 32 kbit/s: 240 kB a minute.
    High,
}

/// Where the sound comes from.
#[derive(Clone, Debug, Default)]
pub enum Source {
    /// The system's default microphone (on Linux the ALSA `default`, so `PULSE_SOURCE` counts).
    #[default]
    Default,
    /// A named device, as the system's audio library spells it.
    Device(String),
    /// A microphone for tests.
    Scripted(Script),
}

/// How to record.
#[derive(Clone, Debug)]
pub struct RecordOptions {
    /// Bits a second.
    pub bitrate: Bitrate,
    /// How much is recorded after `stop()`; people release the button on the last syllable.
    pub tail: Duration,
    /// The longest recording; at this length it finishes by itself.
    pub limit: Duration,
    /// Where the sound comes from.
    pub source: Source,
}

impl Default for RecordOptions {
    fn default() -> Self {
        RecordOptions {
            bitrate: Bitrate::default(),
            tail: Duration::from_millis(300),
            limit: Duration::from_secs(30 * 60),
            source: Source::default(),
        }
    }
}

/// What happens while it records. Events come on the recorder's thread: hand them on, do not work in them.
#[derive(Debug)]
#[non_exhaustive]
pub enum RecordEvent {
    /// The first sound arrived. Sent once.
    Capturing {
        /// From the call of `start` to the device's first delivery.
        after_press: Duration,
    },
    /// How loud it was since the last level; at most 15 a second.
    Level {
        /// Length of the recording so far, in ms.
        elapsed_ms: u32,
        /// Greatest amplitude, linear, 255 = full scale.
        peak: u8,
    },
    /// The source or the disk failed. The file is finished as far as it goes; `stop()` gives the take. Sent once.
    Lost(VoiceError),
    /// The limit was reached. The file is finished; `stop()` gives the take. Sent once.
    LimitReached,
    /// The first 2 s were digital silence: probably muted, or the wrong device. Sent once.
    Silent,
    /// The machine was too slow and sound was dropped.
    Dropped {
        /// Frames dropped since the last such event, at the device's rate.
        frames: u64,
    },
}

/// A finished recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    /// Length of what will be heard, in ms, rounded.
    pub duration_ms: u32,
    /// Waveform: [`PEAK_BUCKETS`](crate::PEAK_BUCKETS) equal parts of the duration, greatest amplitude in each,
    /// linear, 255 = full scale. Empty for an empty take.
    pub peaks: Vec<u8>,
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// One running recording. Dropping it halts it and leaves the file finished.
pub struct Recorder;

impl Recorder {
    /// Creates the file at `path` (which must not exist), opens the device and returns when it is running.
    ///
    /// # Errors
    /// `NoMicrophone`, `MicrophoneDenied`, `MicrophoneBusy`, `Device`, `Disk`, `DiskFull`. No file is left behind.
    pub fn start(
        path: &Path,
        options: RecordOptions,
        on_event: impl FnMut(RecordEvent) + Send + 'static,
    ) -> Result<Recorder, VoiceError> {
        let _ = (path, options, on_event);
        Err(VoiceError::ThreadGone)
    }

    /// Records the tail, finishes the file, syncs it to the disk and returns the take. Blocks for about the tail.
    ///
    /// A lost device or a reached limit is not an error here: the take is what there is.
    ///
    /// # Errors
    /// `Disk` or `DiskFull` where the file could not be finished; [`recover`](crate::recover) then gives what is whole.
    pub fn stop(self) -> Result<Take, VoiceError> {
        Err(VoiceError::ThreadGone)
    }

    /// The same without the tail, for a cancelled gesture or a shutdown.
    ///
    /// # Errors
    /// As [`stop`](Recorder::stop).
    pub fn halt(self) -> Result<Take, VoiceError> {
        Err(VoiceError::ThreadGone)
    }
}
