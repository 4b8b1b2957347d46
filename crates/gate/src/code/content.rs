//! PF3xx: the pixels, when asked for.

use super::Entry;
use crate::{Effect, Stage};

const OURS: &str = "the format's specification, as the `image` crate reads it";
const OPTIONAL: &str = "runs only where the content stage is on";

pub(super) static UNDECODABLE: Entry = Entry {
    id: "PF301",
    slug: "undecodable",
    stage: Stage::Content,
    effect: Effect::Reject,
    summary: "The pixels do not decode",
    checks: "The whole file is read and its pixels are decoded; the message says what failed.",
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
    checks: "Whether the decoder runs out of bytes, or the picture's end marker is missing.",
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
    checks: "The memory that the file and its pixels need against decode-memory, before they are decoded.",
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
    checks: "Whether the decoder knows the coding that the header names.",
    why: "The picture may be sound; we just cannot tell.",
    source: OURS,
    remedy: "Export the image as baseline JPEG or as ordinary PNG.",
    change: OPTIONAL,
};
