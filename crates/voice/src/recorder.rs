//! One running recording: a thread that takes sound from a source and leaves a playable file.
//!
//! The thread opens the device itself (some systems want a stream to be used where it was made), so that `start` is
//! also the measure of how long a press takes. It then wakes 50 times a second, empties the ring, and writes pages.
//! Rejected: waking it from the device's callback; that is a system call in the one place that must not wait.

mod levels;
mod untouched;

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use self::levels::{Levels, Waveform};
use self::untouched::Untouched;
use crate::device::{Flow, Microphone, to_mono};
use crate::encode::{Encoder, OggWriter, RATE};
use crate::process::{Learned, ProcessOptions, Processing};
use crate::resample::Resampler;
use crate::script::{Hearing, Pace, Script};
use crate::{VoiceError, repair};

/// How often the ring is emptied.
const POLL: Duration = Duration::from_millis(20);
/// How often before the first sound, whose moment is reported.
const FIRST_POLL: Duration = Duration::from_millis(2);
/// How much longer than its sound a tail may take, where the device delivers late.
const TAIL_GRACE: Duration = Duration::from_millis(250);

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

impl Bitrate {
    pub(crate) fn bits_per_second(self) -> i32 {
        match self {
            Bitrate::Low => 16_000,
            Bitrate::Standard => 24_000,
            Bitrate::High => 32_000,
        }
    }
}

/// Where the sound comes from.
#[derive(Clone, Debug, Default)]
pub enum Source {
    /// The system's default microphone.
    #[default]
    Default,
    /// The microphone of this [id](crate::Device::id) where it is there, else the default.
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
    /// What is done to the sound; by default nothing. Levels and remarks are of the sound before it.
    pub processing: ProcessOptions,
    /// What is known of the voice and the microphone; by default nothing.
    pub learned: Learned,
    /// Where the sound is kept as the microphone gave it, as a second file beside the take; it must not exist. Where it
    /// cannot be written there is none, and the take is as good as ever.
    pub keep_untouched: Option<PathBuf>,
}

