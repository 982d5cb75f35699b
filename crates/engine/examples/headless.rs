//! Millet without a window: commands in, feed out, a line of JSON each (`docs/headless.md`).
//!
//! Commands run one after the other, in the order of their lines; the feed goes on meanwhile. This is how the engine
//! is shown, tested from outside and put under load.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use api::{Command, Fault, FaultKind};
use engine::{Client, Env, Keyring};
use serde_json::{Value, json};
use tokio::sync::mpsc;

struct Options {
    home: PathBuf,
    env: Env,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("MILLET_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\nusage: headless --home DIR [--keyring] [--microphone FILE.wav]");
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Fault> {
    let client = Client::start(options.home, options.env).await?;
    let (reset, mut feed) = client.subscribe().await?;
    print(&api::Feed::Reset(Box::new(reset)))?;
    let mut lines = lines();
    loop {
        tokio::select! {
            biased;
            Some(item) = feed.recv() => print(&item)?,
            line = lines.recv() => match line {
                Some(line) if line.trim().is_empty() => {}
                Some(line) => {
                    let answer = answer(&client, &line);
                    tokio::pin!(answer);
                    let answer = loop {
                        tokio::select! {
                            biased;
                            Some(item) = feed.recv() => print(&item)?,
                            answer = &mut answer => break answer,
                        }
                    };
                    print(&answer)?;
                }
                None => break,
            },
        }
    }
    client.shutdown().await;
    while let Ok(item) = feed.try_recv() {
        print(&item)?;
    }
    Ok(())
}

/// `{"feed":"answer","id":…,"seq":…,"value":…}` or `{"feed":"fault","id":…,"fault":…}`.
async fn answer(client: &Client, line: &str) -> Value {
    let parsed = serde_json::from_str::<Value>(line);
    let id = parsed
        .as_ref()
        .ok()
        .and_then(|value| value.get("id").cloned())
        .unwrap_or(Value::Null);
    let command = parsed.and_then(serde_json::from_value::<Command>);
    let outcome = match command {
        Ok(command) => client.call(command).await,
        // The parser's words may quote the line, and the line may hold a password.
        Err(error) => Err(Fault::new(
            FaultKind::Bug,
            format!(
                "not a command: line {} column {}",
                error.line(),
                error.column()
            ),
        )),
    };
    match outcome {
        Ok(answer) => json!({"feed": "answer", "id": id, "seq": answer.seq, "value": answer.value}),
        Err(fault) => {
            let mut said = serde_json::to_value(&fault).unwrap_or_default();
            if let Some(said) = said.as_object_mut() {
                said.insert("feed".into(), "fault".into());
                said.insert("id".into(), id);
            }
            said
        }
    }
}

fn print<T: serde::Serialize>(item: &T) -> Result<(), Fault> {
    let broken = |error: &dyn std::fmt::Display| Fault::new(FaultKind::Bug, error.to_string());
    let line = serde_json::to_string(item).map_err(|error| broken(&error))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|error| broken(&error))
}

/// Standard input by lines. A thread: a blocked read of the terminal must not hold the runtime back at the end.
fn lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(64);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut home = None;
    // A test must not find another run's password, nor leave one.
    let mut env = Env {
        keyring: Keyring::None,
        sounds: false,
        ..Env::system()
    };
    while let Some(word) = words.next() {
        let mut next = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--home" => home = Some(PathBuf::from(next()?)),
            "--keyring" => env.keyring = Keyring::System,
            "--microphone" => env.microphone = microphone(&PathBuf::from(next()?))?,
            other => return Err(format!("unknown option {other}")),
        }
    }
    Ok(Options {
        home: home.ok_or("--home is missing")?,
        env,
    })
}

/// A microphone that says what a WAV file holds, at the speed of speech, then nothing.
fn microphone(path: &std::path::Path) -> Result<voice::Source, String> {
    let mut wav = hound::WavReader::open(path).map_err(|error| error.to_string())?;
    let spec = wav.spec();
    let samples: Result<Vec<f32>, _> = match spec.sample_format {
        hound::SampleFormat::Float => wav.samples::<f32>().collect(),
        hound::SampleFormat::Int => {
            let full_scale = (1_i64 << (spec.bits_per_sample - 1)) as f32;
            wav.samples::<i32>()
                .map(|sample| Ok(sample? as f32 / full_scale))
                .collect()
        }
    };
    let samples = samples.map_err(|error| error.to_string())?;
    Ok(voice::Source::Scripted(voice::Script::interleaved(
        &samples,
        spec.sample_rate,
        spec.channels,
        voice::SampleFormat::F32,
        voice::Pace::RealTime,
    )))
}
