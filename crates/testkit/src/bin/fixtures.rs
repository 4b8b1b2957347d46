//! Writes `fixtures`, its manifest and its page: `cargo run -p preflight-emo-testkit --bin fixtures`.
//!
//! With `--check` it writes nothing, and fails if anything is not as it would be written. With
//! `--draw NAME WIDTH HEIGHT FILE` it draws one portrait, to be given to another program's encoder.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use testkit::{Portrait, fixtures, manifest};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [] => write(&manifest::folder()),
        ["--check"] => check(&manifest::folder()),
        ["--draw", name, width, height, file] => draw(name, width, height, Path::new(file)),
        _ => Err("expected nothing, --check, or --draw NAME WIDTH HEIGHT FILE".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn write(folder: &Path) -> Result<(), Box<dyn Error>> {
    let rendered = fixtures::render(folder);
    for (name, bytes) in &rendered.files {
        let path = folder.join(name);
        if fs::read(&path).ok().as_ref() != Some(bytes) {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(&path, bytes)?;
            say(&format!("wrote {name}"));
        }
    }
    strangers(&rendered.manifest)
}

fn check(folder: &Path) -> Result<(), Box<dyn Error>> {
    let rendered = fixtures::render(folder);
    for (name, bytes) in &rendered.files {
        if fs::read(folder.join(name)).ok().as_ref() != Some(bytes) {
            return Err(format!("{name} is not as it would be written").into());
        }
    }
    strangers(&rendered.manifest)
}

/// Files that no row names.
fn strangers(manifest: &manifest::Manifest) -> Result<(), Box<dyn Error>> {
    match manifest::present()
        .iter()
        .find(|path| manifest.files.iter().all(|row| row.path != **path))
    {
        Some(path) => Err(format!("{path} is in no case; delete it, or give it one").into()),
        None => Ok(()),
    }
}

fn draw(name: &str, width: &str, height: &str, file: &Path) -> Result<(), Box<dyn Error>> {
    let portrait = Portrait::by_name(name).ok_or("expected a name of Portrait::ALL")?;
    portrait.draw(width.parse()?, height.parse()?).save(file)?;
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a program for people")]
fn say(text: &str) {
    eprintln!("{text}");
}
