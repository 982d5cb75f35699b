use super::*;
use crate::ogg::{At, read_page};

fn speech(samples: usize) -> Vec<f32> {
    (0..samples)
        .map(|n| {
            let t = n as f32 / RATE as f32;
            (t * 180.0 * std::f32::consts::TAU).sin() * (t * 3.0 * std::f32::consts::PI).sin() * 0.4
        })
        .collect()
}

/// Flags, position and packets of each page.
fn write(samples: usize) -> (Vec<u8>, Vec<(u8, u64, usize)>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ogg");
    let file = File::create_new(&path).unwrap();
    let mut encoder = Encoder::new(Bitrate::Standard).unwrap();
    let mut writer = OggWriter::new(file, encoder.pre_skip(), RATE).unwrap();
    for piece in speech(samples).chunks(700) {
        encoder
            .push(piece, &mut |packet| writer.packet(packet))
            .unwrap();
    }
    encoder.finish(&mut |packet| writer.packet(packet)).unwrap();
    let bytes = writer.finish(encoder.samples()).unwrap();
    let whole = std::fs::read(&path).unwrap();
    assert_eq!(bytes, whole.len() as u64);
    let mut reader = std::io::Cursor::new(&whole);
    let (mut at, mut pages) = (0, Vec::new());
    while at < bytes {
        let At::Page(page) = read_page(&mut reader, at).unwrap() else {
            panic!("page at {at}")
        };
        pages.push((page.flags, page.granule, page.segments().len()));
        at = page.end();
    }
    (whole, pages)
}

#[test]
fn headers_are_as_rfc_7845_asks() {
    let (bytes, pages) = write(4_800);
    assert_eq!(&bytes[28..36], b"OpusHead");
    assert_eq!(bytes[36..38], [1, 1]);
    let pre_skip = u16::from_le_bytes([bytes[38], bytes[39]]);
    assert_eq!(pre_skip, 312, "lookahead of libopus at 48 kHz, VOIP");
    assert_eq!(bytes[40..44], 48_000u32.to_le_bytes());
    assert_eq!(pages[0], (ogg::FIRST, 0, 1));
    assert_eq!(pages[1], (0, 0, 1));
}

#[test]
fn positions_count_samples_and_the_last_page_trims() {
    // 1 s + 1 sample: 50 packets hold 48,000, the delay needs another.
    let (_, pages) = write(48_001);
    let sound = &pages[2..];
    let expected = [9_600, 19_200, 28_800, 38_400, 48_000];
    for (page, granule) in sound.iter().zip(expected) {
        assert_eq!(*page, (0, granule, 10));
    }
    assert_eq!(sound[5..], [(ogg::LAST, 48_313, 1)]);
}

#[test]
fn every_length_ends_with_a_page_that_holds_sound() {
    for samples in [0, 1, 647, 648, 649, 960, 9_287, 9_288, 9_289, 9_600] {
        let (_, pages) = write(samples);
        let last = pages.last().unwrap();
        assert_eq!(
            (last.0, last.1),
            (ogg::LAST, samples as u64 + 312),
            "{samples}"
        );
        assert!(last.2 >= 1, "{samples}");
    }
}
