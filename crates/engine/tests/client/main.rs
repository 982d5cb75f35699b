//! The client against real servers: ejabberd and Prosody on loopback, a network that breaks, a foreign client.
//!
//! One binary, because linking one costs what five would cost each. `place` has the servers, `person` somebody with
//! Millet in-process, `headless` somebody with Millet in a process that can be killed, `witness` what the server's own
//! archive holds: counting there does not rely on what is tested, which finds a message again when it comes twice.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod headless;
mod person;
mod place;
mod seen;
mod sound;
mod witness;

mod basics;
mod cuts;
mod damage;
mod devices;
mod displayed;
mod endurance;
mod exports;
mod follow_ups;
mod foreign;
mod history;
mod hostile;
mod kills;
mod refusals;
mod restarts;
mod surroundings;
