//! `urn:millet:voice:0`: what a voice message looks like before its audio is here, and that it was listened to.
//!
//! The proposal is `docs/protocol/voice.md`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minidom::Element;

use crate::element::element;
use crate::inbound::VoiceNote;
use crate::text;

pub(crate) const NS: &str = "urn:millet:voice:0";

/// The most peaks that are written, and read.
pub(crate) const MAX_PEAKS: usize = 512;
/// A day in ms; nobody holds a button longer.
const MAX_DURATION: u32 = 86_400_000;

/// The description of a voice message. Unreadable peaks leave it without a waveform, not without a duration.
pub(crate) fn parse(element: &Element) -> Option<VoiceNote> {
    if !element.is("voice", NS) {
        return None;
    }
    let duration_ms: u32 = element.attr("duration")?.trim().parse().ok()?;
    if duration_ms > MAX_DURATION {
        return None;
    }
    let peaks = element.get_child("peaks", NS).map(|c| c.text());
    Some(VoiceNote {
        duration_ms,
        peaks: peaks.as_deref().and_then(decode).unwrap_or_default(),
    })
}

fn decode(base64: &str) -> Option<Vec<u8>> {
    let base64 = base64.trim();
    if base64.len() > MAX_PEAKS.div_ceil(3) * 4 {
        return None;
    }
    let peaks = STANDARD.decode(base64).ok()?;
    (peaks.len() <= MAX_PEAKS).then_some(peaks)
}

/// Builds `<voice/>`.
pub(crate) fn build(duration_ms: u32, peaks: &[u8]) -> Element {
    let peaks = peaks.get(..peaks.len().min(MAX_PEAKS)).unwrap_or_default();
    let mut voice = element("voice", NS, &[("duration", &duration_ms.to_string())]);
    if !peaks.is_empty() {
        voice.append_child(
            Element::builder("peaks", NS)
                .append(STANDARD.encode(peaks))
                .build(),
        );
    }
    voice
}

/// The id of the voice message that was listened to.
pub(crate) fn parse_heard(element: &Element) -> Option<String> {
    if !element.is("heard", NS) {
        return None;
    }
    text::id(element.attr("id")?)
}

/// "Listened to."
pub(crate) fn heard(id: &str) -> Element {
    element("heard", NS, &[("id", id)])
}

#[cfg(test)]
mod tests;
