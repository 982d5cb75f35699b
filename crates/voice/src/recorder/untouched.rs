//! The take as the microphone gave it, beside the one that was processed.
//!
//! It is a second file of the same kind, written from the same samples. It is never worth the take: where it cannot be
//! written it is removed (on a full disk the take needs the room) and the recording goes on as if nobody had asked.

use std::fs::{self, OpenOptions};
use std::path::PathBuf;

use super::Bitrate;
use crate::VoiceError;
use crate::encode::{Encoder, OggWriter};

/// A second file, or none.
pub(super) struct Untouched(Option<Writing>);

struct Writing {
    path: PathBuf,
    encoder: Encoder,
    writer: OggWriter,
}

impl Untouched {
    /// A file at `path`, which must not exist; `input_rate` is the microphone's.
    pub(super) fn open(path: Option<PathBuf>, bitrate: Bitrate, input_rate: u32) -> Self {
        let file = path.map(|path| Writing::open(path, bitrate, input_rate));
        Self(file.and_then(|file| file.inspect_err(tell).ok()))
    }

    pub(super) fn push(&mut self, samples: &[f32]) {
        if let Some(file) = &mut self.0
            && let Err(error) = file.push(samples)
        {
            tell(&error);
            self.forget();
        }
    }

    /// Finishes the file and syncs it to the disk.
    pub(super) fn finish(&mut self) {
        if let Some(file) = self.0.take()
            && let Err(error) = file.finish()
        {
            tell(&error);
        }
    }

    /// Removes what was written.
    pub(super) fn forget(&mut self) {
        if let Some(file) = self.0.take() {
            let _ = fs::remove_file(file.path);
        }
    }
}

impl Writing {
    fn open(path: PathBuf, bitrate: Bitrate, input_rate: u32) -> Result<Self, VoiceError> {
        let encoder = Encoder::new(bitrate)?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        match OggWriter::new(file, encoder.pre_skip(), input_rate) {
            Ok(writer) => Ok(Self {
                path,
                encoder,
                writer,
            }),
            Err(error) => {
                let _ = fs::remove_file(path);
                Err(error)
            }
        }
    }

    fn push(&mut self, samples: &[f32]) -> Result<(), VoiceError> {
        let writer = &mut self.writer;
        self.encoder
            .push(samples, &mut |packet| writer.packet(packet))
    }

    fn finish(self) -> Result<(), VoiceError> {
        let Self {
            path,
            mut encoder,
            mut writer,
        } = self;
        encoder
            .finish(&mut |packet| writer.packet(packet))
            .and_then(|()| writer.finish(encoder.samples()))
            .map(|_| ())
            .inspect_err(|_| {
                let _ = fs::remove_file(path);
            })
    }
}

fn tell(error: &VoiceError) {
    tracing::warn!(%error, "the untouched take is not kept");
}

#[cfg(test)]
mod tests;
