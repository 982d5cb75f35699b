//! How each figure is taken.

use std::{
    collections::BTreeMap,
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use testkit::{
    driver::{ENTER, ESCAPE, Launch, Window, pss_kb, tree},
    sound,
};

use crate::{
    EMPTY, RUNS,
    stage::{Person, Stage, id},
};

/// Idle is what it is after this.
const SETTLE: Duration = Duration::from_secs(20);

/// A loudspeaker that nothing came out of for so long is closed.
const CLOSED: Duration = Duration::from_secs(6);

/// For so long an idle app is watched.
const WATCH: Duration = Duration::from_secs(30);

/// A spoken text that takes about 5 s.
const FIVE_SECONDS: &str = "This is a message of five seconds, spoken as people speak, \
                            neither fast nor slow, to the end.";

/// Pages up, and how long each is looked at.
const PAGES: usize = 100;
const PAGE_MS: u32 = 100;

/// Clock ticks a second in `/proc` (proc(5)); the same on every Linux.
const TICKS: f64 = 100.0;

/// Measures all, or the keys that are asked for.
pub fn measure(keys: &[String]) {
    let wanted = |key: &str| keys.is_empty() || keys.iter().any(|asked| asked == key);
    let mut figures = Figures::default();
    let spoken = [
        "press_to_capture_ms",
        "play_start_ms",
        "release_to_shown_ms",
        "text_send_to_shown_ms",
    ];
    if spoken.iter().any(|key| wanted(key)) {
        conversation(&mut figures);
    }
    let alone = [
        "cold_start_ms",
        "cold_start_ms_1m",
        "scroll_script_p95_ms",
        "rss_pss_mb",
        "empty_window_pss_mb",
        "idle_cpu_pct",
    ];
    if alone.iter().any(|key| wanted(key)) {
        by_itself(&mut figures, &wanted);
    }
    figures.print(&wanted);
}

/// All runs of each figure.
#[derive(Default)]
struct Figures(BTreeMap<&'static str, Vec<f64>>);

impl Figures {
    fn add(&mut self, key: &'static str, value: f64) {
        eprintln!("{key:24} {value:.2}");
        self.0.entry(key).or_default().push(value);
    }

    fn print(mut self, wanted: &dyn Fn(&str) -> bool) {
        let mut whole = serde_json::Map::new();
        for (key, values) in self.0.iter_mut().filter(|(key, _)| wanted(key)) {
            values.sort_by(f64::total_cmp);
            let median = values[(values.len() - 1) / 2];
            println!("{key:24} {median:.2}  (of {values:.1?})");
            whole.insert((*key).to_owned(), json!(median.round() as u64));
        }
        println!("{}", Value::Object(whole));
    }
}

/// A moment inside a page, on the clock that all pages share.
const NOW: &str = "(performance.timeOrigin + performance.now())";

/// Keeps when something last happened to a page.
fn note(window: &Window, event: &str) {
    let script = format!(
        "addEventListener('{event}', (e) => {{ window.noted = performance.timeOrigin + e.timeStamp }},\
         {{ capture: true }})"
    );
    window.execute(&script, json!([])).unwrap();
}

fn noted(window: &Window) -> f64 {
    let noted = window.execute("return window.noted", json!([]));
    noted.unwrap().as_f64().unwrap()
}

/// Lets the page watch for an expression by itself: see [`seen`].
fn watch(window: &Window, expression: &str) {
    let script = format!(
        "window.seen = null;\
         const watch = new MutationObserver(() => {{ if (!({expression})) return; watch.disconnect();\
         requestAnimationFrame(() => {{ window.seen = {NOW} }}) }});\
         watch.observe(document, {{ subtree: true, childList: true, attributes: true,\
         characterData: true }})"
    );
    window.execute(&script, json!([])).unwrap();
}

/// When what is watched for came true, and the frame that shows it was about to be painted.
fn seen(window: &Window) -> f64 {
    window.until("window.seen").unwrap().as_f64().unwrap()
}

/// Counts what bo has, so that the next one can be waited for.
fn one_more(window: &Window, css: &str) -> String {
    let count = window.count(css).unwrap();
    format!("document.querySelectorAll(\"{css}\").length > {count}")
}

fn conversation(figures: &mut Figures) {
    let stage = Stage::set(&["ann", "bo"]);
    let (ann, bo) = (stage.person("ann"), stage.person("bo"));
    let (annes, bos) = (stage.arrive(&ann), stage.arrive(&bo));
    stage.start_chat(&annes, "bo");
    stage.start_chat(&bos, "ann");

    note(&annes, "keydown");
    let texts = id("message", "[data-kind=text][data-own=false]");
    for run in 0..=RUNS {
        annes
            .type_into(&id("composer", ""), &format!("text {run}"))
            .unwrap();
        let next = one_more(&bos, &texts);
        watch(&bos, &next);
        annes.strike(ENTER).unwrap();
        let at = seen(&bos);
        // The first fills caches that a conversation has filled.
        if run > 0 {
            figures.add("text_send_to_shown_ms", at - noted(&annes));
        }
    }

    note(&annes, "pointerdown");
    let recording =
        "document.querySelector('[data-testid=recorder]')?.dataset.state === 'recording'";
    for run in 0..=RUNS {
        watch(&annes, recording);
        annes.press(&id("talk", "")).unwrap();
        let at = seen(&annes);
        if run > 0 {
            figures.add("press_to_capture_ms", at - noted(&annes));
        }
        // A second is no slip: it is kept as a draft, and thrown away by hand.
        annes
            .until("document.querySelector('[data-testid=recorder-time]').textContent.trim() !== '0:00'")
            .unwrap();
        annes.strike(ESCAPE).unwrap();
        annes.release().unwrap();
        annes.click(&id("draft-discard", "")).unwrap();
        annes.gone(&id("draft", "")).unwrap();
    }

    let said = stage.folder.path().join("five.wav");
    sound::speech(FIVE_SECONDS, &said).unwrap();
    note(&annes, "pointerup");
    let voices = id("message", "[data-kind=voice][data-own=false]");
    for run in 0..=RUNS {
        annes.press(&id("talk", "")).unwrap();
        annes.until(recording).unwrap();
        stage.sound.say("ann", &said).unwrap();
        let next = one_more(&bos, &voices);
        watch(&bos, &next);
        annes.release().unwrap();
        let at = seen(&bos);
        if run > 0 {
            figures.add("release_to_shown_ms", at - noted(&annes));
        }
    }
    stage.open_chat(&bos, "ann");
    play_start(figures, &bos);
}

/// From the click until the loudspeaker has given something.
fn play_start(figures: &mut Figures, window: &Window) {
    note(window, "click");
    let play = "[data-testid=message][data-kind=voice] [data-testid=voice-play]";
    let sounds = "[...document.querySelectorAll('[data-testid=voice-seek]')]\
         .some((seek) => Number(seek.getAttribute('aria-valuenow')) > 0)";
    for _ in 0..RUNS {
        // As after a pause: the device is closed by then, and has to be opened.
        thread::sleep(CLOSED);
        watch(window, sounds);
        window.click(play).unwrap();
        let at = seen(window);
        figures.add("play_start_ms", at - noted(window));
        window.click(play).unwrap();
        let home = "document.querySelector('[data-testid=voice-seek]').dispatchEvent(\
             new KeyboardEvent('keydown', { key: 'Home', bubbles: true }))";
        window.execute(home, json!([])).unwrap();
        window.until(&format!("!({sounds})")).unwrap();
    }
}

fn by_itself(figures: &mut Figures, wanted: &dyn Fn(&str) -> bool) {
    let stage = Stage::set(&["ann", "bo"]);
    let ann = stage.person("ann");
    stage.arrive(&ann).close().unwrap();
    fill(&ann, 1_000, 100_000);
    let launch = ann.launch();

    if wanted("cold_start_ms") {
        cold_start(figures, "cold_start_ms", &launch);
    }
    if wanted("cold_start_ms_1m") || wanted("scroll_script_p95_ms") {
        let bo = stage.person("bo");
        stage.arrive(&bo).close().unwrap();
        fill(&bo, 2_000, 1_000_000);
        let launch = bo.launch();
        if wanted("cold_start_ms_1m") {
            cold_start(figures, "cold_start_ms_1m", &launch);
        }
        if wanted("scroll_script_p95_ms") {
            scroll(figures, &launch);
        }
    }

    let (full, empty) = (
        wanted("rss_pss_mb") || wanted("idle_cpu_pct"),
        wanted("empty_window_pss_mb"),
    );
    for _ in 0..RUNS {
        if full {
            let app = Running::start(&launch, None);
            thread::sleep(SETTLE);
            figures.add("rss_pss_mb", app.pss_mb());
            let before = app.ticks();
            thread::sleep(WATCH);
            let ticks = app.ticks() - before;
            figures.add("idle_cpu_pct", ticks / TICKS / WATCH.as_secs_f64() * 100.0);
        }
        if empty {
            let program = std::env::current_exe().unwrap();
            let launch = Launch {
                program,
                ..launch.clone()
            };
            let window = Running::start(&launch, Some(EMPTY));
            thread::sleep(SETTLE);
            figures.add("empty_window_pss_mb", window.pss_mb());
        }
    }
}

/// From the start of the process to the list on screen.
fn cold_start(figures: &mut Figures, key: &'static str, launch: &Launch) {
    for run in 0..=RUNS {
        let window = Window::open(launch).unwrap();
        window
            .until("document.documentElement.dataset.ready === 'list'")
            .unwrap();
        let shown = window
            .execute(
                "return performance.timeOrigin + performance.getEntriesByName('millet:list')[0].startTime",
                json!([]),
            )
            .unwrap();
        // The first reads from the disk what the others find in memory.
        if run > 0 {
            let started = started_at(window.process());
            figures.add(key, shown.as_f64().unwrap() - started);
        }
        window.close().unwrap();
    }
}

/// Pages up through the fullest chat, a page every [`PAGE_MS`]: of each the longest time in which the page's thread did
/// nothing else, which is what a frame can be late by. A channel to itself, which the page answers whenever it is free,
/// tells; the slowest twentieth of the pages counts.
fn scroll(figures: &mut Figures, launch: &Launch) {
    for run in 0..=RUNS {
        let window = Window::open(launch).unwrap();
        window.click(&id("chat", "")).unwrap();
        window.shown(&id("message", "")).unwrap();
        let script = format!(
            "window.longest = null;
             const list = document.querySelector('[data-testid=timeline]');
             const blocks = []; let longest = 0, last = performance.now(), done = false;
             const free = new MessageChannel();
             free.port1.onmessage = () => {{
                 const now = performance.now();
                 longest = Math.max(longest, now - last); last = now;
                 if (!done) free.port2.postMessage(0);
             }};
             free.port2.postMessage(0);
             const paging = setInterval(() => {{
                 blocks.push(longest); longest = 0;
                 if (blocks.length > {PAGES}) {{ clearInterval(paging); done = true; window.longest = blocks; return; }}
                 list.scrollBy(0, -list.clientHeight);
             }}, {PAGE_MS})"
        );
        window.execute(&script, json!([])).unwrap();
        let blocks = window.until("window.longest").unwrap();
        let mut blocks: Vec<f64> = blocks
            .as_array()
            .unwrap()
            .iter()
            // The first is before the first page.
            .skip(1)
            .map(|block| block.as_f64().unwrap())
            .collect();
        blocks.sort_by(f64::total_cmp);
        if run > 0 {
            figures.add("scroll_script_p95_ms", blocks[blocks.len() * 95 / 100]);
        }
        window.close().unwrap();
    }
}

/// Fills somebody's home with chats and messages.
fn fill(person: &Person, chats: u32, messages: u32) {
    let accounts = fs::read_dir(person.home.join("accounts")).unwrap();
    let folder = accounts.flatten().next().unwrap().path();
    let status = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "run",
            "--quiet",
            "--release",
            "-p",
            "store",
            "--example",
            "corpus",
            "--",
        ])
        .args([
            "--chats",
            &chats.to_string(),
            "--messages",
            &messages.to_string(),
            "--address",
            &format!("{}@localhost", person.name),
        ])
        .arg("--folder")
        .arg(folder)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "filling the store: {status}");
}

