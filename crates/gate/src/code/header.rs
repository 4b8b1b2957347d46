//! PF1xx: what the first bytes are.

use super::Entry;
use crate::{Effect, Stage};

const ALWAYS: &str = "always on";
const STRICT: &str = "a strict gate rejects";

pub(super) static NOT_AN_IMAGE: Entry = Entry {
    id: "PF101",
    slug: "not-an-image",
    stage: Stage::Header,
    effect: Effect::Reject,
    summary: "The bytes are something other than an image",
    checks: "The first bytes against the signatures of images and of what often stands in their place.",
    why: "An error page, an archive or a text under an image's name costs a call and fails.",
    source: "emo-detect API reference, \"Input limitations\", 2026-03-10",
    remedy: "Look at the file in a text editor: the message says what it seems to be.",
    change: ALWAYS,
};

pub(super) static TRUNCATED: Entry = Entry {
    id: "PF102",
    slug: "truncated",
    stage: Stage::Header,
    effect: Effect::Reject,
    summary: "The data ends before the header, or before the header says it should",
    checks: "That the header is whole, and that the sizes it states (RIFF size, BMP offset and rows) \
             fit into the file.",
    why: "A broken upload or download decodes to nothing, or to half a face.",
    source: "T.81 annex B; PNG 3rd ed. section 5; RFC 9649 section 2.4; the BMP file header",
    remedy: "Transfer the image again from its original.",
    change: ALWAYS,
};

pub(super) static MALFORMED: Entry = Entry {
    id: "PF103",
    slug: "malformed",
    stage: Stage::Header,
    effect: Effect::Reject,
    summary: "The header breaks a rule of its format",
    checks: "The header against its format's specification; the message names the defect and the section.",
    why: "Decoders refuse such a file, or disagree about its size.",
    source: "T.81; PNG 3rd ed.; RFC 6386 and RFC 9649; the Windows and OS/2 bitmap headers",
    remedy: "Open the image in an editor that still reads it, and export it anew.",
    change: ALWAYS,
};

pub(super) static EXTENSION_MISMATCH: Entry = Entry {
    id: "PF104",
    slug: "extension-mismatch",
    stage: Stage::Header,
    effect: Effect::Warning,
    summary: "The file's extension names another format",
    checks: "The extension against the format that the bytes show.",
    why: "Servers derive the content type from the extension, and some readers believe it.",
    source: "preflight's own rule",
    remedy: "Rename the file, or convert it to the format that its name promises.",
    change: STRICT,
};

pub(super) static CONTENT_TYPE_MISMATCH: Entry = Entry {
    id: "PF105",
    slug: "content-type-mismatch",
    stage: Stage::Header,
    effect: Effect::Warning,
    summary: "The server's Content-Type names something else",
    checks: "The Content-Type of the answer against the format that the bytes show.",
    why: "A reader that trusts the header refuses a good image.",
    source: "RFC 9110, section 8.3",
    remedy: "Set the object's Content-Type to that of its format.",
    change: STRICT,
};

pub(super) static UNUSUAL_CODING: Entry = Entry {
    id: "PF106",
    slug: "unusual-coding",
    stage: Stage::Header,
    effect: Effect::Warning,
    summary: "A legal coding that many decoders do not read",
    checks: "Arithmetic, lossless, hierarchical or deep JPEG, JPEG with further pictures (MPF), Apple's \
             CgBI PNG, OS/2 2.x BMP.",
    why: "The service's decoder is not known; an ordinary coding removes the doubt.",
    source: "T.81; CIPA DC-007 (MPF); the OS/2 2.x bitmap header",
    remedy: "Export the image as baseline JPEG or as ordinary PNG.",
    change: STRICT,
};
