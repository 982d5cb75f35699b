//! Generations, pages, groups, completions, marks.

use api::{FaultKind, Kind};

use super::*;

fn hit(id: i64, chat: i64) -> SearchHit {
    SearchHit {
        chat: ChatId(chat),
        chat_title: format!("chat {chat}"),
        message: MessageId(id),
        at: id,
        own: false,
        author: "bo@x".into(),
        kind: Kind::Text,
        snippet: "words".into(),
        marks: Vec::new(),
        duration_ms: 0,
    }
}

fn page(hits: Vec<SearchHit>, next: Option<i64>) -> SearchPage {
    SearchPage {
        hits,
        next: next.map(SearchCursor),
        ..SearchPage::default()
    }
}

fn typed(search: Rc<Search>, text: &str) -> Rc<Search> {
    search.reduce(SearchAction::Typed(text.into(), text.len()))
}

fn answered(search: Rc<Search>, page: SearchPage) -> Rc<Search> {
    let ask = search.ask().unwrap();
    search.reduce(SearchAction::Answered(ask, page))
}

fn found(search: &Search) -> Vec<i64> {
    search.shown().map(|hit| hit.message.0).collect()
}

fn completion(insert: &str) -> Completion {
    Completion {
        insert: insert.into(),
        label: insert.into(),
    }
}

#[test]
fn an_answer_for_other_words_is_dropped() {
    let search = typed(Rc::default(), "mil");
    let early = search.ask().unwrap();
    let search = typed(search, "millet");
    let search = search.reduce(SearchAction::Answered(early, page(vec![hit(1, 1)], None)));
    assert!(found(&search).is_empty());
    assert!(search.is_behind());
    let search = answered(search, page(vec![hit(2, 1)], None));
    assert_eq!(found(&search), [2]);
    assert!(!search.is_behind());
    assert_eq!(search.ask(), None);
}

#[test]
fn what_was_found_stays_until_the_next_answer() {
    let search = answered(typed(Rc::default(), "a"), page(vec![hit(1, 1)], None));
    let search = typed(search, "ab");
    assert_eq!(found(&search), [1]);
    assert_eq!(search.enter(), None);
    let search = answered(search, page(vec![], None));
    assert!(search.is_empty());
    let search = typed(search, " ");
    assert!(search.is_blank() && !search.is_empty());
    assert_eq!(search.ask(), None);
}

#[test]
fn a_short_page_is_followed_at_once_and_a_full_one_waits() {
    let search = answered(typed(Rc::default(), "a"), page(vec![hit(9, 1)], Some(9)));
    let ask = search.ask().unwrap();
    assert_eq!(ask.after, Some(SearchCursor(9)));
    assert!(ask.is_eager());
    let full = (0..50).map(|id| hit(id, 1)).collect();
    let search = answered(search, page(full, Some(0)));
    assert_eq!(search.ask(), None);
    let search = search.reduce(SearchAction::More);
    assert_eq!(search.ask().unwrap().after, Some(SearchCursor(0)));
    // The same page twice.
    let search = search.reduce(SearchAction::Answered(ask, page(vec![hit(3, 3)], None)));
    assert_eq!(search.found(), 51);
}

#[test]
fn a_page_that_goes_nowhere_is_the_last() {
    let search = answered(typed(Rc::default(), "a"), page(vec![], Some(9)));
    let search = answered(search, page(vec![], Some(9)));
    assert_eq!(search.ask(), None);
    assert!(search.is_empty());
}

#[test]
fn no_more_are_held_than_the_most() {
    let mut search = typed(Rc::default(), "a");
    let mut id = 100_000;
    while search.ask().is_some() {
        id -= 50;
        let hits = (id..id + 50).rev().map(|id| hit(id, id % 7)).collect();
        search = answered(search, page(hits, Some(id))).reduce(SearchAction::More);
    }
    assert_eq!(search.found(), MOST);
    assert!(search.has_more());
}

#[test]
fn a_search_that_another_ended_is_asked_again() {
    let search = typed(Rc::default(), "a");
    let first = search.ask();
    let stale = SearchPage {
        stale: true,
        ..SearchPage::default()
    };
    let search = answered(search, stale);
    assert!(search.ask().is_some() && search.ask() != first);
    assert!(!search.is_empty());
}

#[test]
fn a_fault_ends_the_search_until_the_text_changes() {
    let search = typed(Rc::default(), "a");
    let ask = search.ask().unwrap();
    let search = search.reduce(SearchAction::Failed(ask, FaultKind::Bug.into()));
    assert!(search.fault.is_some());
    assert_eq!(search.ask(), None);
    assert!(typed(search, "ab").ask().is_some());
}

#[test]
fn hits_are_grouped_by_chat_page_by_page() {
    let mut hits: Vec<SearchHit> = (0..50).rev().map(|id| hit(1000 + id, id % 2)).collect();
    hits.extend([hit(9, 0), hit(8, 1), hit(7, 0)]);
    let search = typed(Rc::default(), "a");
    let search = answered(search, page(hits, None));
    let groups: Vec<(i64, usize)> = search
        .groups
        .iter()
        .map(|group| (group.chat.0, group.hits.len()))
        .collect();
    // The second page goes on with the chat that ended the first.
    assert_eq!(groups, [(1, 25), (0, 27), (1, 1)]);
    let times: Vec<i64> = search.groups[1].hits.iter().map(|hit| hit.at).collect();
    assert!(times.is_sorted_by(|one, other| one > other));
}