/// When a process was started, in milliseconds since 1970, to 10 ms.
fn started_at(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    // The 22nd of all (proc(5)), in ticks since the machine started.
    let since_boot: f64 = fields.split_whitespace().nth(19).unwrap().parse().unwrap();
    let uptime = fs::read_to_string("/proc/uptime").unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let uptime: f64 = uptime.split_whitespace().next().unwrap().parse().unwrap();
    (now.as_secs_f64() - uptime + since_boot / TICKS) * 1000.0
}

/// An app without a driver. Ends when dropped.
struct Running(Child);

impl Running {
    fn start(launch: &Launch, argument: Option<&str>) -> Self {
        let child = Command::new(&launch.program)
            .args(argument)
            .env("MILLET_HOME", &launch.home)
            .envs(launch.environment.iter().map(|(name, value)| (name, value)))
            .env_remove("TAURI_WEBVIEW_AUTOMATION")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    fn pss_mb(&self) -> f64 {
        let kilobytes: u64 = tree(self.0.id()).into_iter().filter_map(pss_kb).sum();
        kilobytes as f64 / 1024.0
    }

    /// Processor time of the whole tree, in ticks.
    fn ticks(&self) -> f64 {
        let of = |process: u32| -> Option<f64> {
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
            let (_, fields) = stat.rsplit_once(')')?;
            let mut times = fields.split_whitespace().skip(11);
            let user: f64 = times.next()?.parse().ok()?;
            let system: f64 = times.next()?.parse().ok()?;
            Some(user + system)
        };
        tree(self.0.id()).into_iter().filter_map(of).sum()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
