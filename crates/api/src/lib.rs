//! The types that cross between the window and the backend
