//! What may be fetched, and when a try is repeated.

mod fetching;

use super::*;

fn allowed(url: &str) -> bool {
    parse_url(url, true).is_ok()
}

#[test]
fn plaintext_goes_to_this_machine_only() {
    assert!(allowed("https://example.org/a"));
    assert!(allowed("http://127.0.0.1:5443/a"));
    assert!(allowed("http://[::1]/a"));
    assert!(allowed("http://localhost/a"));
    assert!(!allowed("http://example.org/a"));
    assert!(!allowed("http://localhost.example.org/a"));
    assert!(!allowed("file:///etc/passwd"));
    assert!(!allowed("javascript:alert(1)"));
    assert!(!allowed("not a url"));
}

#[test]
fn only_an_account_of_this_machine_calls_this_machine() {
    assert!(parse_url("https://example.org/a", false).is_ok());
    assert!(parse_url("http://127.0.0.1:5443/a", false).is_err());
    assert!(parse_url("http://localhost/a", false).is_err());
}

#[test]
fn tries_space_out_and_stay_bounded() {
    assert_eq!(next_try(0, 1, 0), 2_000);
    assert_eq!(next_try(0, 2, 0), 4_000);
    assert_eq!(next_try(0, 40, 0), 600_000);
    assert!((600_000..=750_000).contains(&next_try(0, 40, 255)));
}

#[test]
fn one_transfer_of_a_kind_at_a_time() {
    let transfers = Transfers::default();
    let first = Claim::new(&transfers.uploads, 7);
    assert!(first.is_some());
    assert!(Claim::new(&transfers.uploads, 7).is_none());
    drop(first);
    assert!(Claim::new(&transfers.uploads, 7).is_some());
}

#[tokio::test]
async fn what_cannot_be_deleted_stays_noted() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("here"), "words").unwrap();
    // Not a file, so that deleting it fails whoever runs this.
    std::fs::create_dir(folder.path().join("held")).unwrap();
    std::fs::write(folder.path().join("half.part"), "wor").unwrap();
    let files = ["here", "held", "half", "never was"]
        .map(str::to_owned)
        .to_vec();
    let gone = download::delete(&[folder.path()], files).await;
    assert_eq!(gone, ["here", "half", "never was"]);
    assert!(!folder.path().join("here").exists());
    assert!(!folder.path().join("half.part").exists());
}

#[test]
fn a_name_from_a_stranger_is_a_name_of_one_file() {
    let long = "很长的文件名".repeat(40);
    for (given, harmless) in [
        ("list.pdf", "list.pdf"),
        ("周末去湖边的照片.jpg", "周末去湖边的照片.jpg"),
        ("../../etc/passwd", "-..-etc-passwd"),
        ("C:\\evil.exe", "C--evil.exe"),
        (".bashrc", "bashrc"),
        ("...", "file"),
        ("", "file"),
        ("a\u{202e}gpj.exe", "agpj.exe"),
        ("a\nb\u{0}.txt", "ab.txt"),
        ("con.txt", "_con.txt"),
        ("COM1.tar.gz", "_COM1.tar.gz"),
        ("comb.txt", "comb.txt"),
        ("trailing. . ", "trailing"),
    ] {
        assert_eq!(copy::harmless(given), harmless, "{given:?}");
    }
    let short = copy::harmless(&format!("{long}.pdf"));
    assert!(short.len() <= 190 && short.ends_with(".pdf") && short.starts_with("很长"));
}

#[test]
fn a_copy_takes_no_place_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("from");
    std::fs::write(&from, "words").unwrap();
    let to = folder.path().join("downloads");
    for name in ["a.tar.gz", "a.tar (2).gz", "a.tar (3).gz"] {
        let saved = copy::into(&to, "a.tar.gz", &from).unwrap();
        assert_eq!(saved, to.join(name));
        assert_eq!(std::fs::read(saved).unwrap(), b"words");
    }
    assert!(copy::into(&to, "b", &folder.path().join("never was")).is_err());
    assert!(!to.join("b").exists());
}

#[tokio::test(start_paused = true)]
async fn what_stalls_is_given_up_sooner_once_the_network_changed() {
    let transfers = Transfers::default();
    let stalled = || std::future::pending::<()>();
    let begin = Instant::now();
    let outcome = transfers.moves(stalled()).await;
    assert!(matches!(outcome, Err(Failure::Passing(_))), "{outcome:?}");
    assert_eq!(begin.elapsed(), STALLED);

    let begin = Instant::now();
    let shake = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        transfers.shake();
    };
    let (outcome, ()) = tokio::join!(transfers.moves(stalled()), shake);
    assert_eq!(outcome, Err(Failure::Shaken));
    assert_eq!(begin.elapsed(), Duration::from_secs(10) + SHAKEN);
    assert_eq!(Failure::Shaken.again(7, 3).unwrap().1, 7, "at once");

    // What moves is left alone, and a change of before is none of the next step's.
    let moving = tokio::time::sleep(Duration::from_secs(2));
    let (outcome, ()) = tokio::join!(transfers.moves(moving), async { transfers.shake() });
    assert_eq!(outcome, Ok(()));
    let moving = tokio::time::sleep(Duration::from_secs(20));
    assert_eq!(transfers.moves(moving).await, Ok(()));
}
