//! The flags of this command that help with a code. The registry of codes names no flag, since a
//! library has none.

use gate::Code;
use language::Text;

/// The flags that put a finding right or change its rule, as a sentence.
pub(crate) const fn advice(code: Code) -> Option<Text> {
    let (en, zh) = match code {
        Code::AddressRefused => (
            "--allow-net CIDR allows the address, if it is yours",
            "如果该地址属于您，请使用 --allow-net CIDR",
        ),
        Code::FetchLimit => (
            "--timeout 20s gives the server more time",
            "--timeout 20s 给服务器更多时间",
        ),
        Code::Unreachable | Code::HttpStatus => (
            "--retries N and --timeout TIME allow more tries and more time",
            "--retries N 和 --timeout TIME 增加重试次数和等待时间",
        ),
        Code::FormatNotAccepted => (
            "--set formats=jpeg,png,bmp,webp chooses what is accepted",
            "--set formats=jpeg,png,bmp,webp 指定接受哪些格式",
        ),
        Code::SideTooSmall => (
            "--set min-side=N, or min-side in [profiles.NAME]",
            "--set min-side=N，或 [profiles.NAME] 中的 min-side",
        ),
        Code::SideTooLarge => (
            "--set max-side=N, or max-side in [profiles.NAME]",
            "--set max-side=N，或 [profiles.NAME] 中的 max-side",
        ),
        Code::FileTooLarge => (
            "--set max-bytes=SIZE, or max-bytes in [profiles.NAME]",
            "--set max-bytes=SIZE，或 [profiles.NAME] 中的 max-bytes",
        ),
        Code::AspectRatio => (
            "--set max-aspect=N, or max-aspect in [profiles.NAME]",
            "--set max-aspect=N，或 [profiles.NAME] 中的 max-aspect",
        ),
        Code::DecodeLimit => (
            "--set decode-memory=SIZE gives decoding more memory",
            "--set decode-memory=SIZE 给解码更多内存",
        ),
        Code::ExtensionMismatch
        | Code::ContentTypeMismatch
        | Code::UnusualCoding
        | Code::DoubtfulBoxes => ("--strict makes it a rejection", "--strict 将其判为不通过"),
        Code::FullBody => (
            "--ratio 1:1 or --ratio 3:4 asks for the other ratio",
            "--ratio 1:1 或 --ratio 3:4 换成另一种画幅",
        ),
        Code::KeyRefused => (
            "DASHSCOPE_API_KEY; --remote=standin needs no key",
            "环境变量 DASHSCOPE_API_KEY；--remote=standin 不需要 API Key",
        ),
        Code::ServiceUnreachable => (
            "DASHSCOPE_HTTP_BASE_URL and HTTPS_PROXY decide where requests go",
            "环境变量 DASHSCOPE_HTTP_BASE_URL 和 HTTPS_PROXY 决定请求发往何处",
        ),
        Code::NoPublicUrl => (
            "--map DIR=URL if the file is public, else --upload",
            "--map DIR=URL 指定公网 URL，或用 --upload 上传",
        ),
        Code::MapMismatch => (
            "--map DIR=URL must lead to the same file",
            "--map DIR=URL 必须指向同一个文件",
        ),
        Code::BudgetReached => (
            "--budget N, or --budget-per-day N if that is used up",
            "--budget N；如果设置了每日预算，还有 --budget-per-day N",
        ),
        Code::NotRecorded => (
            "PREFLIGHT_CACHE_DIR names another folder; --no-ledger keeps nothing",
            "环境变量 PREFLIGHT_CACHE_DIR 指定另一个文件夹；--no-ledger 不保存任何记录",
        ),
        Code::UploadFailed => (
            "--map DIR=URL needs no upload",
            "使用 --map DIR=URL 就无需上传",
        ),
        _ => return None,
    };
    Some(Text { en, zh })
}

/// Whether the advice is shown with each finding of a code, not only in its explanation.
pub(crate) const fn is_advice_for_findings(code: Code) -> bool {
    matches!(
        code,
        Code::AddressRefused
            | Code::FetchLimit
            | Code::DecodeLimit
            | Code::NoPublicUrl
            | Code::BudgetReached
            | Code::NotRecorded
            | Code::KeyRefused
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_for_findings_exists() {
        for code in Code::ALL {
            assert!(
                !is_advice_for_findings(*code) || advice(*code).is_some(),
                "{code}"
            );
        }
    }
}
