//! Host names that no public server has, refused before they are looked up.
//!
//! DNS has the last word (every answer is judged); these rules stop the surprises of search lists,
//! and give an honest reason where the name itself is the fault.

use crate::http::error::Refusal;

/// Last labels that are not delegated in the public DNS: RFC 6761, RFC 6762, RFC 7686, RFC 8375,
/// ICANN's collision names, and Kubernetes' `svc`.
const PRIVATE_SUFFIXES: [&str; 11] = [
    "corp",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "svc",
];

/// Judges a name in lower case and in its ASCII form, as `url` gives it: a name without a dot, or
/// under a suffix that is not public, is not looked up; nor is an endpoint of Alibaba OSS that only
/// machines in its region reach.
pub(crate) fn judge(name: &str) -> Result<(), Refusal> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.ends_with("-internal.aliyuncs.com") {
        return Err(Refusal::InternalEndpoint);
    }
    let is_private = |suffix: &&str| {
        name.strip_suffix(*suffix)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if !name.contains('.') || PRIVATE_SUFFIXES.iter().any(is_private) {
        return Err(Refusal::Address);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_not_public_are_refused() {
        for name in [
            "localhost",
            "localhost.",
            "a.localhost",
            "kubernetes",
            "db.internal",
            "metadata.google.internal",
            "x.svc",
            "printer.local",
            "nas.lan",
            "a.home.arpa",
            "x.onion",
            "www.corp",
            "intranet",
            "home.arpa",
            "home.arpa.",
        ] {
            assert_eq!(judge(name), Err(Refusal::Address), "{name}");
        }
        for name in [
            "example.com",
            "example.com.",
            "notlocal.com",
            "local.example",
            "arpa.net",
            "svcs.io",
        ] {
            assert_eq!(judge(name), Ok(()), "{name}");
        }
        assert_eq!(
            judge("b.oss-cn-beijing-internal.aliyuncs.com"),
            Err(Refusal::InternalEndpoint)
        );
        assert_eq!(judge("b.oss-cn-beijing.aliyuncs.com"), Ok(()));
    }
}
