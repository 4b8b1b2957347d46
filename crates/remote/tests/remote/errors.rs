//! The vendor's page "Error messages" (2026), as far as a check may meet it.

use remote::{Charge, ErrorKind, Retry};
use serde_json::json;
use tokio::task::JoinSet;

use crate::server::{Server, json};

const ID: &str = "c56f62df-724e-9c19-96bd-308627cf5262";

/// Status, code, message, kind, requests sent.
#[tokio::test]
async fn common_errors() {
    use ErrorKind::{
        Account, KeyRefused, Moderated, NotFetched, OutcomeUnknown, RequestRefused, ServiceFailed,
        Throttled,
    };
    let rows = [
        (
            400,
            "BadRequest.EmptyParameters",
            "Required parameter \"parameters\" missing",
            RequestRefused,
            1,
        ),
        (
            400,
            "BadRequest.InputDownloadFailed",
            "Failed to download the input file",
            NotFetched,
            1,
        ),
        (
            400,
            "InternalError.Algo.InvalidParameter",
            "Failed to download multimodal content",
            NotFetched,
            1,
        ),
        (400, "BadRequest.InputDownloadFailed", "", NotFetched, 2),
        (
            429,
            "insufficient_quota",
            "Free allocated quota exceeded.",
            Account,
            1,
        ),
        (
            429,
            "insufficient_quota",
            "You exceeded your current quota",
            Throttled,
            3,
        ),
        (400, "InvalidURL.Timeout", "", NotFetched, 2),
        (400, "InvalidURL.ConnectionRefused", "", NotFetched, 1),
        (
            400,
            "InvalidParameter.DataInspection",
            "Unable to download the media resource",
            NotFetched,
            1,
        ),
        (
            400,
            "DataInspectionFailed",
            "inappropriate content",
            Moderated,
            1,
        ),
        (400, "Arrearage", "account in good standing", Account, 1),
        (
            401,
            "InvalidApiKey",
            "Invalid API-key provided.",
            KeyRefused,
            1,
        ),
        (
            401,
            "invalid_api_key",
            "Incorrect API key provided.",
            KeyRefused,
            1,
        ),
        (401, "NOT AUTHORIZED", "workspace", KeyRefused, 1),
        (
            403,
            "AccessDenied",
            "Current user api does not support asynchronous calls.",
            Account,
            1,
        ),
        (403, "AccessDenied.Unpurchased", "", Account, 1),
        (403, "AllocationQuota.FreeTierOnly", "", Account, 1),
        (404, "ModelNotFound", "", Account, 1),
        (
            429,
            "Throttling",
            "Requests throttling triggered.",
            Throttled,
            3,
        ),
        (
            429,
            "Throttling.AllocationQuota",
            "Free allocated quota exceeded.",
            Account,
            1,
        ),
        (429, "PrepaidBillOverdue", "", Account, 1),
        (500, "InternalError", "try again later", ServiceFailed, 3),
        (
            500,
            "InternalError.Algo",
            "Inference error: Inference error.",
            ServiceFailed,
            1,
        ),
        (500, "InternalError.Timeout", "", ServiceFailed, 1),
        (503, "ModelUnavailable", "", ServiceFailed, 3),
        (504, "GatewayTimeout", "", OutcomeUnknown, 1),
    ];
    // Side by side: those that are tried three times take seconds.
    let mut checks: JoinSet<()> = rows.into_iter().map(common_error).collect();
    while let Some(check) = checks.join_next().await {
        check.unwrap();
    }
}

async fn common_error((status, code, message, kind, sent): (u16, &str, &str, ErrorKind, usize)) {
    let body = json!({"code": code, "message": message, "request_id": ID}).to_string();
    let server = Server::start([json(status, &body)]).await;
    let error = server.ask().await.unwrap_err();
    assert_eq!(
        (error.kind(), server.requests().len()),
        (kind, sent),
        "{status} {code}"
    );
    let charge = if kind == ErrorKind::OutcomeUnknown {
        Charge::Unknown
    } else {
        Charge::No
    };
    assert_eq!(
        (error.charge(), error.sent() as usize),
        (charge, sent),
        "{status} {code}"
    );
    assert_eq!(
        matches!(error.retry(), Retry::After(_)),
        sent > 1,
        "{status} {code}"
    );
}
