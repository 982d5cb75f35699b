//! Where the tools that do nothing leave their empty files.

use super::*;

fn of(line: &str) -> Vec<PathBuf> {
    let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    outputs(&arguments)
}

#[test]
fn every_way_to_name_an_output_is_known() {
    assert_eq!(of("-O1 -c a.c -o out/a.o"), [PathBuf::from("out/a.o")]);
    assert_eq!(of("-nologo -Foa.o -c a.c"), [PathBuf::from("a.o")]);
    assert_eq!(
        of("-out:/x/liba.a -nologo a.o"),
        [PathBuf::from("/x/liba.a")]
    );
    assert_eq!(of("cq /x/liba.a a.o b.o"), [PathBuf::from("/x/liba.a")]);
    assert!(of("--build . --target install").is_empty());
}
