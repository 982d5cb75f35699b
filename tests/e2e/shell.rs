//! The window itself: what it refuses, and that it ends in order.

use serde_json::{Value, json};
use testkit::driver::{Launch, Screen, Window};

use crate::stage::turn;

fn ask(window: &Window, script: &str) -> Value {
    let script = format!("const done = arguments[0]; {script}");
    window.execute_async(&script, json!([])).unwrap()
}

#[test]
fn a_window_leads_nowhere() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let screen = Screen::start().unwrap();
    let launch = Launch::new(env!("CARGO_BIN_EXE_millet"), home.path()).envs(screen.environment());
    let window = Window::open(&launch).unwrap();
    window
        .until("document.documentElement.dataset.ready === 'sign-in'")
        .unwrap();

    // The page asks the backend, and nothing else of the shell.
    let answer = ask(
        &window,
        "__TAURI__.core.invoke('call', { command: { cmd: 'chats' } }).then(done, done)",
    );
    assert_eq!(answer["fault"], "not_signed_in");
    let answer = ask(
        &window,
        "__TAURI__.core.invoke('plugin:window|set_title', { value: 'x' }).then(done, done)",
    );
    assert!(answer.as_str().unwrap().contains("not allowed"), "{answer}");

    // Nothing from elsewhere gets in, and nothing that is text runs.
    let refused = "new Promise((yes) => addEventListener('securitypolicyviolation', \
                   (e) => yes(e.effectiveDirective), { once: true })).then(done);";
    for (attempt, directive) in [
        (
            "fetch('https://example.org/').catch(() => {})",
            "connect-src",
        ),
        ("new Image().src = 'https://example.org/a.png'", "img-src"),
        (
            "document.body.append(Object.assign(document.createElement('iframe'), { src: 'https://example.org/' }))",
            "frame-src",
        ),
        (
            "document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }))",
            "script-src-elem",
        ),
        (
            "document.body.append(Object.assign(document.createElement('style'), { textContent: 'p{}' }))",
            "style-src-elem",
        ),
    ] {
        assert_eq!(ask(&window, &format!("{refused} {attempt}")), *directive);
    }
    // What may be asked for is: no policy is in the way of `media://`, there is only no such message.
    let answer = ask(
        &window,
        "addEventListener('securitypolicyviolation', () => done('policy'), { once: true });\
         Object.assign(new Image(), { src: 'media://localhost/1', onerror: () => done('none') })",
    );
    assert_eq!(answer, "none");

    // Nowhere to go.
    let before = window.execute("return location.href", json!([])).unwrap();
    let opened = window
        .execute(
            "return String(window.open('https://example.org/'))",
            json!([]),
        )
        .unwrap();
    assert_eq!(opened, "null");
    window
        .execute("location.href = 'https://example.org/'", json!([]))
        .unwrap();
    // Were the page to leave, this would be lost with it.
    let answer = ask(&window, "setTimeout(() => done(location.href), 200)");
    assert_eq!(answer, before);

    // The window remembers its size, and whoever closes it waits for nothing.
    window.resize(900, 700).unwrap();
    window.close().unwrap();
    let window = Window::open(&launch).unwrap();
    window
        .until("innerWidth === 900 && innerHeight === 700")
        .unwrap();
    window.close().unwrap();
}
