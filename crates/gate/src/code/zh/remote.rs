//! PF4xx and PF5xx: the paid detector. The words for its reasons and errors come from `remote`.

use language::Language::Zh;
use remote::{ErrorKind, FailureReason, Ratio};

use super::super::remote::{self as english, without_full_stop};
use super::{Entry, Words};

const DETECT: &str = "EMO 图像检测 API 参考的“状态码”和“检查不通过原因”，2025-09-04";
const ERRORS: &str = "阿里云百炼“错误信息”，2026";
const OURS: &str = "preflight 自己的规则";
const VERDICT: &str = "由检测服务判定；收费阶段只在要求时运行";
const OPTIONAL: &str = "收费阶段只在要求时运行";

/// A reason of the service to reject an image.
const fn rejected(
    english: &Entry,
    reason: FailureReason,
    checks: &'static str,
    why: &'static str,
) -> Entry {
    Words {
        summary: without_full_stop(reason.meaning_in(Zh)),
        checks,
        why,
        source: DETECT,
        remedy: reason.suggestion_in(Ratio::Square, Zh),
        change: VERDICT,
    }
    .of(english)
}

/// A code for calls that end without a verdict.
const fn failed(
    english: &Entry,
    kind: ErrorKind,
    checks: &'static str,
    why: &'static str,
    source: &'static str,
) -> Entry {
    Words {
        summary: kind.meaning_in(Zh),
        checks,
        why,
        source,
        remedy: kind.suggestion_in(Zh),
        change: OPTIONAL,
    }
    .of(english)
}

pub(in crate::code) static NO_HUMAN: Entry = rejected(
    &english::NO_HUMAN,
    FailureReason::NoHuman,
    "图片中是否有人物，并且能检测到人脸。",
    "视频需要一个人物作为主角。",
);

pub(in crate::code) static MULTI_HUMAN: Entry = rejected(
    &english::MULTI_HUMAN,
    FailureReason::MultiHuman,
    "图片中是否只有一个人物。",
    "视频只驱动一个人物，模型无法替您选择。",
);

pub(in crate::code) static BODY_PROPORTION: Entry = rejected(
    &english::BODY_PROPORTION,
    FailureReason::BodyProportion,
    "人物在画面中的占比。",
    "人脸过小或过大，视频生成模型都无从下手。",
);

pub(in crate::code) static RESOLUTION: Entry = rejected(
    &english::RESOLUTION,
    FailureReason::Resolution,
    "检测服务自己测量的边长，应在 400 到 7000 像素之间。",
    "服务看到的可能是另一张图片；也可能是对限制的理解不同：其错误信息的措辞不包含限制值本身。",
);

pub(in crate::code) static VALUE: Entry = rejected(
    &english::VALUE,
    FailureReason::Value,
    "图片的亮度和清晰度。",
    "视频生成模型照搬它看到的画面，昏暗也不例外。",
);

pub(in crate::code) static FRONT_BODY: Entry = rejected(
    &english::FRONT_BODY,
    FailureReason::FrontBody,
    "人物是否正面朝向镜头。",
    "看得到脸，才能让脸动起来。",
);

pub(in crate::code) static FULL_FACE: Entry = rejected(
    &english::FULL_FACE,
    FailureReason::FullFace,
    "整张脸是否都在图片中，有没有遮挡。",
    "被遮住的部分无法驱动。",
);

pub(in crate::code) static FACE_POSE: Entry = rejected(
    &english::FACE_POSE,
    FailureReason::FacePose,
    "人脸的朝向，以及头部是否倾斜。",
    "侧转或倾斜的脸，动起来效果不好。",
);

pub(in crate::code) static FULL_BODY: Entry = rejected(
    &english::FULL_BODY,
    FailureReason::FullBody,
    "1:1 是否露出完整的头部；3:4 是否露出头部和胯部以上的身体。",
    "图片需要能撑满所选的画幅。",
);

pub(in crate::code) static DOUBTFUL_BOXES: Entry = Words {
    summary: "检测通过，但返回的区域坐标可疑",
    checks: "两个区域是否都在图片之内、坐标为整数像素，动态区域是否包含人脸区域，宽高比是否与所选画幅一致。",
    why: "视频生成 API 可能拒绝这样的坐标。但检测已经完成，费用也已产生，所以结果仍然保留。",
    source: DETECT,
    remedy: "使用这些坐标之前先看一看；如果图片带有 EXIF 方向信息，请将其转正后另存。",
    change: "严格模式下判为不通过",
}
.of(&english::DOUBTFUL_BOXES);

pub(in crate::code) static TURNED_IMAGE: Entry = Words {
    summary: "检测通过，但区域坐标可能以旋转之后的图片为准",
    checks: "图片是否带有 1（正向）以外的 EXIF 方向信息；仅在读到该信息时检查。",
    why: "文档没有说明服务在给出坐标之前是否先旋转图片，因此坐标与存储的像素可能不一致。",
    source: DETECT,
    remedy: "将图片转正后另存（magick IN -auto-orient OUT.jpg）。",
    change: "提示不会改变结果",
}
.of(&english::TURNED_IMAGE);

pub(in crate::code) static REMOTE_REJECTED: Entry = rejected(
    &english::REMOTE_REJECTED,
    FailureReason::Other,
    "检测服务的判定，原文照录。",
    "原因的集合是开放的；我们不认识的原因，也是一个判定。",
);

