//! The order is kept, whatever each job waits for.

use std::sync::{Arc, Mutex};

use super::Lane;

#[tokio::test]
async fn a_panic_ends_one_job_only() {
    let (lane, runner) = Lane::new();
    let runner = tokio::spawn(runner);
    let done = Arc::new(Mutex::new(false));
    lane.push(async { panic!("on purpose") });
    let shared = Arc::clone(&done);
    lane.push(async move { *shared.lock().unwrap() = true });
    drop(lane);
    runner.await.unwrap();
    assert!(*done.lock().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_keep_their_order() {
    let (lane, runner) = Lane::new();
    let runner = tokio::spawn(runner);
    let done = Arc::new(Mutex::new(Vec::new()));
    for number in 0..1000 {
        let done = Arc::clone(&done);
        lane.push(async move {
            for _ in 0..(7 - number % 7) {
                tokio::task::yield_now().await;
            }
            done.lock().unwrap().push(number);
        });
    }
    drop(lane);
    runner.await.unwrap();
    assert_eq!(*done.lock().unwrap(), (0..1000).collect::<Vec<_>>());
}
