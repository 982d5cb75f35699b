//! Which page is asked for next, and when there is none.
//!
//! It asks by a closure, so that it can be read with an archive that misbehaves in every way: gives less than was asked for,
//! throws away what it is asked by, repeats a page for ever, or gives none where there is one.

use std::collections::HashSet;

use api::{ChatId, Fault, FaultKind, Millis};
use store::{Archive, Asked, Hole, Store, StoreError};
use xmpp::{ArchivePage, ArchiveQuery, BareJid, IqError};

use super::page::{self, Came, Sheet};
use super::tail::Ends;
use crate::faults;

/// Messages of the first page: about two screens, soon there.
const FIRST: u32 = 100;

/// Messages asked for at once afterwards: as many as ejabberd gives.
const PAGE: u32 = 250;

/// So many pages at most are looked through for something that a person can see.
pub(super) const LOOKS: usize = 8;

/// How far our clock may be ahead of the archive's when something of ours is looked for.
const CLOCKS: Millis = 86_400_000;

/// How far a stamp without fractions of a second may lie before the message.
const SECOND: Millis = 1_000;

/// Where the archive is read to.
pub(super) struct Reading<'a> {
    store: &'a Store,
    own: &'a BareJid,
    /// The first ids of the pages so far: none of them comes twice.
    firsts: HashSet<String>,
}

/// How far it is read.
#[derive(Clone, Copy)]
pub(super) enum Goal {
    /// Until the newest message is here that says something: a page may hold receipts and markers only. Not for ever.
    Said,
    /// Until nothing of ours is in doubt any more.
    Doubts,
    /// As far back from `now` as the user wants it.
    Kept { now: Millis },
}

impl<'a> Reading<'a> {
    pub(super) fn new(store: &'a Store, own: &'a BareJid) -> Self {
        let firsts = HashSet::new();
        Self { store, own, firsts }
    }

    /// Reads the newest page. The archive as it is here then, and where that page ends.
    pub(super) async fn newest<A, F>(&self, ask: &A) -> Result<(Archive, Option<Ends>), Fault>
    where
        A: Fn(ArchiveQuery) -> F,
        F: Future<Output = Result<ArchivePage, IqError>>,
    {
        let query = ArchiveQuery {
            before: Some(String::new()),
            max: FIRST,
            ..ArchiveQuery::default()
        };
        let page = twice_if_empty(ask, query).await;
        let page = page.map_err(|error| faults::iq(&error))?;
        let page = Sheet::new(&page, self.own, 0);
        let ends = page.ends();
        let archive = page::keep(self.store, Asked::Newest, page).await?;
        Ok((archive, ends))
    }

    /// Reads again what is older than a page, back to a time: some of it may have been stored late. Not for ever.
    pub(super) async fn again<A, F>(
        mut self,
        newest: &Ends,
        since: Millis,
        ask: &A,
    ) -> Result<(), Fault>
    where
        A: Fn(ArchiveQuery) -> F,
        F: Future<Output = Result<ArchivePage, IqError>>,
    {
        let mut ends = Some(newest.clone());
        while let Some(Ends {
            first: Some(anchor),
            first_at,
            ..
        }) = ends.filter(|ends| ends.first_at > since)
        {
            if self.firsts.len() >= LOOKS {
                break;
            }
            let archive = self.store.reader().archive().await;
            let archive = archive.map_err(|e| faults::store(&e))?;
            let ranges = archive.ranges();
            if let Some(above) = ranges.iter().rposition(|range| range.oldest == anchor) {
                // A hole begins here, which is filled anyway: it goes on behind that.
                let below = above.checked_sub(1).and_then(|below| ranges.get(below));
                ends = below.map(|below| Ends {
                    first: Some(below.newest.clone()).filter(|id| !id.is_empty()),
                    first_at: below.newest_at,
                    last_at: below.newest_at,
                });
                continue;
            }
            let query = ArchiveQuery {
                before: Some(anchor.clone()),
                max: PAGE,
                ..ArchiveQuery::default()
            };
            let page = match ask(query).await {
                // It was thrown away with all before it.
                Err(error) if is_gone(&error) => break,
                answer => answer.map_err(|error| faults::iq(&error))?,
            };
            let page = Sheet::new(&page, self.own, first_at);
            self.must_be_new(&anchor, &page)?;
            ends = page.ends();
            let new = page::keep_again(self.store, page).await?;
            if new > 0 {
                tracing::info!(new, "the archive had stored them late");
            }
        }
        Ok(())
    }

    /// Closes holes until the goal is reached. The next page is on its way while the last one is stored.
    pub(super) async fn fill<A, F>(
        mut self,
        goal: Goal,
        ask: &A,
        stored: &impl Fn(&Archive),
    ) -> Result<(), Fault>
    where
        A: Fn(ArchiveQuery) -> F,
        F: Future<Output = Result<ArchivePage, IqError>>,
    {
        let reader = self.store.reader();
        let mut archive = reader.archive().await.map_err(|e| faults::store(&e))?;
        let mut ahead: Option<(Hole, ArchivePage)> = None;
        while let Some(hole) = self.next(goal, &archive).await? {
            let page = match ahead.take() {
                Some((asked, page)) if asked.anchor == hole.anchor => page,
                _ => before(ask, &hole).await?,
            };
            let page = Sheet::new(&page, self.own, hole.before);
            self.must_be_new(&hole.anchor, &page)?;
            let asked = Asked::Before(hole.anchor);
            let mut then = archive.clone();
            then.cover(&page.covered(&asked));
            let onward = then
                .holes()
                .find(|hole| page.first() == Some(hole.anchor.as_str()));
            let keeping = page::keep(self.store, asked, page);
            archive = match onward {
                Some(next) => {
                    let (kept, page) = tokio::join!(keeping, before(ask, &next));
                    let kept = kept?;
                    stored(&kept);
                    ahead = Some((next, page?));
                    kept
                }
                None => {
                    let kept = keeping.await?;
                    stored(&kept);
                    kept
                }
            };
        }
        if let Goal::Kept { .. } = goal {
            // Of what lies before the wanted span nothing will come.
            let ended = self.store.write(|tx| tx.end_waiting()).await;
            ended.map_err(|error| faults::store(&error))?;
        }
        Ok(())
    }

