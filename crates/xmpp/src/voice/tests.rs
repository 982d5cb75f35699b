use proptest::prelude::*;

use super::*;

fn read(xml: &str) -> Option<VoiceNote> {
    parse(&xml.parse().unwrap())
}

proptest! {
    #[test]
    fn there_and_back(duration_ms in 0_u32..=MAX_DURATION, peaks in prop::collection::vec(any::<u8>(), 0..=MAX_PEAKS)) {
        let note = parse(&build(duration_ms, &peaks)).unwrap();
        prop_assert_eq!(note, VoiceNote { duration_ms, peaks });
    }
}

#[test]
fn hostile() {
    assert_eq!(read("<voice xmlns='urn:millet:voice:0'/>"), None);
    assert_eq!(
        read("<voice xmlns='urn:millet:voice:0' duration='-1'/>"),
        None
    );
    assert_eq!(
        read("<voice xmlns='urn:millet:voice:0' duration='4294967295'/>"),
        None
    );
    let silent = VoiceNote {
        duration_ms: 5,
        peaks: Vec::new(),
    };
    assert_eq!(
        read("<voice xmlns='urn:millet:voice:0' duration='5'><peaks>!</peaks></voice>"),
        Some(silent.clone())
    );
    let many = STANDARD.encode(vec![1; MAX_PEAKS + 1]);
    let xml =
        format!("<voice xmlns='urn:millet:voice:0' duration='5'><peaks>{many}</peaks></voice>");
    assert_eq!(read(&xml), Some(silent));
    assert_eq!(parse(&build(5, &[7; 9999])).unwrap().peaks.len(), MAX_PEAKS);
}

#[test]
fn heard_names_a_message() {
    assert_eq!(parse_heard(&heard("o1")).as_deref(), Some("o1"));
    assert_eq!(
        parse_heard(&"<heard xmlns='urn:millet:voice:0'/>".parse().unwrap()),
        None
    );
}
