//! The sound as the microphone heard it, in a file beside the one that is sent. What goes wrong here costs this file alone.

use std::fs::{self, OpenOptions};
use std::path::PathBuf;

use super::Bitrate;
use crate::VoiceError;
use crate::encode::{Encoder, OggWriter, RATE};

pub(super) struct Untouched {
    path: PathBuf,
    encoder: Encoder,
    writer: OggWriter,
}

impl Untouched {
    /// Creates the file, which must not exist. None, with a remark in the log, where it cannot be.
    pub(super) fn create(path: PathBuf, bitrate: Bitrate, input_rate: u32) -> Option<Self> {
        let created = || {
            let encoder = Encoder::new(bitrate)?;
            let file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&path)?;
            let writer = OggWriter::new(file, encoder.pre_skip(), input_rate)?;
            Ok((encoder, writer))
        };
        let (encoder, writer) = created().map_err(|error| given_up(&error)).ok()?;
        Some(Self {
            path,
            encoder,
            writer,
        })
    }

    /// Takes samples at 48 kHz. Whether it goes on.
    pub(super) fn push(&mut self, samples: &[f32]) -> bool {
        debug_assert_eq!(RATE, 48_000);
        let writer = &mut self.writer;
        let pushed = self
            .encoder
            .push(samples, &mut |packet| writer.packet(packet));
        pushed.map_err(|error| given_up(&error)).is_ok()
    }

    pub(super) fn finish(mut self) {
        let writer = &mut self.writer;
        let finished = self.encoder.finish(&mut |packet| writer.packet(packet));
        let samples = self.encoder.samples();
        if samples == 0 {
            drop(self.writer);
            let _ = fs::remove_file(&self.path);
            return;
        }
        if let Err(error) = finished.and_then(|()| self.writer.finish(samples)) {
            given_up(&error);
        }
    }
}

fn given_up(error: &VoiceError) {
    tracing::warn!(%error, "the untouched sound is not kept");
}
