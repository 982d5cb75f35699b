//! Icons as strokes on a grid of 24. Their sources are `assets/icons/ui/*.svg`.

use yew::prelude::*;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    Microphone,
    Send,
    Play,
    Pause,
    Lock,
    ChevronLeft,
    ChevronRight,
    ChevronUp,
    ChevronDown,
    ChevronsLeft,
    ChevronsRight,
    Search,
    Calendar,
    Plus,
    Settings,
    Chats,
    Clock,
    Check,
    DoubleCheck,
    Read,
    Heard,
    Warning,
    Trash,
    Close,
    Download,
    File,
    Image,
    Eye,
    EyeOff,
    Desk,
    Back10,
    On10,
    Next,
    Archive,
}

impl Glyph {
    fn drawing(self) -> (&'static str, &'static str) {
        match self {
            Self::Microphone => (
                "microphone",
                "M12 3a3.25 3.25 0 0 0-3.25 3.25v5a3.25 3.25 0 0 0 6.5 0v-5A3.25 3.25 0 0 0 12 3zM5.5 11.25a6.5 6.5 0 0 0 13 0M12 17.75V21",
            ),
            Self::Send => ("send", "M12 20V4.5M5.5 11 12 4.5l6.5 6.5"),
            Self::Play => (
                "play",
                "M8.25 5.35v13.3a.9.9 0 0 0 1.36.77l11-6.65a.9.9 0 0 0 0-1.54l-11-6.65a.9.9 0 0 0-1.36.77z",
            ),
            Self::Pause => (
                "pause",
                "M7.25 5h2a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1h-2a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM14.75 5h2a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1h-2a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z",
            ),
            Self::Lock => (
                "lock",
                "M7.75 10.5V8a4.25 4.25 0 0 1 8.5 0v2.5M7 10.5h10a1.75 1.75 0 0 1 1.75 1.75v6A1.75 1.75 0 0 1 17 20H7a1.75 1.75 0 0 1-1.75-1.75v-6A1.75 1.75 0 0 1 7 10.5z",
            ),
            Self::ChevronLeft => ("chevron-left", "m14.5 6-6 6 6 6"),
            Self::ChevronRight => ("chevron-right", "m9.5 6 6 6-6 6"),
            Self::ChevronUp => ("chevron-up", "m6 14.5 6-6 6 6"),
            Self::ChevronDown => ("chevron-down", "m6 9.5 6 6 6-6"),
            Self::ChevronsLeft => ("chevrons-left", "m11.5 6-6 6 6 6M18 6l-6 6 6 6"),
            Self::ChevronsRight => ("chevrons-right", "m6 6 6 6-6 6M12.5 6l6 6-6 6"),
            Self::Search => (
                "search",
                "M11 4.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM16 16l4 4",
            ),
            Self::Calendar => (
                "calendar",
                "M6.25 5.25h11.5A1.75 1.75 0 0 1 19.5 7v11a1.75 1.75 0 0 1-1.75 1.75H6.25A1.75 1.75 0 0 1 4.5 18V7a1.75 1.75 0 0 1 1.75-1.75zM4.5 10h15M8.25 3.25v3.5M15.75 3.25v3.5M8.5 14h.1M12 14h.1M15.5 14h.1",
            ),
            Self::Plus => ("plus", "M12 5v14M5 12h14"),
            Self::Settings => (
                "settings",
                "M4 7.5h9M18.5 7.5H20M4 16.5h1.5M11 16.5h9M15.75 4.75a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5zM8.25 13.75a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5z",
            ),
            Self::Chats => (
                "chats",
                "M12 4.25c4.7 0 8.25 3.2 8.25 7.25S16.7 18.75 12 18.75c-1.1 0-2.2-.2-3.15-.5L4.5 19.75l1.05-3.7A6.8 6.8 0 0 1 3.75 11.5c0-4.05 3.55-7.25 8.25-7.25z",
            ),
            Self::Clock => (
                "clock",
                "M12 4.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM12 8v4.25l2.75 1.75",
            ),
            Self::Check => ("check", "m5.5 12.75 4.25 4.25L18.5 7.5"),
            Self::DoubleCheck => (
                "double-check",
                "m2.5 12.75 4.25 4.25L15 7.75M12 16l1 1 8.5-9.25",
            ),
            Self::Read => (
                "read",
                "M2.75 12c2-4 5.25-6.25 9.25-6.25S19.25 8 21.25 12c-2 4-5.25 6.25-9.25 6.25S4.75 16 2.75 12zM12 9.25a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5z",
            ),
            Self::Heard => (
                "heard",
                "M7 9.25a5 5 0 0 1 10 0c0 2.6-1.5 3.6-2.5 4.75-1 1.2-.9 2.1-1.4 3.6A3.1 3.1 0 0 1 10.2 20 2.9 2.9 0 0 1 7.25 17M9.75 9.5a2.25 2.25 0 0 1 4.5 0c0 1.25-.9 1.75-1.75 2.5",
            ),
            Self::Warning => (
                "warning",
                "M12 3.75a8.25 8.25 0 1 1 0 16.5 8.25 8.25 0 0 1 0-16.5zM12 7.75v5M12 16.15v.1",
            ),
            Self::Trash => (
                "trash",
                "M4.5 6.75h15M9.25 6.75V5A1.25 1.25 0 0 1 10.5 3.75h3A1.25 1.25 0 0 1 14.75 5v1.75M6.25 6.75 7 18.6a1.75 1.75 0 0 0 1.75 1.65h6.5A1.75 1.75 0 0 0 17 18.6l.75-11.85M10.25 10.75v5.5M13.75 10.75v5.5",
            ),
            Self::Close => ("close", "m6 6 12 12M18 6 6 18"),
            Self::Download => ("download", "M12 4v11M6.75 10.25 12 15.5l5.25-5.25M5 20h14"),
            Self::File => (
                "file",
                "M13.5 3.75H7.75A1.75 1.75 0 0 0 6 5.5v13a1.75 1.75 0 0 0 1.75 1.75h8.5A1.75 1.75 0 0 0 18 18.5V8.25zM13.5 3.75v4.5H18",
            ),
            Self::Image => (
                "image",
                "M5.75 4.5h12.5A1.75 1.75 0 0 1 20 6.25v11.5a1.75 1.75 0 0 1-1.75 1.75H5.75A1.75 1.75 0 0 1 4 17.75V6.25A1.75 1.75 0 0 1 5.75 4.5zM4.25 17l4.5-4.5 3 3 3.25-3.25 4.75 4.75M9 8.25a1.25 1.25 0 1 1 0 2.5 1.25 1.25 0 0 1 0-2.5z",
            ),
            Self::Eye => (
                "eye",
                "M2.75 12c2-4 5.25-6.25 9.25-6.25S19.25 8 21.25 12c-2 4-5.25 6.25-9.25 6.25S4.75 16 2.75 12zM12 9.25a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5z",
            ),
            Self::Desk => (
                "headphones",
                "M4 15.5V12a8 8 0 0 1 16 0v3.5M4 14.5h2.5A1.25 1.25 0 0 1 7.75 15.75v3A1.25 1.25 0 0 1 6.5 20H5.75A1.75 1.75 0 0 1 4 18.25zM20 14.5h-2.5a1.25 1.25 0 0 0-1.25 1.25v3A1.25 1.25 0 0 0 17.5 20h.75A1.75 1.75 0 0 0 20 18.25z",
            ),
            Self::Back10 => (
                "back-10",
                "M8.5 3.5 5.25 6.25 8.5 9M5.25 6.25H12a7 7 0 1 1-6.6 9.35M9 12v4.5M14 12a1.25 1.25 0 0 1 1.25 1.25v2a1.25 1.25 0 0 1-2.5 0v-2A1.25 1.25 0 0 1 14 12z",
            ),
            Self::On10 => (
                "on-10",
                "m15.5 3.5 3.25 2.75L15.5 9M18.75 6.25H12a7 7 0 1 0 6.6 9.35M9 12v4.5M14 12a1.25 1.25 0 0 1 1.25 1.25v2a1.25 1.25 0 0 1-2.5 0v-2A1.25 1.25 0 0 1 14 12z",
            ),
            Self::Next => (
                "next",
                "M6 6.1v11.8a.8.8 0 0 0 1.22.68l9.3-5.9a.8.8 0 0 0 0-1.36l-9.3-5.9A.8.8 0 0 0 6 6.1zM18.75 5.5v13",
            ),
            Self::Archive => (
                "archive",
                "M5 4.75h14a1 1 0 0 1 1 1V8a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5.75a1 1 0 0 1 1-1zM5.25 9v8.5a1.75 1.75 0 0 0 1.75 1.75h10a1.75 1.75 0 0 0 1.75-1.75V9M10 12.75h4",
            ),
            Self::EyeOff => (
                "eye-off",
                "M9.9 6a9 9 0 0 1 2.1-.25c4 0 7.25 2.25 9.25 6.25a14 14 0 0 1-2.4 3.4M6.4 7.4C4.9 8.5 3.7 10 2.75 12c2 4 5.25 6.25 9.25 6.25a9.4 9.4 0 0 0 4.3-1M10.1 10.1a2.75 2.75 0 0 0 3.8 3.8M4 4l16 16",
            ),
        }
    }

    fn is_solid(self) -> bool {
        matches!(self, Self::Play | Self::Pause)
    }
}

/// Which icon.
#[derive(Properties, PartialEq)]
pub struct IconProps {
    /// What is drawn.
    pub glyph: Glyph,
}

/// An icon. It says nothing to a screen reader: whatever it sits on has words.
#[component]
pub fn Icon(props: &IconProps) -> Html {
    let (name, path) = props.glyph.drawing();
    let solid = props.glyph.is_solid().then_some("");
    html! {
        <svg class="icon" data-icon={name} data-solid={solid} viewBox="0 0 24 24" aria-hidden="true">
            <path d={path} />
        </svg>
    }
}
