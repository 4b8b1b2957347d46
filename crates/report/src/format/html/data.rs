//! The data that the page's script reads: JSON that cannot contain a tag.

use std::borrow::Cow;
use std::io::{self, Write};

use gate::{HandOff, VideoCall};
use preflight::http::shown_url;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::fix::is_command;
use crate::image::{Image, ImageName, Repeated};
use crate::json;
use crate::words::shown_name;

/// An image in the page.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    /// The name for people.
    name: Cow<'a, str>,
    /// The line of the JSON report, its URLs without secrets.
    line: Box<RawValue>,
    /// The index of its thumbnail among those of its outcome. The page may have no room for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail: Option<usize>,
    /// The indices of the findings whose help is a command.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    commands: Vec<usize>,
    /// The image's part of the video call, to copy: numbers exactly as the service sent them.
    #[serde(skip_serializing_if = "Option::is_none")]
    video_input: Option<String>,
    /// The address in the video call lacks its signature.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_cut: bool,
}

impl<'a> Entry<'a> {
    /// An entry of an image's JSON line.
    pub(super) fn new(image: &'a Image, line: &[u8], thumbnail: Option<usize>) -> io::Result<Self> {
        let call = image.report.handoff().map(HandOff::call);
        let sent = call.and_then(|call| call.input.image_url.as_deref());
        let urls = [url(&image.name), image.public_url.as_deref(), sent];
        Ok(Self {
            name: shown_name(&image.name),
            line: without_secrets(line, &urls)?,
            thumbnail,
            commands: commands(image),
            video_input: call.map(video_input).transpose()?,
            is_cut: sent.is_some_and(|url| shown_url(url) != url),
        })
    }

    /// An entry of an input that repeats an earlier one.
    pub(super) fn repeated(repeated: &'a Repeated, line: &[u8]) -> io::Result<Self> {
        Ok(Self {
            name: shown_name(&repeated.name),
            line: without_secrets(line, &[url(&repeated.name)])?,
            thumbnail: None,
            commands: Vec::new(),
            video_input: None,
            is_cut: false,
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) -> io::Result<()> {
        json::write(&mut EscapeTags(out), self)
    }
}

fn commands(image: &Image) -> Vec<usize> {
    let findings = image.report.findings().iter().enumerate();
    findings
        .filter(|(_, finding)| finding.help.as_deref().is_some_and(is_command))
        .map(|(index, _)| index)
        .collect()
}

fn url(name: &ImageName) -> Option<&str> {
    match name {
        ImageName::Url(url) => Some(url),
        ImageName::Path(_) | ImageName::Stdin => None,
    }
}

/// The image's part of the video call, its address without secrets.
fn video_input(call: &VideoCall) -> io::Result<String> {
    let mut input = call.input.clone();
    input.image_url = input.image_url.map(|url| shown_url(&url).into_owned());
    Ok(serde_json::to_string(&input)?)
}

/// A JSON line for a page that may be passed around: every URL, and every text that cites a URL or
/// its query, is replaced by the URL for people.
fn without_secrets(line: &[u8], urls: &[Option<&str>]) -> io::Result<Box<RawValue>> {
    let line = str::from_utf8(line).map_err(io::Error::other)?;
    let mut line = Cow::Borrowed(line.trim_end());
    for url in urls.iter().flatten() {
        let shown = shown_url(url);
        if shown == *url {
            continue;
        }
        line = replaced(line, url, &shown)?;
        // A service that cites the address may spell the part before the query in another way.
        let query = url.find('?').and_then(|at| url.get(at..));
        if let (Some(query), true) = (query, shown.ends_with("?…")) {
            line = replaced(line, query, "?…")?;
        }
    }
    Ok(RawValue::from_string(line.into_owned())?)
}

/// The JSON with a text within its strings replaced by another.
fn replaced<'a>(json: Cow<'a, str>, from: &str, to: &str) -> io::Result<Cow<'a, str>> {
    let (from, to) = (within_quotes(from)?, within_quotes(to)?);
    Ok(if from.len() > 1 && json.contains(&from) {
        json.replace(&from, &to).into()
    } else {
        json
    })
}

/// The text as it is written within the quotes of a JSON string.
fn within_quotes(text: &str) -> io::Result<String> {
    let mut quoted = Vec::with_capacity(text.len() + 2);
    json::write(&mut quoted, &text)?;
    let quoted = String::from_utf8(quoted).map_err(io::Error::other)?;
    let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    Ok(inner.unwrap_or_default().to_owned())
}

/// Writes JSON with `<` escaped. That character occurs in strings only. Without it, no text can end
/// the element that holds the data or begin a comment in it (HTML, "Restrictions for contents of
/// script elements").
pub(super) struct EscapeTags<'a, W: ?Sized>(pub(super) &'a mut W);

impl<W: Write + ?Sized> Write for EscapeTags<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (index, piece) in bytes.split(|byte| *byte == b'<').enumerate() {
            if index > 0 {
                self.0.write_all(b"\\u003c")?;
            }
            self.0.write_all(piece)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
