//! A bucket in memory, for measurements: `cargo run -p preflight-emo-stores --example bucket -- 100000`.
//!
//! Prints what sets `preflight` up for it, and answers until it is ended: pages of keys, and ranges of
//! an image of 500 x 600 px. It looks at no signature.
#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

use testkit::s3::Bucket;
use testkit::{Ihdr, Png};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let objects: u32 = match std::env::args().nth(1) {
        Some(number) => number.parse()?,
        None => 100_000,
    };
    let keys = (0..objects).map(|number| format!("in/{:03}/{number:07}.png", number % 1000));
    let image = Png::new().ihdr(Ihdr::new(500, 600)).iend().build();
    let server = Bucket::new("portraits", keys, image).serve();
    let address = server.listen("127.0.0.1:0").await?;
    println!(
        "export AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret AWS_ENDPOINT_URL=http://{address}"
    );
    println!("preflight check s3://portraits/in/");
    std::future::pending().await
}
