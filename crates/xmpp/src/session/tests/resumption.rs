//! Resumptions that break, are refused, or come to nothing.

use super::*;

/// Two texts that were put back for a resumption which then broke too: tokio-xmpp holds them in the queue that outlives
/// a stream.
async fn stuck(bench: &mut Bench, first: &mut Wire, second: &mut Wire) {
    first.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    bench.text(1).await;
    bench.text(2).await;
    first
        .play("C: <message id='o1'/>\nC: <message id='o2'/>\nS: cut")
        .await;
    bench.sees(&["Suspended", "Retrying Lost"]).await;
    second.play(&joined(&[SIGN_IN, COUNTED])).await;
    second
        .play(
            "C: <resume xmlns='urn:xmpp:sm:3' previd='s1'/>
             S: <resumed xmlns='urn:xmpp:sm:3' previd='s1' h='0'/>
             S: cut",
        )
        .await;
    bench.sees(&[RESUMED, "Suspended", "Retrying Lost"]).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_stuck_goes_out_with_the_next_resumption() {
    let (mut bench, [mut first, mut second, mut third]) = bench(Patience::Once);
    stuck(&mut bench, &mut first, &mut second).await;
    third.play(&joined(&[SIGN_IN, COUNTED])).await;
    third
        .play(
            "C: <resume xmlns='urn:xmpp:sm:3' previd='s1'/>
             S: <resumed xmlns='urn:xmpp:sm:3' previd='s1' h='1'/>
             C: <message id='o2'/>
             C: <r xmlns='urn:xmpp:sm:3'/>
             S: <a xmlns='urn:xmpp:sm:3' h='2'/>",
        )
        .await;
    let acked = ["Acked(SendKey(1))", "Acked(SendKey(2))"];
    bench.sees(&[RESUMED, acked[0], acked[1]]).await;
    bench.session.close().await;
    bench.ends().await;
}

/// The refusal has a count, so tokio-xmpp would bind and write its queue.
#[tokio::test(start_paused = true)]
async fn what_is_stuck_never_gets_onto_a_new_stream() {
    let (mut bench, [mut first, mut second, mut third, mut fourth]) = bench(Patience::Once);
    stuck(&mut bench, &mut first, &mut second).await;
    third.play(&joined(&[SIGN_IN, COUNTED])).await;
    third
        .play(
            "C: <resume xmlns='urn:xmpp:sm:3' previd='s1'/>
             S: <failed xmlns='urn:xmpp:sm:3' h='1'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
        )
        .await;
    fourth
        .play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE]))
        .await;
    bench
        .sees(&["Lost(SendKey(1))", "Lost(SendKey(2))", ONLINE])
        .await;
    bench.text(3).await;
    fourth.play("C: <message id='o3'/>").await;
    bench.session.close().await;
    bench.ends().await;
}

/// Prosody 0.12 over WebSocket: it says yes, and hears nothing afterwards.
#[tokio::test(start_paused = true)]
async fn a_server_deaf_after_a_resumption_is_not_resumed_again() {
    let (mut bench, [mut first, mut second, mut third]) = bench(Patience::Once);
    first.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    bench.text(1).await;
    first.play("C: <message id='o1'/>\nS: cut").await;
    bench.sees(&["Suspended", "Retrying Lost"]).await;
    second.play(&joined(&[SIGN_IN, COUNTED])).await;
    second
        .play(
            "C: <resume xmlns='urn:xmpp:sm:3' previd='s1'/>
             S: <resumed xmlns='urn:xmpp:sm:3' previd='s1' h='0'/>
             C: <message id='o1'/>",
        )
        .await;
    bench
        .sees(&[RESUMED, "Suspended", "Lost(SendKey(1))", "Connecting"])
        .await;
    third.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&[ONLINE]).await;
    bench.session.close().await;
    bench.ends().await;
}