    /// The archive as it is here, if something is missing for this goal.
    pub(super) async fn wanting(&self, goal: Goal) -> Result<Option<Archive>, Fault> {
        let reader = self.store.reader();
        let archive = reader.archive().await.map_err(|e| faults::store(&e))?;
        Ok(self.next(goal, &archive).await?.map(|_| archive))
    }

    /// Reads a page of a chat before what is here of it.
    pub(super) async fn older<A, F>(&mut self, chat: ChatId, ask: &A) -> Result<Came, Fault>
    where
        A: Fn(ArchiveQuery) -> F,
        F: Future<Output = Result<ArchivePage, IqError>>,
    {
        let reader = self.store.reader();
        let edge = reader
            .chat_edge(chat)
            .await
            .map_err(|e| faults::store(&e))?;
        if edge.whole {
            return Ok(Came {
                new: 0,
                is_all: true,
            });
        }
        let with = edge.address.parse().map_err(faults::bug)?;
        let anchor = edge.oldest.clone().unwrap_or_default();
        let query = ArchiveQuery {
            with: Some(with),
            before: Some(anchor.clone()),
            max: FIRST,
            ..ArchiveQuery::default()
        };
        let page = match twice_if_empty(ask, query.clone()).await {
            Err(error) if is_gone(&error) => {
                let by_time = ArchiveQuery {
                    before: Some(String::new()),
                    end: edge.oldest_at.map(|at| at + SECOND),
                    ..query
                };
                twice_if_empty(ask, by_time).await
            }
            answer => answer,
        };
        let page = page.map_err(|error| faults::iq(&error))?;
        let page = Sheet::new(&page, self.own, edge.oldest_at.unwrap_or_default());
        if !anchor.is_empty() {
            self.must_be_new(&anchor, &page)?;
        }
        page::keep_of_chat(self.store, chat, edge.oldest_at, page).await
    }

    /// The hole that is read into next.
    async fn next(&self, goal: Goal, archive: &Archive) -> Result<Option<Hole>, Fault> {
        let reader = self.store.reader();
        let fault = |error: StoreError| faults::store(&error);
        Ok(match goal {
            Goal::Said if self.firsts.len() >= LOOKS => None,
            Goal::Said => {
                let said = reader.last_said().await.map_err(fault)?;
                let mut holes = archive.holes();
                holes
                    .next()
                    .filter(|hole| said.is_none_or(|said| said < hole.before))
            }
            Goal::Doubts => match reader.in_doubt_since().await.map_err(fault)? {
                // It may be in any hole there is. What lies before all that is here was said before we were there, unless
                // the archive could not be read then.
                Some(since) => archive.holes().find(|hole| {
                    hole.after.is_some() || hole.before.saturating_add(CLOCKS) > since
                }),
                None => None,
            },
            Goal::Kept { now } => {
                let since = reader.history_span().await.map_err(fault)?.since(now);
                archive
                    .holes()
                    .find(|hole| since.is_none_or(|since| hole.before > since))
            }
        })
    }

    /// A server that repeats itself would keep us for ever.
    fn must_be_new(&mut self, anchor: &str, page: &Sheet) -> Result<(), Fault> {
        let repeats = page
            .first()
            .is_some_and(|first| first == anchor || !self.firsts.insert(first.to_owned()));
        match repeats {
            true => Err(Fault::new(FaultKind::Refused, "the archive repeats a page")),
            false => Ok(()),
        }
    }
}

/// The page before a hole's newer end.
async fn before<A, F>(ask: &A, hole: &Hole) -> Result<ArchivePage, Fault>
where
    A: Fn(ArchiveQuery) -> F,
    F: Future<Output = Result<ArchivePage, IqError>>,
{
    let query = ArchiveQuery {
        before: Some(hole.anchor.clone()),
        max: PAGE,
        ..ArchiveQuery::default()
    };
    let mut answer = twice_if_empty(ask, query.clone()).await;
    if answer.as_ref().is_err_and(is_gone) {
        // The message we ask by was taken out of the archive, alone or with all before it. Its time tells which.
        let by_time = ArchiveQuery {
            before: Some(String::new()),
            end: Some(hole.before + SECOND),
            ..query
        };
        answer = twice_if_empty(ask, by_time).await;
    }
    answer.map_err(|error| faults::iq(&error))
}

/// A page without anything on it closes a hole, or says that a chat is whole, for good, so it is asked for again: some servers give one while they write.
async fn twice_if_empty<A, F>(ask: &A, query: ArchiveQuery) -> Result<ArchivePage, IqError>
where
    A: Fn(ArchiveQuery) -> F,
    F: Future<Output = Result<ArchivePage, IqError>>,
{
    match ask(query.clone()).await {
        Ok(page) if page.messages.is_empty() && page.first.is_none() => ask(query).await,
        answer => answer,
    }
}

/// XEP-0313 §4.3.2: the id that was asked by is not in the archive.
fn is_gone(error: &IqError) -> bool {
    matches!(error, IqError::Refused(error) if error.condition == "item-not-found")
}
