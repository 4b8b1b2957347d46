//! Decides, before anything is sent, which addresses a URL may be fetched from.

mod addresses;
pub(super) mod host_names;

use std::net::IpAddr;

use url::Host;

use super::error::{BadRedirect, FetchError, FetchErrorKind, Refusal};
use super::url::{TargetUrl, UrlError};
use super::wire::clock::Clock;
use super::wire::look_ups::LookUps;

pub use addresses::{AddressPolicy, Network, NetworkError};

/// The one way from a text to addresses. Literals are judged here and never reach a resolver; of a
/// name every answer is judged, each time it is used, and what is dialled is taken from those
/// answers.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) policy: AddressPolicy,
    pub(super) look_ups: LookUps,
}

impl Guard {
    /// Parses a URL.
    ///
    /// The one place that decides about an address in an odd spelling, such as `0x7f000001`: it is
    /// refused as an address where the address is, and as a spelling else.
    pub(super) fn parse(&self, text: &str) -> Result<TargetUrl, FetchError> {
        TargetUrl::parse(text).map_err(|error| {
            self.refused_spelling(&error)
                .unwrap_or_else(|| error.into())
        })
    }

    /// Where a redirect leads from a URL.
    pub(super) fn join(
        &self,
        from: &TargetUrl,
        location: Result<&str, BadRedirect>,
    ) -> Result<TargetUrl, FetchError> {
        let to = location.and_then(|text| from.join(text).map_err(BadRedirect::Url));
        to.map_err(|fault| {
            let refused = match &fault {
                BadRedirect::Url(error) => self.refused_spelling(error),
                _ => None,
            };
            refused.unwrap_or_else(|| FetchErrorKind::BadRedirect(fault).into())
        })
    }

    fn refused_spelling(&self, error: &UrlError) -> Option<FetchError> {
        match error {
            UrlError::HostSpelling { address } => self.refuse(*address).err(),
            _ => None,
        }
    }

    /// The addresses that a URL may be fetched from, at least one.
    pub(super) async fn admit(
        &self,
        url: &TargetUrl,
        clock: &mut Clock,
    ) -> Result<Vec<IpAddr>, FetchError> {
        let is_named = self.policy.names_host(url.host(), url.port());
        match url.parsed_host() {
            Some(Host::Ipv4(address)) if is_named => Ok(vec![address.into()]),
            Some(Host::Ipv6(address)) if is_named => Ok(vec![IpAddr::V6(address).to_canonical()]),
            Some(Host::Domain(name)) if is_named => self.look_up(name, clock).await,
            Some(Host::Ipv4(address)) => self.judge(url, vec![address.into()], Ok(())),
            // The kernel dials an IPv4-mapped address over IPv4: so do we.
            Some(Host::Ipv6(address)) => {
                self.judge(url, vec![IpAddr::V6(address).to_canonical()], Ok(()))
            }
            Some(Host::Domain(name)) => self.admit_name(url, name, clock).await,
            None => Err(Refusal::Address.into()),
        }
    }

    fn refuse(&self, address: IpAddr) -> Result<(), FetchError> {
        self.policy
            .judge(address)
            .map_err(|special| FetchError::from(Refusal::Address).with_debug((address, special)))
    }

    async fn admit_name(
        &self,
        url: &TargetUrl,
        name: &str,
        clock: &mut Clock,
    ) -> Result<Vec<IpAddr>, FetchError> {
        let name = name.trim_end_matches('.');
        let name_rule = host_names::judge(name);
        if !self.policy.is_widened() {
            name_rule?;
            check_port(url)?;
        }
        let answers = self.look_up(name, clock).await?;
        self.judge(url, answers, name_rule)
    }

    /// The addresses of a name, at least one.
    async fn look_up(&self, name: &str, clock: &mut Clock) -> Result<Vec<IpAddr>, FetchError> {
        let name = name.trim_end_matches('.');
        let answers = self.look_ups.find(name, clock).await?;
        if answers.is_empty() {
            return Err(FetchErrorKind::NameNotFound.into());
        }
        Ok(answers.iter().map(IpAddr::to_canonical).collect())
    }

    /// All or none: a public site has no private addresses beside its public ones. Other ports and
    /// other names are for networks that the caller named.
    fn judge(
        &self,
        url: &TargetUrl,
        addresses: Vec<IpAddr>,
        name_rule: Result<(), Refusal>,
    ) -> Result<Vec<IpAddr>, FetchError> {
        for address in &addresses {
            self.refuse(*address)?;
        }
        if !addresses.iter().all(|address| self.policy.names(*address)) {
            name_rule?;
            check_port(url)?;
        }
        Ok(addresses)
    }
}

