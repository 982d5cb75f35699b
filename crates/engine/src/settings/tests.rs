//! What is kept, and what a file may say.

use api::Theme;

use super::*;

#[tokio::test]
async fn what_is_kept_is_read_again() {
    let home = tempfile::tempdir().unwrap();
    let preferences = Preferences::open(home.path());
    assert_eq!(preferences.kept(), Kept::default());
    preferences
        .change(|kept| {
            kept.settings.theme = Theme::Dark;
            kept.settings.text_size = 9;
        })
        .await
        .unwrap();
    preferences
        .change(|kept| kept.told_password_not_kept = true)
        .await
        .unwrap();
    let again = Preferences::open(home.path()).kept();
    assert_eq!(again, preferences.kept());
    assert_eq!(again.settings.theme, Theme::Dark);
    assert_eq!(again.settings.text_size, Settings::SMALLEST_TEXT);
    assert!(again.told_password_not_kept);
    assert_eq!(read_settings(home.path()), again.settings);
    let files = std::fs::read_dir(home.path()).unwrap().count();
    assert_eq!(files, 1, "nothing is left beside it");
}

#[tokio::test]
async fn a_broken_file_is_the_default_and_is_replaced() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(FILE);
    for text in ["", "{", "[]", r#"{"theme":7}"#, r#"{"theme":"purple"}"#] {
        std::fs::write(&file, text).unwrap();
        assert_eq!(read(&file), Kept::default(), "{text}");
    }
    let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(100_000));
    std::fs::write(&file, large).unwrap();
    let preferences = Preferences::open(home.path());
    assert_eq!(preferences.kept(), Kept::default());
    preferences
        .change(|kept| kept.settings.sounds = false)
        .await
        .unwrap();
    assert!(!read_settings(home.path()).sounds);
}

/// Many at once, as a slider that is dragged: the last one asked for is the one that stays.
#[tokio::test]
async fn the_last_one_wins() {
    let home = tempfile::tempdir().unwrap();
    let preferences = Preferences::open(home.path());
    let changes = (85..=140)
        .map(|size| preferences.change(move |kept: &mut Kept| kept.settings.text_size = size));
    for outcome in futures::future::join_all(changes).await {
        outcome.unwrap();
    }
    assert_eq!(read_settings(home.path()).text_size, 140);
}

#[tokio::test]
async fn a_disk_that_refuses_is_told() {
    let home = tempfile::tempdir().unwrap();
    let preferences = Preferences::open(&home.path().join("gone"));
    let fault = preferences
        .change(|kept| kept.settings.theme = Theme::Dark)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, api::FaultKind::StoreUnusable);
    assert_eq!(preferences.kept().settings.theme, Theme::Dark);
}
