//! What stands for a person without a picture: a colour and one or two letters.

/// The hue of an address in degrees (XEP-0392 §5.1: SHA-1, the first two bytes little endian, as a part of a circle).
/// Everybody who follows it sees the same person in the same colour.
pub fn hue(address: &str) -> f64 {
    let digest = sha1_smol::Sha1::from(address.as_bytes()).digest().bytes();
    let [low, high, ..] = digest;
    f64::from(u16::from_le_bytes([low, high])) / 65536.0 * 360.0
}

/// One letter of a short name or of one in Chinese, Japanese or Korean; else of the first and the last word.
pub fn initials(name: &str) -> String {
    let mut words = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    match (first, last) {
        (Some(first), Some(last)) if first.is_lowercase() || first.is_uppercase() => {
            first.to_uppercase().chain(last.to_uppercase()).collect()
        }
        (Some(first), _) => first.to_uppercase().collect(),
        (None, _) => name.chars().next().map(String::from).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hues_are_those_of_the_test_vectors() {
        // XEP-0392 §13.
        assert!((hue("Romeo") - 327.255_249).abs() < 0.001);
        assert!((hue("juliet@capulet.lit") - 209.410_400).abs() < 0.001);
        assert!((hue("😺") - 331.199_341).abs() < 0.001);
        assert!((hue("council") - 359.994_507).abs() < 0.001);
    }

    #[test]
    fn letters_stand_for_names() {
        assert_eq!(initials("ann"), "A");
        assert_eq!(initials("Ann Mary Lee"), "AL");
        assert_eq!(initials("王小明"), "王");
        assert_eq!(initials("김 민수"), "김");
        assert_eq!(initials("bo.smith"), "BS");
        assert_eq!(initials("😺"), "😺");
        assert_eq!(initials(""), "");
    }
}
