use super::*;

/// A file that gets broken in the middle: what was written goes, to leave the room to the take.
#[test]
#[cfg(unix)]
fn a_file_that_fails_makes_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.ogg");
    let mut untouched = Untouched::open(Some(path.clone()), Bitrate::Standard, 48_000);
    untouched.push(&[0.1; 48_000]);
    assert!(path.exists());
    // A pipe takes the headers; then nobody reads it any more.
    let (reader, writer) = std::io::pipe().unwrap();
    let pipe = std::os::fd::OwnedFd::from(writer).into();
    let writing = untouched.0.as_mut().unwrap();
    writing.writer = OggWriter::new(pipe, 312, 48_000).unwrap();
    drop(reader);
    untouched.push(&[0.1; 48_000]);
    assert!(untouched.0.is_none());
    assert!(!path.exists());
    untouched.push(&[0.1; 48_000]);
    untouched.finish();
    assert!(!path.exists());
}
