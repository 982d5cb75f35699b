//! The shapes on the wire that the window, the headless client and outside tests rely on.

use crate::*;

fn round_trip<T>(value: &T, json: &str)
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    assert_eq!(serde_json::to_string(value).unwrap(), json);
    assert_eq!(&serde_json::from_str::<T>(json).unwrap(), value);
}

#[test]
fn commands_carry_their_name() {
    round_trip(
        &SendText {
            chat: ChatId(1),
            body: "hi".into(),
        }
        .into_command(),
        r#"{"cmd":"send_text","chat":1,"body":"hi"}"#,
    );
    round_trip(&SignOut {}.into_command(), r#"{"cmd":"sign_out"}"#);
    round_trip(
        &Play {
            sound: Sound::Message(MessageId(7)),
            from_ms: 0,
            follow: Follow::Desk(DeskOrder::Person),
        }
        .into_command(),
        r#"{"cmd":"play","sound":{"what":"message","id":7},"from_ms":0,"follow":{"desk":"person"}}"#,
    );
}

#[test]
fn places_are_flat() {
    round_trip(
        &ReadWindow {
            chat: ChatId(1),
            anchor: WindowAnchor::Left,
        }
        .into_command(),
        r#"{"cmd":"read_window","chat":1,"anchor":{"at":"left"}}"#,
    );
    let spot = Spot {
        id: MessageId(7),
        offset: -12,
    };
    round_trip(
        &KeepSpot {
            chat: ChatId(1),
            spot: Some(spot),
        }
        .into_command(),
        r#"{"cmd":"keep_spot","chat":1,"spot":{"id":7,"offset":-12}}"#,
    );
}

#[test]
fn jobs_are_named() {
    round_trip(
        &KeepExport { folder: None }.into_command(),
        r#"{"cmd":"keep_export","folder":null}"#,
    );
    round_trip(
        &StopJob { job: Job::Import }.into_command(),
        r#"{"cmd":"stop_job","job":"import"}"#,
    );
}

#[test]
fn optional_fields_may_be_left_out() {
    let parsed: Command =
        serde_json::from_str(r#"{"cmd":"sign_in","address":"a@b","password":"x"}"#).unwrap();
    assert!(matches!(
        parsed,
        Command::SignIn(SignIn { server: None, .. })
    ));
}

#[test]
fn settings_may_be_of_another_version() {
    round_trip(
        &Settings {
            theme: Theme::Dark,
            language: Some("zh-CN".into()),
            ..Settings::default()
        },
        r#"{"theme":"dark","language":"zh-CN","text_size":100,"list_width":336,"sounds":true,"start_sound":false,"download_up_to_mb":10,"tell_read":true,"tell_typing":true,"tell_heard":true,"play_next":true,"skip_silence":false,"even_loudness":true,"microphone":null,"loudspeaker":null,"voice_kbit":24,"denoise":"auto","even_recording":true,"keep_untouched":false,"space_explained":false}"#,
    );
    let read: Settings = serde_json::from_str(
        r#"{"text_size":900,"language":"<b>","new":1,"theme":"sepia","download_up_to_mb":7,"voice_kbit":7,"denoise":"later"}"#,
    )
    .unwrap();
    let settings = read.corrected();
    assert_eq!(settings.text_size, Settings::LARGEST_TEXT);
    assert_eq!(settings.language, None);
    assert_eq!(settings.theme, Theme::System);
    assert_eq!((settings.voice_kbit, settings.denoise), (24, Denoise::Auto));
    assert_eq!(settings.download_up_to(), Some(10_000_000));
    let off = Settings {
        download_up_to_mb: 0,
        ..Settings::default()
    };
    assert_eq!(off.corrected().download_up_to(), None);
}

#[test]
fn faults_are_flat() {
    round_trip(
        &Fault::new(FaultKind::TooLarge { max: 9 }, "announced by the server"),
        r#"{"fault":"too_large","max":9,"detail":"announced by the server"}"#,
    );
}

#[test]
fn feed_items_name_themselves() {
    round_trip(
        &Feed::Commit(Commit {
            seq: 3,
            changes: vec![Change::MessageGone {
                chat: ChatId(1),
                id: MessageId(2),
            }],
        }),
        r#"{"feed":"commit","seq":3,"changes":[{"change":"message_gone","row":{"chat":1,"id":2}}]}"#,
    );
    round_trip(
        &Feed::Signal(Signal::Connection {
            connection: Connection::Online,
        }),
        r#"{"feed":"signal","signal":"connection","connection":{"state":"online"}}"#,
    );
}

#[test]
fn a_password_is_not_shown() {
    let command = SignIn {
        address: "a@b".into(),
        password: Secret("x1y2".into()),
        server: None,
    };
    assert!(!format!("{:?}", command.into_command()).contains("x1y2"));
}

#[test]
fn an_ordinary_message_carries_no_marks() {
    let plain = MessageRow {
        id: MessageId(1),
        chat: ChatId(2),
        author: "a@b".into(),
        own: false,
        at: 3,
        content: Content::Text { body: "hi".into() },
        state: MessageState::Received,
        fault: None,
        edited: None,
        retracted: false,
        reply_to: None,
        reactions: Vec::new(),
    };
    let start = r#"{"id":1,"chat":2,"author":"a@b","own":false,"at":3,"content":{"kind":"text","body":"hi"},"state":"received","fault":null"#;
    round_trip(&plain, &format!("{start}}}"));
    let marked = MessageRow {
        edited: Some(4),
        reply_to: Some(ReplyRef {
            id: None,
            author: "a@b".into(),
            kind: Kind::Text,
            snippet: "ho".into(),
            retracted: false,
        }),
        reactions: vec![Reaction {
            emoji: "👍".into(),
            count: 2,
            mine: true,
        }],
        ..plain
    };
    round_trip(
        &marked,
        &format!(
            r#"{start},"edited":4,"reply_to":{{"id":null,"author":"a@b","kind":"text","snippet":"ho"}},"reactions":[{{"emoji":"👍","count":2,"mine":true}}]}}"#
        ),
    );
}
