//! What the flags of this command change, by code. The registry of codes names no flag, since a
//! library has none.

use gate::Code;

/// The flags that put a finding right or change its rule, as a sentence for people.
pub(crate) const fn advice(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::AddressRefused => "--allow-net CIDR, if the address is yours",
        Code::FetchLimit => "--timeout 20s gives the server more time",
        Code::Unreachable | Code::HttpStatus => "--retries N and --timeout TIME are more patient",
        Code::FormatNotAccepted => "--set formats=jpeg,png,bmp,webp chooses what is accepted",
        Code::SideTooSmall => "--set min-side=N, or min-side in [profiles.NAME]",
        Code::SideTooLarge => "--set max-side=N, or max-side in [profiles.NAME]",
        Code::FileTooLarge => "--set max-bytes=SIZE, or max-bytes in [profiles.NAME]",
        Code::AspectRatio => "--set max-aspect=N, or max-aspect in [profiles.NAME]",
        Code::DecodeLimit => "--set decode-memory=SIZE gives decoding more memory",
        Code::ExtensionMismatch | Code::ContentTypeMismatch | Code::UnusualCoding => {
            "--strict makes it a rejection"
        }
        Code::DoubtfulBoxes => "--strict makes it a rejection",
        Code::FullBody => "--ratio 1:1 or --ratio 3:4 asks for the other ratio",
        Code::KeyRefused => "DASHSCOPE_API_KEY; --remote=standin needs no key",
        Code::ServiceUnreachable => "DASHSCOPE_HTTP_BASE_URL and HTTPS_PROXY say where to ask",
        Code::NoPublicUrl => "--map DIR=URL where it is public, or --upload",
        Code::MapMismatch => "--map DIR=URL must lead to the same file",
        Code::BudgetReached => "--budget N, and --budget-per-day N if that is set",
        Code::NotRecorded => "PREFLIGHT_CACHE_DIR names another folder; --no-ledger keeps nothing",
        Code::UploadFailed => "--map DIR=URL needs no upload",
        _ => return None,
    })
}

/// Codes whose advice belongs to each finding, and not only to the explanation of the code.
pub(crate) const fn is_cure(code: Code) -> bool {
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
    fn every_cure_has_its_words() {
        for code in Code::ALL {
            assert!(!is_cure(*code) || advice(*code).is_some(), "{code}");
        }
    }
}
