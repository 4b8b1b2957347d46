//! What a store says of an object that it does not give, and what to do then.

use gate::{Code, Report};

use crate::support::{URL, served, status};

async fn refused(body: &str, fields: &str) -> Report {
    served(&status("403 Forbidden", fields, body), URL).await
}

fn help(report: &Report) -> &str {
    report.findings()[0].help.as_deref().unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_cause_has_a_cure_of_its_own() {
    let mut cures = std::collections::BTreeSet::new();
    for (code, words) in [
        ("AccessDenied", "a key that may read"),
        ("SignatureDoesNotMatch", "the secret"),
        ("RequestTimeTooSkewed", "clock"),
        ("InvalidAccessKeyId", "that the store knows"),
        ("PermanentRedirect", "the region that the bucket is in"),
    ] {
        let report = refused(&format!("<Error><Code>{code}</Code></Error>"), "").await;
        assert!(help(&report).contains(words), "{code}: {report:?}");
        assert!(report.findings()[0].message.contains(code), "{report:?}");
        assert!(cures.insert(help(&report).to_owned()), "{code}");
    }
    let elsewhere =
        "<Error><Code>PermanentRedirect</Code><Endpoint>s3.eu-west-1.example</Endpoint></Error>";
    let report = refused(elsewhere, "").await;
    assert!(
        help(&report).contains("for s3.eu-west-1.example,"),
        "{report:?}"
    );
    // Nothing is made up for a code that is not known.
    let report = refused("<Error><Code>TeaPot</Code></Error>", "").await;
    assert!(!cures.contains(help(&report)), "{report:?}");
}

/// S3 answers a bucket of another region with 301, without a `Location` to follow.
#[tokio::test(start_paused = true)]
async fn a_redirect_of_a_store_without_a_way_is_its_refusal() {
    let server = status(
        "301 Moved Permanently",
        "x-amz-bucket-region: eu-west-1\r\n",
        "<Error><Code>PermanentRedirect</Code></Error>",
    );
    let report = served(&server, URL).await;
    let http = report.http().unwrap();
    assert_eq!((http.status, http.redirects), (Some(301), 0), "{report:?}");
    assert_eq!(report.findings()[0].code, Code::HttpStatus);
    assert!(help(&report).contains("for eu-west-1,"), "{report:?}");
}
