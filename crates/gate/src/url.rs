//! URLs through the free stages, by preflight's guarded fetcher.

use preflight::http::{FetchError, FetchErrorKind, TargetUrl};
use tracing::Instrument as _;

use crate::cleared::Origin;
use crate::{Cleared, Gate, Report, Screening, fetch, trace};

impl Gate {
    /// Screens a URL: fetches only what its header takes, unless the content stage is on.
    ///
    /// A text that is not a URL to fetch is rejected without a request; an `oss://` URL is skipped,
    /// since only the service can read it; what could not be fetched is unknown, except where it
    /// will fail for everybody. Decoding runs off the runtime's own threads.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: the socket closes and its permits return.
    pub async fn screen_url(&self, url: &str) -> Screening {
        self.screen_url_into(url, &mut Whole::NotWanted).await
    }

    /// As [`screen_url`](Self::screen_url), and gives the bytes of the whole object where the
    /// content stage fetched them: to show the image, say, without asking for it again. The
    /// [`DecodeMemory`](crate::DecodeMemory) does not count them any more.
    ///
    /// # Cancel safety
    ///
    /// As [`screen_url`](Self::screen_url).
    #[cfg(feature = "decode")]
    pub async fn screen_whole_url(&self, url: &str) -> (Screening, Option<crate::Bytes>) {
        let mut whole = Whole::Wanted(None);
        let screening = self.screen_url_into(url, &mut whole).await;
        match whole {
            Whole::Wanted(bytes) => (screening, bytes),
            Whole::NotWanted => (screening, None),
        }
    }

    async fn screen_url_into(&self, url: &str, whole: &mut Whole) -> Screening {
        let url = match self.fetcher.parse(url) {
            Ok(url) => url,
            Err(error) => return self.not_fetched(self.begin(), &error),
        };
        let span = tracing::info_span!(
            "fetch",
            host = url.host(),
            outcome = tracing::field::Empty,
            code = tracing::field::Empty,
            status = tracing::field::Empty,
            requests = tracing::field::Empty,
            body_bytes = tracing::field::Empty,
            elapsed_ms = tracing::field::Empty,
        );
        let begun = tokio::time::Instant::now();
        let screening = self
            .screen_target(&url, whole)
            .instrument(span.clone())
            .await;
        let report = match &screening {
            Screening::Cleared(cleared) => &cleared.report,
            Screening::Ended(report) => report,
        };
        trace::record(&span, report, begun);
        screening
    }

    async fn screen_target(&self, url: &TargetUrl, whole: &mut Whole) -> Screening {
        let mut report = self.begin();
        let fetched = self.fetcher.probe(url).await;
        fetch::seen(&mut report, &fetched.facts);
        let seen = match fetched.outcome {
            Ok(seen) => seen,
            Err(error) => return self.not_fetched(report, &error),
        };
        if let Some(finding) = fetch::content_type_mismatch(&fetched.facts, &seen.content) {
            report.add(finding);
        }
        let header = self.look(&mut report, &seen, None);
        #[cfg(not(feature = "decode"))]
        let Whole::NotWanted = whole;
        #[cfg(feature = "decode")]
        if let Some(header) = header
            && !report.is_decided()
            && let Err(error) = self
                .examine_url(&mut report, url, header, &seen.starts, whole)
                .await
        {
            return self.not_fetched(report, &error);
        }
        Cleared::screening(report, header, Origin::Url(url.clone()))
    }

    #[expect(clippy::unused_self, reason = "reads as the other ways out do")]
    fn not_fetched(&self, mut report: Report, error: &FetchError) -> Screening {
        if let FetchErrorKind::Refused(_) = error.kind() {
            tracing::warn!("an address that must not be fetched was refused: {error}");
        }
        if let (Some(http), Some(pause)) = (&mut report.http, retry_after(error)) {
            http.retry_after = Some(pause.as_secs());
        }
        Screening::Ended(fetch::failed(report, error))
    }

    /// The content stage, where it is on: fetches the whole object and decodes it.
    #[cfg(feature = "decode")]
    async fn examine_url(
        &self,
        report: &mut Report,
        url: &TargetUrl,
        header: preflight::Header,
        start: &preflight::Excerpt,
        whole: &mut Whole,
    ) -> Result<(), FetchError> {
        use preflight::Content;

        use crate::{Code, Finding, Sha256, Stage, content};

        let Some(memory) = &self.decode_memory else {
            return Ok(());
        };
        let max_bytes = self
            .profile
            .max_bytes()
            .map_or(content::MAX_FETCH, |limit| limit.value);
        // The fetch never takes more than the length that the server told, where it did.
        let len = report.facts.bytes.unwrap_or(max_bytes).min(max_bytes);
        let needed = content::estimate(&header, start, len);
        let Some(permit) = memory.permit(needed).await else {
            report.enter(Stage::Content);
            report.add(content::too_large(needed, memory.limit()));
            return Ok(());
        };
        let downloaded = self.fetcher.download(url, len).await;
        add_cost(report, &downloaded.facts);
        let bytes = crate::Bytes::from(downloaded.outcome?);
        if preflight::probe_bytes(&bytes).content != Content::Image(header) {
            report.enter(Stage::Input);
            report.add(Finding::new(
                Code::Unreachable,
                "the file changed between two requests",
            ));
            return Ok(());
        }
        report.enter(Stage::Content);
        report.facts.bytes = Some(bytes.len() as u64);
        if let Whole::Wanted(kept) = whole {
            *kept = Some(bytes.clone());
        }
        // Decoding takes a processor; the runtime's own threads have other URLs to serve.
        let examined = tokio::task::spawn_blocking(move || {
            let found = content::examine(&bytes, &header);
            let sha256 = Sha256::if_paid(&bytes);
            // The bytes first: only then is their memory free for others.
            drop(bytes);
            drop(permit);
            (found, sha256)
        });
        let (found, sha256) = examined
            .await
            .unwrap_or_else(|error| (Some(content::lost(&error)), None));
        report.facts.sha256 = sha256;
        if let Some(finding) = found {
            report.add(finding);
        }
        Ok(())
    }
}

/// The bytes of a whole object, where somebody wants them.
enum Whole {
    NotWanted,
    #[cfg(feature = "decode")]
    Wanted(Option<crate::Bytes>),
}

/// When the server asks to come back.
fn retry_after(error: &FetchError) -> Option<std::time::Duration> {
    match error.kind() {
        FetchErrorKind::Status { retry_after, .. } => *retry_after,
        _ => None,
    }
}

/// The cost of another fetch of the same URL.
#[cfg(feature = "decode")]
fn add_cost(report: &mut Report, facts: &preflight::http::Facts) {
    if let Some(read) = &mut report.facts.bytes_read {
        *read += facts.body_bytes;
    }
    if let Some(http) = &mut report.http {
        http.requests += facts.requests;
        http.status = facts.status.or(http.status);
    }
}
