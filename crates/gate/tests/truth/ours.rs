//! What we say of a file.

use std::sync::LazyLock;

use gate::{Code, DecodeMemory, Gate, Outcome, Profile};
use preflight::{Content, Foreign, Format, Header, probe_bytes};

/// What we say.
pub(crate) enum Ours {
    /// One of the four formats with a sound header, and what the content stage says of it.
    Image(Header, Pixels),
    /// Another image format.
    Foreign(Foreign),
    /// No image, or a broken one, in a few words.
    Other(String),
}

/// What the content stage says.
pub(crate) enum Pixels {
    Whole,
    /// They cannot be told: too much memory, or a coding that we do not read.
    Unsure,
    /// A code, and the name of the defect of a header that does not fit the file.
    Rejected(String),
}

impl Ours {
    pub(crate) fn image(&self) -> Option<Format> {
        match self {
            Self::Image(header, _) => Some(header.format),
            Self::Foreign(_) | Self::Other(_) => None,
        }
    }
}

/// No limits: sizes do not matter here.
static GATE: LazyLock<Gate> = LazyLock::new(|| {
    let any = Profile::builder("any").build().unwrap();
    Gate::builder(any).decode(DecodeMemory::default()).build()
});

pub(crate) fn of(bytes: Vec<u8>) -> Ours {
    match probe_bytes(&bytes).content {
        Content::Image(header) => {
            let whole = header.check_whole(&bytes);
            Ours::Image(
                header,
                match whole {
                    Err(error) => Pixels::Rejected(format!("whole file: {}", error.defect.name())),
                    Ok(()) => pixels(bytes),
                },
            )
        }
        Content::Foreign(foreign) => Ours::Foreign(foreign),
        Content::Wrapped(_) => Ours::Other("wrapped".to_owned()),
        Content::StandIn(_) => Ours::Other("stand-in".to_owned()),
        Content::NotAnImage(kind) => Ours::Other(kind.to_string()),
        Content::Broken(error) => Ours::Other(format!("broken: {}", error.defect.name())),
        Content::Empty => Ours::Other("empty".to_owned()),
    }
}

fn pixels(bytes: Vec<u8>) -> Pixels {
    let report = GATE.screen_bytes(bytes).into_report();
    match (
        report.outcome(),
        report.errors().next().map(|finding| finding.code),
    ) {
        (Outcome::Pass, _) => Pixels::Whole,
        (_, Some(Code::DecodeLimit | Code::DecoderLacks)) => Pixels::Unsure,
        (_, Some(code)) => Pixels::Rejected(code.id().to_owned()),
        (outcome, None) => panic!("{outcome:?} without an error"),
    }
}
