//! Microphone to Ogg Opus, and back to the loudspeaker
