//! Probes a file's bytes many times: something for `valgrind` to count. What is left of two counts
//! when one is taken from the other is probes alone.
//!
//! `probe-driver FILE ROUNDS`

use std::error::Error;
use std::hint::black_box;

use preflight::probe_bytes;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let usage = "expected FILE ROUNDS";
    let file = arguments.next().ok_or(usage)?;
    let rounds = arguments.next().and_then(|it| it.into_string().ok());
    let rounds: u32 = rounds.ok_or(usage)?.parse()?;
    let bytes = std::fs::read(file)?;
    for _ in 0..rounds {
        black_box(probe_bytes(black_box(&bytes)));
    }
    Ok(())
}
