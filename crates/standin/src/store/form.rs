//! The upload form: fields first, the file last, streamed to disk.

use std::collections::HashMap;
use std::io;

use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::{MAX_UPLOAD_BYTES, StoredFile, store_error};
use crate::api_error::ApiError;
use crate::request::hex;
use crate::scratch::Scratch;

/// Fields before the file: the form has nine.
const MAX_FIELDS: usize = 32;

/// Bytes of one field that is not the file; a policy is about 600.
const MAX_FIELD_BYTES: usize = 16 * 1024;

/// The form's fields by lower-case name, without the file.
#[derive(Debug, Default)]
pub(crate) struct Fields(HashMap<String, String>);

/// One part of the form.
pub(crate) enum Part<'a> {
    Field { name: String, value: String },
    File(Box<Field<'a>>),
}

impl Fields {
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.optional(name)
            .ok_or_else(|| invalid(&format!("the form has no field {name} before the file")))
    }

    pub(crate) fn add(&mut self, name: String, value: String) -> Result<(), ApiError> {
        if self.0.len() >= MAX_FIELDS {
            return Err(invalid("the form has too many fields"));
        }
        self.0.insert(name, value);
        Ok(())
    }
}

/// The form's next part. The file is the last that counts: what comes after it is not looked at, as
/// in the real store.
pub(crate) async fn next_part(form: &mut Multipart) -> Result<Part<'_>, ApiError> {
    let field = form.next_field().await.map_err(|error| malformed(&error))?;
    let mut field = field.ok_or_else(|| invalid("the form has no field file"))?;
    let name = field.name().unwrap_or_default().to_ascii_lowercase();
    if name == "file" {
        return Ok(Part::File(Box::new(field)));
    }
    let mut value = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|error| malformed(&error))? {
        value.extend_from_slice(&piece);
        if value.len() > MAX_FIELD_BYTES {
            return Err(invalid(&format!("the field {name} is too long")));
        }
    }
    let value =
        String::from_utf8(value).map_err(|_| invalid(&format!("the field {name} is not UTF-8")))?;
    Ok(Part::Field { name, value })
}

/// Writes the file into `scratch`, a piece at a time.
pub(crate) async fn save(mut field: Field<'_>, scratch: &Scratch) -> Result<StoredFile, ApiError> {
    let (mut file, path) = scratch.file().map_err(|error| broken(&error))?;
    let mut bytes = 0;
    let mut hash = Sha256::new();
    while let Some(piece) = field.chunk().await.map_err(|error| malformed(&error))? {
        bytes += piece.len() as u64;
        if bytes > MAX_UPLOAD_BYTES {
            return Err(store_error(
                400,
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed object size.",
            ));
        }
        hash.update(&piece);
        file.write_all(&piece)
            .await
            .map_err(|error| broken(&error))?;
    }
    file.flush().await.map_err(|error| broken(&error))?;
    Ok(StoredFile {
        path,
        bytes,
        sha256: hex(&hash.finalize()),
    })
}

pub(crate) fn malformed(error: &MultipartError) -> ApiError {
    let why = format!(
        "The body of your POST request is not well-formed multipart/form-data: {}",
        error.body_text()
    );
    store_error(400, "MalformedPOSTRequest", &why)
}

pub(crate) fn invalid(why: &str) -> ApiError {
    store_error(400, "InvalidArgument", why)
}

fn broken(error: &io::Error) -> ApiError {
    store_error(
        500,
        "InternalError",
        &format!("We encountered an internal error: {error}"),
    )
}
