//! PF1xx: what the first bytes are.

use super::super::header as english;
use super::{Entry, Words};

const ALWAYS: &str = "始终检查";
const STRICT: &str = "严格模式下判为不通过";

pub(in crate::code) static NOT_AN_IMAGE: Entry = Words {
    summary: "内容不是图片",
    checks: "将开头的字节与各种图片、以及常被误当成图片的文件的特征作比对。",
    why: "以图片命名的错误页、压缩包或文本，只会浪费一次调用，然后失败。",
    source: "EMO 图像检测 API 参考“输入限制”，2026-03-10",
    remedy: "用文本编辑器打开看看：提示信息会说明它像什么。",
    change: ALWAYS,
}
.of(&english::NOT_AN_IMAGE);

pub(in crate::code) static TRUNCATED: Entry = Words {
    summary: "数据不完整：文件头没读完，或比文件头声明的短",
    checks: "文件头是否完整，其中声明的大小（RIFF 长度、BMP 的偏移和行数据）是否超出文件。",
    why: "上传或下载中断的图片，解码后什么都没有，或只有半张脸。",
    source: "T.81 附录 B；PNG 第 3 版第 5 节；RFC 9649 第 2.4 节；BMP 文件头",
    remedy: "从原图重新传输一次。",
    change: ALWAYS,
}
.of(&english::TRUNCATED);

pub(in crate::code) static MALFORMED: Entry = Words {
    summary: "文件头不符合该格式的规定",
    checks: "按格式规范检查文件头；提示信息会指出具体缺陷和规范的章节。",
    why: "解码器会拒绝这样的文件，或对其尺寸各有各的解读。",
    source: "T.81；PNG 第 3 版；RFC 6386 和 RFC 9649；Windows 和 OS/2 位图文件头",
    remedy: "用仍能打开它的图像编辑器打开，重新导出。",
    change: ALWAYS,
}
.of(&english::MALFORMED);

pub(in crate::code) static EXTENSION_MISMATCH: Entry = Words {
    summary: "扩展名与实际格式不符",
    checks: "扩展名与字节所表明的格式是否一致。",
    why: "服务器根据扩展名生成 Content-Type，而有些程序会相信它。",
    source: "preflight 自己的规则",
    remedy: "修改文件名，或将图片转换为扩展名所示的格式。",
    change: STRICT,
}
.of(&english::EXTENSION_MISMATCH);

pub(in crate::code) static CONTENT_TYPE_MISMATCH: Entry = Words {
    summary: "服务器返回的 Content-Type 与实际格式不符",
    checks: "响应的 Content-Type 与字节所表明的格式是否一致。",
    why: "信任该响应头的程序会拒绝一张本来没问题的图片。",
    source: "RFC 9110 第 8.3 节",
    remedy: "将对象的 Content-Type 改为与其格式一致。",
    change: STRICT,
}
.of(&english::CONTENT_TYPE_MISMATCH);

pub(in crate::code) static UNUSUAL_CODING: Entry = Words {
    summary: "编码方式合法，但许多解码器不支持",
    checks: "是否为算术编码、无损、分级或高位深的 JPEG，含多张图片的 JPEG（MPF），Apple 的 CgBI PNG，\
             或 OS/2 2.x 的 BMP。",
    why: "检测服务用的是什么解码器并不清楚；换成普通的编码就没有疑问。",
    source: "T.81；CIPA DC-007（MPF）；OS/2 2.x 位图文件头",
    remedy: "将图片导出为基线（baseline）JPEG 或普通 PNG。",
    change: STRICT,
}
.of(&english::UNUSUAL_CODING);