fn check_port(url: &TargetUrl) -> Result<(), Refusal> {
    match (url.port(), url.is_https()) {
        (80, false) | (443, true) | (8080 | 8443, _) => Ok(()),
        (port, _) => Err(Refusal::Port { port }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::collections::HashMap;
    use std::sync::Arc;
    use std::time::Duration;

    use crate::http::limits::Times;
    use crate::http::wire::resolve::{Resolve, Resolving};

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
            ("public.example", ips(&["93.184.216.34", "2600::1"])),
            ("mixed.example", ips(&["93.184.216.34", "10.0.0.1"])),
            ("mapped.example", ips(&["::ffff:127.0.0.1"])),
            ("db.corp", ips(&["10.2.0.7"])),
            ("evil.corp", ips(&["10.2.0.7", "8.8.8.8"])),
            ("rebound.example", ips(&["10.3.0.1"])),
        ]);
        let guard = Guard {
            policy,
            look_ups: LookUps::new(Arc::new(Zone(zone)), 8),
        };
        let mut clock = Clock::start(Times::of(Duration::from_secs(5)));
        let url = TargetUrl::parse(url).unwrap();
        guard
            .admit(&url, &mut clock)
            .await
            .map_err(|error| error.kind().clone())
    }

    const REFUSED: FetchErrorKind = FetchErrorKind::Refused(Refusal::Address);

    /// The endpoint of a store is the operator's word; what else lies at its address is not.
    #[tokio::test]
    async fn a_named_host_is_admitted_wherever_it_is_and_nothing_beside_it() {
        let policy = || {
            AddressPolicy::public()
                .allow_host("db.corp", 9000)
                .allow_host("10.2.0.7", 9000)
                .allow_host("[::1]", 9000)
        };
        for (url, admitted) in [
            ("http://db.corp:9000/", Ok(ips(&["10.2.0.7"]))),
            ("http://10.2.0.7:9000/", Ok(ips(&["10.2.0.7"]))),
            ("http://[::1]:9000/", Ok(ips(&["::1"]))),
            (
                "http://public.example/",
                Ok(ips(&["93.184.216.34", "2600::1"])),
            ),
            (
                "http://bucket.db.corp:9000/",
                Err(FetchErrorKind::NameNotFound),
            ),
            ("http://db.corp:9001/", Err(REFUSED)),
            ("http://10.2.0.7/", Err(REFUSED)),
            (
                "http://evildb.corp:9000/",
                Err(FetchErrorKind::NameNotFound),
            ),
            ("http://evil.corp:9000/", Err(REFUSED)),
            ("http://10.2.0.8:9000/", Err(REFUSED)),
            ("http://rebound.example:9000/", Err(REFUSED)),
        ] {
            assert_eq!(admit(policy(), url).await, admitted, "{url}");
        }
    }

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

    /// Found by a person with `--allow-net 127.0.0.0/8 http://0x7f000001/`: one half of the program
    /// said refused, the other invalid. Cause: the rule stood in three places.
    #[tokio::test]
    async fn an_odd_spelling_is_refused_where_its_address_is_and_a_fault_else() {
        let guard = |policy| Guard {
            policy,
            look_ups: LookUps::new(Arc::new(Zone(HashMap::new())), 8),
        };
        let public = guard(AddressPolicy::public());
        let loopback = guard(AddressPolicy::public().allow("127.0.0.0/8".parse().unwrap()));
        let from = TargetUrl::parse("http://public.example/").unwrap();
        for text in [
            "http://0x7f000001/a.png",
            "http://2130706433/",
            "http://127.1/",
        ] {
            let parse = |guard: &Guard| guard.parse(text).unwrap_err().kind().clone();
            let join = |guard: &Guard| guard.join(&from, Ok(text)).unwrap_err().kind().clone();
            assert_eq!(
                (parse(&public), join(&public)),
                (REFUSED, REFUSED),
                "{text}"
            );
            let spelling = UrlError::HostSpelling {
                address: [127, 0, 0, 1].into(),
            };
            assert_eq!(parse(&loopback), FetchErrorKind::Url(spelling.clone()));
            let fault = FetchErrorKind::BadRedirect(BadRedirect::Url(spelling));
            assert_eq!(join(&loopback), fault);
        }
    }
}
