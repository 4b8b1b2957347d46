//! The page around the data: markup, style, script, and a policy under which no other script runs.

use std::fmt;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::Sha256;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = concat!(include_str!("card.js"), include_str!("page.js"));

/// A part of the page that is filled in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Placeholder {
    Title,
    Verdict,
    Bar,
    Totals,
    Images,
    Thumbnails,
    About,
}

/// Writes the page. `fill` writes each placeholder.
pub(super) fn write(
    out: &mut dyn Write,
    fill: &mut dyn FnMut(Placeholder, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let script = unix_lines(SCRIPT);
    let mut pieces = PAGE.split("{{");
    out.write_all(pieces.next().unwrap_or_default().as_bytes())?;
    for piece in pieces {
        let (name, text) = piece.split_once("}}").unwrap_or((piece, ""));
        match name {
            "policy" => write!(out, "{}", policy(&script))?,
            "style" => out.write_all(STYLE.as_bytes())?,
            "script" => out.write_all(script.as_bytes())?,
            "version" => out.write_all(env!("CARGO_PKG_VERSION").as_bytes())?,
            "title" => fill(Placeholder::Title, out)?,
            "verdict" => fill(Placeholder::Verdict, out)?,
            "bar" => fill(Placeholder::Bar, out)?,
            "totals" => fill(Placeholder::Totals, out)?,
            "images" => fill(Placeholder::Images, out)?,
            "thumbnails" => fill(Placeholder::Thumbnails, out)?,
            "about" => fill(Placeholder::About, out)?,
            _ => {}
        }
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// The policy of the page: nothing is loaded or sent, and no script runs but the page's own (W3C,
/// "Content Security Policy Level 3").
fn policy(script: &str) -> String {
    let hash = STANDARD.encode(Sha256::of(script.as_bytes()).as_bytes());
    format!(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; \
         base-uri 'none'; form-action 'none'"
    )
}

/// The text with `\n` at line ends, whatever the checkout made of them: a browser hashes this form
/// (HTML, "Normalizing newlines").
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Plain text in HTML, also within attributes.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => fmt::Write::write_char(f, c),
        })
    }
}
