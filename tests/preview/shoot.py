"""Takes a picture of every screen, in two sizes and two themes, without a backend.

    cargo xtask build-ui
    python3 tests/preview/shoot.py [--out FOLDER] [--only PART-OF-A-NAME]

Serves ui/dist on a port of its own, opens it in headless Chromium with mock.js
in the backend's place and the content security policy of tauri.conf.json, and
drives it over Chromium's debugging pipe. Needs Python 3 and chromium; a page
that throws, or breaks the policy, is reported and makes the exit code 1.
"""

import argparse
import base64
import functools
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
DESKTOP, TABLET, PHONE = (1280, 800), (760, 800), (390, 844)


class Scene:
    """A state to look at: what the backend answers (`options`) and what is done first (`act`)."""

    def __init__(self, name, options=None, act="", sizes=(DESKTOP, PHONE), themes=("light", "dark"), touch=None):
        self.name, self.options, self.act = name, options or {}, act
        self.sizes, self.themes, self.touch = sizes, themes, touch


OPEN = "await preview.open({});"
HISTORY = "await preview.click('settings'); await preview.click('history-open')"
SCENES = [
    Scene("sign-in", {"signedOut": True}),
    Scene("sign-in-register", {"signedOut": True}, "await preview.click('sign-in-register'); await preview.text('summary')", themes=("light",)),
    Scene("sign-in-fault", {"signedOut": True, "fail": "wrong_password"}, "await preview.signIn()"),
    Scene("empty", {"empty": True}),
    Scene("list", {}, sizes=(DESKTOP, TABLET, PHONE)),
    Scene("list-wide", {}, OPEN.format(0) + "await preview.drag('list-resize', 200)", sizes=(DESKTOP,), themes=("dark",)),
    Scene("list-zh", {"language": "zh-CN"}, themes=("light",)),
    Scene("offline", {"connection": "offline"}, OPEN.format(0), themes=("light",)),
    Scene("offline-list", {"connection": "offline"}, sizes=(PHONE,), themes=("light",)),
    Scene("voice", {}, OPEN.format(0), sizes=(DESKTOP, TABLET, PHONE)),
    Scene("voice-zh", {"language": "zh-CN"}, OPEN.format(1), themes=("light",)),
    Scene("playing", {"playing": True}, OPEN.format(0), themes=("light",)),
    Scene("mini-player", {"playing": True}, OPEN.format(0) + OPEN.format(1)),
    Scene("mini-player-list", {"playing": True}, OPEN.format(0) + "await preview.click('back')"),
    Scene("mini-player-settings", {"playing": True}, OPEN.format(0) + "await preview.click('back'); await preview.click('settings')", themes=("light",)),
    Scene("text", {}, OPEN.format(1)),
    Scene("text-mixed", {}, OPEN.format(2), themes=("light",)),
    Scene("failed", {}, OPEN.format(3)),
    Scene("chat-empty", {}, OPEN.format(6), themes=("light",)),
    Scene("draft", {}, OPEN.format(4)),
    Scene("undo", {}, OPEN.format(4) + "await preview.click('draft-discard')"),
    Scene("request", {}, OPEN.format(5), themes=("light",)),
    Scene("recording", {}, OPEN.format(0) + "await preview.hold()"),
    Scene("recording-cancel", {}, OPEN.format(0) + "await preview.hold(-160, 0)", themes=("light",)),
    Scene("recording-locked", {}, OPEN.format(0) + "await preview.hold(0, -120)"),
    Scene("recording-paused", {}, OPEN.format(0) + "await preview.pause()"),
    Scene("recording-paused-zh", {"language": "zh-CN"}, OPEN.format(0) + "await preview.pause()", themes=("light",)),
    Scene("recording-trim", {}, OPEN.format(0) + "await preview.pause(); await preview.strike('trim-from', 'PageUp', 3); await preview.strike('trim-until', 'PageDown', 4)"),
    Scene("no-microphone", {"fail": "no_microphone"}, OPEN.format(0) + "await preview.tap()", themes=("light",)),
    Scene("writing", {}, OPEN.format(1) + "await preview.write('On my way!\\nBack in ten minutes, and I bring the cake with the candles for grandmother.')"),
    Scene("new-chat", {}, "await preview.click('new-chat')"),
    Scene("search-hint", {}, "await preview.key('k', { ctrlKey: true }); await preview.find('')", themes=("light",)),
    Scene("search", {}, "await preview.find('the'); await preview.key('ArrowDown'); await preview.key('ArrowDown')"),
    Scene("search-zh", {"language": "zh-CN"}, "await preview.find('吃')", themes=("light",)),
    Scene("search-completion", {}, "await preview.find('tea from:')"),
    Scene("search-voice", {"indexing": True}, "await preview.find('has:voice')", themes=("light",)),
    Scene("search-nothing", {}, "await preview.find('nobody said this')"),
    Scene("search-hit", {}, "await preview.find('key mat'); await preview.hit(40)"),
    Scene("search-chat", {}, OPEN.format(9) + "await preview.click('chat-search'); await preview.find('boat', 'chat'); await preview.key('ArrowDown')"),
    Scene("search-chat-hit", {}, OPEN.format(9) + "await preview.click('chat-search'); await preview.find('饺子', 'chat'); await preview.hit(12); await preview.click('search-older')"),
    Scene("search-chat-zh", {"language": "zh-CN"}, OPEN.format(9) + "await preview.click('chat-search'); await preview.find('', 'chat')", themes=("light",)),
    Scene("calendar", {}, OPEN.format(9) + "await preview.click('calendar-open'); await preview.key('ArrowLeft')"),
    Scene("calendar-zh", {"language": "zh-CN"}, OPEN.format(9) + "await preview.click('calendar-open'); await preview.key('PageUp')", themes=("light",)),
    Scene("calendar-day", {}, OPEN.format(9) + "await preview.click('calendar-open'); await preview.key('PageUp'); await preview.key('PageUp'); await preview.key('Enter')", themes=("light",)),
    Scene("new-pill", {}, OPEN.format(9) + "await preview.find('coffee'); await preview.hit(30); await preview.unread('diary@example.org', 3)", themes=("light",)),
    Scene("index", {}, "await preview.click('settings'); await preview.click('index-make'); document.querySelector('[data-testid=index-stop]').scrollIntoView({ block: 'center' })"),
    Scene("settings", {}, "await preview.click('settings')"),
    Scene("settings-zh", {"language": "zh-CN"}, "await preview.click('settings')", sizes=(PHONE,), themes=("light",)),
    Scene("gap", {"gap": True}, OPEN.format(1)),
    Scene("gap-offline", {"gap": True, "connection": "offline"}, OPEN.format(1), themes=("light",)),
    Scene("older", {"older": True}, OPEN.format(1)),
    Scene("older-offline", {"older": True, "connection": "offline"}, OPEN.format(2), themes=("light",)),
    Scene("syncing", {"syncing": True}, sizes=(DESKTOP, TABLET, PHONE)),
    Scene("syncing-chat", {"syncing": True}, OPEN.format(0), themes=("light",)),
    Scene("history", {}, HISTORY),
    Scene("history-syncing", {"syncing": True}, HISTORY),
    Scene("history-holes", {"holes": True}, HISTORY, themes=("light",)),
    Scene("history-metered", {"syncing": True, "metered": True}, HISTORY),
    Scene("history-zh", {"holes": True, "language": "zh-CN"}, HISTORY, sizes=(PHONE,), themes=("light",)),
    Scene("history-large-text", {"holes": True, "scale": 1.4}, HISTORY, sizes=(PHONE,), themes=("light",)),
    Scene("export", {"kept": True}, HISTORY + "; document.querySelector('[data-testid=import]').scrollIntoView({ block: 'end' })"),
    Scene("export-running", {}, HISTORY + "; await preview.click('export-now'); await preview.click('import-start'); document.querySelector('[data-testid=import]').scrollIntoView({ block: 'end' })"),
    Scene("export-zh", {"language": "zh-CN"}, HISTORY + "; document.querySelector('[data-testid=import]').scrollIntoView({ block: 'end' })", sizes=(PHONE,), themes=("light",)),
    Scene("history-entry", {"syncing": True}, "await preview.click('settings'); document.querySelector('[data-testid=history-open]').scrollIntoView({ block: 'center' })"),
    Scene("large-text", {"scale": 1.4}, OPEN.format(1), themes=("light",)),
    Scene("large-text-voice", {"scale": 1.4}, OPEN.format(0) + "await preview.hold()", themes=("light",)),
    Scene("small-text", {"scale": 0.85}, OPEN.format(0), themes=("light",)),
    Scene("follow-ups", {"followUps": True}, OPEN.format(20)),
    Scene("follow-ups-top", {"followUps": True}, OPEN.format(20) + "document.querySelector('.timeline').scrollTop = 0"),
    Scene("follow-ups-quote", {"followUps": True}, OPEN.format(20) + "document.querySelectorAll('button.quote')[3].click()", themes=("light",)),
    Scene("follow-ups-zh", {"followUps": True, "language": "zh-CN"}, OPEN.format(20), themes=("light",)),
    Scene("follow-ups-large", {"followUps": True, "scale": 1.4}, OPEN.format(20), themes=("light",), sizes=(PHONE,)),
    Scene("files", {"files": True}, OPEN.format(8)),
    Scene("files-top", {"files": True}, OPEN.format(8) + "document.querySelector('.timeline').scrollTop = 0"),
    Scene("files-saved", {"files": True}, OPEN.format(8) + "document.querySelectorAll('[data-testid=save-copy]').forEach((one) => one.click())", themes=("light",), sizes=(PHONE,)),
    Scene("files-zh", {"files": True, "language": "zh-CN"}, OPEN.format(8) + "document.querySelector('.timeline').scrollTop = 0", themes=("light",)),
    Scene("files-large", {"files": True, "scale": 1.4}, OPEN.format(8) + "document.querySelector('.timeline').scrollTop = 0", themes=("light",), sizes=(PHONE,)),
    Scene("space", {}, HISTORY + "; document.querySelector('[data-testid=space]').scrollIntoView({ block: 'start' })"),
    Scene("space-free", {}, HISTORY + "; await preview.click('free-space')"),
    Scene("space-free-chat", {"language": "zh-CN"}, HISTORY + "; await preview.click('free-chat')", themes=("light",)),
    Scene("space-freed", {}, HISTORY + "; await preview.click('free-space'); await preview.click('free-confirm')", themes=("light",)),
    Scene("space-nothing", {"nothing": True}, HISTORY + "; await preview.click('free-space')", themes=("light",), sizes=(PHONE,)),
    Scene("space-chats", {}, HISTORY + "; document.querySelector('[data-testid=free-chat]').scrollIntoView({ block: 'center' })"),
    Scene("recording-zh", {"language": "zh-CN"}, OPEN.format(0) + "await preview.hold()", themes=("light",)),
    Scene("sign-in-zh", {"signedOut": True, "language": "zh-CN", "fail": "tls_refused"}, "await preview.signIn()", themes=("light",)),
    Scene("store-in-use", {"broken": "store_in_use"}, themes=("light",)),
]


