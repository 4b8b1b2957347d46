//! PF4xx and PF5xx: the paid detector. Its reasons and errors are explained by `remote`, which
//! knows the service; what is ours to say stands here.

use remote::{ErrorKind, FailureReason, Ratio};

use super::Entry;
use crate::{Effect, Stage};

const DETECT: &str = "emo-detect API reference, status codes and failure reasons, 2025-09-04";
const ERRORS: &str = "Model Studio, error codes, 2026";
const OURS: &str = "preflight's own rule";
const VERDICT: &str = "a verdict of the service; the paid stage runs only where it is asked for";
const OPTIONAL: &str = "the paid stage runs only where it is asked for";

/// A reason of the service to reject an image.
const fn rejected(
    id: &'static str,
    slug: &'static str,
    reason: FailureReason,
    checks: &'static str,
    why: &'static str,
) -> Entry {
    Entry {
        id,
        slug,
        stage: Stage::Remote,
        effect: Effect::Reject,
        summary: without_full_stop(reason.meaning()),
        checks,
        why,
        source: DETECT,
        remedy: reason.suggestion(Ratio::Square),
        change: VERDICT,
    }
}

/// A code for calls that end without a verdict.
const fn failed(
    id: &'static str,
    slug: &'static str,
    kind: ErrorKind,
    checks: &'static str,
    why: &'static str,
    source: &'static str,
) -> Entry {
    Entry {
        id,
        slug,
        stage: Stage::Remote,
        effect: Effect::Unknown,
        summary: kind.meaning(),
        checks,
        why,
        source,
        remedy: kind.suggestion(),
        change: OPTIONAL,
    }
}

