//! Ranges: whatever happens in whatever order, no hole is hidden.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn id(n: usize) -> String {
    format!("a{n}")
}

fn page(asked: Asked, items: std::ops::Range<usize>, complete: bool) -> Covered {
    Covered {
        asked,
        ids: items.map(|n| (id(n), at(n))).collect(),
        complete,
        total: None,
    }
}

fn at(n: usize) -> Millis {
    i64::try_from(n).unwrap() * 10
}

fn before(n: usize) -> Asked {
    Asked::Before(id(n))
}

/// `oldest..newest` of each range, `!` where it is complete.
fn dump(archive: &Archive) -> String {
    let lines = archive.ranges().iter().map(|range| {
        let end = if range.complete { "!" } else { "" };
        format!("{end}{}..{}:{}", range.oldest, range.newest, range.items)
    });
    lines.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_hole_closes_page_by_page() {
    let mut archive = Archive::default();
    archive.cover(&page(Asked::Newest, 0..10, true));
    assert_eq!(dump(&archive), "!a0..a9:10");
    let newest = page(Asked::Newest, 40..50, false);
    let place = archive.place(&newest).unwrap();
    assert!(place.missed(0) && place.border.is_none());
    archive.cover(&newest);
    assert_eq!(dump(&archive), "!a0..a9:10 a40..a49:10");
    let hole = archive.holes().next().unwrap();
    assert_eq!((hole.before, hole.after), (at(40), Some(at(9))));
    assert_eq!(
        archive.gaps(),
        [Gap {
            after: at(9),
            before: at(40)
        }]
    );
    archive.reached(&id(50), at(50), 1);
    archive.cover(&page(before(40), 20..40, false));
    assert_eq!(dump(&archive), "!a0..a9:10 a20..a50:31");
    let last = page(before(20), 5..20, false);
    let place = archive.place(&last).unwrap();
    assert!(!place.missed(4) && place.missed(5) && place.border == Some(at(20)));
    archive.cover(&last);
    assert_eq!(dump(&archive), "!a0..a50:51");
    assert_eq!(archive.holes().next(), None);
}

#[test]
fn a_page_may_reach_over_a_range() {
    let mut archive = Archive::default();
    for newest in [0..5, 20..25, 40..45] {
        archive.cover(&page(Asked::Newest, newest, false));
    }
    let over = page(before(40), 10..40, false);
    let place = archive.place(&over).unwrap();
    assert!(place.missed(9) && !place.missed(10) && !place.missed(14) && place.missed(15));
    archive.cover(&over);
    assert_eq!(dump(&archive), "a0..a4:5 a10..a44:35");
}

#[test]
fn a_first_visit_reads_to_the_beginning() {
    let mut archive = Archive::default();
    archive.cover(&page(Asked::Newest, 8..10, false));
    assert!(archive.older_missing() && archive.gaps().is_empty());
    let place = archive.place(&page(before(8), 4..8, false)).unwrap();
    assert!((0..4).all(|item| !place.missed(item)));
    archive.cover(&page(before(8), 4..8, false));
    archive.cover(&page(before(4), 0..4, false));
    archive.cover(&page(before(0), 0..0, true));
    assert_eq!(dump(&archive), "!a0..a9:10");
    assert!(!archive.older_missing());
}

#[test]
fn an_empty_archive_is_a_beginning() {
    let mut archive = Archive::default();
    archive.cover(&page(Asked::Newest, 0..0, true));
    assert_eq!(archive.holes().next(), None);
    // All that came while we were away was missed.
    let newest = page(Asked::Newest, 5..8, false);
    assert!(archive.place(&newest).unwrap().missed(0));
    archive.cover(&newest);
    archive.cover(&page(before(5), 0..5, true));
    assert_eq!(dump(&archive), "!a0..a7:8");
    let mut archive = Archive::default();
    archive.cover(&page(Asked::Newest, 0..0, true));
    archive.reached(&id(0), 0, 1);
    assert_eq!(dump(&archive), "!a0..a0:1");
}

#[test]
fn what_the_server_threw_away_is_no_hole() {
    let held = || {
        let mut archive = Archive::default();
        archive.cover(&page(Asked::Newest, 0..5, false));
        archive.cover(&page(Asked::Newest, 40..50, false));
        archive
    };
    // The archive begins above what we hold of it.
    let mut archive = held();
    archive.cover(&page(before(40), 30..40, true));
    assert_eq!(dump(&archive), "!a0..a49:25");
    let mut archive = held();
    archive.cover(&page(before(40), 0..0, false));
    assert_eq!(dump(&archive), "!a0..a49:15");
}

#[test]
fn a_page_of_yesterday_changes_nothing() {
    let mut archive = Archive::default();
    archive.cover(&page(Asked::Newest, 40..50, false));
    let stale = page(before(45), 35..45, false);
    assert_eq!(archive.place(&stale), None);
    archive.cover(&stale);
    assert_eq!(dump(&archive), "a40..a49:10");
}

/// What may happen, in any order.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// So many messages are said while we are not there.
    Said(usize),
    /// A stream without resumption: the newest page.
    Connect,
    /// A message comes live.
    Live,
    /// The next hole gets a page of at most so many.
    Fill(usize),
    /// The process dies.
    Kill,
    /// The server throws its oldest away.
    Expire(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0_usize..40).prop_map(Step::Said),
        2 => Just(Step::Connect),
        4 => Just(Step::Live),
        6 => (1_usize..9).prop_map(Step::Fill),
        1 => Just(Step::Kill),
        1 => (0_usize..6).prop_map(Step::Expire),
    ]
}

