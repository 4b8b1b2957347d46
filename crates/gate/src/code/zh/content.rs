//! PF3xx: the pixels, when asked for.

use super::super::content as english;
use super::{Entry, Words};

const OURS: &str = "T.81；PNG 第三版；Windows 位图文件头；RFC 9649（以 image-webp 的实现为准）";
const OPTIONAL: &str = "仅在启用 content 阶段时检查";

pub(in crate::code) static UNDECODABLE: Entry = Words {
    summary: "像素数据无法解码",
    checks: "读取整个文件并解码全部像素；提示信息会说明哪里出错。",
    why: "文件头完好，不代表后面的像素数据也完好。",
    source: OURS,
    remedy: "重新传输该图片，或重新导出。",
    change: OPTIONAL,
}
.of(&english::UNDECODABLE);

pub(in crate::code) static BODY_TRUNCATED: Entry = Words {
    summary: "图片还没结束，文件就到头了",
    checks: "解码时数据是否不够，或是否缺少图片的结束标记。",
    why: "宽松的解码器仍可能接受半张图片，而脸的位置是一片灰色。",
    source: OURS,
    remedy: "从原图重新传输一次。",
    change: OPTIONAL,
}
.of(&english::BODY_TRUNCATED);

pub(in crate::code) static DECODE_LIMIT: Entry = Words {
    summary: "解码所需内存超过上限",
    checks: "解码之前，先将文件及其像素所需的内存与 decode-memory 比较。",
    why: "几个字节就可以声称图片有几个 GB。",
    source: "preflight 自己的规则",
    remedy: "缩小图片，或调高内存上限。",
    change: "content 阶段可使用的内存",
}
.of(&english::DECODE_LIMIT);

pub(in crate::code) static DECODER_LACKS: Entry = Words {
    summary: "preflight 的解码器不支持这种编码方式",
    checks: "解码器是否支持文件头所写的编码方式。",
    why: "图片也许没有问题，只是无法判断。",
    source: OURS,
    remedy: "将图片导出为基线（baseline）JPEG 或普通 PNG。",
    change: OPTIONAL,
}
.of(&english::DECODER_LACKS);
