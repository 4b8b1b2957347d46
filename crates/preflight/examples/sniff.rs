//! Prints what the named files are, one line each, and what it took to see it:
//! `cargo run -p preflight-emo --example sniff -- FILE...`

#![expect(clippy::print_stdout, reason = "an example shows something")]

use std::env;
use std::path::Path;

use preflight::{Content, probe_file};

fn main() {
    for name in env::args_os().skip(1) {
        let path = Path::new(&name);
        print!("{}\t", path.display());
        match probe_file(path) {
            Ok(probed) => {
                match probed.content {
                    Content::Image(header) => {
                        let (width, height) = (header.width, header.height);
                        print!("{} {width} x {height} {:?}", header.format, header.quirks);
                    }
                    Content::Foreign(foreign) => print!("foreign: {foreign}"),
                    Content::NotAnImage(kind) => print!("{kind}: {}", probed.starts),
                    Content::Broken(error) => print!("broken: {error} ({})", error.section()),
                    Content::Empty => print!("empty"),
                    _ => {}
                }
                println!("\t{} bytes in {} reads", probed.bytes_read, probed.reads);
            }
            Err(error) => println!("{error}"),
        }
    }
}