impl Default for RecordOptions {
    fn default() -> Self {
        RecordOptions {
            bitrate: Bitrate::default(),
            tail: Duration::from_millis(300),
            limit: Duration::from_secs(30 * 60),
            source: Source::default(),
            processing: ProcessOptions::default(),
            learned: Learned::default(),
            keep_untouched: None,
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
        /// From that call to the moment the recording begins with: what was said meanwhile is not in it.
        missed: Duration,
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
    /// It is too loud for the microphone: twice within a second samples stood at full scale. Sent every 3 s at most.
    Clipping,
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
#[derive(Debug)]
pub struct Recorder {
    commands: Sender<Command>,
    thread: Option<JoinHandle<Result<Take, VoiceError>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Stop,
    Halt,
}

impl Recorder {
    /// Opens the device, creates the file at `path` (which must not exist) and returns when sound is running.
    ///
    /// # Errors
    /// `NoMicrophone`, `MicrophoneDenied`, `MicrophoneBusy`, `Device`, `Disk`, `DiskFull`. No file is left behind.
    pub fn start(
        path: &Path,
        options: RecordOptions,
        on_event: impl FnMut(RecordEvent) + Send + 'static,
    ) -> Result<Recorder, VoiceError> {
        let pressed = Instant::now();
        let (commands, receiver) = mpsc::channel();
        let (ready, started) = mpsc::channel();
        let path = path.to_owned();
        let thread = thread::Builder::new()
            .name("voice-recorder".to_owned())
            .spawn(move || {
                let opened = Recording::open(path, options, pressed, Box::new(on_event));
                let mut recording = match opened {
                    Ok(recording) => recording,
                    Err(error) => {
                        let _ = ready.send(Err(error));
                        return Err(VoiceError::ThreadGone);
                    }
                };
                let _ = ready.send(Ok(()));
                recording.run(&receiver)
            })
            .map_err(|_| VoiceError::ThreadGone)?;
        started.recv().map_err(|_| VoiceError::ThreadGone)??;
        Ok(Recorder {
            commands,
            thread: Some(thread),
        })
    }

    /// Records the tail, finishes the file, syncs it to the disk and returns the take. Blocks for about the tail.
    ///
    /// A lost device, a full disk or a reached limit during the recording is not an error here: the take is what
    /// there is.
    ///
    /// # Errors
    /// `Disk` or `DiskFull` where the file could not be finished; [`recover`](crate::recover) then gives what is whole.
    pub fn stop(mut self) -> Result<Take, VoiceError> {
        self.end(Command::Stop)
    }

    /// The same without the tail, for a cancelled gesture or a shutdown.
    ///
    /// # Errors
    /// As [`stop`](Recorder::stop).
    pub fn halt(mut self) -> Result<Take, VoiceError> {
        self.end(Command::Halt)
    }

    fn end(&mut self, command: Command) -> Result<Take, VoiceError> {
        let _ = self.commands.send(command);
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(take)) => take,
            _ => Err(VoiceError::ThreadGone),
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if self.thread.is_some() {
            let _ = self.end(Command::Halt);
        }
    }
}

enum Input {
    Microphone(Microphone),
    Scripted {
        hearing: Hearing,
        pressed: Instant,
        first: Option<Duration>,
    },
}

impl Input {
    fn open(source: Source, pressed: Instant) -> Result<Input, VoiceError> {
        Ok(match source {
            Source::Default => Input::Microphone(Microphone::open(None, pressed)?),
            Source::Device(name) => Input::Microphone(Microphone::open(Some(&name), pressed)?),
            Source::Scripted(script) => Input::Scripted {
                hearing: Hearing::new(script),
                pressed,
                first: None,
            },
        })
    }

    fn shape(&self) -> (cpal::SampleFormat, u32, u16) {
        match self {
            Input::Microphone(microphone) => {
                (microphone.format, microphone.rate, microphone.channels)
            }
            Input::Scripted { hearing, .. } => {
                let script = hearing.script();
                (script.format.as_device(), script.rate, script.channels)
            }
        }
    }

    fn is_fast(&self) -> bool {
        matches!(self, Input::Scripted { hearing, .. } if hearing.script().pace == Pace::Fast)
    }

    fn read(&mut self, out: &mut Vec<u8>) -> Flow {
        match self {
            Input::Microphone(microphone) => microphone.read(out),
            Input::Scripted {
                hearing,
                pressed,
                first,
            } => {
                let flow = hearing.read(out);
                if first.is_none() && !out.is_empty() {
                    *first = Some(pressed.elapsed());
                }
                flow
            }
        }
    }

    /// When the first sound came, and what is missing before it.
    fn first(&self) -> Option<(Duration, Duration)> {
        match self {
            Input::Microphone(microphone) => microphone.first(),
            Input::Scripted { first, .. } => first.map(|first| (first, Duration::ZERO)),
        }
    }

    fn take_dropped(&self) -> u64 {
        match self {
            Input::Microphone(microphone) => microphone.take_dropped(),
            Input::Scripted { .. } => 0,
        }
    }
}

/// Why the sound ended.
enum End {
    Command,
    Limit,
    Lost(VoiceError),
}

/// The recorder's thread.
struct Recording {
    path: PathBuf,
    /// Gone when the sound has ended, so that the system stops showing an open microphone.
    input: Option<Input>,
    encoder: Encoder,
    resampler: Resampler,
    writer: Option<OggWriter>,
    on_event: Box<dyn FnMut(RecordEvent) + Send>,
    format: cpal::SampleFormat,
    channels: u16,
    fast: bool,
    tail: Duration,
    limit: u64,
    /// Samples taken so far; the encoder may have a few less, which are being processed.
    taken: u64,
    capturing: bool,
    levels: Levels,
    untouched: Untouched,
    processing: Processing,
    waveform: Waveform,
    bytes: Vec<u8>,
    mono: Vec<f32>,
    samples: Vec<f32>,
    processed: Vec<f32>,
}

impl Recording {
    fn open(
        path: PathBuf,
        options: RecordOptions,
        pressed: Instant,
        on_event: Box<dyn FnMut(RecordEvent) + Send>,
    ) -> Result<Recording, VoiceError> {
        let input = Input::open(options.source, pressed)?;
        let (format, rate, channels) = input.shape();
        let encoder = Encoder::new(options.bitrate)?;
        let resampler = Resampler::new(rate, RATE)?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        let writer = match OggWriter::new(file, encoder.pre_skip(), rate) {
            Ok(writer) => writer,
            Err(error) => {
                let _ = fs::remove_file(&path);
                return Err(error);
            }
        };
        Ok(Recording {
            fast: input.is_fast(),
            path,
            input: Some(input),
            encoder,
            resampler,
            writer: Some(writer),
            on_event,
            format,
            channels,
            tail: options.tail,
            limit: (options.limit.as_secs_f64() * f64::from(RATE)) as u64,
            taken: 0,
            capturing: false,
            levels: Levels::new(),
            untouched: Untouched::open(options.keep_untouched, options.bitrate, rate),
            processing: Processing::of(options.processing, &options.learned),
            waveform: Waveform::new(),
            bytes: Vec::new(),
            mono: Vec::new(),
            samples: Vec::new(),
            processed: Vec::new(),
        })
    }

    /// Records until a command, the limit or a loss, and finishes the file. Where the sound ended by itself, the take
    /// waits for the command.
    fn run(&mut self, commands: &Receiver<Command>) -> Result<Take, VoiceError> {
        let mut commanded = false;
        let end = self.record(commands, &mut commanded);
        self.input = None;
        let take = self.finish_file(&end);
        match end {
            End::Command => {}
            End::Limit => (self.on_event)(RecordEvent::LimitReached),
            End::Lost(error) => (self.on_event)(RecordEvent::Lost(error)),
        }
        if !commanded {
            // An error means that the recorder was dropped, which is a command too.
            let _ = commands.recv();
        }
        take
    }

    fn record(&mut self, commands: &Receiver<Command>, commanded: &mut bool) -> End {
        let mut tail: Option<(u64, Instant)> = None;
        let mut ended = false;
        loop {
            if tail.is_none() {
                let command = self.wait(commands, ended);
                *commanded = command.is_some();
                match command {
                    Some(Command::Halt) if !self.fast => {
                        return self.take_sound().err().map_or(End::Command, |end| end);
                    }
                    Some(_) if self.fast && ended => return End::Command,
                    Some(_) => {
                        // What the ring holds now was said before the command.
                        match self.take_sound() {
                            Ok(flow) => ended |= flow == Flow::Ended,
                            Err(end) => return end,
                        }
                        let sound = self.taken + (self.tail.as_secs_f64() * f64::from(RATE)) as u64;
                        let reach = if self.fast { u64::MAX } else { sound };
                        tail = Some((reach, Instant::now() + self.tail + TAIL_GRACE));
                    }
                    None => {}
                }
            } else if !self.fast {
                thread::park_timeout(POLL / 4);
            }
            match self.take_sound() {
                Ok(flow) => ended |= flow == Flow::Ended,
                Err(end) => return end,
            }
            if let Some((reach, deadline)) = tail {
                let late = !self.fast && Instant::now() >= deadline;
                if self.taken >= reach || late || ended {
                    return End::Command;
                }
            }
        }
    }

    /// Waits for a command as long as the source may be left alone.
    fn wait(&self, commands: &Receiver<Command>, ended: bool) -> Option<Command> {
        if self.fast && !ended {
            return match commands.try_recv() {
                Ok(command) => Some(command),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Disconnected) => Some(Command::Halt),
            };
        }
        let pause = if ended {
            Duration::from_secs(3600)
        } else if self.capturing {
            POLL
        } else {
            FIRST_POLL
        };
        match commands.recv_timeout(pause) {
            Ok(command) => Some(command),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Command::Halt),
        }
    }

