//! SARIF 2.1.0, as GitHub's code scanning wants it.
//!
//! GitHub asks for more than the schema: every rule with its three texts, every result with all
//! four numbers of its region and with `primaryLocationLineHash` (GitHub documentation, "SARIF
//! support for code scanning"). All rules are always listed, so that two runs differ only in their
//! results.

mod log;
mod notifications;

use std::fmt::Write as _;
use std::io::{self, Write};

use gate::{Code, Effect, Finding, Outcome};

use self::log::level;
use self::notifications::Notifications;
use crate::escape::escaped;
use crate::image::Image;
use crate::json;
use crate::location::{Location, RepositoryRoot};
use crate::render::{Context, Render};
use crate::totals::Summary;
use crate::words::{display_name, facts, numbered};

/// GitHub refuses a run with more results. Those that wait for the end take some 20 MB at most.
const MAX_RESULTS: usize = 25_000;

/// Renders one run. Rejections are written at once and other results after them, so that the limit
/// on results never drops a rejection for a note.
pub(crate) struct Sarif {
    root: RepositoryRoot,
    profile: String,
    service: Option<&'static str>,
    errors: usize,
    /// Results below an error, at most [`MAX_RESULTS`] of them.
    lesser: Vec<log::SarifResult>,
    lesser_count: usize,
    notifications: Notifications,
}

impl Sarif {
    pub(crate) fn new(context: &Context) -> Self {
        Self {
            root: context.root.clone(),
            profile: context.profile.name().to_owned(),
            service: context.standin(),
            errors: 0,
            lesser: Vec::new(),
            lesser_count: 0,
            notifications: Notifications::default(),
        }
    }

    /// A result. Without all four numbers of the region (3.30), GitHub shows nothing; without the
    /// fingerprint, the only one that it reads, the upload would hash the lines of an image.
    fn result(
        &self,
        image: &Image,
        finding: &Finding,
        location: &Location<'_>,
        nth: usize,
    ) -> log::SarifResult {
        let (code, line) = (finding.code, location.line);
        let (id, seen) = (code.id(), image.report.facts());
        let help = finding.help.as_deref();
        log::SarifResult {
            rule_id: id,
            rule_index: Code::ALL.partition_point(|known| known.id() < id),
            level: level(finding.effect),
            message: log::Text::new(escaped(&self.message(image, finding, location))),
            locations: [log::Location::at(location.uri(), line)],
            partial_fingerprints: log::Fingerprints {
                primary_location_line_hash: format!("{id}:{}:{nth}", location.identity(image)),
            },
            properties: log::ResultProperties {
                stage: code.stage(),
                width: seen.width,
                height: seen.height,
                measured: finding.measured,
                limit: finding.limit,
                help: help.map(|help| escaped(help).into_owned()),
            },
        }
    }

    fn message(&self, image: &Image, finding: &Finding, location: &Location<'_>) -> String {
        let mut text = String::with_capacity(128);
        if !location.is_image {
            let _ = write!(text, "{}: ", display_name(image));
        }
        text.push_str(&finding.message);
        if finding.limit.is_some() {
            let _ = write!(text, " ({})", self.profile);
        }
        if let Some(facts) = facts(image.report.facts()) {
            let _ = write!(text, ". {facts}");
        }
        text.push('.');
        if let Some(help) = &finding.help {
            let _ = write!(text, " Help: {help}");
        }
        text
    }
}

impl Render for Sarif {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(
            b"{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\n\"tool\":",
        )?;
        json::write(out, &log::Tool::of_preflight())?;
        out.write_all(b",\n\"results\":[")
    }

    fn image(&mut self, out: &mut dyn Write, image: &Image) -> io::Result<()> {
        if image.report.outcome() == Outcome::Unknown {
            self.notifications.add_unknown(image);
        }
        if image.report.findings().is_empty() {
            return Ok(());
        }
        let Some(location) = self.root.locate(image) else {
            self.notifications.add_unlocated();
            return Ok(());
        };
        for (finding, nth) in numbered(image.report.findings()) {
            let is_error = finding.effect == Effect::Reject;
            let count = if is_error {
                &mut self.errors
            } else {
                &mut self.lesser_count
            };
            *count += 1;
            if *count > MAX_RESULTS {
                continue;
            }
            let result = self.result(image, finding, &location, nth);
            if is_error {
                write_result(out, self.errors == 1, &result)?;
            } else {
                self.lesser.push(result);
            }
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write, summary: &Summary) -> io::Result<()> {
        let mut written = self.errors.min(MAX_RESULTS);
        for result in self.lesser.drain(..).take(MAX_RESULTS - written) {
            write_result(out, written == 0, &result)?;
            written += 1;
        }
        let dropped = self.errors + self.lesser_count - written;
        let notifications = std::mem::take(&mut self.notifications);
        out.write_all(b"\n],\n\"invocations\":[")?;
        json::write(
            out,
            &log::Invocation {
                execution_successful: !summary.interrupted,
                exit_code: summary.exit_code,
                properties: log::RunProperties {
                    profile: self.profile.clone(),
                    service: self.service,
                },
                tool_execution_notifications: notifications.into_log(summary, dropped),
            },
        )?;
        out.write_all(b"]}]}\n")
    }
}

