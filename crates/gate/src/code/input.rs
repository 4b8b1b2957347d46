//! PF0xx: getting at the bytes.

use super::Entry;
use crate::{Effect, Stage};

const SPEC: &str = "preflight's own rule";
const ALWAYS: &str = "always on";

pub(super) static NOT_FOUND: Entry = Entry {
    id: "PF001",
    slug: "not-found",
    stage: Stage::Input,
    effect: Effect::Unknown,
    summary: "An input names nothing to check",
    checks: "That a path exists, that a pattern matches, and that a folder holds images.",
    why: "A run that quietly checks less than it was asked to is worse than one that fails.",
    source: SPEC,
    remedy: "Correct the path or the pattern, or drop it from the list.",
    change: ALWAYS,
};

pub(super) static UNREADABLE: Entry = Entry {
    id: "PF002",
    slug: "unreadable",
    stage: Stage::Input,
    effect: Effect::Unknown,
    summary: "The file cannot be read",
    checks: "That the input is a regular file and that its first bytes can be read.",
    why: "Pipes, sockets, devices and forbidden files say nothing about an image, good or bad.",
    source: SPEC,
    remedy: "Correct the permissions, or name a regular file.",
    change: ALWAYS,
};

pub(super) static EMPTY_FILE: Entry = Entry {
    id: "PF003",
    slug: "empty-file",
    stage: Stage::Input,
    effect: Effect::Reject,
    summary: "The file holds no bytes",
    checks: "That there is at least one byte, in a file or in a server's answer.",
    why: "An interrupted export or upload leaves an empty file behind.",
    source: SPEC,
    remedy: "Export or upload the image again.",
    change: ALWAYS,
};

pub(super) static NOT_FETCHED: Entry = Entry {
    id: "PF004",
    slug: "not-fetched",
    stage: Stage::Input,
    effect: Effect::Unknown,
    summary: "Something stands in for an image whose content is elsewhere",
    checks: "Whether the bytes are a Git LFS pointer, a git-annex key, a git-crypt or DVC file, or a link \
             that was checked out as text.",
    why: "The image itself was not seen, so nothing was learned about it, good or bad.",
    source: "the specifications of those tools",
    remedy: "Fetch the content: `git lfs pull`, `git annex get`, `git-crypt unlock` or `dvc pull`; in a \
             GitHub workflow set `lfs: true` on actions/checkout.",
    change: ALWAYS,
};

pub(super) static HTTP_STATUS: Entry = Entry {
    id: "PF005",
    slug: "http-status",
    stage: Stage::Input,
    effect: Effect::Unknown,
    summary: "The server did not answer with the image",
    checks: "The status of the server's answer, and the code in the answer of an object store.",
    why: "404, 410 and an expired signature will fail for everybody, so they reject; any other \
          status may be meant for us alone and leaves the image unknown.",
    source: "RFC 9110, section 15",
    remedy: "Open the URL in a private window; sign it anew, or make the object public.",
    change: ALWAYS,
};

pub(super) static UNREACHABLE: Entry = Entry {
    id: "PF006",
    slug: "unreachable",
    stage: Stage::Input,
    effect: Effect::Unknown,
    summary: "The server could not be reached, or did not speak proper HTTP",
    checks: "That the name resolves, that the connection and TLS stand, and that the answer is HTTP.",
    why: "The service has another network and may fare better, so this is no rejection.",
    source: "RFC 9110 and RFC 9112",
    remedy: "Check the host name, its certificate and the server behind it, then run again.",
    change: ALWAYS,
};

pub(super) static ADDRESS_REFUSED: Entry = Entry {
    id: "PF007",
    slug: "address-refused",
    stage: Stage::Input,
    effect: Effect::Unknown,
    summary: "The URL leads to an address or port that must not be fetched",
    checks: "Every address of the host, the port, and the same again for every redirect.",
    why: "A stranger's URL must not make this machine call its own network; nothing was dialled.",
    source: "IANA special-purpose address registries",
    remedy: "Serve the image from a public address on port 80, 443, 8080 or 8443.",
    change: "the fetcher's address policy may allow networks of your own",
};

pub(super) static URL_INVALID: Entry = Entry {
    id: "PF008",
    slug: "url-invalid",
    stage: Stage::Input,
    effect: Effect::Reject,
    summary: "The URL is not one that the service could fetch",
    checks: "Scheme http or https, a host, no user name or password, no control characters or \
             backslashes, at most 8 KiB.",
    why: "Readers of URLs disagree about such ones, and a password in it would reach a third party.",
    source: "WHATWG URL standard; emo-detect API reference, \"Input limitations\", 2026-03-10",
    remedy: "Write a plain http or https URL, percent-encoded where needed.",
    change: ALWAYS,
};

pub(super) static URL_EXPIRED: Entry = Entry {
    id: "PF009",
    slug: "url-expired",
    stage: Stage::Input,
    effect: Effect::Reject,
    summary: "The URL's signature has expired",
    checks: "The expiry in the query of a signed URL (S3, OSS, GCS, Azure, COS, Qiniu, CloudFront).",
    why: "The store will refuse it to everybody; no request is needed to know.",
    source: "the stores' own documents of their signatures",
    remedy: "Sign the URL again, for long enough to cover the video generation as well.",
    change: ALWAYS,
};

pub(super) static FETCH_LIMIT: Entry = Entry {
    id: "PF010",
    slug: "fetch-limit",
    stage: Stage::Input,
    effect: Effect::Unknown,
    summary: "A budget of bytes, requests, redirects or time ran out",
    checks: "The fetch against its budgets; the message says which one ran out.",
    why: "A slow or endless server must not hold up everything else.",
    source: SPEC,
    remedy: "Serve the image from a faster host, with ranges and without needless redirects.",
    change: "the fetcher's limits",
};