    /// Takes what the source has and carries it to the file.
    fn take_sound(&mut self) -> Result<Flow, End> {
        let Some(input) = &mut self.input else {
            return Ok(Flow::Ended);
        };
        self.bytes.clear();
        let flow = input.read(&mut self.bytes);
        let dropped = input.take_dropped();
        if !self.capturing
            && let Some((after_press, missed)) = input.first()
        {
            self.capturing = true;
            (self.on_event)(RecordEvent::Capturing {
                after_press,
                missed,
            });
        }
        if dropped > 0 {
            (self.on_event)(RecordEvent::Dropped { frames: dropped });
        }
        self.mono.clear();
        to_mono(&self.bytes, self.format, self.channels, &mut self.mono);
        self.samples.clear();
        self.resampler
            .push(&self.mono, &mut self.samples)
            .map_err(End::Lost)?;
        self.keep()?;
        match flow {
            Flow::Lost => Err(End::Lost(VoiceError::DeviceLost)),
            flow => Ok(flow),
        }
    }

    /// Processes and encodes `self.samples` up to the limit.
    fn keep(&mut self) -> Result<(), End> {
        let room = self.limit.saturating_sub(self.taken);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let full = self.samples.len() >= room;
        self.samples.truncate(room);
        self.taken += self.samples.len() as u64;
        self.levels.take(&self.samples, &mut self.on_event);
        self.untouched.push(&self.samples);
        self.processed.clear();
        self.processing.push(&self.samples, &mut self.processed);
        self.encode()?;
        if full { Err(End::Limit) } else { Ok(()) }
    }

