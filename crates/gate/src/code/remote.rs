//! PF4xx and PF5xx: the paid detector.

use super::Entry;
use crate::{Effect, Stage};

const DETECT: &str = "emo-detect API reference, status codes and failure reasons, 2025-09-04";
const ERRORS: &str = "Model Studio, error codes, 2026";
const OURS: &str = "preflight's own rule";
const VERDICT: &str = "a verdict of the service; leave --remote out to do without it";
const LEAVE_OUT: &str = "leave --remote out to do without the paid check";

pub(super) static NO_HUMAN: Entry = Entry {
    id: "PF401",
    slug: "no-human",
    stage: Stage::Remote,
    effect: Effect::Reject,
    summary: "The detector found no person",
    checks: "That there is a person, with a face, in the picture.",
    why: "The video needs one person to bring to life.",
    source: DETECT,
    remedy: "Take a picture of a single person, face to the camera.",
    change: VERDICT,
    api_codes: &["InvalidFile.NoHuman"],
};

pub(super) static MULTI_HUMAN: Entry = Entry {
    id: "PF402",
    slug: "multi-human",
    stage: Stage::Remote,
    effect: Effect::Reject,
    summary: "The detector found more than one person",
    checks: "That there is only one person in the picture.",
    why: "The video animates one person and cannot choose.",
    source: DETECT,
    remedy: "Crop the picture to one person.",
    change: VERDICT,
    api_codes: &["InvalidFile.MultiHuman"],
};

pub(super) static BODY_PROPORTION: Entry = Entry {
    id: "PF403",
    slug: "body-proportion",
    stage: Stage::Remote,
    effect: Effect::Reject,
    summary: "The person fills too much or too little of the picture",
    checks: "The share of the picture that the person takes.",
    why: "A face that is too small or cut off gives the generator nothing to work with.",
    source: DETECT,
    remedy: "Crop closer, or take a picture with more room around the person.",
    change: VERDICT,
    api_codes: &["InvalidFile.BodyProportion"],
};

pub(super) static RESOLUTION: Entry = Entry {
    id: "PF404",
    slug: "resolution",
    stage: Stage::Remote,
    effect: Effect::Reject,
    summary: "The service finds a side out of its limits, although the header does not",
    checks: "The service's own measure of the sides, 400 to 7000 px.",
    why: "The service saw another image than we did, or counts the limit otherwise.",
    source: DETECT,
    remedy: "Compare the URL's image with the file; stay a few px inside the limits.",
    change: VERDICT,
    api_codes: &["InvalidFile.Resolution"],
};

pub(super) static VALUE: Entry = Entry {
    id: "PF405",
    slug: "value",
    stage: Stage::Remote,
    effect: Effect::Reject,
    summary: "The picture is too dark or unclear for the detector",
    checks: "Brightness and clarity of the picture.",
    why: "The generator copies what it sees, darkness included.",
    source: DETECT,
    remedy: "Take a brighter, sharper picture.",
    change: VERDICT,
    api_codes: &["InvalidFile.Value"],
};

pub(super) static FRONT_BODY: Entry = Entry {
    id: "PF406",
    slug: "front-body",
    stage: Stage::Remote,
    effect: Effect::Reject,
    summary: "The person faces away from the camera",
    checks: "That the body is seen from the front.",
    why: "The face must be there to be animated.",
    source: DETECT,
    remedy: "Take a picture from the front.",
    change: VERDICT,
    api_codes: &["InvalidFile.FrontBody"],
};

pub(super) static FULL_FACE: Entry = Entry {
    id: "PF407",
    slug: "full-face",
    stage: Stage::Remote,
    effect: Effect::Reject,
    summary: "The face is not wholly visible",
    checks: "That the whole face is in the picture, with nothing in front of it.",
    why: "Hidden parts cannot be animated.",
    source: DETECT,
    remedy: "Take a picture of the whole face, without hands, masks or hair over it.",
    change: VERDICT,
    api_codes: &["InvalidFile.FullFace"],
};

pub(super) static FACE_POSE: Entry = Entry {
    id: "PF408",
    slug: "face-pose",
    stage: Stage::Remote,
    effect: Effect::Reject,
    summary: "The face is turned or tilted too far",
    checks: "The direction in which the face looks.",
    why: "A face seen from the side does not move well.",
    source: DETECT,
    remedy: "Take a picture in which the person looks into the camera.",
    change: VERDICT,
    api_codes: &["InvalidFile.FacePose"],
};

pub(super) static FULL_BODY: Entry = Entry {
    id: "PF409",
    slug: "full-body",
    stage: Stage::Remote,
    effect: Effect::Reject,
    summary: "The body is not shown far enough for the ratio",
    checks: "Whole head for 1:1; head and body above the hips for 3:4.",
    why: "The picture must fill the frame that was asked for.",
    source: DETECT,
    remedy: "Take a picture that shows more, or ask with --ratio 1:1.",
    change: VERDICT,
    api_codes: &["InvalidFile.FullBody"],
};

pub(super) static REMOTE_REJECTED: Entry = Entry {
    id: "PF499",
    slug: "remote-rejected",
    stage: Stage::Remote,
    effect: Effect::Reject,
    summary: "The detector rejected the image for another reason",
    checks: "The service's verdict, given verbatim.",
    why: "The set of codes is open; a code that is new to us is still a verdict.",
    source: DETECT,
    remedy: "Read the service's message, and take another picture.",
    change: VERDICT,
    api_codes: &["InvalidFile.*"],
};

