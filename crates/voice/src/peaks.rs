//! The waveform that a bubble shows.

/// How many parts a waveform has, whatever the length of the sound.
pub const PEAK_BUCKETS: usize = 100;