class Browser:
    """Chromium over its debugging pipe: JSON messages that end in a zero byte."""

    def __init__(self, scratch):
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        if program is None:
            sys.exit("chromium is missing: install your distribution's package")
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()

        def place():
            # Chromium reads commands from 3 and answers on 4.
            os.dup2(to_read, 13), os.dup2(from_write, 14)
            os.dup2(13, 3), os.dup2(14, 4)
            os.set_inheritable(3, True), os.set_inheritable(4, True)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--hide-scrollbars",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--no-first-run", "--force-color-profile=srgb", "--disable-gpu", "--font-render-hinting=none",
             f"--user-data-dir={scratch}", "about:blank"],
            preexec_fn=place, close_fds=False, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        os.close(to_read), os.close(from_write)
        self.out, self.read_from = to_write, os.fdopen(from_read, "rb", 0)
        self.buffer, self.number, self.events = b"", 0, []

    def message(self):
        while b"\0" not in self.buffer:
            piece = self.read_from.read(65536)
            if not piece:
                sys.exit("chromium ended")
            self.buffer += piece
        one, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, session=None, **parameters):
        self.number += 1
        asked = {"id": self.number, "method": method, "params": parameters}
        if session:
            asked["sessionId"] = session
        os.write(self.out, json.dumps(asked).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def end(self):
        try:
            self.call("Browser.close")
        except (OSError, SystemExit):
            pass
        self.process.wait(10)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of ui/dist under the policy of the app."""

    policy = ""
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".wasm": "application/wasm"}

    def end_headers(self):
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, *_):
        pass


def policy():
    conf = json.loads((ROOT / "tauri.conf.json").read_text())
    csp = conf.get("app", {}).get("security", {}).get("csp") or ""
    if isinstance(csp, dict):
        csp = "; ".join(f"{name} {' '.join(v) if isinstance(v, list) else v}" for name, v in csp.items())
    return csp


def shoot(browser, scene, size, theme, base, out):
    width, height = size
    name = f"{scene.name}-{width}x{height}-{theme}"
    phone = width < 600
    context = browser.call("Target.createBrowserContext")["browserContextId"]
    target = browser.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    call = functools.partial(browser.call, session=session)
    browser.events.clear()
    for domain in ("Page", "Runtime", "Log"):
        call(f"{domain}.enable")
    call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)
    call("Emulation.setTouchEmulationEnabled", enabled=phone)
    call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
    options = {"language": "en", **scene.options}
    call("Emulation.setLocaleOverride", locale=options["language"])
    call("Page.addScriptToEvaluateOnNewDocument",
         source=f"window.__PREVIEW__ = {json.dumps(options)};\n" + (HERE / "mock.js").read_text())
    call("Page.navigate", url=base)
    act = f"(async () => {{ await preview.ready(); {scene.act}; await preview.settle(); return 'done'; }})()"
    problems = []
    # The page may still be the blank one: wait until the mock is there.
    for _ in range(200):
        there = call("Runtime.evaluate", expression="typeof preview === 'object' && document.readyState === 'complete'")
        if there["result"].get("value"):
            break
        call("Runtime.evaluate", expression="new Promise(done => setTimeout(done, 25))", awaitPromise=True)
    answer = call("Runtime.evaluate", expression=act, awaitPromise=True, returnByValue=True)
    if "exceptionDetails" in answer:
        problems.append(answer["exceptionDetails"].get("exception", {}).get("description", "exception"))
    picture = call("Page.captureScreenshot", format="png")
    (out / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))
    for event in browser.events:
        if event.get("method") == "Runtime.exceptionThrown":
            details = event["params"]["exceptionDetails"]
            problems.append(details.get("exception", {}).get("description") or details.get("text"))
        entry = event.get("params", {}).get("entry", {}) if event.get("method") == "Log.entryAdded" else {}
        # A window has no favicon; only a browser asks for one.
        if entry.get("level") == "error" and not entry.get("url", "").endswith("/favicon.ico"):
            problems.append(f"{entry['text']} {entry.get('url', '')}")
    browser.call("Target.disposeBrowserContext", browserContextId=context)
    print(name, *(f"\n    {problem}" for problem in problems), flush=True)
    return len(problems)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "target" / "preview")
    parser.add_argument("--only", default="", help="part of a name, as in voice-390")
    parser.add_argument("--dist", type=pathlib.Path, default=ROOT / "ui" / "dist")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    Handler.policy = policy()
    handler = functools.partial(Handler, directory=str(arguments.dist))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}/index.html"
    wrong = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        browser = Browser(scratch)
        try:
            for scene in SCENES:
                for size in scene.sizes:
                    for theme in scene.themes:
                        name = f"{scene.name}-{size[0]}x{size[1]}-{theme}"
                        if arguments.only in name:
                            wrong += shoot(browser, scene, size, theme, base, arguments.out)
        finally:
            browser.end()
            server.shutdown()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
