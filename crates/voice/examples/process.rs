//! What the processing of sound wins: prints a table of noises, or carries a recording through it, to be listened to.
//!
//! ```text
//! cargo run --release -p voice --example process
//! ffmpeg -i said.wav -ac 1 -ar 48000 -f f32le said.raw
//! cargo run --release -p voice --example process said.raw heard.raw auto
//! ffmpeg -f f32le -ar 48000 -ac 1 -i heard.raw heard.wav
//! ```
//!
//! Noise suppression is `off`, `auto` or `on`; the high-pass and the gain are on. What it costs, `figures` tells.

use std::error::Error;
use std::fs;

use voice::{Denoise, ProcessOptions, Processing};

#[path = "../src/process/corpus.rs"]
#[allow(dead_code)]
mod corpus;

const SECONDS: f64 = 20.0;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => table(),
        [said, heard, denoise] => carry(said, heard, denoise)?,
        _ => return Err("give nothing, or: SAID.raw HEARD.raw off|auto|on".into()),
    }
    Ok(())
}

/// Of speech after half a second in which nobody speaks, at -20 dBFS.
fn table() {
    println!("noise   SNR  |  on: SNR  pauses  |  auto: SNR  pauses");
    let speech = corpus::after_a_breath(&corpus::speech(SECONDS, 7));
    for kind in corpus::NOISES {
        for snr in [0.0, 10.0, 20.0, 30.0, 40.0] {
            let noisy = corpus::mixed(&speech, &corpus::noise(kind, SECONDS), snr);
            print!("{kind:7} {snr:3.0}");
            for denoise in [Denoise::On, Denoise::Auto] {
                let options = ProcessOptions {
                    denoise,
                    ..ProcessOptions::default()
                };
                let heard = processed(options, &noisy);
                let won = corpus::snr(&speech, &heard) - corpus::snr(&speech, &noisy);
                let hush = corpus::pauses(&speech, &heard) - corpus::pauses(&speech, &noisy);
                print!("  |  {won:+7.1} {hush:+7.1}");
            }
            println!();
        }
    }
}

fn carry(said: &str, heard: &str, denoise: &str) -> Result<(), Box<dyn Error>> {
    let denoise = match denoise {
        "off" => Denoise::Off,
        "auto" => Denoise::Auto,
        "on" => Denoise::On,
        other => return Err(format!("noise suppression is off, auto or on: {other}").into()),
    };
    let samples: Vec<f32> = fs::read(said)?
        .chunks_exact(4)
        .filter_map(|bytes| bytes.try_into().ok().map(f32::from_le_bytes))
        .collect();
    let options = ProcessOptions {
        denoise,
        gain: true,
        high_pass: true,
    };
    let bytes: Vec<u8> = processed(options, &samples)
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    fs::write(heard, bytes)?;
    Ok(())
}

fn processed(options: ProcessOptions, samples: &[f32]) -> Vec<f32> {
    let mut processing = Processing::new(options);
    let mut heard = Vec::new();
    processing.push(samples, &mut heard);
    processing.finish(&mut heard);
    heard
}
