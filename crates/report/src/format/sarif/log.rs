//! The parts of a SARIF log (SARIF 2.1.0, section 3) that stand around its results, named as there.

use gate::{Code, Effect};
use serde::Serialize;

/// Section 3.18: what ran, with every rule that it has.
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
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

/// What GitHub reads of a rule beyond the standard.
#[derive(Serialize)]
struct RuleProperties {
    tags: [String; 1],
    precision: &'static str,
    #[serde(rename = "problem.severity")]
    problem_severity: &'static str,
}

/// Section 3.11, `message`, and 3.12, `multiformatMessageString`.
#[derive(Serialize)]
struct Text {
    text: String,
}

/// Section 3.20: how the run went.
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

/// Section 3.58: a word about the run.
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
            default_configuration: Configuration {
                level: super::level(entry.effect),
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
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

impl Notification {
    pub(super) fn new(text: impl Into<String>) -> Self {
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