pub(in crate::code) static KEY_REFUSED: Entry = failed(
    &english::KEY_REFUSED,
    ErrorKind::KeyRefused,
    "检测服务是否接受该 API Key。第一次被拒绝后，不再发出任何调用。",
    "API Key 有误，或属于其他地域、其他业务空间，则每张图片都会同样失败。",
    ERRORS,
);

pub(in crate::code) static ACCOUNT: Entry = failed(
    &english::ACCOUNT,
    ErrorKind::Account,
    "账号欠费、免费额度用完，或模型不存在、未开通。第一次出现后，不再发出任何调用。",
    "账号的问题解决之前，每张图片都会同样失败。",
    ERRORS,
);

pub(in crate::code) static THROTTLED: Entry = failed(
    &english::THROTTLED,
    ErrorKind::Throttled,
    "重试之后，是否仍超出服务的限流：每个主账号每秒 5 次请求。",
    "有别的程序在用同一账号的额度，或实际限流比文档所写的更低。",
    ERRORS,
);

pub(in crate::code) static SERVICE_ERROR: Entry = failed(
    &english::SERVICE_ERROR,
    ErrorKind::ServiceFailed,
    "服务自身的故障；附服务的原话。",
    "图片没有得到判定。",
    ERRORS,
);

pub(in crate::code) static OUTCOME_LOST: Entry = failed(
    &english::OUTCOME_LOST,
    ErrorKind::OutcomeUnknown,
    "请求发出之后，是否收到了响应。",
    "这次调用可能已经计费，因此绝不盲目重试。",
    OURS,
);

pub(in crate::code) static URL_NOT_FETCHED: Entry = failed(
    &english::URL_NOT_FETCHED,
    ErrorKind::NotFetched,
    "检测服务自己能否下载该图片的 URL。",
    "检测服务的网络与本机不同；对下载失败和格式不符，它返回同一个错误码。",
    DETECT,
);

pub(in crate::code) static NO_PUBLIC_URL: Entry = Words {
    summary: "检测服务没有可下载图片的地址",
    checks: "图片是否来自 URL，是否有公网 URL，或是否允许上传。",
    why: "emo-detect-v1 只接受 URL。",
    source: DETECT,
    remedy: "说明图片的公网 URL，或允许将其上传到百炼的临时存储空间。",
    change: "图片以何种方式提供给检测服务",
}
.of(&english::NO_PUBLIC_URL);

pub(in crate::code) static BUDGET_REACHED: Entry = Words {
    summary: "还没轮到这张图片，付费请求的预算就用完了",
    checks: "已发出的请求数，是否达到调用方允许的数量。",
    why: "一份意外的列表，不该变成一张意外的账单。",
    source: OURS,
    remedy: ErrorKind::Vetoed.suggestion_in(Zh),
    change: "预算",
}
.of(&english::BUDGET_REACHED);

pub(in crate::code) static MAP_MISMATCH: Entry = Words {
    summary: "公网上的图片与本地图片不同，或不存在",
    checks: "将公网 URL 的文件头与本地图片比对：格式、边长和文件大小。",
    why: "对另一张图片的判定毫无用处。",
    source: OURS,
    remedy: "发布该图片，或改正所指定的公网 URL。",
    change: "图片以何种方式提供给检测服务",
}
.of(&english::MAP_MISMATCH);

pub(in crate::code) static REQUEST_REFUSED: Entry = failed(
    &english::REQUEST_REFUSED,
    ErrorKind::RequestRefused,
    "服务是否接受请求本身：请求参数、模型名称、业务空间。",
    "图片没有得到判定；同样的请求还会被拒绝。",
    DETECT,
);

pub(in crate::code) static MODERATED: Entry = failed(
    &english::MODERATED,
    ErrorKind::Moderated,
    "检测服务的内容安全审核。",
    "视频生成模型之前也有同样的审核。",
    ERRORS,
);

pub(in crate::code) static CONTRACT_BROKEN: Entry = failed(
    &english::CONTRACT_BROKEN,
    ErrorKind::ContractBroken,
    "响应能否读懂：通过时应有两个区域、各四个数字，不通过时应有原因。",
    "读不懂的响应不算判定，却可能已经计费。",
    DETECT,
);

pub(in crate::code) static UPLOAD_FAILED: Entry = failed(
    &english::UPLOAD_FAILED,
    ErrorKind::UploadFailed,
    "将本地图片上传到检测服务可读取的位置。",
    "没有地址就无法检测；上传本身不收费。",
    ERRORS,
);

pub(in crate::code) static SERVICE_UNREACHABLE: Entry = failed(
    &english::SERVICE_UNREACHABLE,
    ErrorKind::Unreachable,
    "能否连接到服务，对方是否使用该服务的 API。如果不是，则不再发出任何调用：Base URL 有误。",
    "请求没有发出，或对方没有看懂；不产生费用。",
    ERRORS,
);

pub(in crate::code) static NOT_RECORDED: Entry = Words {
    summary: "付费调用的账本无法读取或写入",
    checks: "每次调用发出前是否已记账，收到响应后是否已更新。第一次失败后，不再发出任何调用。",
    why: "没有记录的调用，会再付一次费用。",
    source: OURS,
    remedy: "清理磁盘空间或修复账本，然后重新检测。",
    change: "使用哪个账本",
}
.of(&english::NOT_RECORDED);
