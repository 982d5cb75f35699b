//! What the file may say, and where the window may go.

use super::*;

#[test]
fn a_place_survives_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let place = Place {
        width: 800.0,
        height: 600.0,
        position: Some((12.0, -3.0)),
        maximized: false,
        dark: true,
    };
    place.write(&file).unwrap();
    assert_eq!(Place::read(&file), place);
}

#[test]
fn nonsense_is_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    assert_eq!(Place::read(&file), Place::default());
    for text in ["", "{", "[]", r#"{"width":"wide"}"#] {
        std::fs::write(&file, text).unwrap();
        assert_eq!(Place::read(&file), Place::default(), "{text}");
    }
    std::fs::write(&file, r#"{"width":1,"height":1e300}"#).unwrap();
    let place = Place::read(&file);
    assert_eq!((place.width, place.height), (SMALLEST.0, 16_384.0));
}

#[test]
fn the_ground_is_that_of_the_chosen_theme() {
    for system in [false, true] {
        assert!(is_dark(api::Theme::Dark, system));
        assert!(!is_dark(api::Theme::Light, system));
        assert_eq!(is_dark(api::Theme::System, system), system);
    }
}

#[test]
fn the_page_starts_from_the_settings() {
    let script = first_script(&Settings::default()).unwrap();
    assert!(
        script.contains(r#"{ settings: {"theme":"system","language":null,"#),
        "{script}"
    );
}

#[test]
#[cfg(not(windows))]
fn nowhere_but_home() {
    let ours = |url: &str| is_ours(&url.parse().unwrap());
    assert!(ours("tauri://localhost"));
    assert!(ours("tauri://localhost/index.html"));
    for elsewhere in [
        "https://example.org",
        "tauri://example.org/",
        "tauri://localhost:81/",
        "file:///etc/passwd",
        "about:blank",
        "data:text/html,hi",
        "javascript:alert(1)",
        "media://localhost/1",
    ] {
        assert!(!ours(elsewhere), "{elsewhere}");
    }
}
