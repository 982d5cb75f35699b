use std::io::Cursor;

use super::*;

fn stream() -> Vec<u8> {
    let mut bytes = Vec::new();
    let long = vec![7u8; 700];
    write_page(&mut bytes, FIRST, 0, 9, 0, &[b"head"]);
    write_page(&mut bytes, 0, 960, 9, 1, &[b"abc", &[], &long]);
    write_page(&mut bytes, LAST, 1920, 9, 2, &[&[1; 255]]);
    bytes
}

#[test]
fn another_reader_agrees() {
    let mut reader = ::ogg::PacketReader::new(Cursor::new(stream()));
    let mut packets = Vec::new();
    while let Some(packet) = reader.read_packet().unwrap() {
        packets.push((
            packet.data.len(),
            packet.absgp_page(),
            packet.last_in_stream(),
        ));
    }
    assert_eq!(
        packets,
        [
            (4, 0, false),
            (3, 960, false),
            (0, 960, false),
            (700, 960, false),
            (255, 1920, true)
        ]
    );
}

#[test]
fn pages_are_read_back() {
    let bytes = stream();
    let mut file = Cursor::new(&bytes);
    let mut at = 0;
    let mut seen = Vec::new();
    while let At::Page(page) = read_page(&mut file, at).unwrap() {
        let sizes: Vec<_> = page
            .segments()
            .iter()
            .map(|(part, ends)| (part.len(), *ends))
            .collect();
        seen.push((page.flags, page.granule, sizes));
        at = page.end();
        if at == bytes.len() as u64 {
            break;
        }
    }
    assert_eq!(
        seen,
        [
            (FIRST, 0, vec![(4, true)]),
            (0, 960, vec![(3, true), (0, true), (700, true)]),
            (LAST, 1920, vec![(255, true)]),
        ]
    );
}

#[test]
fn a_page_is_found_from_any_byte() {
    let bytes = stream();
    let mut file = Cursor::new(&bytes);
    let second = find_page(&mut file, 1, bytes.len() as u64, Some(9))
        .unwrap()
        .unwrap();
    assert_eq!(second.granule, 960);
    assert!(
        find_page(&mut file, 1, bytes.len() as u64, Some(8))
            .unwrap()
            .is_none()
    );
    let found = ending(&mut file, 9, bytes.len() as u64).unwrap();
    assert_eq!(found.page.unwrap().granule, 1920);
    assert_eq!(found.serial, Some(9));
    // Looked for in vain, and whose page is there instead.
    let found = ending(&mut file, 8, bytes.len() as u64).unwrap();
    assert_eq!((found.page, found.serial), (None, Some(9)));
}

#[test]
fn new_flags_keep_the_page_valid() {
    let mut bytes = Vec::new();
    write_page(&mut bytes, 0, 5, 1, 3, &[b"x"]);
    let marked = with_flags(&bytes, LAST);
    let At::Page(page) = read_page(&mut Cursor::new(marked), 0).unwrap() else {
        panic!("no page")
    };
    assert_eq!((page.flags, page.granule), (LAST, 5));
}

#[test]
fn a_changed_byte_is_noticed() {
    let bytes = stream();
    for index in 0..28 {
        let mut broken = bytes.clone();
        broken[index] ^= 0x10;
        let found = read_page(&mut Cursor::new(broken), 0).unwrap();
        assert!(!matches!(found, At::Page(_)), "byte {index}");
    }
}

/// Counts what is read.
struct Counted<'a>(Cursor<&'a [u8]>, u64);

impl Read for Counted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let got = self.0.read(out)?;
        self.1 += got as u64;
        Ok(got)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_file_made_to_be_slow_is_given_up() {
    // Beginnings of the largest page there is, one in the other, and the page that is looked for behind them.
    let mut fake = b"OggS".to_vec();
    fake.resize(HEADER, 0);
    *fake.last_mut().unwrap() = 255;
    fake.resize(32, 255);
    let mut bytes = fake.repeat(200_000);
    write_page(&mut bytes, LAST, 960, 9, 0, &[b"end"]);
    let mut file = Counted(Cursor::new(&bytes), 0);
    assert!(
        find_page(&mut file, 0, bytes.len() as u64, Some(9))
            .unwrap()
            .is_none()
    );
    assert!(file.1 <= 16 * MAX_PAGE as u64, "{}", file.1);
    // Nothing at all is looked through no further either.
    let nothing = vec![0; 4_000_000];
    let mut file = Counted(Cursor::new(&nothing), 0);
    assert!(
        find_page(&mut file, 0, nothing.len() as u64, Some(9))
            .unwrap()
            .is_none()
    );
    assert!(file.1 <= 10 * MAX_PAGE as u64, "{}", file.1);
}
