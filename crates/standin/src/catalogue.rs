//! The error codes that a face-detect call may meet, with the HTTP status and the service's own
//! words.
//!
//! The first twelve are the status-code table of the vendor's "EMO image detection API reference"
//! (Sep 04, 2025), spelling and all ("oriention"). The rest is from its common "Error messages"
//! page and from recorded traffic.

/// One row: status, code, message.
pub(crate) type Row = (u16, &'static str, &'static str);

/// The row of `code`; of the first status that it is documented with, where there are several.
pub(crate) fn row(code: &str) -> Option<&'static Row> {
    CATALOGUE.iter().find(|(_, known, _)| *known == code)
}

pub(crate) const CATALOGUE: &[Row] = &[
    // Codes specific to this model, in the order of the reference.
    (
        400,
        "InvalidParameter",
        "The request is missing required parameters or in a wrong format, please check the parameters that you send.",
    ),
    (
        400,
        "InvalidParameter.Ratio",
        "The request parameter is invalid, please check the request parameter.",
    ),
    (
        400,
        "InvalidURL",
        "The request URL is invalid, please check the request URL is available and the request image format is one of the following types: JPEG, JPG, PNG, BMP, and WebP.",
    ),
    (
        400,
        "InvalidFile.NoHuman",
        "The input image has no human body. Please upload other image with single person.",
    ),
    (
        400,
        "InvalidFile.MultiHuman",
        "The input image has multi human bodies. Please upload other image with single person.",
    ),
    (
        400,
        "InvalidFile.BodyProportion",
        "The proportion of the detected person in the picture is too large or too small, please upload other image.",
    ),
    (
        400,
        "InvalidFile.Resolution",
        "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, and the smallest length of image is larger than 400.",
    ),
    (
        400,
        "InvalidFile.Value",
        "The value of the image is invalid, please upload other clearer image.",
    ),
    (
        400,
        "InvalidFile.FrontBody",
        "The pose of the detected person is invalid, please upload other image with the front view.",
    ),
    (
        400,
        "InvalidFile.FullFace",
        "The pose of the detected face is invalid, please upload other image with whole face.",
    ),
    (
        400,
        "InvalidFile.FacePose",
        "The pose of the detected face is invalid, please upload other image with the expected oriention.",
    ),
    (
        400,
        "InvalidFile.FullBody",
        "The pose of the detected person is invalid, please upload other image with whole body, or change the ratio parameter to 1:1.",
    ),
    // The caller's request.
    (
        400,
        "BadRequest.EmptyInput",
        "Required input parameter missing from request.",
    ),
    (
        400,
        "BadRequest.EmptyModel",
        "Required parameter \"model\" missing or invalid, please check the request parameters.",
    ),
    (
        400,
        "BadRequest.EmptyParameters",
        "Required parameter \"parameters\" missing from request.",
    ),
    (
        400,
        "BadRequest.IllegalInput",
        "The input parameter requires json format.",
    ),
    (
        400,
        "BadRequest.InputDownloadFailed",
        "Failed to download the input file.",
    ),
    (400, "BadRequest.TooLarge", "Payload Too Large"),
    (
        400,
        "BadRequest.UnsupportedFileFormat",
        "Input file format is not supported.",
    ),
    (
        400,
        "invalid_parameter_error",
        "The provided URL does not appear to be valid. Ensure it is correctly formatted.",
    ),
    // The image could not be fetched or read.
    (
        400,
        "InvalidParameter.DataInspection",
        "Unable to download the media resource during the data inspection process.",
    ),
    (
        400,
        "InvalidURL.ConnectionRefused",
        "Connection to the URL refused, please provide available URL.",
    ),
    (
        400,
        "InvalidURL.Timeout",
        "Download the URL timeout, please check the network connection.",
    ),
    (
        400,
        "InvalidFile.Content",
        "The input image content is invalid.",
    ),
    (400, "InvalidFile.Format", "The file format is invalid."),
    (400, "InvalidFile.Openerror", "The file cannot be opened."),
    (400, "InvalidFile.Size", "The file size is invalid."),
    (
        400,
        "InvalidImage.FileFormat",
        "The image file format is invalid.",
    ),
    // Moderation.
    (
        400,
        "DataInspectionFailed",
        "Input data may contain inappropriate content.",
    ),
    (
        400,
        "data_inspection_failed",
        "Input data may contain inappropriate content.",
    ),
    (
        400,
        "IPInfringementSuspect",
        "Input data is suspected of being involved in IP infringement.",
    ),
    (
        400,
        "CustomRoleBlocked",
        "Input or output data may contain inappropriate content with custom rule.",
    ),
    (
        400,
        "FaqRuleBlocked",
        "Input or output data is blocked by faq rule.",
    ),
    // The account.
    (
        400,
        "Arrearage",
        "Access denied, please make sure your account is in good standing.",
    ),
    (401, "InvalidApiKey", "Invalid API-key provided."),
    (401, "invalid_api_key", "Invalid API-key provided."),
    (
        401,
        "NOT AUTHORIZED",
        "Access denied: Either you are not authorized to access this workspace, or the workspace does not exist.",
    ),
    (403, "AccessDenied", "Access denied."),
    (403, "access_denied", "Access denied."),
    (
        403,
        "AccessDenied.Unpurchased",
        "Access to model denied. Please make sure you are eligible for using the model.",
    ),
    (
        403,
        "AllocationQuota.FreeTierOnly",
        "The free tier of the model has been exhausted.",
    ),
    (403, "App.AccessDenied", "App access denied."),
    (403, "Model.AccessDenied", "Model access denied."),
    (403, "Workspace.AccessDenied", "Workspace access denied."),
    (404, "Model.NotExist", "Model not exist."),
    (404, "ModelNotFound", "Model can not be found."),
    (
        404,
        "model_not_found",
        "The model does not exist or you do not have access to it.",
    ),
    (404, "NotFound", "Not found!"),
    (404, "WorkSpaceNotFound", "WorkSpace can not be found."),
    // Too fast, or too much: 429 is not always worth a retry.
    (429, "Throttling", "Requests throttling triggered."),
    (
        429,
        "Throttling.RateQuota",
        "Requests rate limit exceeded, please try again later.",
    ),
    (
        429,
        "LimitRequests",
        "You exceeded your current requests list.",
    ),
    (
        429,
        "limit_requests",
        "You exceeded your current request limit.",
    ),
    (
        429,
        "Throttling.BurstRate",
        "Request rate increased too quickly. To ensure system stability, please adjust your client logic to scale requests more smoothly over time.",
    ),
    (
        429,
        "limit_burst_rate",
        "Request rate increased too quickly.",
    ),
    (
        429,
        "Throttling.AllocationQuota",
        "Allocated quota exceeded, please increase your quota limit.",
    ),
    (
        429,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    (
        429,
        "CommodityNotPurchased",
        "Commodity has not purchased yet.",
    ),
    (429, "PrepaidBillOverdue", "The prepaid bill is overdue."),
    (429, "PostpaidBillOverdue", "The postpaid bill is overdue."),
    // The service.
    (
        500,
        "InternalError",
        "An internal error has occured, please try again later or contact service support.",
    ),
    (
        500,
        "internal_error",
        "An internal error has occured, please try again later or contact service support.",
    ),
    (500, "InternalError.Algo", "Inference internal error."),
    (
        500,
        "InternalError.FileUpload",
        "An internal error has occured, please try again later or contact service support.",
    ),
    (
        500,
        "InternalError.Timeout",
        "An internal timeout error has occured during execution, please try again later or contact service support.",
    ),
    (
        500,
        "InternalError.Upload",
        "An internal error has occured, please try again later or contact service support.",
    ),
    (
        500,
        "ModelServiceFailed",
        "Failed to request model service.",
    ),
    (
        500,
        "RequestTimeOut",
        "Request timed out, please try again later.",
    ),
    (
        500,
        "SystemError",
        "An system error has occured, please try again later.",
    ),
    (
        503,
        "ModelServingError",
        "Too many requests. Your requests are being throttled due to system capacity limits. Please try again later.",
    ),
    (
        503,
        "ModelUnavailable",
        "Model is unavailable, please try again later.",
    ),
    (
        503,
        "ServiceUnavailable",
        "The service is unavailable, please try again later.",
    ),
    (
        504,
        "GatewayTimeout",
        "The gateway timed out, please try again later.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_code_stands_once_and_has_words_and_an_error_status() {
        let mut seen = BTreeSet::new();
        for (status, code, message) in CATALOGUE {
            assert!(seen.insert(code), "{code} stands twice");
            assert!((400..600).contains(status), "{code}: {status}");
            assert!(!message.is_empty(), "{code}");
        }
        assert!(seen.len() > 60);
    }
}