#[test]
fn a_page_more_moves_nothing_above_it() {
    let first: Vec<SearchHit> = (0..50).rev().map(|id| hit(1000 + id, id % 3)).collect();
    let search = answered(typed(Rc::default(), "a"), page(first, Some(1000)));
    let before = found(&search);
    let search = search.reduce(SearchAction::More);
    let more = (0..50).rev().map(|id| hit(id, id % 3)).collect();
    let search = answered(search, page(more, None));
    assert_eq!(found(&search)[..50], before);
}

#[test]
fn the_arrows_walk_completions_then_hits() {
    let search = typed(Rc::default(), "f");
    let search = search.reduce(SearchAction::Completions(
        "f".into(),
        1,
        vec![completion("from:")],
    ));
    let search = answered(search, page(vec![hit(5, 1), hit(4, 2), hit(3, 1)], None));
    let mut seen = Vec::new();
    let mut search = search;
    for _ in 0..5 {
        search = search.reduce(SearchAction::Walk(1));
        seen.push(search.active.unwrap());
    }
    let hit = |id| Active::Hit(MessageId(id));
    // By chat, as they are shown.
    assert_eq!(
        seen,
        [Active::Completion(0), hit(5), hit(3), hit(4), hit(4)]
    );
    assert!(matches!(search.enter(), Some(Enter::Open(hit)) if hit.message == MessageId(4)));
    for _ in 0..4 {
        search = search.reduce(SearchAction::Walk(-1));
    }
    assert_eq!(search.active, None);
    // Without the arrows Enter opens the newest.
    assert!(matches!(search.enter(), Some(Enter::Open(hit)) if hit.message == MessageId(5)));
}

#[test]
fn enter_completes_the_value_of_an_operator() {
    let search = typed(Rc::default(), "from:b");
    let all = vec![completion("from:\"Bo B\" ")];
    let search = search.reduce(SearchAction::Completions("from:b".into(), 6, all));
    assert_eq!(search.enter(), Some(Enter::Complete(0)));
    let search = search.reduce(SearchAction::Complete(0));
    assert_eq!(search.text, "from:\"Bo B\" ");
    assert_eq!(search.cursor, search.text.len());
    assert!(search.completions.is_empty());
    assert_eq!(search.placed, 1);
}

#[test]
fn completions_are_for_what_is_typed_now() {
    let search = typed(Rc::default(), "fr");
    let old = SearchAction::Completions("f".into(), 1, vec![completion("from:")]);
    assert!(Rc::clone(&search).reduce(old).completions.is_empty());
    let both = vec![completion("from:"), completion("fr ")];
    let search = search.reduce(SearchAction::Completions("fr".into(), 2, both));
    // What stands there already is no completion.
    assert_eq!(*search.completions, [completion("from:")]);
    assert_eq!(typed(Rc::clone(&search), "fro").completions.len(), 1);
    assert!(typed(search, "fx").completions.is_empty());
}

#[test]
fn not_every_space_offers_operators() {
    let all = || vec![completion("from:"), completion("in:")];
    let search = typed(Rc::default(), "tea ");
    let search = search.reduce(SearchAction::Completions("tea ".into(), 4, all()));
    assert!(search.completions.is_empty());
    let search = typed(search, "");
    let search = search.reduce(SearchAction::Completions(String::new(), 0, all()));
    assert_eq!(search.completions.len(), 2);
}

#[test]
fn a_completion_takes_the_place_of_the_word() {
    assert_eq!(completed("", 0, "from:"), ("from:".into(), 5));
    assert_eq!(
        completed("茶 fr 明天", "茶 fr".len(), "from:"),
        ("茶 from: 明天".into(), "茶 from:".len())
    );
    // In the middle of the word, with a space behind it already.
    assert_eq!(
        completed("has:vo tea", 5, "has:voice "),
        ("has:voice tea".into(), 10)
    );
    // Never inside a character.
    assert_eq!(completed("茶", 1, "in:"), ("in:".into(), 3));
}

#[test]
fn places_are_counted_in_units_and_bytes() {
    let text = "a茶😀b";
    for (units, bytes) in [(0, 0), (1, 1), (2, 4), (4, 8), (5, 9)] {
        assert_eq!(bytes_of(text, units), bytes);
        assert_eq!(units_of(text, bytes), units);
    }
    // Half of a pair, and beyond the end.
    assert_eq!(bytes_of(text, 3), 4);
    assert_eq!(bytes_of(text, 99), text.len());
}

#[test]
fn marks_cut_the_text_in_pieces() {
    let text = "明天喝茶吗";
    assert_eq!(
        pieces(text, &[(6, 12)]),
        [(false, "明天"), (true, "喝茶"), (false, "吗")]
    );
    assert_eq!(pieces("tea", &[(0, 3)]), [(true, "tea")]);
    // Not on a boundary, backwards, beyond the end: only text.
    assert_eq!(pieces(text, &[(1, 2), (9, 3), (12, 99)]), [(false, text)]);
}

#[test]
fn a_complete_index_is_asked_again() {
    let search = answered(
        typed(Rc::default(), "a"),
        SearchPage {
            indexing: true,
            ..page(vec![hit(1, 1)], None)
        },
    );
    let search = search.reduce(SearchAction::Again);
    assert!(search.is_behind());
    let search = answered(search, page(vec![hit(2, 1), hit(1, 1)], None));
    assert_eq!(found(&search), [2, 1]);
    assert_eq!(search.reduce(SearchAction::Again).ask(), None);
}
