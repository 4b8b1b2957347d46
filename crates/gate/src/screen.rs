//! The free stages: what was seen, as findings.

use std::io;
use std::path::Path;

use preflight::{
    Content, Defect, ForeignFormat, Format, Header, HeaderError, Orientation, OtherKind, Probed,
    Profile, Quirk, Severity, StandIn, Violation, Wrapped,
};

use crate::finding::thousands;
use crate::{Code, Effect, Facts, Finding, Report, Stage};

/// Puts what was seen through the input, header and limits stages. Returns the last one that ran.
pub(crate) fn probed(
    report: &mut Report,
    seen: &Probed,
    path: Option<&Path>,
    profile: &Profile,
) -> Stage {
    report.facts = Facts {
        bytes: seen.len,
        bytes_read: Some(seen.bytes_read),
        orientation: seen.orientation.map(Orientation::get),
        ..report.facts.clone()
    };
    let (format, named, size) = match &seen.content {
        Content::Empty => {
            report.add(Finding::new(
                Code::EmptyFile,
                "expected an image, but found no bytes",
            ));
            return Stage::Input;
        }
        Content::StandIn(stand_in) => {
            report.add(not_fetched(*stand_in));
            return Stage::Input;
        }
        Content::Wrapped(wrapped) => {
            report.add(in_a_wrapping(*wrapped, seen));
            return Stage::Header;
        }
        Content::NotAnImage(kind) => {
            report.add(not_an_image(*kind, seen));
            return Stage::Header;
        }
        Content::Broken(error) => {
            report.facts.format = error.format.map(|format| format.name().to_owned());
            report.add(header_error(error));
            return Stage::Header;
        }
        Content::Image(header) => {
            for quirk in header.quirks.iter() {
                report.add(unusual_coding(header, quirk));
            }
            (
                header.format.name(),
                header.format.to_string(),
                Some((header.width, header.height)),
            )
        }
        Content::Foreign(foreign) => (
            foreign.format.name(),
            foreign.format.to_string(),
            foreign.size,
        ),
    };
    report.facts.format = Some(format.to_owned());
    report.facts.width = size.map(|(width, _)| width);
    report.facts.height = size.map(|(_, height)| height);
    if let Some(finding) = path.and_then(|path| extension_mismatch(path, format)) {
        report.add(finding);
    }
    if report.is_decided() {
        return Stage::Header;
    }
    for violation in profile.judge(&seen.content, seen.len) {
        report.add(limit_broken(profile, &violation, &named));
    }
    Stage::Limits
}

/// The finding for an error of opening or reading a file.
pub(crate) fn io_error(error: &io::Error) -> Finding {
    match error.kind() {
        io::ErrorKind::NotFound => Finding::new(Code::NotFound, "no such file"),
        io::ErrorKind::PermissionDenied => {
            Finding::new(Code::Unreadable, "permission to read it is denied")
        }
        _ => Finding::new(Code::Unreadable, error.to_string()),
    }
}

fn not_fetched(stand_in: StandIn) -> Finding {
    let size = stand_in
        .size()
        .map_or_else(String::new, |size| format!(" ({} bytes)", thousands(size)));
    let help = match stand_in {
        StandIn::Link => "name the file that the link leads to, or check it out as a link: \
                          git config core.symlinks true, then git checkout -- FILE"
            .to_owned(),
        _ => format!("{} brings it", stand_in.fetched_with()),
    };
    let message = format!("this is {stand_in}: the image itself{size} is not here");
    Finding::new(Code::NotFetched, message).help(help)
}

fn not_an_image(kind: OtherKind, seen: &Probed) -> Finding {
    let message = format!("this is {kind} (starts with \"{}\")", seen.starts);
    Finding::new(Code::NotAnImage, message)
}

