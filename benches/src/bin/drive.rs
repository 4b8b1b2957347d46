//! Runs one reader over files, many times, and prints the sum of what it read: something for
//! `valgrind`, `strace -c` and `time` to look at.
//!
//! `drive READER bytes|file ROUNDS FILE...`

use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;

use preflight_benches::Reader;
use preflight_benches::readers::Size;

#[expect(clippy::print_stdout, reason = "a program for people")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "expected READER bytes|file ROUNDS FILE...";
    let reader = arguments.next().ok_or(usage)?;
    let reader = Reader::by_name(&reader).ok_or("expected the name of a reader")?;
    let from = arguments.next().ok_or(usage)?;
    let rounds: u32 = arguments.next().ok_or(usage)?.parse()?;
    let files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();

    let mut sides = 0;
    let mut add = |size: Size| {
        let (width, height) = black_box(size).unwrap_or((0, 0));
        sides += u64::from(width) + u64::from(height);
    };
    match from.as_str() {
        "bytes" => {
            let files = files
                .iter()
                .map(std::fs::read)
                .collect::<Result<Vec<_>, _>>()?;
            for _ in 0..rounds {
                for file in &files {
                    add((reader.bytes)(black_box(file)));
                }
            }
        }
        "file" => {
            for _ in 0..rounds {
                for file in &files {
                    add((reader.file)(file));
                }
            }
        }
        _ => return Err(usage.into()),
    }
    println!("{sides} px of sides");
    Ok(())
}
