use std::fs;
use std::path::PathBuf;

use super::*;
use crate::{Pace, RecordOptions, Recorder, Script, Source};

/// A recording of `seconds` and its file.
fn recorded(seconds: f32) -> (tempfile::TempDir, PathBuf, Take) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ogg");
    let samples: Vec<f32> = (0..(seconds * 48_000.0) as usize)
        .map(|n| (n as f32 * 0.03).sin() * 0.5)
        .collect();
    let source = Source::Scripted(Script::mono(&samples, 48_000, Pace::Fast));
    let options = RecordOptions {
        source,
        ..RecordOptions::default()
    };
    let take = Recorder::start(&path, options, |_| {})
        .unwrap()
        .stop()
        .unwrap();
    (folder, path, take)
}

/// Ends of the pages of a whole file.
fn page_ends(path: &Path) -> Vec<u64> {
    let mut file = File::open(path).unwrap();
    let (mut at, mut ends) = (0, Vec::new());
    while let At::Page(page) = ogg::read_page(&mut file, at).unwrap() {
        at = page.end();
        ends.push(at);
    }
    ends
}

#[test]
fn a_finished_file_is_left_alone() {
    let (_folder, path, take) = recorded(1.1);
    let before = fs::read(&path).unwrap();
    let recovered = recover(&path).unwrap();
    assert_eq!(
        (recovered.duration_ms, recovered.bytes),
        (take.duration_ms, take.bytes)
    );
    assert_eq!(recovered.peaks.len(), take.peaks.len());
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// Wherever a crash cut the file: what comes back holds every page that was whole, and is valid to another reader.
#[test]
fn a_cut_at_any_byte_loses_no_more_than_the_last_page() {
    let (folder, path, _) = recorded(0.9);
    let whole = fs::read(&path).unwrap();
    let ends = page_ends(&path);
    let cut_path = folder.path().join("cut.ogg");
    for cut in 0..whole.len() {
        fs::write(&cut_path, &whole[..cut]).unwrap();
        let pages = ends.iter().filter(|&&end| end <= cut as u64).count();
        let recovered = recover(&cut_path);
        if pages < 3 {
            assert!(
                matches!(recovered, Err(VoiceError::NotAudio)),
                "cut at {cut}"
            );
            assert_eq!(fs::read(&cut_path).unwrap(), whole[..cut], "cut at {cut}");
            continue;
        }
        let take = recovered.unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        // 200 ms a page, less the encoder's delay of 6.5 ms, rounded.
        assert_eq!(
            take.duration_ms,
            (pages as u32 - 2) * 200 - 6,
            "cut at {cut}"
        );
        assert_eq!(take.bytes, ends[pages - 1], "cut at {cut}");
        let mut reader = ::ogg::PacketReader::new(File::open(&cut_path).unwrap());
        let mut ended = false;
        while let Some(packet) = reader.read_packet().unwrap() {
            ended = packet.last_in_stream();
        }
        assert!(ended, "cut at {cut} has an end");
    }
}

#[test]
fn rubbish_after_the_last_page_is_cut_off() {
    let (_folder, path, take) = recorded(0.5);
    let whole = fs::read(&path).unwrap();
    let mut longer = whole.clone();
    longer.extend_from_slice(&[0; 5_000]);
    fs::write(&path, longer).unwrap();
    assert_eq!(recover(&path).unwrap().bytes, take.bytes);
    assert_eq!(fs::read(&path).unwrap(), whole);
}

#[test]
fn other_files_are_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ogg");
    for content in [&b""[..], b"hello", &[0; 100_000]] {
        fs::write(&path, content).unwrap();
        assert!(matches!(recover(&path), Err(VoiceError::NotAudio)));
        assert_eq!(fs::read(&path).unwrap(), content);
    }
    assert!(matches!(
        recover(&folder.path().join("none")),
        Err(VoiceError::Disk(_))
    ));
}
