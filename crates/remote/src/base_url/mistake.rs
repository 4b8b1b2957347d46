//! Base URLs that are URLs, and cannot be right.

use url::Url;

use super::{BaseUrl, BaseUrlError};

/// The vendor's domain of its APIs.
const VENDOR: &str = ".aliyuncs.com";

/// Its domains of web sites.
const SITES: [&str; 3] = [".aliyun.com", ".alibabacloud.com", ".console.aliyun.com"];

/// The path of the API on the vendor's hosts.
const PATH: &str = "/api/v1";

/// The only region that has the model.
const REGION: &str = "cn-beijing";

/// The beginnings of regions' names.
const AREAS: [&str; 6] = ["ap-", "cn-", "eu-", "me-", "na-", "us-"];

/// Refuses what cannot be the base of the API. The path has no slash at its end.
pub(super) fn check(url: &Url) -> Result<(), BaseUrlError> {
    let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
    let host = host.trim_end_matches('.');
    if SITES.iter().any(|site| host.ends_with(site)) {
        return Err(BaseUrlError::NotTheApi {
            host: host.to_owned(),
        });
    }
    let is_vendors = host.ends_with(VENDOR);
    if is_vendors && is_elsewhere(host) {
        return Err(BaseUrlError::Region {
            host: host.to_owned(),
        });
    }
    let path = url.path().trim_end_matches('/');
    if let Some(base) = base_of_endpoint(path) {
        let base = if is_vendors { PATH } else { base };
        return Err(BaseUrlError::Endpoint {
            offer: with_path(url, base),
        });
    }
    if let Some((before, _)) = path.split_once("/compatible-mode") {
        return Err(BaseUrlError::Dialect {
            offer: with_path(url, &format!("{before}{PATH}")),
        });
    }
    if is_vendors && path != PATH {
        return Err(BaseUrlError::Path {
            path: if path.is_empty() { "none" } else { path }.to_owned(),
            offer: with_path(url, PATH),
        });
    }
    Ok(())
}

/// Whether a host of the vendor's names a region or a cloud without the model.
fn is_elsewhere(host: &str) -> bool {
    let labels = || {
        host.split('.')
            .map(|label| label.strip_prefix("vpc-").unwrap_or(label))
    };
    if labels().any(|label| label.starts_with(REGION)) {
        return false;
    }
    labels().any(|label| {
        label.starts_with("dashscope-") || AREAS.iter().any(|area| label.starts_with(area))
    })
}

/// The base before the path of a call, if that is what the path is.
fn base_of_endpoint(path: &str) -> Option<&str> {
    let (base, _) = path.split_once("/services/").or_else(|| {
        [
            "/uploads",
            "/tasks",
            "/services",
            "/face-detect",
            "/chat/completions",
        ]
        .into_iter()
        .find_map(|end| Some((path.strip_suffix(end)?, "")))
    })?;
    Some(base)
}

fn with_path(url: &Url, path: &str) -> String {
    let mut url = url.clone();
    url.set_path(path);
    match BaseUrl::parse(url.as_str()) {
        Ok(base) => base.to_string(),
        Err(_) => BaseUrl::SHARED.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEIJING: &str = "https://dashscope.aliyuncs.com/api/v1";

    #[test]
    fn what_cannot_be_right_is_refused_with_what_would_be() {
        for (text, offer) in [
            ("https://dashscope.aliyuncs.com/compatible-mode/v1", BEIJING),
            (
                "https://dashscope.aliyuncs.com/compatible-mode/v1/",
                BEIJING,
            ),
            (
                "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
                BEIJING,
            ),
            ("https://dashscope.aliyuncs.com", BEIJING),
            ("https://dashscope.aliyuncs.com/", BEIJING),
            ("https://dashscope.aliyuncs.com/api", BEIJING),
            ("https://dashscope.aliyuncs.com/api/v2", BEIJING),
            ("https://dashscope.aliyuncs.com/v1", BEIJING),
            ("https://dashscope.aliyuncs.com/apps/anthropic", BEIJING),
            (
                "https://dashscope.aliyuncs.com/api/v1/services/aigc/image2video/face-detect",
                BEIJING,
            ),
            (
                "https://dashscope.aliyuncs.com/api/v1/services/aigc/image2video/face-detect/",
                BEIJING,
            ),
            ("https://dashscope.aliyuncs.com/api/v1/services", BEIJING),
            ("https://dashscope.aliyuncs.com/api/v1/uploads", BEIJING),
            ("https://dashscope-intl.aliyuncs.com/api/v1", BEIJING),
            ("https://DASHSCOPE-US.aliyuncs.com/api/v1", BEIJING),
            ("https://cn-hongkong.dashscope.aliyuncs.com/api/v1", BEIJING),
            (
                "https://ws-1.ap-southeast-1.maas.aliyuncs.com/api/v1",
                BEIJING,
            ),
            (
                "https://vpc-ap-southeast-1.dashscope.aliyuncs.com/api/v1",
                BEIJING,
            ),
            ("https://bailian.console.aliyun.com/", BEIJING),
            ("https://www.alibabacloud.com/help/en/model-studio", BEIJING),
            (
                "https://ws-1.cn-beijing.maas.aliyuncs.com",
                "https://ws-1.cn-beijing.maas.aliyuncs.com/api/v1",
            ),
            (
                "https://gateway.example/emo/services/aigc/image2video/face-detect",
                "https://gateway.example/emo",
            ),
            (
                "http://127.0.0.1:8080/compatible-mode/v1",
                "http://127.0.0.1:8080/api/v1",
            ),
        ] {
            let error = BaseUrl::parse(text).unwrap_err().to_string();
            assert!(error.starts_with("expected a base URL"), "{text}: {error}");
            assert!(error.contains(&format!(": use {offer}")), "{text}: {error}");
        }
    }

    #[test]
    fn what_may_be_right_is_taken() {
        for text in [
            BEIJING,
            "https://dashscope.aliyuncs.com/api/v1/",
            "https://trial.cn-beijing.maas.aliyuncs.com/api/v1",
            "https://ws-1.cn-beijing.maas.aliyuncs.com/api/v1",
            "https://vpc-cn-beijing.dashscope.aliyuncs.com/api/v1",
            "https://us-team.cn-beijing.maas.aliyuncs.com/api/v1",
            "https://gateway.example/emo",
            "http://localhost:8080",
            "http://[::1]:8080/api/v1",
        ] {
            assert!(BaseUrl::parse(text).is_ok(), "{text}");
        }
    }
}
