// The first thing that runs: the theme and the text size before the first paint, and the program on its way while the
// styles still load. A classic script, because a module would run after that paint. The settings are those of
// src/state/settings.rs.
(() => {
  const root = document.documentElement;
  const read = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };
  const theme = read("millet.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const scale = Number(read("millet.scale"));
  if (scale >= 85 && scale <= 140) root.style.setProperty("--scale", String(scale / 100));
  root.lang = read("millet.language") || navigator.language || "en";

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
