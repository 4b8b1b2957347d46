//! The parts of a SARIF log (SARIF 2.1.0, section 3) named as there.

use std::borrow::Cow;

use gate::{Code, Effect, Number, Stage};
use serde::Serialize;

/// Section 3.18, `tool`: this program, with all of its rules.
#[derive(Serialize)]
pub(super) struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Rule>,
}

/// Section 3.49, `reportingDescriptor`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: &'static str,
    short_description: Text,
    full_description: Text,
    help: Text,
    help_uri: String,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

/// Properties of a rule that GitHub reads beyond the standard.
#[derive(Serialize)]
struct RuleProperties {
    tags: [String; 1],
    precision: &'static str,
    #[serde(rename = "problem.severity")]
    problem_severity: &'static str,
}

/// Section 3.27, `result`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult {
    pub(super) rule_id: &'static str,
    pub(super) rule_index: usize,
    pub(super) level: &'static str,
    pub(super) message: Text,
    pub(super) locations: [Location; 1],
    pub(super) partial_fingerprints: Fingerprints,
    pub(super) properties: ResultProperties,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fingerprints {
    pub(super) primary_location_line_hash: String,
}

#[derive(Serialize)]
pub(super) struct ResultProperties {
    pub(super) stage: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) measured: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<String>,
}

/// Section 3.28.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    physical_location: PhysicalLocation,
}

/// Section 3.29.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

/// Section 3.4.
#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

/// Section 3.30.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u64,
    start_column: u64,
    end_line: u64,
    end_column: u64,
}

impl Location {
    /// The start of a line of a file.
    pub(super) fn at(uri: String, line: u64) -> Self {
        Self {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri },
                region: Region {
                    start_line: line,
                    start_column: 1,
                    end_line: line,
                    end_column: 1,
                },
            },
        }
    }
}

/// Section 3.11, `message`, and 3.12, `multiformatMessageString`.
#[derive(Serialize)]
pub(super) struct Text {
    text: String,
}

/// Section 3.20, `invocation`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    pub(super) execution_successful: bool,
    pub(super) exit_code: u8,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tool_execution_notifications: Vec<Notification>,
    pub(super) properties: RunProperties,
}

#[derive(Serialize)]
pub(super) struct RunProperties {
    pub(super) profile: String,
    /// `standin` where the detector's verdicts are made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service: Option<&'static str>,
}

/// Section 3.58, `notification`.
#[derive(Serialize)]
pub(super) struct Notification {
    level: &'static str,
    message: Text,
    #[serde(rename = "associatedRule", skip_serializing_if = "Option::is_none")]
    associated_rule: Option<RuleReference>,
}

/// Section 3.52, `reportingDescriptorReference`.
#[derive(Serialize)]
struct RuleReference {
    id: &'static str,
}

impl Tool {
    pub(super) fn of_preflight() -> Self {
        Self {
            driver: Driver {
                name: "preflight",
                semantic_version: env!("CARGO_PKG_VERSION"),
                information_uri: env!("CARGO_PKG_REPOSITORY"),
                rules: Code::ALL.iter().copied().map(Rule::of).collect(),
            },
        }
    }
}

impl Rule {
    fn of(code: Code) -> Self {
        let entry = code.entry();
        Self {
            id: entry.id,
            name: entry.slug,
            short_description: Text::new(entry.summary),
            full_description: Text::new(format!("{} {}", entry.checks, entry.why)),
            help: Text::new(format!(
                "Put it right: {} See `preflight explain {}`.",
                sentence(entry.remedy),
                entry.id
            )),
            help_uri: page_uri(code),
            default_configuration: Configuration {
                level: level(entry.effect),
            },
            properties: RuleProperties {
                tags: [format!("stage:{}", entry.stage)],
                precision: "very-high",
                problem_severity: problem_severity(entry.effect),
            },
        }
    }
}

impl Text {
    pub(super) fn new<'a>(text: impl Into<Cow<'a, str>>) -> Self {
        let text: Cow<'a, str> = text.into();
        Self {
            text: text.into_owned(),
        }
    }
}

impl Notification {
    pub(super) fn new<'a>(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            level: "warning",
            message: Text::new(text),
            associated_rule: None,
        }
    }

    pub(super) fn about(code: Code, text: String) -> Self {
        Self {
            associated_rule: Some(RuleReference { id: code.id() }),
            ..Self::new(text)
        }
    }
}

/// The section on a code in the page of codes, which links to the vendor's page.
fn page_uri(code: Code) -> String {
    let page = concat!(
        env!("CARGO_PKG_REPOSITORY"),
        "/blob/main/crates/cli/docs/codes.md"
    );
    format!("{page}#{}-{}", code.id().to_lowercase(), code.slug())
}

/// The level of a finding. An unknown image is only a warning: nothing is known to be wrong with
/// it.
pub(super) const fn level(effect: Effect) -> &'static str {
    match effect {
        Effect::Reject => "error",
        Effect::Unknown | Effect::Warning => "warning",
        Effect::Note => "note",
    }
}

/// GitHub's word for a level.
const fn problem_severity(effect: Effect) -> &'static str {
    match effect {
        Effect::Reject => "error",
        Effect::Unknown | Effect::Warning => "warning",
        Effect::Note => "recommendation",
    }
}

fn sentence(text: &str) -> String {
    if text.ends_with('.') {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
