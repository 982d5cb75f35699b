//! The window: Yew components over the backend's feed.