    /// Carries `self.processed` to the file.
    fn encode(&mut self) -> Result<(), End> {
        let writer = &mut self.writer;
        let mut sink = |packet: &[u8]| match writer {
            Some(writer) => writer.packet(packet),
            None => Ok(()),
        };
        self.waveform.take(&self.processed);
        self.encoder
            .push(&self.processed, &mut sink)
            .map_err(End::Lost)
    }

    fn finish_file(&mut self, end: &End) -> Result<Take, VoiceError> {
        self.samples.clear();
        if matches!(end, End::Command | End::Lost(VoiceError::DeviceLost)) {
            self.resampler.finish(&mut self.samples)?;
            // The rest of the filter may reach the limit, which ends nothing more now.
            if let Err(End::Lost(error)) = self.keep() {
                return self.rescue(error);
            }
        }
        if let End::Lost(VoiceError::Disk(_) | VoiceError::DiskFull) = end {
            self.untouched.forget();
            self.writer = None;
            return repair::recover(&self.path);
        }
        self.processed.clear();
        self.processing.finish(&mut self.processed);
        if let Err(End::Lost(error)) = self.encode() {
            return self.rescue(error);
        }
        let Some(mut writer) = self.writer.take() else {
            return Err(VoiceError::ThreadGone);
        };
        let finished = self
            .encoder
            .finish(&mut |packet| writer.packet(packet))
            .and_then(|()| writer.finish(self.encoder.samples()));
        let bytes = match finished {
            Ok(bytes) => bytes,
            Err(error) => return self.rescue(error),
        };
        self.untouched.finish();
        sync_folder(&self.path);
        Ok(Take {
            duration_ms: milliseconds(self.encoder.samples()),
            peaks: self.waveform.finish(),
            bytes,
        })
    }

    /// What is whole on a disk that refused the rest; where not even that works, why it refused.
    fn rescue(&mut self, error: VoiceError) -> Result<Take, VoiceError> {
        self.untouched.forget();
        self.writer = None;
        repair::recover(&self.path).map_err(|_| error)
    }
}

/// Samples at 48 kHz as ms, rounded.
pub(crate) fn milliseconds(samples: u64) -> u32 {
    u32::try_from((samples + 24) / 48).unwrap_or(u32::MAX)
}

/// The file's name must survive a power cut too. Best effort: not every system can sync a folder.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent()
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests;
