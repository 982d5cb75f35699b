//! What fills the window.

pub mod broken;
pub mod main;
pub mod settings;
pub mod sign_in;
