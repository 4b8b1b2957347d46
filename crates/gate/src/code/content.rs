//! PF3xx: the pixels, when asked for.

use super::Entry;
use crate::{Effect, Stage};

const OURS: &str =
    "T.81; PNG 3rd ed.; the Windows bitmap headers; RFC 9649, as image-webp reads it";
const OPTIONAL: &str = "runs only where the content stage is on";

pub(super) static UNDECODABLE: Entry = Entry {
    id: "PF301",
    slug: "undecodable",
    stage: Stage::Content,
    effect: Effect::Reject,
    summary: "The pixels do not decode",
    checks: "The whole file is read, and every code of its pixels is decoded or passed over; the message says \
             what failed.",
    why: "A sound header says nothing about the pixels behind it.",
    source: OURS,
    remedy: "Transfer the image again, or export it anew.",
    change: OPTIONAL,
};

pub(super) static BODY_TRUNCATED: Entry = Entry {
    id: "PF302",
    slug: "body-truncated",
    stage: Stage::Content,
    effect: Effect::Reject,
    summary: "The file ends before the picture does",
    checks: "Whether every block of a JPEG's scans has its data, a PNG goes on to IEND, a bitmap's run \
             lengths to their last row, and nothing is left over that was a part of it.",
    why: "Half a picture may still pass a lenient decoder, with grey where the face should be.",
    source: OURS,
    remedy: "Transfer the image again from its original.",
    change: OPTIONAL,
};

pub(super) static DECODE_LIMIT: Entry = Entry {
    id: "PF303",
    slug: "decode-limit",
    stage: Stage::Content,
    effect: Effect::Unknown,
    summary: "Decoding would take more memory than the limit allows",
    checks: "The memory that reading the image takes at the most, its file included, against the ceiling that \
             all images of the process share.",
    why: "A few bytes can claim a picture of gigabytes.",
    source: "preflight's own rule",
    remedy: "Scale the image down, or allow more memory.",
    change: "the memory that the content stage may take",
};

pub(super) static DECODER_LACKS: Entry = Entry {
    id: "PF304",
    slug: "decoder-lacks",
    stage: Stage::Content,
    effect: Effect::Unknown,
    summary: "Our decoder does not read this coding",
    checks: "Whether the coding that the header names is read here, and whether readers agree about it \
             (run lengths that leave their rows or end early).",
    why: "The picture may be sound; we just cannot tell.",
    source: OURS,
    remedy: "Export the image as baseline JPEG or as ordinary PNG.",
    change: OPTIONAL,
};
