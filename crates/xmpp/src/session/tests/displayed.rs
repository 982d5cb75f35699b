//! What was displayed is read in pages, and published to servers that take its options and to those that do not.

use super::*;
use crate::Displayed;

const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const NODE: &str = "urn:xmpp:mds:displayed:0";

fn bo(id: &str) -> Displayed {
    Displayed {
        chat: "bo@x.example".parse().unwrap(),
        id: id.to_owned(),
    }
}

fn item(chat: &str, id: &str) -> String {
    format!(
        "<item id='{chat}'><displayed xmlns='{NODE}'><stanza-id xmlns='urn:xmpp:sid:0' by='ann@x.example' id='{id}'/></displayed></item>"
    )
}

async fn online(bench: &mut Bench, wire: &mut Wire) {
    wire.play(&joined(&[SIGN_IN, UNCOUNTED, BIND])).await;
    bench.sees(&["Connecting", ONLINE]).await;
}

#[tokio::test(start_paused = true)]
async fn the_list_comes_in_pages() {
    let (mut bench, [mut wire]) = bench(Patience::Once);
    online(&mut bench, &mut wire).await;
    let page = |query: &str, items: &str, last: &str| {
        let rsm = "xmlns='http://jabber.org/protocol/rsm'";
        let (question, name) = query.split_once('|').unwrap();
        format!(
            "C: <iq type='get' id='{{{{{name}}}}}'><pubsub xmlns='{PUBSUB}'><items node='{NODE}'/><set {rsm}>{question}</set></pubsub></iq>
             S: <iq type='result' id='{{{{{name}}}}}'><pubsub xmlns='{PUBSUB}'><items node='{NODE}'>{items}</items>{last}</pubsub></iq>"
        )
    };
    let rsm = |last: &str| {
        format!("<set xmlns='http://jabber.org/protocol/rsm'><last>{last}</last></set>")
    };
    let script = [
        page(
            "<max>100</max>|ONE",
            &item("bo@x.example", "1"),
            &rsm("bo@x.example"),
        ),
        page(
            "<after>bo@x.example</after>|TWO",
            &item("cy@x.example", "2"),
            &rsm("cy@x.example"),
        ),
        page("<after>cy@x.example</after>|THREE", "", ""),
    ]
    .join("\n");
    let (list, ()) = tokio::join!(bench.session.displayed(), wire.play(&script));
    let list: Vec<_> = list.unwrap().into_iter().map(|told| told.id).collect();
    assert_eq!(list, ["1", "2"]);

    // Nothing was ever published.
    let none = format!(
        "C: <iq type='get' id='{{{{NONE}}}}'><pubsub xmlns='{PUBSUB}'/></iq>
         S: <iq type='error' id='{{{{NONE}}}}'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    );
    let (list, ()) = tokio::join!(bench.session.displayed(), wire.play(&none));
    assert_eq!(list, Ok(Vec::new()));
    bench.session.close().await;
    bench.ends().await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_takes_no_options_is_configured_once() {
    let (mut bench, [mut wire]) = bench(Patience::Once);
    online(&mut bench, &mut wire).await;
    let publish = |name: &str, id: &str| {
        format!(
            "C: <iq type='set' id='{{{{{name}}}}}'><pubsub xmlns='{PUBSUB}'><publish node='{NODE}'>{}</publish>\
             <publish-options/></pubsub></iq>\n",
            item("bo@x.example", id)
        )
    };
    let refuse = |name: &str, condition: &str| {
        format!(
            "S: <iq type='error' id='{{{{{name}}}}}'><error type='modify'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>\n"
        )
    };
    let accept = |name: &str| format!("S: <iq type='result' id='{{{{{name}}}}}'/>\n");
    let script = [
        publish("A", "1"),
        refuse("A", "resource-constraint"),
        format!("C: <iq type='set' id='{{{{B}}}}'><pubsub xmlns='{PUBSUB}'><create node='{NODE}'/><configure/></pubsub></iq>\n"),
        refuse("B", "conflict"),
        format!("C: <iq type='set' id='{{{{C}}}}'><pubsub xmlns='{PUBSUB}#owner'><configure node='{NODE}'/></pubsub></iq>\n"),
        accept("C"),
        publish("D", "1"),
        accept("D"),
    ]
    .concat();
    let (first, second) = (bo("1"), bo("2"));
    let (told, ()) = tokio::join!(bench.session.publish_displayed(&first), wire.play(&script));
    told.unwrap();
    let again = [publish("E", "2"), accept("E")].concat();
    let (told, ()) = tokio::join!(bench.session.publish_displayed(&second), wire.play(&again));
    told.unwrap();

    // What is refused for another reason is not tried again.
    let refused = [publish("F", "2"), refuse("F", "forbidden")].concat();
    let (told, ()) = tokio::join!(
        bench.session.publish_displayed(&second),
        wire.play(&refused)
    );
    assert!(matches!(told, Err(IqError::Refused(_))), "{told:?}");
    bench.session.close().await;
    bench.ends().await;
}