pub(super) static KEY_REFUSED: Entry = Entry {
    id: "PF501",
    slug: "key-refused",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The service refused the key",
    checks: "Whether the service accepts the key. The first refusal stops all further calls.",
    why: "A wrong key, or one of another region or workspace, fails for every image alike.",
    source: ERRORS,
    remedy: "Set DASHSCOPE_API_KEY to a key of the China (Beijing) region, and the base URL to its host.",
    change: LEAVE_OUT,
    api_codes: &["InvalidApiKey", "invalid_api_key", "NOT AUTHORIZED"],
};

pub(super) static ACCOUNT: Entry = Entry {
    id: "PF502",
    slug: "account",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The account may not make this call",
    checks: "Arrears, free quota used up, or a model not purchased. The first such answer stops all further calls.",
    why: "It fails for every image alike until the account is put right.",
    source: ERRORS,
    remedy: "Pay the bill or buy the model in the console; then run again.",
    change: LEAVE_OUT,
    api_codes: &[
        "Arrearage",
        "AccessDenied.Unpurchased",
        "AllocationQuota.FreeTierOnly",
        "CommodityNotPurchased",
        "PrepaidBillOverdue",
        "PostpaidBillOverdue",
        "Model.AccessDenied",
        "Workspace.AccessDenied",
        "App.AccessDenied",
    ],
};

pub(super) static THROTTLED: Entry = Entry {
    id: "PF503",
    slug: "throttled",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The service asked to slow down, also after retries",
    checks: "The service's rate limit: five requests a second for an account.",
    why: "Somebody else spends the same account's rate, or it is lower than documented.",
    source: ERRORS,
    remedy: "Run again later; what was answered is cached and not paid for again.",
    change: LEAVE_OUT,
    api_codes: &[
        "Throttling",
        "Throttling.RateQuota",
        "Throttling.BurstRate",
        "Throttling.AllocationQuota",
        "LimitRequests",
        "limit_requests",
        "limit_burst_rate",
        "insufficient_quota",
    ],
};

pub(super) static SERVICE_ERROR: Entry = Entry {
    id: "PF504",
    slug: "service-error",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The service failed, or refused the request as such",
    checks: "Any answer that is neither a verdict nor one of the other causes; the service's words are given.",
    why: "The image was not judged.",
    source: ERRORS,
    remedy: "Read the service's message; try again later, and report the request id if it stays.",
    change: LEAVE_OUT,
    api_codes: &[
        "InvalidParameter",
        "InvalidParameter.Ratio",
        "BadRequest.*",
        "AccessDenied",
        "access_denied",
        "ModelNotFound",
        "model_not_found",
        "Model.NotExist",
        "WorkSpaceNotFound",
        "DataInspectionFailed",
        "data_inspection_failed",
        "IPInfringementSuspect",
        "InternalError",
        "InternalError.*",
        "internal_error",
        "SystemError",
        "ModelServiceFailed",
        "RequestTimeOut",
        "ModelServingError",
        "ModelUnavailable",
        "ServiceUnavailable",
    ],
};

pub(super) static OUTCOME_LOST: Entry = Entry {
    id: "PF505",
    slug: "outcome-lost",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The request was sent, and its answer never came",
    checks: "Whether an answer arrived after the request was written.",
    why: "The call may have been charged, so it is never repeated blindly.",
    source: OURS,
    remedy: "Run again to ask again; that may be charged once more.",
    change: LEAVE_OUT,
    api_codes: &["GatewayTimeout"],
};

pub(super) static URL_NOT_FETCHED: Entry = Entry {
    id: "PF506",
    slug: "url-not-fetched",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The service could not fetch the image, or disliked its format",
    checks: "The service's own attempt to fetch the image's URL.",
    why: "The service has another network than we do, and answers one code for both causes.",
    source: DETECT,
    remedy: "Serve the image from a host that China (Beijing) reaches, or lend it with --upload.",
    change: LEAVE_OUT,
    api_codes: &[
        "InvalidURL",
        "InvalidURL.*",
        "BadRequest.InputDownloadFailed",
        "BadRequest.UnsupportedFileFormat",
        "BadRequest.TooLarge",
        "InvalidParameter.DataInspection",
        "InvalidImageFormat",
        "InvalidImage.FileFormat",
    ],
};

pub(super) static NO_PUBLIC_URL: Entry = Entry {
    id: "PF507",
    slug: "no-public-url",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The service has no address to fetch the image from",
    checks: "Whether the input is a URL, lies under a --map, or may be lent with --upload.",
    why: "emo-detect-v1 takes URLs only.",
    source: DETECT,
    remedy: "Say where the folder is public with --map DIR=URL, or lend the files with --upload.",
    change: LEAVE_OUT,
    api_codes: &[],
};

pub(super) static BUDGET_REACHED: Entry = Entry {
    id: "PF508",
    slug: "budget-reached",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The budget of paid requests was used up before this image",
    checks: "The number of requests sent against --budget.",
    why: "A surprising list must not become a surprising bill.",
    source: OURS,
    remedy: "Run again with a higher --budget; known verdicts are not paid for again.",
    change: "--budget N, or [remote] budget = N",
    api_codes: &[],
};

pub(super) static MAP_MISMATCH: Entry = Entry {
    id: "PF509",
    slug: "map-mismatch",
    stage: Stage::Remote,
    effect: Effect::Unknown,
    summary: "The public copy is another image than the local file",
    checks: "The header behind the mapped URL against the local file's: format, sides and length.",
    why: "A verdict about another image would be worth nothing.",
    source: OURS,
    remedy: "Publish the file, or correct --map.",
    change: "--map DIR=URL, or [remote] map",
    api_codes: &[],
};