fn in_a_wrapping(wrapped: Wrapped, seen: &Probed) -> Finding {
    let message = format!("this is {wrapped} (starts with \"{}\")", seen.starts);
    let place = wrapped.offset.map_or_else(String::new, |offset| {
        let from = u64::from(offset) + 1;
        format!("; the image begins at byte {offset}: tail -c +{from} FILE > IMAGE")
    });
    Finding::new(Code::NotAnImage, message).help(format!("{}{place}", wrapped.cure()))
}

pub(crate) fn header_error(error: &HeaderError) -> Finding {
    let code = match error.defect {
        Defect::Truncated { .. } => Code::Truncated,
        _ => Code::Malformed,
    };
    Finding::new(code, format!("{error} ({})", error.section()))
}

fn unusual_coding(header: &Header, quirk: Quirk) -> Finding {
    let format = header.format;
    Finding::new(
        Code::UnusualCoding,
        format!("{format} with {quirk}; some readers refuse it"),
    )
}

/// The extension against what the bytes are. One that names no image format says nothing.
fn extension_mismatch(path: &Path, format: &str) -> Option<Finding> {
    let extension = path.extension()?.to_str()?;
    let named = Format::by_extension(extension)
        .map(Format::name)
        .or_else(|| ForeignFormat::by_extension(extension).map(ForeignFormat::name))?;
    (named != format).then(|| {
        Finding::new(
            Code::ExtensionMismatch,
            format!("the extension .{extension} names {named}, but the bytes are {format}"),
        )
    })
}

fn limit_broken(profile: &Profile, violation: &Violation, named: &str) -> Finding {
    let name = profile.name();
    match violation {
        Violation::AspectRatio {
            longer,
            shorter,
            allowed,
        } => {
            let measured = f64::from(*longer) / f64::from(*shorter);
            Finding::new(
                Code::AspectRatio,
                format!("sides are {longer} to {shorter} px, a ratio of {measured:.2}, allowed is at most {allowed}"),
            )
            .numbers(measured, *allowed)
        }
        Violation::FileTooLarge {
            measured,
            allowed,
            severity,
        } => {
            let unsure = match profile.max_bytes_surely() {
                Some(surely) if *measured <= surely => {
                    " (the document's MB may be of 1,048,576 bytes)"
                }
                _ => "",
            };
            let message = format!(
                "the file is {} bytes, needs at most {}{unsure}",
                thousands(*measured),
                thousands(*allowed)
            );
            let effect = match severity {
                Severity::Note => Effect::Note,
                Severity::Warning => Effect::Warning,
                Severity::Reject => Effect::Reject,
            };
            Finding::new(Code::FileTooLarge, message)
                .numbers(*measured, *allowed)
                .effect(effect)
        }
        Violation::Format { accepted } => {
            let accepted: Vec<_> = accepted.iter().map(ToString::to_string).collect();
            let message = format!("this is {named}, but {name} takes {}", accepted.join(", "));
            Finding::new(Code::FormatNotAccepted, message)
        }
        Violation::OnTheBoundary { shorter, longer } => {
            let text = format!(
                "{violation}: the documents allow that, the service's error text reads as if they \
                 did not"
            );
            let finding = Finding::new(Code::OnTheBoundary, text);
            match shorter.or(*longer) {
                Some(px) => finding.measured(px),
                None => finding,
            }
        }
        Violation::SideTooLarge { measured, allowed } => {
            Finding::new(Code::SideTooLarge, violation.to_string()).numbers(*measured, *allowed)
        }
        Violation::SideTooSmall { measured, allowed } => {
            Finding::new(Code::SideTooSmall, violation.to_string()).numbers(*measured, *allowed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who runs the tests may read everything.
    #[test]
    fn a_file_that_may_not_be_read_is_told_in_plain_words() {
        let denied = io_error(&io::ErrorKind::PermissionDenied.into());
        assert_eq!(denied.code, Code::Unreadable);
        assert_eq!(denied.message, "permission to read it is denied");
        let other = io_error(&io::Error::other("the disk is gone"));
        assert_eq!(other.message, "the disk is gone");
    }
}
