//! What is thrown away, wanted back, destroyed.

use api::{ChatRow, Commit, Reset, VoiceDraft};

use super::*;

const CHAT: ChatId = ChatId(1);

fn thrown() -> Rc<Bin> {
    Rc::new(Bin::default()).reduce(BinAction::Throw(CHAT, "d".into()))
}

fn going(bin: Rc<Bin>) -> Rc<Bin> {
    bin.reduce(BinAction::Going("d".into()))
}

fn feed(bin: Rc<Bin>, item: Feed) -> Rc<Bin> {
    bin.reduce(BinAction::Feed(Rc::new(vec![item])))
}

fn commit(chat: ChatId, drafts: &[&str]) -> Feed {
    let voice_drafts = drafts
        .iter()
        .map(|id| VoiceDraft {
            id: (*id).into(),
            duration_ms: 1000,
            peaks: Vec::new(),
            recording: false,
        })
        .collect();
    Feed::Commit(Commit {
        seq: 1,
        changes: vec![Change::Chat(ChatRow {
            id: chat,
            address: "bo@x".into(),
            title: "bo".into(),
            last: None,
            unread: 0,
            sort_at: 0,
            draft: String::new(),
            voice_drafts,
            asks_presence: false,
        })],
    })
}

#[test]
fn thrown_away_it_is_hidden_until_it_is_wanted_back() {
    let bin = thrown().reduce(BinAction::Throw(CHAT, "d".into()));
    assert!(bin.hides("d") && bin.drafts.len() == 1);
    assert!(!bin.reduce(BinAction::Restore("d".into())).hides("d"));
}

#[test]
fn it_stays_hidden_until_the_store_has_forgotten_it() {
    let bin = feed(going(thrown()), commit(CHAT, &["d", "e"]));
    assert!(bin.hides("d") && !bin.hides("e"));
    let bin = feed(bin, commit(ChatId(2), &[]));
    assert!(bin.hides("d"));
    assert!(feed(bin, commit(CHAT, &["e"])).drafts.is_empty());
}

#[test]
fn a_reset_keeps_what_can_still_be_had_back() {
    let reset = || Feed::Reset(Box::<Reset>::default());
    assert!(feed(thrown(), reset()).hides("d"));
    assert!(!feed(going(thrown()), reset()).hides("d"));
}
