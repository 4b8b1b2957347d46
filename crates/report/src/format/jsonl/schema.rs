//! The JSON Schema of the lines of a JSONL report.

use gate::{Facts, HttpFacts, Number, Outcome, RemoteFacts, Severity, Stage};
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::format::jsonl::{ListLineFields, SummaryFields};

/// The schema of any line, JSON Schema 2020-12.
#[must_use]
pub fn schema() -> Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(NeverNull)
        .into_generator()
        .into_root_schema_for::<Line>()
        .to_value()
}

/// A line of a report of `preflight check --format jsonl`: images in the order of the inputs, then
/// one summary. Keys whose value is not known are absent, never null. Keys may be added; the
/// summary's `schema` changes when one goes away or changes its meaning.
#[derive(JsonSchema)]
#[schemars(
    tag = "type",
    rename_all = "lowercase",
    title = "preflight report line"
)]
#[expect(
    dead_code,
    clippy::large_enum_variant,
    reason = "only its schema is used"
)]
enum Line<'a> {
    /// What came of one image.
    Image(Box<Image>),
    /// What came of all images together.
    Summary(SummaryFields<'a>),
}

/// What came of one image. It has a `path`, a `url` or both.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Image {
    /// The file, relative as typed; `-` for standard input. Bytes that are not UTF-8 are U+FFFD.
    #[schemars(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The exact bytes of a path that is not UTF-8, in base64.
    #[schemars(skip_serializing_if = "Option::is_none")]
    path_b64: Option<String>,
    /// The exact URL of the image, or of the file's public copy.
    #[schemars(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The list that named it.
    #[schemars(skip_serializing_if = "Option::is_none")]
    origin: Option<ListLineFields>,
    /// What came of it.
    outcome: Outcome,
    /// Where it ended: the stage that rejected it or could not tell, or the last one that ran.
    stage: Stage,
    /// Why it was skipped.
    #[schemars(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[schemars(flatten)]
    facts: Facts,
    /// What was seen of the server that it came from.
    #[schemars(skip_serializing_if = "Option::is_none")]
    http: Option<HttpFacts>,
    /// Everything found, in the order of the stages.
    findings: Vec<Finding>,
    /// What the paid stage said.
    #[schemars(skip_serializing_if = "Option::is_none")]
    remote: Option<RemoteFacts>,
}

/// One thing that a stage found.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Finding {
    /// `PF` and three digits; see `preflight explain`.
    #[schemars(regex(pattern = "^PF[0-9]{3}$"))]
    code: String,
    /// The code in lower-case words with hyphens.
    name: String,
    /// `error` for what rejects the image or leaves it unknown.
    severity: Severity,
    /// One line for people.
    message: String,
    /// What was measured, in px, bytes or as longer side over shorter one.
    #[schemars(skip_serializing_if = "Option::is_none")]
    measured: Option<Number>,
    /// What the profile allows, in the same unit.
    #[schemars(skip_serializing_if = "Option::is_none")]
    limit: Option<Number>,
}

/// Takes null from every type: what is not known is absent.
#[derive(Clone)]
struct NeverNull;

impl Transform for NeverNull {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
            choices.retain(|choice| choice.get("type") != Some(&Value::from("null")));
            if let [Value::Object(only)] = choices.as_slice() {
                let only = only.clone();
                schema.remove("anyOf");
                for (key, value) in only {
                    schema.insert(key, value);
                }
            }
        }
        transform_subschemas(self, schema);
    }
}
