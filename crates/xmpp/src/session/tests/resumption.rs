//! Resumptions that break, are refused, or come to nothing.

use super::*;

/// Two texts are put back for a resumption which then breaks too: tokio-xmpp holds them in the queue that outlives a stream.
#[tokio::test(start_paused = true)]
async fn what_is_stuck_never_gets_onto_a_new_stream() {
    let (mut bench, [mut first, mut second, mut third]) = bench(Patience::Once);
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
    let lost = ["Lost(SendKey(1))", "Lost(SendKey(2))"];
    bench
        .sees(&[RESUMED, "Suspended", lost[0], lost[1], "Retrying Lost"])
        .await;
    third.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&[ONLINE]).await;
    bench.text(3).await;
    third.play("C: <message id='o3'/>").await;
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

/// Prosody 0.12 over WebSocket counts what it then never delivers: nothing of ours is left to its count. A stream with nothing
/// of ours on its way is resumed there as everywhere.
#[tokio::test(start_paused = true)]
async fn a_web_socket_is_resumed_only_with_nothing_on_its_way() {
    let (mut bench, [mut first, mut second, mut third]) =
        bench_over(Transport::WebSocketPipe, Patience::Once);
    first.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&["Connecting", ONLINE]).await;
    bench.text(1).await;
    first
        .play(
            "C: <message id='o1'/>
             C: <r xmlns='urn:xmpp:sm:3'/>
             S: <a xmlns='urn:xmpp:sm:3' h='1'/>",
        )
        .await;
    bench.sees(&["Acked(SendKey(1))"]).await;
    first.play("S: cut").await;
    bench.sees(&["Suspended", "Retrying Lost"]).await;
    second.play(&joined(&[SIGN_IN, COUNTED])).await;
    second
        .play(
            "C: <resume xmlns='urn:xmpp:sm:3' previd='s1'/>
             S: <resumed xmlns='urn:xmpp:sm:3' previd='s1' h='1'/>",
        )
        .await;
    bench.sees(&[RESUMED]).await;
    bench.text(2).await;
    second.play("C: <message id='o2'/>\nS: cut").await;
    bench
        .sees(&["Suspended", "Lost(SendKey(2))", "Retrying Lost"])
        .await;
    third.play(&joined(&[SIGN_IN, COUNTED, BIND, ENABLE])).await;
    bench.sees(&[ONLINE]).await;
    bench.session.close().await;
    bench.ends().await;
}
