//! PF2xx: the header against the profile.

use super::super::limits as english;
use super::{Entry, Words};

const EMO: &str = "EMO 图像检测 API 参考“输入限制”，截至 2026-03-10";

pub(in crate::code) static FORMAT_NOT_ACCEPTED: Entry = Words {
    summary: "profile 不接受该图片格式",
    checks: "不看文件名，只看字节所表明的格式，是否在 profile 的 formats 之中。",
    why: "emo-detect-v1 支持 JPEG、PNG、BMP、WebP，其他格式一律返回 InvalidURL。",
    source: EMO,
    remedy: "执行 magick IN OUT.png 转换格式。",
    change: "profile 的 formats",
}
.of(&english::FORMAT_NOT_ACCEPTED);

pub(in crate::code) static SIDE_TOO_SMALL: Entry = Words {
    summary: "最小边长低于 profile 的下限",
    checks: "从文件头读出的最小边长，是否达到 profile 的 min-side。",
    why: "最小边长不足 400 像素的图片，emo-detect-v1 会拒绝（返回 InvalidFile.Resolution）。在本地检查，不花一次请求。",
    source: EMO,
    remedy: "执行 magick IN -resize '400x400^' OUT，或换一张更大的原图。",
    change: "profile 的 min-side",
}
.of(&english::SIDE_TOO_SMALL);

pub(in crate::code) static SIDE_TOO_LARGE: Entry = Words {
    summary: "最大边长高于 profile 的上限",
    checks: "从文件头读出的最大边长，是否超过 profile 的 max-side。",
    why: "最大边长超过 7000 像素的图片，emo-detect-v1 会拒绝（返回 InvalidFile.Resolution）。在本地检查，不花一次请求。",
    source: EMO,
    remedy: "执行 magick IN -resize '7000x7000>' OUT 缩小图片。",
    change: "profile 的 max-side",
}
.of(&english::SIDE_TOO_LARGE);

pub(in crate::code) static FILE_TOO_LARGE: Entry = Words {
    summary: "文件大小超过 profile 的上限",
    checks: "在文件大小已知时，是否超过 profile 的 max-bytes。",
    why: "文档没有规定 emo-detect-v1 的文件大小上限，所以 `emo` 只给出警告；同系列其他模型的上限是 10 MB，\
          对它们以及您自己的 profile，判为不通过。",
    source: "Emoji、LivePortrait 图像检测 API 参考，2026",
    remedy: "执行 magick IN -quality 90 OUT.jpg 压缩图片。",
    change: "profile 的 max-bytes",
}
.of(&english::FILE_TOO_LARGE);

pub(in crate::code) static ON_THE_BOUNDARY: Entry = Words {
    summary: "边长恰好等于限制值",
    checks: "最小边长是否等于 min-side，或最大边长是否等于 max-side。",
    why: "按文档，限制值本身是允许的；而服务的错误信息读起来却像是不允许。",
    source: "EMO 图像检测 API 参考“输入限制”，以及 InvalidFile.Resolution 的错误信息",
    remedy: "可以不处理；多（或少）一个像素，就没有疑问了。",
    change: "提示（note）从不改变结果",
}
.of(&english::ON_THE_BOUNDARY);

pub(in crate::code) static ASPECT_RATIO: Entry = Words {
    summary: "长宽比超过 profile 的上限",
    checks: "最大边长与最小边长之比，是否超过 profile 的 max-aspect。",
    why: "liveportrait-detect 要求该比值不超过 2；EMO 的文档没有此限制。",
    source: "LivePortrait 图像检测 API 参考，2026",
    remedy: "以人物为中心裁剪图片。",
    change: "profile 的 max-aspect",
}
.of(&english::ASPECT_RATIO);
