//! The size of a Vorbis decoder before there is one (Vorbis I §3.2, §4.2.4).
//!
//! A codebook says in some fifteen bytes that it has 131,072 entries of 32 numbers, which are 16 MB unpacked, and a file
//! may have 256 of them. The decoder bounds each, not all of them; so they are added up here first. Only sizes are read:
//! whether a codebook makes sense is the decoder's business.

use crate::VoiceError;

/// Numbers in all codebooks together. What the reference encoder writes has fewer than a tenth of it.
const MOST: u64 = 2_000_000;

/// Goes through the codebooks of the setup header, which is somewhere in what the container keeps for the decoder.
///
/// # Errors
/// `UnsupportedCodec` where they are larger than any that were made for listening.
pub(super) fn check(headers: &[u8]) -> Result<(), VoiceError> {
    const SETUP: &[u8] = b"\x05vorbis";
    let found = headers
        .windows(SETUP.len())
        .enumerate()
        .filter(|(_, seven)| *seven == SETUP);
    // Other headers may hold the same bytes, by chance once.
    for (tries, (at, _)) in found.enumerate() {
        let mut bits = Bits {
            bytes: headers.get(at + SETUP.len()..).unwrap_or_default(),
            at: 0,
        };
        if tries > 4 || numbers(&mut bits) > MOST {
            return Err(VoiceError::UnsupportedCodec);
        }
    }
    Ok(())
}

/// The numbers in all codebooks up to the first one that makes no sense; the decoder does not go further either.
fn numbers(bits: &mut Bits<'_>) -> u64 {
    let mut all = 0u64;
    let Some(books) = bits.take(8) else {
        return 0;
    };
    for _ in 0..=books {
        let Some(one) = book(bits) else {
            break;
        };
        all = all.saturating_add(one);
        if all > MOST {
            break;
        }
    }
    all
}

/// The numbers in one codebook, lengths of its codes included.
fn book(bits: &mut Bits<'_>) -> Option<u64> {
    if bits.take(24)? != 0x56_4342 {
        return None;
    }
    let dimensions = bits.take(16)?;
    let entries = bits.take(24)?;
    let size = entries.saturating_mul(dimensions.max(1));
    // Too large for the decoder, too.
    if size > MOST {
        return Some(size);
    }
    if bits.take(1)? == 1 {
        bits.take(5)?;
        let mut known = 0;
        while known < entries {
            known += bits.take(u64::BITS - (entries - known).leading_zeros())?;
        }
    } else if bits.take(1)? == 1 {
        for _ in 0..entries {
            if bits.take(1)? == 1 {
                bits.take(5)?;
            }
        }
    } else {
        bits.skip(entries * 5)?;
    }
    let lookup = bits.take(4)?;
    if lookup == 0 {
        return Some(entries);
    }
    bits.skip(64)?;
    let width = bits.take(4)? + 1;
    bits.skip(1)?;
    let values = match lookup {
        1 => (1..=entries)
            .take_while(|value| {
                let power = u32::try_from(dimensions).ok();
                power
                    .and_then(|power| value.checked_pow(power))
                    .is_some_and(|power| power <= entries)
            })
            .last()
            .unwrap_or(0),
        _ => size,
    };
    bits.skip(values * width)?;
    Some(size)
}

/// Bits from the lowest of each byte on.
struct Bits<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Option<u64> {
        let mut value = 0;
        for bit in 0..count {
            let byte = self.bytes.get(usize::try_from(self.at / 8).ok()?)?;
            value |= u64::from(byte >> (self.at % 8) & 1) << bit;
            self.at += 1;
        }
        Some(value)
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.at += count;
        (self.at <= self.bytes.len() as u64 * 8).then_some(())
    }
}
