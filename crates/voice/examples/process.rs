//! What the processing of sound does and costs; for listening, with `--write FOLDER`.
//!
//! `cargo run --release -p voice --example process`. The corpus is made: see `src/process/corpus.rs`.

use voice::{Denoise, ProcessOptions, Processing};

#[path = "../src/process/corpus.rs"]
mod corpus;

fn main() {
    let speech = corpus::speech(20.0, 7);
    for kind in corpus::NOISES {
        for snr in [0.0, 5.0, 10.0, 20.0, 30.0, 40.0] {
            let noisy = corpus::mixed(&speech, &corpus::noise(kind, 20.0), snr);
            for denoise in [Denoise::On, Denoise::Auto] {
                let mut p = Processing::new(ProcessOptions {
                    denoise,
                    gain: false,
                    high_pass: false,
                });
                let mut out = Vec::new();
                if denoise == Denoise::Auto {
                    eprintln!("{kind} {snr}");
                }
                p.push(&noisy, &mut out);
                p.finish(&mut out);
                println!(
                    "{kind} {snr} {denoise:?} before {:.1} after {:.1}  pauses {:.1} -> {:.1}",
                    corpus::snr(&speech, &noisy),
                    corpus::snr(&speech, &out),
                    corpus::pauses(&speech, &noisy),
                    corpus::pauses(&speech, &out)
                );
            }
        }
    }
}
