//! The formats of a report, and how they are chosen.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;
use clap::builder::PossibleValue;

/// A format of a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum ReportFormat {
    /// For people.
    Human,
    /// One line a finding, for grep and editors.
    Compact,
    /// One JSON object a line.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit's XML.
    Junit,
    /// GitHub's annotations.
    Github,
    /// GitLab's Code Quality.
    Gitlab,
    /// A table for people.
    Markdown,
}

impl ReportFormat {
    /// The word for it on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Compact => "compact",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Markdown => "markdown",
        }
    }

    /// Whether the report ends with the totals. Where it does not, they go to standard error.
    pub(crate) const fn tells_totals(self) -> bool {
        matches!(self, Self::Human | Self::Markdown)
    }

    fn of_extension(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "sarif" => Some(Self::Sarif),
            "xml" => Some(Self::Junit),
            "md" => Some(Self::Markdown),
            "txt" => Some(Self::Human),
            _ => None,
        }
    }
}

/// What `--format` says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum FormatChoice {
    /// For people; in GitHub Actions with annotations and a job summary.
    #[default]
    Auto,
    /// Exactly this, and nothing more.
    Only(ReportFormat),
}

impl FormatChoice {
    /// The word for it on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Only(format) => format.name(),
        }
    }
}

impl ValueEnum for FormatChoice {
    fn value_variants<'a>() -> &'a [Self] {
        use ReportFormat as F;
        &[
            Self::Auto,
            Self::Only(F::Human),
            Self::Only(F::Compact),
            Self::Only(F::Jsonl),
            Self::Only(F::Sarif),
            Self::Only(F::Junit),
            Self::Only(F::Github),
            Self::Only(F::Gitlab),
            Self::Only(F::Markdown),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// What `-o` says: `FILE` or `FORMAT:FILE`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct OutputSpec {
    pub(crate) format: ReportFormat,
    pub(crate) path: PathBuf,
}

/// Why `-o` says nothing that can be done.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum OutputSpecError {
    #[error("expected a file name behind \"{0}:\"")]
    NoFile(&'static str),
    #[error("expected a file, but found \"-\"; --format says what standard output gets")]
    Stdout,
    #[error(
        "expected a name that ends in .jsonl, .sarif, .xml, .md or .txt, or a format before it, such as junit:FILE"
    )]
    NoFormat,
}

impl FromStr for OutputSpec {
    type Err = OutputSpecError;

    fn from_str(word: &str) -> Result<Self, OutputSpecError> {
        let named = word.split_once(':').and_then(|(name, path)| {
            let format = ReportFormat::from_str(name, true).ok()?;
            Some((format, path))
        });
        match named {
            _ if word == "-" => Err(OutputSpecError::Stdout),
            Some((_, "-")) => Err(OutputSpecError::Stdout),
            Some((format, "")) => Err(OutputSpecError::NoFile(format.name())),
            Some((format, path)) => Ok(Self {
                format,
                path: path.into(),
            }),
            None => {
                let path = PathBuf::from(word);
                let format = ReportFormat::of_extension(&path).ok_or(OutputSpecError::NoFormat)?;
                Ok(Self { format, path })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_names_the_format_unless_a_word_does() {
        for (word, format, path) in [
            ("out.jsonl", ReportFormat::Jsonl, "out.jsonl"),
            ("a/out.SARIF", ReportFormat::Sarif, "a/out.SARIF"),
            ("preflight.xml", ReportFormat::Junit, "preflight.xml"),
            ("gitlab:gl.json", ReportFormat::Gitlab, "gl.json"),
            ("Compact:out", ReportFormat::Compact, "out"),
            ("markdown:out.txt", ReportFormat::Markdown, "out.txt"),
            (
                r"C:\out\report.md",
                ReportFormat::Markdown,
                r"C:\out\report.md",
            ),
            ("odd:name.txt", ReportFormat::Human, "odd:name.txt"),
        ] {
            let spec = OutputSpec {
                format,
                path: path.into(),
            };
            assert_eq!(word.parse(), Ok(spec), "{word}");
        }
        assert_eq!(
            "out.json".parse::<OutputSpec>(),
            Err(OutputSpecError::NoFormat)
        );
        assert_eq!("out".parse::<OutputSpec>(), Err(OutputSpecError::NoFormat));
        assert_eq!(
            "junit:".parse::<OutputSpec>(),
            Err(OutputSpecError::NoFile("junit"))
        );
        for word in ["-", "junit:-"] {
            assert_eq!(word.parse::<OutputSpec>(), Err(OutputSpecError::Stdout));
        }
    }

    #[test]
    fn every_format_is_called_what_clap_calls_it() {
        for format in ReportFormat::value_variants() {
            assert_eq!(
                format.to_possible_value().unwrap().get_name(),
                format.name()
            );
            assert!(FormatChoice::value_variants().contains(&FormatChoice::Only(*format)));
        }
    }
}
