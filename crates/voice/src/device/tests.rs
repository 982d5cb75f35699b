use super::*;

fn mono(bytes: &[u8], format: SampleFormat, channels: u16) -> Vec<f32> {
    let mut out = Vec::new();
    to_mono(bytes, format, channels, &mut out);
    out
}

#[test]
fn formats_become_floats() {
    let i16s: Vec<u8> = [0i16, 16_384, -32_768]
        .iter()
        .flat_map(|v| v.to_ne_bytes())
        .collect();
    assert_eq!(mono(&i16s, SampleFormat::I16, 1), [0.0, 0.5, -1.0]);
    let u16s: Vec<u8> = [32_768u16, 49_152, 0]
        .iter()
        .flat_map(|v| v.to_ne_bytes())
        .collect();
    assert_eq!(mono(&u16s, SampleFormat::U16, 1), [0.0, 0.5, -1.0]);
    let i32s: Vec<u8> = [0i32, 1 << 30, i32::MIN]
        .iter()
        .flat_map(|v| v.to_ne_bytes())
        .collect();
    assert_eq!(mono(&i32s, SampleFormat::I32, 1), [0.0, 0.5, -1.0]);
    let f32s: Vec<u8> = [0.25f32, -0.5]
        .iter()
        .flat_map(|v| v.to_ne_bytes())
        .collect();
    assert_eq!(mono(&f32s, SampleFormat::F32, 1), [0.25, -0.5]);
    assert_eq!(mono(&[128, 192, 0], SampleFormat::U8, 1), [0.0, 0.5, -1.0]);
}

#[test]
fn channels_are_mixed_and_rests_dropped() {
    let stereo: Vec<u8> = [0.5f32, -0.25, 1.0, 0.0, 0.9]
        .iter()
        .flat_map(|v| v.to_ne_bytes())
        .collect();
    assert_eq!(mono(&stereo, SampleFormat::F32, 2), [0.125, 0.5]);
    let four: Vec<u8> = [0.5f32, 0.1, 1.0, 1.0]
        .iter()
        .flat_map(|v| v.to_ne_bytes())
        .collect();
    assert_eq!(mono(&four, SampleFormat::F32, 4), [0.3]);
    assert!(mono(&[], SampleFormat::F32, 0).is_empty());
}
