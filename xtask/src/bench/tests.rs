//! What is taken from a program's last line.

use super::*;

#[test]
fn figures_are_on_the_last_line() {
    let figures =
        figures_in("noise\n{\"a\": 1}\ncold 3.4\n{\"cold_start_ms\":512,\"ui\":null}\n\n");
    let expected = BTreeMap::from([("cold_start_ms".to_owned(), 512.into())]);
    assert_eq!(figures, Some(expected));
    assert_eq!(figures_in("nothing"), None);
    assert_eq!(figures_in(""), None);
}
