//! URLs through the free stages.

use preflight::http::{
    Facts, FetchError, FetchErrorKind, Shortage, StoreCause, StoreError, UrlNote, Validators,
};
use preflight::{Content, Format};

use crate::finding::chain;
use crate::{Code, Effect, Finding, HttpFacts, Report, Stage};

/// Puts the facts about the servers into the report.
pub(crate) fn seen(report: &mut Report, facts: &Facts) {
    let Validators {
        etag,
        last_modified,
        len,
        ..
    } = facts.validators.clone();
    report.http = Some(Box::new(HttpFacts {
        status: facts.status,
        final_url: facts.final_url.as_ref().map(ToString::to_string),
        redirects: u32::try_from(facts.redirects.len()).unwrap_or(u32::MAX),
        requests: facts.requests,
        etag,
        last_modified,
        total: len,
        retry_after: None,
    }));
    report.facts.bytes = len;
    report.facts.bytes_read = Some(facts.body_bytes);
    for finding in facts.notes.iter().filter_map(note) {
        report.add(finding);
    }
}

/// The report of a URL that was not seen.
pub(crate) fn failed(mut report: Report, error: &FetchError) -> Report {
    if let Some(cause) = error.debug() {
        // For logs that strangers do not read; the report does not tell one refused host from
        // another.
        tracing::debug!(cause, "not fetched: {error}");
    }
    if *error.kind() == FetchErrorKind::Opaque {
        return Report::skipped(error.to_string());
    }
    report.enter(Stage::Input);
    report.add(not_fetched(error));
    report.finish()
}

/// Why a URL was not seen.
pub(crate) fn not_fetched(error: &FetchError) -> Finding {
    use FetchErrorKind::{
        BotChallenge, Expired, Limit, OwnShortage, RedirectLoop, Refused, SpanTooLong, Status, Url,
    };
    let code = match error.kind() {
        Refused(_) => Code::AddressRefused,
        Status { .. } | BotChallenge | RedirectLoop { .. } => Code::HttpStatus,
        Url(_) => Code::UrlInvalid,
        Expired { .. } | SpanTooLong { .. } => Code::UrlExpired,
        // A limit of ours or of this machine: nothing is known of the server.
        Limit(_) | OwnShortage(_) => Code::FetchLimit,
        _ => Code::Unreachable,
    };
    let effect = match code.effect() {
        // A fault that everybody meets rejects; another may be meant for us alone.
        Effect::Unknown if code == Code::HttpStatus && error.is_final() => Effect::Reject,
        usual => usual,
    };
    let finding = Finding::new(code, words(error)).effect(effect);
    match cure(error.kind()) {
        Some(help) => finding.help(help),
        None => finding,
    }
}

/// What to do, where the code's own remedy is for a server and this is not one's fault, or where
/// more is known.
fn cure(kind: &FetchErrorKind) -> Option<String> {
    let help = match kind {
        FetchErrorKind::SpanTooLong { limit, .. } => {
            return Some(format!(
                "Sign the URL again, for at most {} s.",
                limit.as_secs()
            ));
        }
        FetchErrorKind::Status {
            store: Some(store), ..
        } => return cure_in_store(store),
        FetchErrorKind::OwnShortage(Shortage::OpenFiles) => {
            "Let this process open more files, or fetch fewer URLs at once, and run again."
        }
        FetchErrorKind::OwnShortage(Shortage::Threads) => {
            "Let this user start more threads, and run again."
        }
        FetchErrorKind::OwnShortage(Shortage::LookUps) => {
            "Check the name servers of this machine, and run again."
        }
        FetchErrorKind::OwnShortage(Shortage::TrustedRoots) => {
            "Install root certificates on this machine (the package ca-certificates), and run again."
        }
        _ => return None,
    };
    Some(help.to_owned())
}

/// What to do about an object that its store does not give.
fn cure_in_store(error: &StoreError) -> Option<String> {
    let help = match error.cause()? {
        StoreCause::AccessDenied => "Sign the URL with a key that may read the object.",
        StoreCause::BadSignature => "Sign the URL again, with the secret of the key that it names.",
        StoreCause::ClockSkew => "Set the clock of the machine that signs, and sign the URL again.",
        StoreCause::ExpiredToken => "Get new temporary credentials, and sign the URL again.",
        StoreCause::UnknownKey => {
            "Sign the URL with a key that the store knows; a temporary one with its token."
        }
        StoreCause::WrongRegion => {
            return Some(match error.home() {
                Some(home) => format!("Sign the URL for {home}, where the bucket is."),
                None => "Sign the URL for the region that the bucket is in.".to_owned(),
            });
        }
        _ => return None,
    };
    Some(help.to_owned())
}

/// One line with all that the error and its causes say, and what the server asks for.
fn words(error: &FetchError) -> String {
    let mut words = chain(error);
    if let FetchErrorKind::Status {
        retry_after: Some(pause),
        ..
    } = error.kind()
    {
        words.push_str(&format!(
            "; the server asks to come back in {} s",
            pause.as_secs()
        ));
    }
    words
}

/// Remarks on a URL that do not depend on its server.
fn note(note: &UrlNote) -> Option<Finding> {
    let (code, effect) = match note {
        UrlNote::ExpiresSoon { .. } | UrlNote::NotYetValid { .. } => {
            (Code::UrlExpired, Effect::Warning)
        }
        UrlNote::TemporaryKey => (Code::UrlExpired, Effect::Note),
        UrlNote::DotSegmentsInSigned | UrlNote::HtmlEscaped | UrlNote::LongUrl { .. } => {
            (Code::UrlInvalid, Effect::Warning)
        }
        UrlNote::Normalised { .. } => (Code::UrlInvalid, Effect::Note),
        // Nothing behind a # is ever sent; nobody expects it to be.
        _ => return None,
    };
    Some(Finding::new(code, note.to_string()).effect(effect))
}

/// The server's word for what it sends against what the bytes are.
pub(crate) fn content_type_mismatch(facts: &Facts, content: &Content) -> Option<Finding> {
    let (Some(content_type), Content::Image(header)) = (&facts.content_type, content) else {
        return None;
    };
    // These claim nothing.
    let unspecific = [
        "application/octet-stream",
        "binary/octet-stream",
        "image/*",
        "",
    ];
    let content_type = content_type.as_str();
    let is_right = Format::by_media_type(content_type) == Some(header.format);
    (!is_right && !unspecific.contains(&content_type)).then(|| {
        let format = header.format.name();
        let message = format!("the Content-Type is {content_type}, but the bytes are {format}");
        Finding::new(Code::ContentTypeMismatch, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that is short of these is not at hand.
    #[test]
    fn a_shortage_of_this_machine_is_told_with_its_own_cure() {
        for (shortage, cure) in [
            (Shortage::LookUps, "Check the name servers"),
            (Shortage::OpenFiles, "open more files"),
            (Shortage::Threads, "start more threads"),
            (Shortage::TrustedRoots, "ca-certificates"),
        ] {
            let finding = not_fetched(&FetchErrorKind::OwnShortage(shortage).into());
            assert_eq!(finding.code, Code::FetchLimit, "{shortage:?}");
            assert!(finding.help.unwrap().contains(cure), "{shortage:?}");
        }
    }
}
