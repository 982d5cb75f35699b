//! Arbitrary XML around a voice message, and arbitrary values in one.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/xmpp.rs"]
mod xmpp_bodies;

fuzz_target!(|bytes: &[u8]| {
    xmpp_bodies::peaks_element(bytes);
});
