//! Lies that take time.

use super::*;

/// The box of MP4 with this content.
fn boxed(name: &[u8], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32 + 8).to_be_bytes();
    [&length[..], name, content].concat()
}

/// Boxes with one of them replaced, wherever it is below them.
fn with_box(bytes: &[u8], wanted: &[u8], content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while rest.len() >= 8 {
        let length = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        let (one, after) = rest.split_at(length);
        let name = &one[4..8];
        let is_parent =
            [b"moov", b"trak", b"mdia", b"minf", b"stbl"].contains(&name.try_into().unwrap());
        out.extend(if name == wanted {
            boxed(name, content)
        } else if is_parent {
            boxed(name, &with_box(&one[8..], wanted, content))
        } else {
            one.to_vec()
        });
        rest = after;
    }
    out
}

/// A table in which each of very many samples has an entry of its own: where a sample is in time, a reader finds by adding
/// up all before it.
#[test]
fn a_file_that_is_slower_to_read_than_to_hear_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slow.m4a");
    let seed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/foreign/ok-1-a.m4a");
    let entries = 30_000u32;
    let mut times = [0u32.to_be_bytes(), entries.to_be_bytes()].concat();
    for _ in 0..entries {
        times.extend([1u32.to_be_bytes(), 1u32.to_be_bytes()].concat());
    }
    let sizes = [0, 1, entries].map(u32::to_be_bytes).concat();
    let bytes = with_box(&std::fs::read(seed).unwrap(), b"stts", &times);
    let bytes = with_box(&bytes, b"stsz", &sizes);
    let chunks = [0, 1, 1, entries, 1].map(u32::to_be_bytes).concat();
    let bytes = with_box(&bytes, b"stsc", &chunks);
    // All of them are zeros at the end, each too little for the decoder.
    let place = bytes.len() as u32 + 8;
    let place = [0, 1, place].map(u32::to_be_bytes).concat();
    let mut bytes = with_box(&bytes, b"stco", &place);
    bytes.extend(boxed(b"free", &vec![0; entries as usize]));
    std::fs::write(&path, bytes).unwrap();
    let mut foreign = Foreign::open(&path).unwrap();
    foreign.patience = std::time::Duration::from_millis(20);
    let mut out = Vec::new();
    let found = foreign.read(&mut out);
    assert!(
        matches!(found, Err(VoiceError::Damaged { .. })),
        "{found:?}"
    );
    assert!(out.is_empty());
}
