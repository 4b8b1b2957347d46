//! The two requests of an upload: its policy, and the upload itself.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Query, Request};
use axum::http::{Response, header};
use serde_json::json;

use crate::api_error::ApiError;
use crate::call::Arrival;
use crate::endpoint::Endpoint;
use crate::reply::{Origin, Payload, Reply};
use crate::request;
use crate::service::Service;
use crate::store::form::{self, Fields, Part};
use crate::store::{ACCESS_KEY_ID, BYTES_PER_MB, CAPACITY_BYTES, MAX_UPLOAD_BYTES, store_error};

/// `GET /uploads?action=getPolicy&model=…`
pub(crate) async fn policy(arrival: Arrival) -> Response<Body> {
    arrival
        .answer(Endpoint::Policy, async |service, request, request_id| {
            Ok(grant(&service, &request, &request_id)?.into())
        })
        .await
}

/// `POST` to the store.
pub(crate) async fn upload(arrival: Arrival) -> Response<Body> {
    arrival
        .answer(Endpoint::Upload, async |service, request, _| {
            Ok(receive(&service, request).await?.into())
        })
        .await
}

fn grant(service: &Service, request: &Request, request_id: &str) -> Result<Reply, ApiError> {
    request::authorize(request.headers(), &service.key)?;
    let Query(query) = Query::<HashMap<String, String>>::try_from_uri(request.uri())
        .map_err(|_| request::misshapen())?;
    if query.get("action").map(String::as_str) != Some("getPolicy") {
        return Err(request::misshapen());
    }
    let model = query.get("model").filter(|model| !model.is_empty());
    let model = model.ok_or_else(request::misshapen)?;
    // Any model has a store: what was uploaded for another one merely does not resolve here.
    let grant = service
        .store
        .grant(model, request_id)
        .ok_or_else(|| ApiError::new("Throttling.RateQuota"))?;
    let body = json!({
        "request_id": request_id,
        "data": {
            "policy": grant.policy,
            "signature": grant.signature,
            "upload_dir": grant.upload_dir,
            "upload_host": service.upload_host(),
            "expire_in_seconds": service.store.lifetimes.policy.as_secs(),
            "max_file_size_mb": MAX_UPLOAD_BYTES / BYTES_PER_MB,
            "capacity_limit_mb": CAPACITY_BYTES / BYTES_PER_MB,
            "oss_access_key_id": ACCESS_KEY_ID,
            "x_oss_object_acl": "private",
            "x_oss_forbid_overwrite": "true",
        },
    });
    Ok(Reply::ok(Payload::Json(body), Origin::Judged))
}

async fn receive(service: &Service, request: Request) -> Result<Reply, ApiError> {
    let headers = request.headers();
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(form::invalid(
            "a form upload is signed by its policy: expected no Authorization header",
        ));
    }
    if !headers.contains_key(header::CONTENT_LENGTH) {
        return Err(store_error(
            411,
            "MissingContentLength",
            "You must provide the Content-Length HTTP header.",
        ));
    }
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| {
            let why = rejection.body_text();
            store_error(400, "MalformedPOSTRequest", &why)
        })?;
    let mut fields = Fields::default();
    loop {
        match form::next_part(&mut form).await? {
            Part::Field { name, value } => fields.add(name, value)?,
            Part::File(file) => {
                let grant = service.store.check(&fields)?;
                let file = form::save(*file, &service.scratch).await?;
                service.store.put(fields.required("key")?, &grant, file)?;
                break;
            }
        }
    }
    let status = if fields.optional("success_action_status") == Some("200") {
        200
    } else {
        204
    };
    Ok(Reply {
        status,
        ..Reply::ok(Payload::Empty, Origin::Judged)
    })
}
