//! What the server's archive holds of an account, every stanza of it: nothing is found again or left out on the way.

use std::collections::HashSet;
use std::time::Duration;

use tokio_util::task::TaskTracker;
use xmpp::{
    ArchiveQuery, Archived, Displayed, Inbound, Login, Outbound, Password, Patience, SendKey,
    Session, SessionEvent, Software,
};

use crate::person::Account;

/// The texts that somebody's archive holds, in its order.
pub async fn texts(account: &Account) -> Vec<String> {
    let archive = archive(account).await;
    archive
        .into_iter()
        .filter_map(|item| item.message.body)
        .collect()
}

/// The texts of somebody's that the archive holds together with a receipt for them.
pub async fn receipted(account: &Account) -> Vec<String> {
    let archive = archive(account).await;
    let receipts: HashSet<_> = archive
        .iter()
        .filter_map(|item| item.message.receipt.clone())
        .collect();
    archive
        .into_iter()
        .filter(|item| {
            let id = item.message.origin_id.as_ref();
            id.is_some_and(|id| receipts.contains(id))
        })
        .filter_map(|item| item.message.body)
        .collect()
}

/// The URLs of the voice messages that somebody's archive holds, in its order.
pub async fn voices(account: &Account) -> Vec<String> {
    let archive = archive(account).await;
    archive
        .into_iter()
        .filter(|item| item.message.voice.is_some())
        .filter_map(|item| item.message.body)
        .collect()
}

/// Everything in somebody's archive.
pub async fn archive(account: &Account) -> Vec<Archived> {
    let (session, tracker) = open(account).await;
    let mut items = Vec::new();
    let mut after = None;
    loop {
        let query = ArchiveQuery {
            after: after.take(),
            max: 200,
            ..ArchiveQuery::default()
        };
        let page = session.archive_page(&query).await.unwrap();
        items.extend(page.messages);
        after = page.last;
        if page.complete || after.is_none() {
            break;
        }
    }
    session.close().await;
    tracker.close();
    items
}

/// How many voice messages the account says were heard.
pub async fn heard(account: &Account) -> usize {
    let (session, tracker) = open(account).await;
    let heard = session.heard().await.unwrap();
    session.close().await;
    tracker.close();
    heard.iter().map(|heard| heard.ids.len()).sum()
}

/// How far the account says that its chats were displayed.
pub async fn displayed(account: &Account) -> Vec<Displayed> {
    let (session, tracker) = open(account).await;
    let displayed = session.displayed().await.unwrap();
    session.close().await;
    tracker.close();
    displayed
}

/// Says things as a bare client would, and returns when the server has them all.
pub async fn say_all(account: &Account, to: &str, texts: &[String]) {
    let login = login(account);
    let tracker = TaskTracker::new();
    let (session, mut events) = Session::open(login, Patience::Once, &tracker);
    let mut acked = 0;
    let mut sent = false;
    let ids = crate::place::name_of_its_own(&account.address);
    let work = async {
        while acked < texts.len() {
            match events.recv().await.expect("a session tells its end") {
                SessionEvent::Online { .. } if !sent => {
                    sent = true;
                    for (number, body) in texts.iter().enumerate() {
                        let stanza = Outbound::Text {
                            to: to.parse().unwrap(),
                            origin_id: format!("{ids}-{number}"),
                            body: body.clone(),
                        };
                        session.send(&stanza, SendKey(number as u64)).await.unwrap();
                    }
                }
                SessionEvent::Acked(_) => acked += 1,
                SessionEvent::Inbound(inbound) => {
                    assert!(!matches!(*inbound, Inbound::Carbon { .. }));
                }
                SessionEvent::Connecting => {}
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), work)
        .await
        .expect("the server takes what is said");
    session.close().await;
}

async fn open(account: &Account) -> (Session, TaskTracker) {
    let tracker = TaskTracker::new();
    let (session, mut events) = Session::open(login(account), Patience::Once, &tracker);
    loop {
        match events.recv().await.expect("a session tells its end") {
            SessionEvent::Online { .. } => break,
            // What was on its way to an earlier witness comes to the next of the same name.
            SessionEvent::Connecting | SessionEvent::Inbound(_) => {}
            other => panic!("{other:?}"),
        }
    }
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    (session, tracker)
}

fn login(account: &Account) -> Login {
    Login {
        jid: account.address.parse().unwrap(),
        password: Password::new(account.password.clone()),
        server: Some(account.server.parse().unwrap()),
        resource: "witness".into(),
        software: Software {
            name: "witness".into(),
            version: "1".into(),
            os: None,
        },
    }
}
