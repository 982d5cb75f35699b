use super::*;

fn check(form: &str, expected: &str) {
    let form: Element = form.parse().unwrap();
    let got = match fill_in(&form, "bill", &Password::new("Calliope")) {
        Ok(query) => String::from(&query),
        Err(error) => format!("{error:?}"),
    };
    assert_eq!(got, expected);
}

#[test]
fn name_and_password() {
    check(
        "<query xmlns='jabber:iq:register'><instructions>Choose a username and password</instructions>\
         <username/><password/></query>",
        "<query xmlns='jabber:iq:register'><username>bill</username><password>Calliope</password></query>",
    );
}

#[test]
fn example_3_wants_more() {
    check(
        "<query xmlns='jabber:iq:register'><instructions>Choose a username and password for use with this service. \
         Please also provide your email address.</instructions><username/><password/><email/></query>",
        "NeedsForm { instructions: Some(\"Choose a username and password for use with this service. \
         Please also provide your email address.\"), url: None }",
    );
}

#[test]
fn example_15_redirects() {
    check(
        "<query xmlns='jabber:iq:register'><instructions>To register, visit http://www.shakespeare.lit/contests.php\
         </instructions><x xmlns='jabber:x:oob'><url>http://www.shakespeare.lit/contests.php</url></x></query>",
        "NeedsForm { instructions: Some(\"To register, visit http://www.shakespeare.lit/contests.php\"), \
         url: Some(\"http://www.shakespeare.lit/contests.php\") }",
    );
}

#[test]
fn a_captcha_is_for_the_web() {
    check(
        "<query xmlns='jabber:iq:register'><username/><password/><x xmlns='jabber:x:data' type='form'>\
         <field var='ocr'><required/></field></x></query>",
        "NeedsForm { instructions: None, url: None }",
    );
}
