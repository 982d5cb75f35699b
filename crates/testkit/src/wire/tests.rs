use super::*;

#[tokio::test]
async fn holds_the_client_to_the_script() {
    let (mut client, mut wire) = Wire::pair();
    client
        .write_all(b"<?xml version='1.0'?><stream:stream to='x'><iq id='7' type='get'><ping xmlns='urn:xmpp:ping'/></iq>")
        .await
        .unwrap();
    wire.play(
        "C: open
         C: <iq type='get' id='{{ID}}'>
              <ping xmlns='urn:xmpp:ping'/></iq>
         S: <iq type='result' id='{{ID}}'/>
         S: cut",
    )
    .await;
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "<iq type='result' id='7'/>");
}

#[tokio::test]
async fn says_what_differs() {
    let (mut client, mut wire) = Wire::pair();
    client
        .write_all(b"<message id='a'><body>no</body></message>")
        .await
        .unwrap();
    let why = wire
        .step("C: <message id='a'><body>yes</body></message>")
        .await
        .unwrap_err();
    assert!(why.starts_with("expected \"yes\", got \"no\""), "{why}");
}
