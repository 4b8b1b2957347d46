//! PF2xx: the header against the profile.

use super::Entry;
use crate::{Effect, Stage};

const EMO: &str = "emo-detect API reference, \"Input limitations\", as of 2026-03-10";

pub(super) static FORMAT_NOT_ACCEPTED: Entry = Entry {
    id: "PF201",
    slug: "format-not-accepted",
    stage: Stage::Limits,
    effect: Effect::Reject,
    summary: "The image's format is not one that the profile accepts",
    checks: "The format that the bytes show, whatever the name says, against the profile's formats.",
    why: "emo-detect-v1 takes JPEG, PNG, BMP and WebP, and answers InvalidURL to all else.",
    source: EMO,
    remedy: "magick IN OUT.png",
    change: "the profile's formats",
};

pub(super) static SIDE_TOO_SMALL: Entry = Entry {
    id: "PF202",
    slug: "side-too-small",
    stage: Stage::Limits,
    effect: Effect::Reject,
    summary: "A side is shorter than the profile allows",
    checks: "The shorter side, read from the header, against the profile's min-side.",
    why: "emo-detect-v1 refuses images whose shortest side is under 400 px (it answers \
          InvalidFile.Resolution). Checked here it costs no request.",
    source: EMO,
    remedy: "magick IN -resize '400x400^' OUT, or take a larger original.",
    change: "the profile's min-side",
};

pub(super) static SIDE_TOO_LARGE: Entry = Entry {
    id: "PF203",
    slug: "side-too-large",
    stage: Stage::Limits,
    effect: Effect::Reject,
    summary: "A side is longer than the profile allows",
    checks: "The longer side, read from the header, against the profile's max-side.",
    why: "emo-detect-v1 refuses images whose longest side is over 7000 px (it answers \
          InvalidFile.Resolution). Checked here it costs no request.",
    source: EMO,
    remedy: "magick IN -resize '7000x7000>' OUT",
    change: "the profile's max-side",
};

pub(super) static FILE_TOO_LARGE: Entry = Entry {
    id: "PF204",
    slug: "file-too-large",
    stage: Stage::Limits,
    effect: Effect::Warning,
    summary: "The file holds more bytes than the profile allows",
    checks: "The length of the file, where it is known, against the profile's max-bytes.",
    why: "No limit is documented for emo-detect-v1, so `emo` only warns; its siblings stop at 10 MB, \
          and there and in your own profiles it rejects.",
    source: "emoji-detect and liveportrait-detect API references, 2026",
    remedy: "magick IN -quality 90 OUT.jpg",
    change: "the profile's max-bytes",
};

pub(super) static ON_THE_BOUNDARY: Entry = Entry {
    id: "PF205",
    slug: "on-the-boundary",
    stage: Stage::Limits,
    effect: Effect::Note,
    summary: "A side is exactly as long as the limit",
    checks: "Whether the shorter side equals min-side or the longer side equals max-side.",
    why: "The documents include the limit, while the service's error text reads as if it did not.",
    source: "emo-detect API reference, \"Input limitations\" and the text of InvalidFile.Resolution",
    remedy: "Nothing needs to be done; one pixel more (or less) removes the doubt.",
    change: "a note never changes the outcome",
};

pub(super) static ASPECT_RATIO: Entry = Entry {
    id: "PF206",
    slug: "aspect-ratio",
    stage: Stage::Limits,
    effect: Effect::Reject,
    summary: "The image is longer for its width than the profile allows",
    checks: "The longer side over the shorter one against the profile's max-aspect.",
    why: "liveportrait-detect takes a ratio of at most 2; emo documents no limit.",
    source: "liveportrait-detect API reference, 2026",
    remedy: "Crop the image around the person.",
    change: "the profile's max-aspect",
};
