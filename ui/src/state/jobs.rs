//! What goes on in the background for long.

use std::collections::BTreeMap;
use std::rc::Rc;

use api::{Fault, Feed, Job, Signal};
use yew::Reducible;

/// How far each job got, or how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jobs {
    /// Only those of which something was heard since the window was opened.
    pub known: Rc<BTreeMap<Job, Progress>>,
}

/// How far a job got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How much of it is done.
    pub done: u64,
    /// How much there is.
    pub total: u64,
    /// Whether it goes on.
    pub running: bool,
    /// Why it failed, where it did.
    pub fault: Option<Fault>,
}

/// What changes [`Jobs`].
pub enum JobsAction {
    /// Items of the feed.
    Feed(Rc<Vec<Feed>>),
}

impl Jobs {
    /// Whether it goes on.
    pub fn is_running(&self, job: Job) -> bool {
        self.known.get(&job).is_some_and(|job| job.running)
    }
}

impl Reducible for Jobs {
    type Action = JobsAction;

    fn reduce(self: Rc<Self>, action: JobsAction) -> Rc<Self> {
        let JobsAction::Feed(items) = action;
        let mut next = self;
        for item in items.iter() {
            match item {
                // Its end may have been missed; while it runs it is heard of again at once.
                Feed::Reset(_) if !next.known.is_empty() => next = Rc::default(),
                Feed::Signal(Signal::Job {
                    job,
                    done,
                    total,
                    ended,
                    fault,
                }) => {
                    let progress = Progress {
                        done: *done,
                        total: *total,
                        running: !ended,
                        fault: fault.clone(),
                    };
                    Rc::make_mut(&mut Rc::make_mut(&mut next).known).insert(*job, progress);
                }
                _ => {}
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(jobs: Rc<Jobs>, items: Vec<Feed>) -> Rc<Jobs> {
        jobs.reduce(JobsAction::Feed(Rc::new(items)))
    }

    fn at(done: u64, ended: bool) -> Feed {
        Feed::Signal(Signal::Job {
            job: Job::RebuildSearch,
            done,
            total: 9,
            ended,
            fault: None,
        })
    }

    #[test]
    fn a_job_runs_until_it_ends_or_all_starts_over() {
        let jobs = heard(Rc::default(), vec![at(3, false)]);
        assert!(jobs.is_running(Job::RebuildSearch));
        assert!(!jobs.is_running(Job::Export));
        let ended = heard(Rc::clone(&jobs), vec![at(9, true)]);
        assert!(!ended.is_running(Job::RebuildSearch));
        assert_eq!(ended.known[&Job::RebuildSearch].done, 9);
        let over = heard(jobs, vec![Feed::Reset(Box::default())]);
        assert!(over.known.is_empty());
    }
}
