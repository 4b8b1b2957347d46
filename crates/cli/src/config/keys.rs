//! Refuses keys that the schema of the file does not have.

use std::ops::Range;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::config::error::ConfigError;
use crate::config::position::Source;
use crate::suggest::did_you_mean;

/// Keys that people may expect in the file, and the reason why they are refused: a commit could
/// redirect the key or open a network with them.
const NOT_FROM_FILE: [(&str, &str); 7] = [
    ("allow-net", ALLOW_NET),
    ("api-key", KEY),
    ("base-url", BASE_URL),
    ("dashscope-api-key", KEY),
    ("dashscope-http-base-url", BASE_URL),
    ("http-base-url", BASE_URL),
    ("key", KEY),
];
const ALLOW_NET: &str = "it opens networks; use --allow-net or PREFLIGHT_ALLOW_NET";
const BASE_URL: &str = "it decides who gets the key; use DASHSCOPE_HTTP_BASE_URL";
const KEY: &str = "it is a secret; use DASHSCOPE_API_KEY or ~/.dashscope/api_key";

/// Refuses the first key, in the order of the file, that the schema does not have.
///
/// # Errors
///
/// [`ConfigError::UnknownKey`], [`ConfigError::NotFromFile`], and [`ConfigError::NoTable`] for an
/// array instead of a table: serde would take its items for the table's values, in order.
pub(crate) fn check(
    table: &DeTable<'_>,
    schema: &Value,
    source: &Source,
) -> Result<(), ConfigError> {
    let mut unknown = Vec::new();
    collect(table, schema, "", source, &mut unknown)?;
    match unknown.into_iter().min_by_key(|key| key.span.start) {
        None => Ok(()),
        Some(first) => Err(first.into_error(source)),
    }
}

/// A key that the schema does not have.
struct UnknownKey<'a> {
    key: &'a str,
    span: Range<usize>,
    /// The table that holds it: empty for the top.
    table: String,
    /// The keys that the table may hold.
    known: Vec<String>,
}

fn collect<'a>(
    table: &'a DeTable<'_>,
    schema: &Value,
    path: &str,
    source: &Source,
    unknown: &mut Vec<UnknownKey<'a>>,
) -> Result<(), ConfigError> {
    let properties = schema.get("properties").and_then(Value::as_object);
    // A table whose keys the user chooses has one schema for all of its values.
    let any = schema
        .get("additionalProperties")
        .filter(|any| any.is_object());
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let below = || match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let known = properties.and_then(|properties| properties.get(name));
        match (known.or(any), value.get_ref()) {
            (Some(schema), DeValue::Table(inner)) => {
                collect(inner, schema, &below(), source, unknown)?;
            }
            (Some(schema), DeValue::Array(_)) if schema.get("type") == Some(&"object".into()) => {
                return Err(ConfigError::NoTable {
                    position: source.position(&value.span()),
                    table: format!("[{}]", below()),
                });
            }
            (Some(_), _) => {}
            (None, _) => unknown.push(UnknownKey {
                key: name,
                span: key.span(),
                table: path.to_owned(),
                known: properties
                    .map_or_else(Vec::new, |properties| properties.keys().cloned().collect()),
            }),
        }
    }
    Ok(())
}

impl UnknownKey<'_> {
    fn into_error(self, source: &Source) -> ConfigError {
        let position = source.position(&self.span);
        let key = self.key.to_owned();
        let plain = self.key.to_lowercase().replace('_', "-");
        if let Some((_, reason)) = NOT_FROM_FILE.iter().find(|(name, _)| *name == plain) {
            return ConfigError::NotFromFile {
                position,
                key,
                reason,
            };
        }
        let suggestion =
            did_you_mean(self.key, self.known.iter().map(String::as_str)).map(str::to_owned);
        let table = if self.table.is_empty() {
            "the top table".to_owned()
        } else {
            format!("[{}]", self.table)
        };
        ConfigError::UnknownKey {
            position,
            key,
            table,
            suggestion,
        }
    }
}