/// A sentence as the one line of a list, in any language of the registry.
pub(super) const fn without_full_stop(sentence: &'static str) -> &'static str {
    match sentence.as_bytes() {
        // "。" is three bytes.
        [words @ .., b'.'] | [words @ .., 0xE3, 0x80, 0x82] => match std::str::from_utf8(words) {
            Ok(words) => words,
            Err(_) => sentence,
        },
        _ => sentence,
    }
}

pub(super) static NO_HUMAN: Entry = rejected(
    "PF401",
    "no-human",
    FailureReason::NoHuman,
    "That there is a person, with a face, in the image.",
    "The video needs one person to bring to life.",
);

pub(super) static MULTI_HUMAN: Entry = rejected(
    "PF402",
    "multi-human",
    FailureReason::MultiHuman,
    "That there is only one person in the image.",
    "The video animates one person and cannot choose.",
);

pub(super) static BODY_PROPORTION: Entry = rejected(
    "PF403",
    "body-proportion",
    FailureReason::BodyProportion,
    "The share of the image that the person takes.",
    "A face that is too small, or too large, gives the generator nothing to work with.",
);

pub(super) static RESOLUTION: Entry = rejected(
    "PF404",
    "resolution",
    FailureReason::Resolution,
    "The service's own measure of the sides, 400 to 7000 px.",
    "The service saw another image than we did, or counts the limit otherwise: its error text words \
     the limits as exclusive.",
);

pub(super) static VALUE: Entry = rejected(
    "PF405",
    "value",
    FailureReason::Value,
    "Brightness and clarity of the image.",
    "The generator copies what it sees, darkness included.",
);

pub(super) static FRONT_BODY: Entry = rejected(
    "PF406",
    "front-body",
    FailureReason::FrontBody,
    "That the body is seen from the front.",
    "The face must be there to be animated.",
);

pub(super) static FULL_FACE: Entry = rejected(
    "PF407",
    "full-face",
    FailureReason::FullFace,
    "That the whole face is in the image, with nothing in front of it.",
    "Hidden parts cannot be animated.",
);

pub(super) static FACE_POSE: Entry = rejected(
    "PF408",
    "face-pose",
    FailureReason::FacePose,
    "The direction in which the face looks, and whether the head is tilted.",
    "A face that is turned or tilted does not move well.",
);

pub(super) static FULL_BODY: Entry = rejected(
    "PF409",
    "full-body",
    FailureReason::FullBody,
    "Whole head for 1:1; head and body above the hips for 3:4.",
    "The image must fill the frame that was asked for.",
);

pub(super) static DOUBTFUL_BOXES: Entry = Entry {
    id: "PF410",
    slug: "doubtful-boxes",
    stage: Stage::Remote,
    effect: Effect::Warning,
    summary: "A box of the pass looks wrong",
    checks: "That both boxes lie inside the image, in whole px, the moving area around the face and of \
             the ratio that was asked for.",
    why: "The video call may refuse such boxes. The service has judged and was paid all the same, so the \
          verdict is kept.",
    source: DETECT,
    remedy: "Look at the boxes before they are sent on; store the image upright if it carries an EXIF \
             orientation.",
    change: "a strict gate rejects",
};

pub(super) static TURNED_IMAGE: Entry = Entry {
    id: "PF411",
    slug: "turned-image",
    stage: Stage::Remote,
    effect: Effect::Note,
    summary: "The boxes of the pass may be in px of the turned image",
    checks: "Whether the image carries an EXIF orientation other than 1 (upright), where it was seen.",
    why: "The documents do not say whether the service turns the image before it places the boxes, so \
          that they may not fit the px as stored.",
    source: DETECT,
    remedy: "Store the image upright: magick IN -auto-orient OUT.jpg",
    change: "a note never changes the outcome",
};

pub(super) static REMOTE_REJECTED: Entry = rejected(
    "PF499",
    "remote-rejected",
    FailureReason::Other,
    "The service's verdict, given verbatim.",
    "The set of reasons is open; one that is new to us is still a verdict.",
);

pub(super) static KEY_REFUSED: Entry = failed(
    "PF501",
    "key-refused",
    ErrorKind::KeyRefused,
    "Whether the service accepts the key. The first refusal stops all further calls.",
    "A wrong key, or one of another region or workspace, fails for every image alike.",
    ERRORS,
);

pub(super) static ACCOUNT: Entry = failed(
    "PF502",
    "account",
    ErrorKind::Account,
    "Arrears, free quota used up, or a model that is unknown or not bought. The first such answer stops all \
     further calls.",
    "It fails for every image alike until the account is put right.",
    ERRORS,
);

pub(super) static THROTTLED: Entry = failed(
    "PF503",
    "throttled",
    ErrorKind::Throttled,
    "The service's rate limit, five requests a second for an account, after retries.",
    "Somebody else spends the same account's rate, or it is lower than documented.",
    ERRORS,
);

pub(super) static SERVICE_ERROR: Entry = failed(
    "PF504",
    "service-error",
    ErrorKind::ServiceFailed,
    "The service's own failures; its words are given.",
    "The image was not judged.",
    ERRORS,
);

pub(super) static OUTCOME_LOST: Entry = failed(
    "PF505",
    "outcome-lost",
    ErrorKind::OutcomeUnknown,
    "Whether an answer arrived after the request was written.",
    "The call may have been charged, so it is never repeated blindly.",
    OURS,
);

pub(super) static URL_NOT_FETCHED: Entry = failed(
    "PF506",
    "url-not-fetched",
    ErrorKind::NotFetched,
    "The service's own attempt to fetch the image's URL.",
    "The service has another network than we do, and answers one code for both causes.",
    DETECT,
);

pub(super) static NO_PUBLIC_URL: Entry = Entry {
    id: "PF507",
    slug: "no-public-url",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The service has no address to fetch the image from",
    checks: "Whether the image is behind a URL, is public at one, or may be uploaded.",
    why: "emo-detect-v1 takes URLs only.",
    source: DETECT,
    remedy: "Say at which URL the image is public, or let it be uploaded to the service's temporary store.",
    change: "how the image is published",
};

pub(super) static BUDGET_REACHED: Entry = Entry {
    id: "PF508",
    slug: "budget-reached",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The budget of paid requests was used up before this image",
    checks: "The number of requests sent against what the caller allows.",
    why: "A surprising list must not become a surprising bill.",
    source: OURS,
    remedy: ErrorKind::Vetoed.suggestion(),
    change: "the budget",
};

pub(super) static MAP_MISMATCH: Entry = Entry {
    id: "PF509",
    slug: "map-mismatch",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The public copy is another image than the local one, or is not there",
    checks: "The header behind the public URL against the local image's: format, sides and length.",
    why: "A verdict about another image would be worth nothing.",
    source: OURS,
    remedy: "Publish the image, or correct the URL that it is said to be public at.",
    change: "how the image is published",
};

pub(super) static REQUEST_REFUSED: Entry = failed(
    "PF510",
    "request-refused",
    ErrorKind::RequestRefused,
    "Whether the service takes the request as such: its parameters, its model, its workspace.",
    "The image was not judged; the same request will be refused again.",
    DETECT,
);

pub(super) static MODERATED: Entry = Entry {
    effect: Effect::Reject,
    ..failed(
        "PF511",
        "moderated",
        ErrorKind::Moderated,
        "The service's content filter.",
        "The filter stands before the video model as well.",
        ERRORS,
    )
};

pub(super) static CONTRACT_BROKEN: Entry = failed(
    "PF512",
    "contract-broken",
    ErrorKind::ContractBroken,
    "That the answer can be read as one: a pass with two boxes of four numbers, or a reason.",
    "An answer that cannot be read is no verdict, though it may be charged.",
    DETECT,
);

pub(super) static UPLOAD_FAILED: Entry = failed(
    "PF513",
    "upload-failed",
    ErrorKind::UploadFailed,
    "The upload of a local image to where the service reads it.",
    "Without an address nothing was asked; uploads are not charged.",
    ERRORS,
);

pub(super) static SERVICE_UNREACHABLE: Entry = failed(
    "PF514",
    "service-unreachable",
    ErrorKind::Unreachable,
    "That a connection to the service stands, and that who answers speaks its API. An answer that does \
     not stops all further calls: the base URL is wrong.",
    "Nothing was sent, or nothing was understood; nothing is charged.",
    ERRORS,
);

pub(super) static NOT_RECORDED: Entry = Entry {
    id: "PF515",
    slug: "not-recorded",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The ledger of paid calls cannot be read or written",
    checks: "That each call is written down before it leaves, and its answer when it came. The first \
             failure stops all further calls.",
    why: "A call that nobody remembers would be paid for again.",
    source: OURS,
    remedy: "Make room on the disk, or mend the ledger; then ask again.",
    change: "which ledger is kept",
};
