//! PF0xx: getting at the bytes.

use super::super::input as english;
use super::{Entry, Words};

const OURS: &str = "preflight 自己的规则";
const ALWAYS: &str = "始终检查";

pub(in crate::code) static NOT_FOUND: Entry = Words {
    summary: "输入没有指向任何可检查的内容",
    checks: "路径是否存在，通配符是否有匹配，文件夹里是否有图片。",
    why: "悄悄少检查几张图片，比直接报错更糟。",
    source: OURS,
    remedy: "改正路径或通配符，或将其从列表中删除。",
    change: ALWAYS,
}
.of(&english::NOT_FOUND);

pub(in crate::code) static UNREADABLE: Entry = Words {
    summary: "文件无法读取",
    checks: "输入是否为普通文件，开头的字节能否读出。",
    why: "管道、套接字、设备文件和没有权限的文件，都说明不了图片是好是坏。",
    source: OURS,
    remedy: "修改文件权限，或指定一个普通文件。",
    change: ALWAYS,
}
.of(&english::UNREADABLE);

pub(in crate::code) static EMPTY_FILE: Entry = Words {
    summary: "文件为空",
    checks: "文件或服务器的响应是否至少有一个字节。",
    why: "导出或上传中断，往往会留下一个空文件。",
    source: OURS,
    remedy: "重新导出或上传该图片。",
    change: ALWAYS,
}
.of(&english::EMPTY_FILE);

pub(in crate::code) static NOT_FETCHED: Entry = Words {
    summary: "这里只有占位内容，图片本身在别处",
    checks: "内容是否为 Git LFS 指针、git-annex 键、git-crypt 或 DVC 文件，或被检出为文本的符号链接。",
    why: "没有看到图片本身，也就无从判断它是好是坏。",
    source: "上述工具各自的规范",
    remedy: "取回真正的内容：`git lfs pull`、`git annex get`、`git-crypt unlock` 或 `dvc pull`；在 GitHub \
             工作流中，为 actions/checkout 设置 `lfs: true`。",
    change: ALWAYS,
}
.of(&english::NOT_FETCHED);

pub(in crate::code) static HTTP_STATUS: Entry = Words {
    summary: "服务器没有返回图片",
    checks: "响应的 HTTP 状态码，以及对象存储在响应里给出的错误码。",
    why: "404、410 和签名过期对谁都一样，因此判为不通过；其他状态码可能只针对本机，图片的结果记为未知。",
    source: "RFC 9110 第 15 节",
    remedy: "在浏览器的无痕窗口中打开该 URL；重新签名，或将对象设为公共读。",
    change: ALWAYS,
}
.of(&english::HTTP_STATUS);

pub(in crate::code) static UNREACHABLE: Entry = Words {
    summary: "无法连接服务器，或对方返回的不是正常的 HTTP",
    checks: "域名能否解析，连接和 TLS 能否建立，返回的是否为 HTTP 响应。",
    why: "检测服务的网络与本机不同，也许能访问，所以不判为不通过。",
    source: "RFC 9110 和 RFC 9112",
    remedy: "检查域名、证书和它背后的服务器，然后重新运行。",
    change: ALWAYS,
}
.of(&english::UNREACHABLE);

pub(in crate::code) static ADDRESS_REFUSED: Entry = Words {
    summary: "URL 指向不允许访问的地址或端口",
    checks: "域名解析出的每个地址和端口；每次重定向后再检查一遍。",
    why: "来历不明的 URL 不得让本机访问自己的内网；没有发起任何连接。",
    source: "IANA 特殊用途地址登记表",
    remedy: "通过公网地址的 80、443、8080 或 8443 端口提供图片。",
    change: "下载器的地址策略可以放行自己的网段",
}
.of(&english::ADDRESS_REFUSED);

pub(in crate::code) static URL_INVALID: Entry = Words {
    summary: "检测服务无法访问这样的 URL",
    checks: "协议是否为 http 或 https，是否有域名；不得含用户名、密码、控制字符和反斜杠，长度不超过 8 KiB。",
    why: "不同程序对这类 URL 的解析并不一致，其中的密码还会泄露给第三方。",
    source: "WHATWG URL 标准；EMO 图像检测 API 参考“输入限制”，2026-03-10",
    remedy: "改用普通的 http 或 https URL，必要时做百分号编码。",
    change: ALWAYS,
}
.of(&english::URL_INVALID);

pub(in crate::code) static URL_EXPIRED: Entry = Words {
    summary: "URL 的签名已过期",
    checks: "签名 URL（S3、OSS、GCS、Azure、COS、七牛、CloudFront）查询参数中的有效期。",
    why: "对象存储会拒绝任何人访问；不发请求就能知道。",
    source: "各对象存储的签名文档",
    remedy: "重新签名，有效期要足够长，覆盖到视频生成。",
    change: ALWAYS,
}
.of(&english::URL_EXPIRED);

pub(in crate::code) static FETCH_LIMIT: Entry = Words {
    summary: "字节数、请求数、重定向次数或时间超出了上限",
    checks: "下载过程是否超出各项上限；提示信息会说明是哪一项。",
    why: "一台缓慢或没完没了的服务器，不能拖住其他所有图片。",
    source: OURS,
    remedy: "将图片放到更快、支持 Range 请求、没有多余重定向的服务器上。",
    change: "下载器的各项上限",
}
.of(&english::FETCH_LIMIT);
