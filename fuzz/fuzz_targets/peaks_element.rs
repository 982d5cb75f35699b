//! A text that may be the element of a voice message.

#![no_main]

#[path = "../bodies/element.rs"]
mod element;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| element::peaks(bytes));
