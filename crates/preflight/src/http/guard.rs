//! Decides, before anything is sent, which addresses a URL may be fetched from.

use core::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use url::Host;

use super::address::AddressPolicy;
use super::budget;
use super::clock::Clock;
use super::error::{FetchError, FetchErrorKind, Phase, Refusal};
use super::name::{self, NameRefusal};
use super::resolve::Resolve;
use super::url::TargetUrl;

/// The one way from a URL to addresses. Literals are judged here and never reach a resolver; of a
/// name every answer is judged, and what is dialled is taken from those answers.
pub(super) struct Guard {
    pub(super) policy: AddressPolicy,
    pub(super) resolver: Arc<dyn Resolve>,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Guard {
    /// The addresses that a URL may be fetched from, at least one.
    pub(super) async fn admit(
        &self,
        url: &TargetUrl,
        clock: &Clock,
    ) -> Result<Vec<IpAddr>, FetchError> {
        match url.parsed_host() {
            Some(Host::Ipv4(address)) => self.judge(url, vec![address.into()], Ok(())),
            // The kernel dials an IPv4-mapped address over IPv4: so do we.
            Some(Host::Ipv6(address)) => {
                self.judge(url, vec![IpAddr::V6(address).to_canonical()], Ok(()))
            }
            Some(Host::Domain(name)) => self.admit_name(url, name, clock).await,
            None => Err(Refusal::Address.into()),
        }
    }

    /// Refuses an address that must not be dialled.
    pub(super) fn refuse(&self, address: IpAddr) -> Result<(), FetchError> {
        self.policy
            .judge(address)
            .map_err(|special| FetchError::from(Refusal::Address).with_debug((address, special)))
    }

    async fn admit_name(
        &self,
        url: &TargetUrl,
        name: &str,
        clock: &Clock,
    ) -> Result<Vec<IpAddr>, FetchError> {
        let name_rule = name::judge(name);
        if !self.policy.is_widened() {
            name_rule.map_err(Refusal::from)?;
            check_port(url)?;
        }
        // Absolute, so that no search list turns a public name into one of the cluster's; but the
        // names of networks that the caller opened may stand in a hosts file, as they are written.
        let look_up = if self.policy.is_widened() || name.ends_with('.') {
            name.to_owned()
        } else {
            format!("{name}.")
        };
        let answers = clock
            .within(
                Phase::LookUp,
                budget::LOOK_UP,
                self.resolver.resolve(&look_up),
            )
            .await?
            .map_err(|error| FetchError::new(FetchErrorKind::NameNotFound).with_source(error))?;
        if answers.is_empty() {
            return Err(FetchErrorKind::NameNotFound.into());
        }
        let answers = answers.iter().map(IpAddr::to_canonical).collect();
        self.judge(url, answers, name_rule)
    }

    /// All or none: a public site has no private addresses beside its public ones. Other ports and
    /// other names are for networks that the caller named.
    fn judge(
        &self,
        url: &TargetUrl,
        addresses: Vec<IpAddr>,
        name_rule: Result<(), NameRefusal>,
    ) -> Result<Vec<IpAddr>, FetchError> {
        for address in &addresses {
            self.refuse(*address)?;
        }
        if !addresses.iter().all(|address| self.policy.names(*address)) {
            name_rule.map_err(Refusal::from)?;
            check_port(url)?;
        }
        Ok(addresses)
    }
}

fn check_port(url: &TargetUrl) -> Result<(), FetchError> {
    match (url.port(), url.is_https()) {
        (80, false) | (443, true) | (8080 | 8443, _) => Ok(()),
        (port, _) => Err(Refusal::Port { port }.into()),
    }
}

impl From<NameRefusal> for Refusal {
    fn from(refusal: NameRefusal) -> Self {
        match refusal {
            NameRefusal::InternalEndpoint => Self::InternalEndpoint,
            NameRefusal::NotPublic => Self::Address,
        }
    }
}

impl From<Refusal> for FetchError {
    fn from(refusal: Refusal) -> Self {
        FetchErrorKind::Refused(refusal).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::collections::HashMap;
    use std::time::Duration;

    use crate::http::resolve::Resolving;

    struct Zone(HashMap<&'static str, Vec<IpAddr>>);

    impl Resolve for Zone {
        fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
            let found = self.0.get(name).cloned().unwrap_or_default();
            Box::pin(async { Ok(found) })
        }
    }

    fn ips(list: &[&str]) -> Vec<IpAddr> {
        list.iter().map(|ip| ip.parse().unwrap()).collect()
    }

    async fn admit(policy: AddressPolicy, url: &str) -> Result<Vec<IpAddr>, FetchErrorKind> {
        let zone = HashMap::from([
            ("public.example.", ips(&["93.184.216.34", "2600::1"])),
            ("public.example", ips(&["93.184.216.34"])),
            ("mixed.example.", ips(&["93.184.216.34", "10.0.0.1"])),
            ("mapped.example.", ips(&["::ffff:127.0.0.1"])),
            ("db.corp", ips(&["10.2.0.7"])),
            ("evil.corp", ips(&["10.2.0.7", "8.8.8.8"])),
            ("rebound.example", ips(&["10.3.0.1"])),
        ]);
        let guard = Guard {
            policy,
            resolver: Arc::new(Zone(zone)),
        };
        let clock = Clock::start(Duration::from_secs(5));
        let url = TargetUrl::parse(url).unwrap();
        guard
            .admit(&url, &clock)
            .await
            .map_err(|error| error.kind().clone())
    }

    const REFUSED: FetchErrorKind = FetchErrorKind::Refused(Refusal::Address);

    #[tokio::test]
    async fn only_what_is_public_is_admitted() {
        let public = AddressPolicy::public;
        assert_eq!(
            admit(public(), "http://public.example/").await,
            Ok(ips(&["93.184.216.34", "2600::1"]))
        );
        assert_eq!(
            admit(public(), "http://public.example./").await,
            Ok(ips(&["93.184.216.34", "2600::1"]))
        );
        assert_eq!(
            admit(public(), "https://8.8.8.8:8443/").await,
            Ok(ips(&["8.8.8.8"]))
        );
        assert_eq!(
            admit(public(), "http://[::ffff:8.8.8.8]/").await,
            Ok(ips(&["8.8.8.8"]))
        );
        for refused in [
            "http://mixed.example/",
            "http://mapped.example/",
            "http://db.corp/",
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://169.254.169.254:99/",
        ] {
            assert_eq!(admit(public(), refused).await, Err(REFUSED), "{refused}");
        }
        for (url, port) in [
            ("http://8.8.8.8:22/", 22),
            ("http://public.example:443/", 443),
            ("https://public.example:80/", 80),
        ] {
            assert_eq!(
                admit(public(), url).await,
                Err(FetchErrorKind::Refused(Refusal::Port { port })),
                "{url}"
            );
        }
        assert_eq!(
            admit(public(), "http://b.oss-cn-beijing-internal.aliyuncs.com/").await,
            Err(FetchErrorKind::Refused(Refusal::InternalEndpoint))
        );
        assert_eq!(
            admit(public(), "http://nowhere.example/").await,
            Err(FetchErrorKind::NameNotFound)
        );
    }

    #[tokio::test]
    async fn an_allowed_network_has_any_port_and_any_name() {
        let widened = || AddressPolicy::public().allow("10.2.0.0/16".parse().unwrap());
        assert_eq!(
            admit(widened(), "http://db.corp:9000/").await,
            Ok(ips(&["10.2.0.7"]))
        );
        assert_eq!(
            admit(widened(), "http://10.2.0.7:1/").await,
            Ok(ips(&["10.2.0.7"]))
        );
        assert_eq!(admit(widened(), "http://10.3.0.7/").await, Err(REFUSED));
        assert_eq!(
            admit(widened(), "http://rebound.example/").await,
            Err(REFUSED)
        );
        assert_eq!(admit(widened(), "http://evil.corp/").await, Err(REFUSED));
        let port = FetchErrorKind::Refused(Refusal::Port { port: 22 });
        assert_eq!(
            admit(widened(), "http://public.example:22/").await,
            Err(port)
        );
    }
}
