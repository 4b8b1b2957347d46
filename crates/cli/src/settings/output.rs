//! The values of `--format` and `-o`.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::str::FromStr;

use report::{Format, UnknownFormat};

/// The format of standard output.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum FormatChoice {
    /// For people; in GitHub Actions with annotations and a job summary.
    #[default]
    Auto,
    /// This format and nothing else.
    Only(Format),
}

impl FormatChoice {
    /// Every word that `--format` accepts.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        let formats = Format::ALL.into_iter().map(Self::Only);
        [Self::Auto].into_iter().chain(formats).map(Self::name)
    }

    /// The word for it on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Only(format) => format.name(),
        }
    }
}

impl FromStr for FormatChoice {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Self, UnknownFormat> {
        if word.eq_ignore_ascii_case(Self::Auto.name()) {
            return Ok(Self::Auto);
        }
        word.parse().map(Self::Only)
    }
}

/// A report to a file: `FILE` or `FORMAT:FILE`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct OutputSpec {
    pub(crate) format: Format,
    pub(crate) path: PathBuf,
}

/// The value of `-o` cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum OutputSpecError {
    #[error("expected a file name after \"{0}:\"")]
    NoFile(&'static str),
    #[error("expected a file, but found \"-\"; for standard output, use --format")]
    Stdout,
    #[error(
        "expected a file name that ends in {}, or FORMAT:FILE, such as junit:out.xml, with one of the \
         formats {}",
        endings(),
        formats()
    )]
    NoFormat,
}

fn endings() -> String {
    let endings = Format::ALL.iter().flat_map(|format| format.extensions());
    let endings: Vec<_> = endings.map(|ending| format!(".{ending}")).collect();
    endings.join(", ")
}

fn formats() -> String {
    Format::ALL.map(Format::name).join(", ")
}

impl FromStr for OutputSpec {
    type Err = OutputSpecError;

    fn from_str(word: &str) -> Result<Self, OutputSpecError> {
        let named = word
            .split_once(':')
            .and_then(|(name, path)| Some((name.parse::<Format>().ok()?, path)));
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
                let extension = path.extension().and_then(OsStr::to_str);
                let format = extension.and_then(Format::of_extension);
                let format = format.ok_or(OutputSpecError::NoFormat)?;
                Ok(Self { format, path })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_the_format_unless_a_prefix_does() {
        for (word, format, path) in [
            ("out.jsonl", Format::Jsonl, "out.jsonl"),
            ("a/out.SARIF", Format::Sarif, "a/out.SARIF"),
            ("preflight.xml", Format::Junit, "preflight.xml"),
            ("gitlab:gl.json", Format::Gitlab, "gl.json"),
            ("Compact:out", Format::Compact, "out"),
            ("markdown:out.txt", Format::Markdown, "out.txt"),
            (r"C:\out\report.md", Format::Markdown, r"C:\out\report.md"),
            ("odd:name.txt", Format::Human, "odd:name.txt"),
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
}
