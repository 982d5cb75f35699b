use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};

use super::{Bundle, Words};
use crate::{Key, Language, key};

/// Every message of a language with the variables it uses, read by lines.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::<String, BTreeSet<String>>::new();
    for source in language.sources() {
        let mut id = None;
        for line in source.lines() {
            if line.starts_with('#') {
                continue;
            }
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                id = line.split_once('=').map(|(id, _)| id.trim().to_owned());
            }
            let Some(id) = &id else { continue };
            let variables = found.entry(id.clone()).or_default();
            for piece in line.split('$').skip(1) {
                let end = piece
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
                    .unwrap_or(piece.len());
                variables.insert(piece[..end].to_owned());
            }
        }
    }
    found
}

fn strict_bundle(language: Language) -> Bundle {
    let tag = language.tag().parse().expect("a folder is a language tag");
    let mut bundle = FluentBundle::new(vec![tag]);
    for source in language.sources() {
        let resource = FluentResource::try_new((*source).to_owned())
            .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", language.tag()));
        bundle
            .add_resource(resource)
            .unwrap_or_else(|errors| panic!("{}: {errors:?}", language.tag()));
    }
    bundle
}

#[test]
fn every_language_has_every_key_with_the_same_variables() {
    let reference = messages(Language::ENGLISH);
    let keys: BTreeSet<_> = key::ALL.iter().map(|key| key.id().to_owned()).collect();
    assert_eq!(keys, reference.keys().cloned().collect());
    for language in Language::all() {
        let here = messages(language);
        for (id, variables) in &reference {
            assert_eq!(
                Some(variables),
                here.get(id),
                "{} in {}",
                id,
                language.tag()
            );
        }
        for id in here.keys() {
            assert!(
                reference.contains_key(id),
                "{} only in {}",
                id,
                language.tag()
            );
        }
    }
}

#[test]
fn every_sentence_can_be_formatted() {
    for language in Language::all() {
        let bundle = strict_bundle(language);
        for (id, variables) in messages(language) {
            for number in [0, 1, 2, 5, 21, 100] {
                let arguments: FluentArgs<'_> = variables
                    .iter()
                    .map(|name| (name.clone(), FluentValue::from(number)))
                    .collect();
                let message = bundle.get_message(&id).expect("a message that parsed");
                let pattern = message.value().expect("a message has a value");
                let mut problems = Vec::new();
                let text = bundle.format_pattern(pattern, Some(&arguments), &mut problems);
                assert!(
                    problems.is_empty(),
                    "{id} in {}: {problems:?}",
                    language.tag()
                );
                assert_eq!(text, text.trim(), "{id} in {}", language.tag());
                assert!(!text.is_empty(), "{id} in {}", language.tag());
                assert!(!text.contains("..."), "use … in {id} in {}", language.tag());
            }
        }
    }
}

#[test]
fn every_fault_says_what_happened_and_what_to_do() {
    let keys: BTreeSet<_> = key::ALL.iter().map(|key| key.id()).collect();
    for name in api::FaultKind::NAMES {
        let id = format!("fault-{}", name.replace('_', "-"));
        assert!(keys.contains(id.as_str()), "{id}");
        assert!(keys.contains(format!("{id}-do").as_str()), "{id}-do");
    }
    let words = Words::new(Language::ENGLISH);
    assert_eq!(words.fault("no_such_fault"), words.text(key::FAULT_BUG));
    assert_ne!(words.fault("no_microphone"), words.text(key::FAULT_BUG));
    assert_ne!(
        words.fault_advice("no_microphone"),
        words.text(key::FAULT_BUG_DO)
    );
}

#[test]
fn every_state_of_an_own_message_has_a_word() {
    use api::MessageState::{Delivered, Failed, Heard, Pending, Read, Sent};
    for language in Language::all() {
        let words = Words::new(language);
        for state in [Pending, Failed, Sent, Delivered, Read, Heard] {
            assert_ne!(
                words.state(state.name()),
                "",
                "{state:?} in {}",
                language.tag()
            );
        }
    }
}

#[test]
fn numbers_choose_their_form_and_names_are_isolated() {
    let words = Words::new(Language::ENGLISH);
    let one = words.with(key::CHAT_UNREAD, &[("count", 1.into())]);
    let many = words.with(key::CHAT_UNREAD, &[("count", 3.into())]);
    assert!(one.ends_with("unread message"), "{one}");
    assert!(many.ends_with("unread messages"), "{many}");
    let typing = words.with(key::TYPING_NAME, &[("name", "علي".into())]);
    assert!(typing.contains("\u{2068}علي\u{2069}"), "{typing}");
}

#[test]
fn lengths_are_whole_words() {
    let words = Words::new(Language::ENGLISH);
    let length = |minutes: i32, seconds: i32| {
        words
            .with(
                key::LENGTH_MINUTES,
                &[("minutes", minutes.into()), ("seconds", seconds.into())],
            )
            .replace(['\u{2068}', '\u{2069}'], "")
    };
    assert_eq!(length(1, 0), "1 minute");
    assert_eq!(length(2, 1), "2 minutes 1 second");
    assert_eq!(length(3, 30), "3 minutes 30 seconds");
}

#[test]
fn a_key_without_words_shows_itself() {
    let words = Words::new(Language::ENGLISH);
    assert_eq!(words.text(Key("no-such-key")), "no-such-key");
}

#[test]
fn words_are_equal_by_language() {
    let words = Words::new(Language::ENGLISH);
    assert_eq!(words, words.clone());
    assert_eq!(words, Words::new(Language::ENGLISH));
    let chinese = Language::from_tag("zh-CN").expect("Chinese is spoken");
    assert_ne!(words, Words::new(chinese));
}
