//! What ann and bo said before the windows open.

use std::time::Duration;

use serde_json::json;
use testkit::sound;

use super::client::Client;
use super::{Options, Outcome, PASSWORD, home};

const SPOKEN: &str =
    "Hi Bo, it is Ann. I am just trying this out. Hold the button, speak, and let go.";

/// Lets them talk through the server, by the app itself, so that both folders are as after a real talk.
pub fn seed(options: &Options, server: &str) -> Outcome {
    let speech = options.folder.join("ann.wav");
    sound::speech(SPOKEN, &speech)?;
    let mut ann = Client::start(&options.client, &home(&options.folder, "ann"), &speech)?;
    let mut bo = Client::start(&options.client, &home(&options.folder, "bo"), &speech)?;
    for (person, client) in [("ann", &mut ann), ("bo", &mut bo)] {
        let address = format!("{person}@localhost");
        client.ask(
            json!({ "cmd": "sign_in", "address": address, "password": PASSWORD, "server": server }),
        )?;
    }
    let with_bo = ann.ask(json!({ "cmd": "start_chat", "address": "bo@localhost" }))?;
    // Whom ann asked may see her without being asked back.
    let with_ann = bo.allow()?;

    ann.say(&with_bo, "Hello Bo! 你好! Is this thing on?")?;
    bo.wait_for("text", &["received"])?;
    bo.say(&with_ann, "It is. I can hear you from here 🌾")?;
    ann.wait_for("text", &["received"])?;
    ann.say(&with_bo, "Then listen to this:")?;
    bo.wait_for("text", &["received"])?;

    let draft = ann.ask(json!({ "cmd": "voice_start", "chat": with_bo }))?;
    // Speech takes the time it takes: the scripted microphone speaks at its pace.
    std::thread::sleep(Duration::from_secs(6));
    ann.ask(json!({ "cmd": "send_voice", "chat": with_bo, "draft": draft.get("id") }))?;
    bo.wait_for("voice", &["received"])?;
    ann.end()?;
    bo.end()
}
