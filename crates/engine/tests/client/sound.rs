//! Speech to record, and what other programs think of what we made of it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex, PoisonError};

use voice::{Pace, Script, Source};

/// Spoken words as mono samples, and their rate.
pub struct Speech {
    pub samples: Vec<f32>,
    pub rate: u32,
}

impl Speech {
    pub fn ms(&self) -> u32 {
        (self.samples.len() as u64 * 1000 / u64::from(self.rate)) as u32
    }

    /// A microphone that hears it, as fast as the encoder takes it.
    pub fn fast(&self) -> Source {
        Source::Scripted(Script::mono(&self.samples, self.rate, Pace::Fast))
    }
}

/// About three seconds of speech.
pub static SPEECH: LazyLock<Speech> = LazyLock::new(|| {
    let mut wav = hound::WavReader::open(speech_file()).unwrap();
    let rate = wav.spec().sample_rate;
    let samples = wav
        .samples::<i16>()
        .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
        .collect();
    Speech { samples, rate }
});

/// The same as a WAV file.
pub fn speech_file() -> PathBuf {
    static MADE: Mutex<bool> = Mutex::new(false);
    let file =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("speech-{}.wav", std::process::id()));
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if !*made {
        let words = "Good morning. The bread is on the table and the kettle is warm.";
        testkit::sound::speech(words, &file).unwrap();
        *made = true;
    }
    file
}

/// Checks a file with tools that have nothing to do with us; its length in milliseconds.
pub fn examine(file: &Path) -> u32 {
    let opusinfo = Command::new("opusinfo").arg(file).output().unwrap();
    let said = String::from_utf8_lossy(&opusinfo.stdout);
    assert!(opusinfo.status.success(), "{said}");
    assert!(!said.to_lowercase().contains("warning"), "{said}");
    let ffprobe = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-show_entries",
            "format=duration",
            "-of",
            "csv=p=0",
        ])
        .arg(file)
        .output()
        .unwrap();
    assert!(
        ffprobe.status.success() && ffprobe.stderr.is_empty(),
        "{ffprobe:?}"
    );
    let seconds: f64 = String::from_utf8_lossy(&ffprobe.stdout)
        .trim()
        .parse()
        .unwrap();
    (seconds * 1000.0) as u32
}

/// Two lengths are the same for an ear, and for a codec with frames of 20 ms.
pub fn assert_about(found: u32, wanted: u32) {
    assert!(
        found.abs_diff(wanted) <= 60,
        "{found} ms instead of {wanted} ms"
    );
}
