//! URLs: looked at through preflight's guarded fetcher.

use std::sync::OnceLock;

use preflight::http::{FetchError, Fetcher, TargetUrl};
use preflight::{Content, Header};

use crate::report::Draft;
use crate::{Cleared, Gate, GateBuilder, Report, Screening, Stage, fetch, screen};

impl GateBuilder {
    /// Fetches URLs with this fetcher, which holds the address policy, the budgets and the limits on
    /// how many at once. Without it: public addresses only, and the fetcher's own defaults.
    pub fn fetcher(mut self, fetcher: Fetcher) -> Self {
        self.gate.fetcher = OnceLock::from(fetcher).into();
        self
    }
}

impl Gate {
    /// Screens a URL: fetches only what its header takes, unless the content stage is on.
    ///
    /// What is no URL to fetch is rejected without a request; an `oss://` URL is skipped, since only
    /// the service can read it; what could not be fetched is unknown, except where it will fail for
    /// everybody.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any await: the socket closes and its permits return.
    pub async fn screen_url(&self, url: &str) -> Report {
        self.clear_url(url).await.into_report()
    }

    /// Screens a URL as [`screen_url`](Self::screen_url) does, for the proof that it passed.
    pub async fn clear_url(&self, url: &str) -> Screening {
        match TargetUrl::parse(url) {
            Ok(url) => self.clear_target(&url).await,
            Err(error) => Screening::Ended(fetch::failed(self.draft(), &FetchError::from(error))),
        }
    }

    async fn clear_target(&self, url: &TargetUrl) -> Screening {
        let mut draft = self.draft();
        let fetched = self.fetcher().probe_target(url).await;
        fetch::seen(&mut draft, &fetched.facts);
        let probed = match fetched.outcome {
            Ok(probed) => probed,
            Err(error) => return Screening::Ended(fetch::failed(draft, &error)),
        };
        if let Some(finding) = fetch::content_type_mismatch(&fetched.facts, &probed.content) {
            draft.add(finding);
        }
        let stage = screen::probed(&mut draft, &probed, None, &self.profile);
        // The fetcher counts bodies, not the windows that the probe was shown.
        draft.facts.bytes_read = Some(fetched.facts.body_bytes);
        match probed.content {
            Content::Image(header) if !draft.is_decided() => {
                self.examine_url(draft, url, header, stage).await
            }
            _ => Screening::Ended(draft.finish(stage)),
        }
    }

    pub(crate) fn fetcher(&self) -> &Fetcher {
        self.fetcher.get_or_init(Fetcher::default)
    }

    #[cfg(not(feature = "decode"))]
    #[expect(
        clippy::unused_async,
        reason = "the same call as with the content stage"
    )]
    async fn examine_url(
        &self,
        draft: Draft,
        url: &TargetUrl,
        header: Header,
        stage: Stage,
    ) -> Screening {
        Screening::Cleared(Cleared {
            draft,
            stage,
            header,
            url: Some(url.clone()),
        })
    }

    /// The content stage, where it is on: fetches the whole object and decodes it.
    #[cfg(feature = "decode")]
    async fn examine_url(
        &self,
        mut draft: Draft,
        url: &TargetUrl,
        header: Header,
        stage: Stage,
    ) -> Screening {
        use crate::{Code, Finding, content};

        let Some(max_memory) = self.decode_memory else {
            return Screening::Cleared(Cleared {
                draft,
                stage,
                header,
                url: Some(url.clone()),
            });
        };
        let max_bytes = self
            .profile
            .max_bytes()
            .map_or(content::MAX_FETCH, |limit| limit.value);
        let whole = self
            .fetcher()
            .fetch_whole(url, max_bytes.min(max_memory))
            .await;
        add_cost(&mut draft, &whole.facts);
        let bytes = match whole.outcome {
            Ok(bytes) => bytes,
            Err(error) => return Screening::Ended(fetch::failed(draft, &error)),
        };
        if preflight::probe_bytes(&bytes).content != Content::Image(header) {
            draft.add(Finding::new(
                Code::UNREACHABLE,
                "the file changed between two requests",
            ));
            return Screening::Ended(draft.finish(Stage::Input));
        }
        draft.facts.bytes = Some(bytes.len() as u64);
        // Decoding takes a processor; the runtime's own threads have other URLs to serve.
        let found =
            tokio::task::spawn_blocking(move || content::examine(&bytes, &header, max_memory));
        if let Some(finding) = found
            .await
            .unwrap_or_else(|error| Some(content::broke(&error)))
        {
            draft.add(finding);
        }
        if draft.is_decided() {
            return Screening::Ended(draft.finish(Stage::Content));
        }
        Screening::Cleared(Cleared {
            draft,
            stage: Stage::Content,
            header,
            url: Some(url.clone()),
        })
    }
}

/// What another fetch of the same URL cost.
#[cfg(feature = "decode")]
fn add_cost(draft: &mut Draft, facts: &preflight::http::Facts) {
    if let Some(read) = &mut draft.facts.bytes_read {
        *read += facts.body_bytes;
    }
    if let Some(http) = &mut draft.http {
        http.requests += facts.requests;
        http.status = facts.status.or(http.status);
    }
}
