//! Which panics end a fuzzer: those of our own code. A library's is caught by `voice` and ends one file, as its page in
//! `docs/voice.md` says; a fuzzer that stopped at each would find nothing behind it.

use std::backtrace::Backtrace;

/// Replaces the fuzzer's hook, which aborts at every panic.
pub fn ours_only() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or("", |place| place.file());
        // Arithmetic is at a place in the standard library; then who asked for it tells.
        let ours = ["crates/", "fuzz/", "bodies/"];
        let of_a_library = place.contains("/symphonia")
            || (!ours.iter().any(|part| place.contains(part))
                && Backtrace::force_capture().to_string().contains("symphonia"));
        if !of_a_library {
            eprintln!("{info}");
            std::process::abort();
        }
    }));
}
