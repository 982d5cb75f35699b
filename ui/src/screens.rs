//! What fills the window.

pub mod broken;
pub mod desk;
pub mod export;
pub mod history;
pub mod main;
pub mod settings;
pub mod sign_in;
pub mod sound;
