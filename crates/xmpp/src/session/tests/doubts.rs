//! Somebody doubts the link: the network is another, the machine slept.

use tokio::time::{Instant, timeout};

use super::*;

/// Longer than a doubt lasts, shorter than anything else that gives a link up.
const SOON: Duration = Duration::from_millis(2_100);

/// What was heard before is told apart from an answer by its time, and a paused clock stands.
async fn a_moment() {
    tokio::time::advance(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_link_is_replaced_at_once() {
    let (mut bench, [mut first, mut second]) = bench(Patience::Once);
    first.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    a_moment().await;
    let doubted = Instant::now();
    bench.session.retry_now();
    // Not even a second old: it would be a failure to wait after, were it not for the doubt.
    bench.sees(&["Suspended", "Connecting"]).await;
    second.play(&joined(&[SIGN_IN, COUNTED])).await;
    assert!(doubted.elapsed() < SOON, "{:?}", doubted.elapsed());
    second
        .play(
            "C: <resume xmlns='urn:xmpp:sm:3' previd='s1'/>
             S: <resumed xmlns='urn:xmpp:sm:3' previd='s1' h='0'/>",
        )
        .await;
    bench.sees(&[RESUMED]).await;
    bench.session.close().await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn doubts_that_come_fast_do_not_keep_a_dead_link() {
    let (mut bench, [mut first, mut second]) = bench(Patience::Once);
    first.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    a_moment().await;
    let (session, doubted) = (bench.session.clone(), Instant::now());
    let doubting = tokio::spawn(async move {
        for _ in 0..4 {
            session.retry_now();
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    bench.sees(&["Suspended"]).await;
    assert!(doubted.elapsed() < SOON, "{:?}", doubted.elapsed());
    doubting.await.unwrap();
    second.play("C: open").await;
    bench.session.close().await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_link_that_answers_stays() {
    let (mut bench, [mut wire]) = bench(Patience::Once);
    wire.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    for (round, id) in [(1, "{{FIRST}}"), (2, "{{SECOND}}")] {
        bench.session.retry_now();
        wire.play(&format!(
            "C: <iq type='get' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>
             S: <iq type='result' id='{id}'/>
             C: <r xmlns='urn:xmpp:sm:3'/>
             S: <a xmlns='urn:xmpp:sm:3' h='{round}'/>"
        ))
        .await;
        let more = timeout(Duration::from_secs(5), bench.events.recv()).await;
        assert!(more.is_err(), "{more:?}");
    }
    bench.session.close().await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_tries_at_once_and_begins_with_short_waits_again() {
    let (mut bench, []) = bench(Patience::Forever);
    bench.sees(&["Connecting"]).await;
    let mut waits = Vec::new();
    for _ in 0..5 {
        let Some(SessionEvent::Retrying { in_ms, .. }) = bench.events.recv().await else {
            unreachable!("nobody is there");
        };
        waits.push(in_ms);
    }
    assert!(
        waits.last().is_some_and(|wait| *wait >= 12_000),
        "{waits:?}"
    );
    let doubted = Instant::now();
    bench.session.retry_now();
    bench.sees(&["Connecting"]).await;
    let Some(SessionEvent::Retrying { in_ms, .. }) = bench.events.recv().await else {
        unreachable!("nobody is there");
    };
    assert!(in_ms <= 1_250, "{in_ms}");
    assert_eq!(doubted.elapsed(), Duration::ZERO);
    bench.session.close().await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn an_attempt_into_a_network_that_is_gone_is_begun_anew() {
    let (mut bench, [mut first, mut second]) = bench(Patience::Once);
    bench.sees(&["Connecting"]).await;
    first.play("C: open").await;
    let doubted = Instant::now();
    bench.session.retry_now();
    second
        .play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE]))
        .await;
    bench.sees(&[ONLINE]).await;
    assert!(doubted.elapsed() < SOON, "{:?}", doubted.elapsed());
    bench.session.close().await;
    bench.ends().await;
}
