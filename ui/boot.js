// The first thing that runs: the theme and the text size before the first paint, and the program on its way while the
// styles still load. A classic script, because a module would run after that paint. The settings are those of
// crates/api/src/settings.rs; the shell puts them on `window.__MILLET__` before anything of the page runs.
(() => {
  const root = document.documentElement;
  const { theme, text_size: size, language } = window.__MILLET__?.settings ?? {};
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (size >= 85 && size <= 140) root.style.setProperty("--scale", String(size / 100));
  // Which faces are looked for (styles/tokens.css). Elsewhere: those of a Linux desktop.
  const systems = { android: /Android/, windows: /Windows/, apple: /Mac OS|iPhone|iPad/ };
  const system = Object.keys(systems).find((name) => systems[name].test(navigator.userAgent));
  if (system) root.dataset.system = system;
  root.lang = language || navigator.language || "en";

  const program = fetch("./ui_bg.wasm");
  const bindings = import("./ui.js");
  const start = () =>
    bindings
      .then((ui) => ui.default({ module_or_path: program }))
      .catch((error) => {
        console.error(error);
        root.dataset.ready = "failed";
      });
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start, { once: true });
  } else {
    start();
  }
})();