#[derive(Default)]
struct World {
    archive: Archive,
    /// Items here.
    here: BTreeSet<usize>,
    /// The server's archive: from this one to before that one.
    first: usize,
    end: usize,
    connected: bool,
}

impl World {
    fn get(&mut self, covered: &Covered) {
        if self.archive.place(covered).is_some() {
            let numbers = covered
                .ids
                .iter()
                .map(|(id, _)| id[1..].parse::<usize>().unwrap());
            self.here.extend(numbers);
            self.archive.cover(covered);
        }
    }

    fn fill(&mut self, limit: usize) -> bool {
        let Some(hole) = self.archive.holes().next() else {
            return false;
        };
        let anchor: usize = hole.anchor[1..].parse().unwrap();
        let from = anchor.saturating_sub(limit).max(self.first);
        let items = from.min(anchor)..anchor;
        let complete = from == self.first || items.is_empty();
        self.get(&page(Asked::Before(hole.anchor), items, complete));
        true
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Said(count) => {
                // Live ones of a stream that stands are told apart.
                self.connected = false;
                self.end += count;
            }
            Step::Connect => {
                let from = self.end.saturating_sub(7).max(self.first);
                self.get(&page(Asked::Newest, from..self.end, from == self.first));
                self.connected = true;
            }
            Step::Live => {
                self.here.insert(self.end);
                if self.connected {
                    self.archive.reached(&id(self.end), at(self.end), 1);
                }
                self.end += 1;
            }
            Step::Fill(limit) => {
                if self.connected {
                    self.fill(limit);
                }
            }
            Step::Kill => self.connected = false,
            Step::Expire(count) => self.first = (self.first + count).min(self.end),
        }
    }

    fn check(&self) {
        for range in self.archive.ranges() {
            if range.oldest.is_empty() {
                continue;
            }
            let oldest: usize = range.oldest[1..].parse().unwrap();
            let newest: usize = range.newest[1..].parse().unwrap();
            let missing = (oldest.max(self.first)..=newest).find(|n| !self.here.contains(n));
            assert_eq!(missing, None, "{}", dump(&self.archive));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_hole_is_ever_hidden(steps in prop::collection::vec(step(), 0..80)) {
        let mut world = World::default();
        for step in steps {
            world.step(step);
            world.check();
        }
        world.step(Step::Connect);
        while world.fill(5) {
            world.check();
        }
        prop_assert!((world.first..world.end).all(|n| world.here.contains(&n)));
        prop_assert!(world.archive.ranges().len() == 1 && !world.archive.older_missing());
    }
}
