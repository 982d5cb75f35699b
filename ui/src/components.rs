//! Parts that more than one screen shows, or that are a thing of their own.

pub mod avatar;
pub mod bubble;
pub mod calendar;
pub mod chat_list;
pub mod chat_search;
pub mod composer;
pub mod controls;
pub mod conversation;
pub mod dialog;
pub mod draft;
pub mod ears;
pub mod file;
pub mod finder;
pub mod icon;
pub mod list_resize;
pub mod message;
pub mod mini_player;
pub mod notice;
pub mod quote;
pub mod reactions;
pub mod recorder;
pub mod search;
pub mod search_results;
pub mod talk_button;
pub mod timeline;
pub mod voice;