fn write_result(out: &mut dyn Write, is_first: bool, result: &log::SarifResult) -> io::Result<()> {
    let separator = if is_first { "\n" } else { ",\n" };
    out.write_all(separator.as_bytes())?;
    json::write(out, result)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::notifications::MAX_NOTIFICATIONS;
    use super::*;
    use crate::format::Format;
    use crate::sample::{self, HOSTILE};

    fn log(images: &[Image]) -> Value {
        let text = sample::report(Format::Sarif, images);
        let log = serde_json::from_str(&text).unwrap();
        // The schema of the standard, as OASIS publishes it.
        let schema = include_str!("../../tests/data/sarif-2.1.0.json");
        let mut schema: Value = serde_json::from_str(schema).unwrap();
        // The schema has a mistake: a pattern with a stray bracket, of properties that we do not
        // write.
        for object in ["run", "toolComponent"] {
            let language = &mut schema["definitions"][object]["properties"]["language"];
            assert!(
                language
                    .as_object_mut()
                    .unwrap()
                    .remove("pattern")
                    .is_some()
            );
        }
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&log)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, [] as [String; 0]);
        log
    }

    #[test]
    fn a_result_has_all_that_code_scanning_demands() {
        let log = log(&[
            sample::passed("ok.png"),
            sample::rejected("assets/anna b.png"),
        ]);
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), 1);
        let result = &run["results"][0];
        assert_eq!(result["ruleId"], "PF202");
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], "PF202");
        assert_eq!(result["level"], "error");
        assert_eq!(
            result["message"]["text"],
            "shorter side is 399 px, needs at least 400 (emo). 399 x 500 PNG. \
             Help: magick 'assets/anna b.png' -resize 401x503 'assets/anna b-401.png'"
        );
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "assets/anna%20b.png");
        let ones =
            serde_json::json!({"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1});
        assert_eq!(place["region"], ones);
        assert_eq!(
            result["partialFingerprints"]["primaryLocationLineHash"],
            "PF202:assets/anna b.png:1"
        );
        assert_eq!(result["properties"]["limit"], 400);
    }

    #[test]
    fn all_rules_are_listed_whatever_was_found() {
        let rules = |log: &Value| log["runs"][0]["tool"]["driver"]["rules"].clone();
        let clean = rules(&log(&[sample::passed("ok.png")]));
        assert_eq!(clean, rules(&log(&[sample::rejected("a.png")])));
        assert_eq!(clean.as_array().unwrap().len(), Code::ALL.len());
        for rule in clean.as_array().unwrap() {
            for text in ["shortDescription", "fullDescription", "help"] {
                assert!(!rule[text]["text"].as_str().unwrap().is_empty(), "{rule}");
            }
        }
    }

    #[test]
    fn an_unknown_is_a_warning_and_a_notification() {
        let url = "https://cdn.example.com/p/7.jpg";
        let log = log(&[
            sample::listed(url, sample::unknown("")),
            sample::unlisted(url, sample::rejected("")),
        ]);
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), 1);
        assert_eq!(run["results"][0]["level"], "warning");
        let place = &run["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "urls.txt");
        assert_eq!(place["region"]["startLine"], 12);
        let notes = run["invocations"][0]["toolExecutionNotifications"]
            .as_array()
            .unwrap();
        assert_eq!(notes[0]["associatedRule"]["id"], "PF004");
        assert!(
            notes[1]["message"]["text"]
                .as_str()
                .unwrap()
                .starts_with("1 image with findings is in no file")
        );
    }

    #[test]
    fn a_hostile_name_and_no_result_at_all_are_sound() {
        log(&[sample::rejected(HOSTILE), sample::unknown(HOSTILE)]);
        assert_eq!(log(&[])["runs"][0]["results"], serde_json::json!([]));
    }

    /// Found by a mutation: an index that was always 1 merged two results, and all tests passed.
    #[test]
    fn two_findings_of_a_code_have_two_fingerprints() {
        let finding = r#"{"code":"PF103","name":"malformed","severity":"error","message":"m"}"#;
        let report =
            format!(r#"{{"outcome":"reject","stage":"header","findings":[{finding},{finding}]}}"#);
        let mut image = sample::passed("twice.png");
        image.report = serde_json::from_str(&report).unwrap();
        let log = log(&[image]);
        let results = log["runs"][0]["results"].as_array().unwrap();
        let prints: Vec<_> = results
            .iter()
            .map(|result| &result["partialFingerprints"]["primaryLocationLineHash"])
            .collect();
        assert_eq!(prints, ["PF103:twice.png:1", "PF103:twice.png:2"]);
    }

    /// Found by a mutation: without the bound, all tests passed.
    #[test]
    fn a_dead_network_repeats_its_notification_a_bounded_number_of_times() {
        let unknown = sample::unlisted("https://x.example/a", sample::unknown(""));
        let log = log(&vec![unknown; MAX_NOTIFICATIONS + 5]);
        let notes = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
        let notes = notes.as_array().unwrap();
        // One that counts the rest, and one that counts those without a location.
        assert_eq!(notes.len(), MAX_NOTIFICATIONS + 2);
        let rest = notes[MAX_NOTIFICATIONS]["message"]["text"].as_str();
        assert!(rest.unwrap().starts_with("5 more images are unknown"));
    }

    #[test]
    fn beyond_the_limit_notes_give_way_to_rejections() {
        let mut render = Sarif::new(&sample::context());
        let mut out = Vec::new();
        let edge = sample::file("edge.png", &sample::png(400, 500));
        let bad = sample::rejected("bad.png");
        render.begin(&mut out).unwrap();
        for _ in 0..MAX_RESULTS {
            render.image(&mut out, &edge).unwrap();
        }
        for _ in 0..3 {
            render.image(&mut out, &bad).unwrap();
        }
        render
            .finish(&mut out, &sample::summary(&[], false))
            .unwrap();
        let log: Value = serde_json::from_slice(&out).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), MAX_RESULTS);
        assert_eq!(
            results
                .iter()
                .filter(|result| result["level"] == "error")
                .count(),
            3
        );
        let notes = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
        assert!(
            notes[0]["message"]["text"]
                .as_str()
                .unwrap()
                .starts_with("3 findings exceed")
        );
    }
}
