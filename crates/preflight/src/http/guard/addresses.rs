//! Which addresses and ports may be dialled.

use core::fmt;
use core::str::FromStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::vec::Vec;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Which addresses may be dialled: those of the public internet, and the networks that were added.
///
/// The rule for IPv4 is the IANA registry of special-purpose addresses; for IPv6 only global unicast
/// (`2000::/3`) without its special blocks. Addresses that carry an IPv4 address (mapped, NAT64,
/// ISATAP) are judged by it.
///
/// ```
/// use preflight::http::{AddressPolicy, Network};
///
/// let public = AddressPolicy::public();
/// assert!(public.permits("93.184.216.34".parse()?));
/// assert!(!public.permits("169.254.169.254".parse()?));
/// assert!(!public.permits("::ffff:10.0.0.1".parse()?));
///
/// let intranet = AddressPolicy::public().allow("10.2.0.0/16".parse::<Network>()?);
/// assert!(intranet.permits("10.2.7.1".parse()?));
/// assert!(!intranet.permits("10.3.0.1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddressPolicy {
    allowed: Vec<IpNet>,
    hosts: Vec<(String, u16)>,
}

impl AddressPolicy {
    /// The public internet, and nothing else. http on port 80, https on 443, either on 8080 and 8443.
    #[must_use]
    pub const fn public() -> Self {
        Self {
            allowed: Vec::new(),
            hosts: Vec::new(),
        }
    }

    /// Also allows a network: on any port, and under any name.
    #[must_use]
    pub fn allow(mut self, network: Network) -> Self {
        self.allowed.push(network.0);
        self
    }

    /// Also allows a host, on one port, wherever it is: an address, or a name and the names below it.
    /// It is the caller's word, and its addresses are not judged. No other URL may lead there by its
    /// address.
    ///
    /// `host` is as [`TargetUrl::host`](super::TargetUrl::host) has it: a name in lower case, an IPv6
    /// address in brackets.
    #[must_use]
    pub fn allow_host(mut self, host: &str, port: u16) -> Self {
        self.hosts
            .push((host.trim_end_matches('.').to_owned(), port));
        self
    }

    /// Whether the caller named this host and port.
    pub(crate) fn names_host(&self, host: &str, port: u16) -> bool {
        let host = host.trim_end_matches('.');
        self.hosts.iter().any(|(named, at)| {
            let above = host.strip_suffix(named.as_str());
            let is_it = above.is_some_and(|above| above.is_empty() || above.ends_with('.'));
            is_it && *at == port
        })
    }

    /// Whether an address may be dialled, on the usual ports.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        self.judge(address).is_ok()
    }

    /// Whether the caller named this address's network: then any port and name will do.
    pub(crate) fn names(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed
            .iter()
            .any(|network| network.contains(&address))
    }

    /// Whether any network or host was added.
    pub(crate) fn is_widened(&self) -> bool {
        !self.allowed.is_empty() || !self.hosts.is_empty()
    }

    /// Judges an address; what is special about it is for debugging only.
    pub(crate) fn judge(&self, address: IpAddr) -> Result<(), Special> {
        if self.names(address) {
            return Ok(());
        }
        match address.to_canonical() {
            IpAddr::V4(v4) => judge_v4(v4),
            IpAddr::V6(v6) => judge_v6(v6),
        }
    }
}

impl Default for AddressPolicy {
    fn default() -> Self {
        Self::public()
    }
}

/// A network in CIDR notation, or a single address.
///
/// ```
/// use preflight::http::Network;
///
/// assert_eq!("10.2.0.0/16".parse::<Network>()?.to_string(), "10.2.0.0/16");
/// assert_eq!("::1".parse::<Network>()?.to_string(), "::1/128");
/// let error = "10.2.0.0/33".parse::<Network>().unwrap_err();
/// assert_eq!(error.to_string(), "expected a network such as 10.2.0.0/16, but found \"10.2.0.0/33\"");
/// # Ok::<(), preflight::http::NetworkError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let network = text
            .parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| NetworkError {
                found: text.escape_default().take(64).collect(),
            })?;
        Ok(Self(network.trunc()))
    }
}

/// In CIDR notation.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is not a network in CIDR notation.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected a network such as 10.2.0.0/16, but found \"{found}\"")]
pub struct NetworkError {
    found: String,
}

/// Why an address is not public.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Special {
    Documentation,
    LinkLocal,
    Loopback,
    Metadata,
    Multicast,
    Private,
    Reserved,
    Shared,
    Transition,
    Unspecified,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// IANA IPv4 Special-Purpose Address Registry, and what clouds made special. Metadata services come
/// first, so that they are called by their name.
const SPECIAL_V4: [(Ipv4Net, Special); 24] = [
    (v4(169, 254, 169, 254, 32), Special::Metadata), // AWS, Azure, GCP, Huawei, OpenStack
    (v4(169, 254, 170, 2, 32), Special::Metadata),   // AWS ECS
    (v4(169, 254, 170, 23, 32), Special::Metadata),  // AWS EKS
    (v4(169, 254, 0, 23, 32), Special::Metadata),    // Tencent
    (v4(100, 100, 100, 200, 32), Special::Metadata), // Alibaba: in shared, not link-local space
    (v4(168, 63, 129, 16, 32), Special::Metadata),   // Azure: in public space
    (v4(192, 0, 0, 192, 32), Special::Metadata),     // Oracle
    (v4(0, 0, 0, 0, 8), Special::Unspecified),
    (v4(10, 0, 0, 0, 8), Special::Private),
    (v4(100, 64, 0, 0, 10), Special::Shared),
    (v4(127, 0, 0, 0, 8), Special::Loopback),
    (v4(169, 254, 0, 0, 16), Special::LinkLocal),
    (v4(172, 16, 0, 0, 12), Special::Private),
    (v4(192, 0, 0, 0, 24), Special::Reserved),
    (v4(192, 0, 2, 0, 24), Special::Documentation),
    (v4(192, 88, 99, 0, 24), Special::Transition),
    (v4(192, 168, 0, 0, 16), Special::Private),
    (v4(198, 18, 0, 0, 15), Special::Reserved),
    (v4(198, 51, 100, 0, 24), Special::Documentation),
    (v4(203, 0, 113, 0, 24), Special::Documentation),
    (v4(224, 0, 0, 0, 4), Special::Multicast),
    (v4(240, 0, 0, 0, 4), Special::Reserved),
    (v4(255, 255, 255, 255, 32), Special::Reserved),
    (v4(233, 252, 0, 0, 24), Special::Documentation),
];

/// The special blocks inside `2000::/3` (IANA IPv6 Special-Purpose Address Registry).
const SPECIAL_V6: [(Ipv6Net, Special); 4] = [
    (v6(0x2001, 0, 0, 23), Special::Transition), // Teredo, ORCHID, benchmarking, anycasts
    (v6(0x2001, 0x0DB8, 0, 32), Special::Documentation),
    (v6(0x2002, 0, 0, 16), Special::Transition), // 6to4
    (v6(0x3FFF, 0, 0, 20), Special::Documentation),
];

const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 3);

/// RFC 6052: on a host with IPv6 only, every IPv4 site looks like this.
const NAT64: Ipv6Net = v6(0x0064, 0xFF9B, 0, 96);

fn judge_v4(address: Ipv4Addr) -> Result<(), Special> {
    SPECIAL_V4
        .iter()
        .find(|(network, _)| network.contains(&address))
        .map_or(Ok(()), |(_, special)| Err(*special))
}

fn judge_v6(address: Ipv6Addr) -> Result<(), Special> {
    let [.., i0, i1, i2, i3, a, b, c, d] = address.octets();
    let embedded = Ipv4Addr::new(a, b, c, d);
    if NAT64.contains(&address) {
        return judge_v4(embedded);
    }
    if !GLOBAL_UNICAST.contains(&address) {
        return Err(outside_global_unicast(address));
    }
    if let Some((_, special)) = SPECIAL_V6
        .iter()
        .find(|(network, _)| network.contains(&address))
    {
        return Err(*special);
    }
    // ISATAP (RFC 5214, section 6.1): the interface identifier carries an IPv4 address.
    if matches!([i0, i1, i2, i3], [0x00 | 0x02, 0x00, 0x5E, 0xFE]) {
        return judge_v4(embedded);
    }
    Ok(())
}

/// All of it is refused; this only finds the word for it.
fn outside_global_unicast(address: Ipv6Addr) -> Special {
    let metadata = [
        Ipv6Addr::new(0xFD00, 0x0EC2, 0, 0, 0, 0, 0, 0x0254), // AWS
        Ipv6Addr::new(0xFD20, 0x00CE, 0, 0, 0, 0, 0, 0x0254), // GCP
    ];
    if metadata.contains(&address) {
        Special::Metadata
    } else if address.is_loopback() {
        Special::Loopback
    } else if address.is_unspecified() {
        Special::Unspecified
    } else if address.is_multicast() {
        Special::Multicast
    } else if address.is_unique_local() {
        Special::Private
    } else if address.is_unicast_link_local() {
        Special::LinkLocal
    } else {
        Special::Reserved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn judge(text: &str) -> Result<(), Special> {
        AddressPolicy::public().judge(text.parse().unwrap())
    }

    #[test]
    fn both_edges_of_every_block_are_refused_and_their_neighbours_judged_apart() {
        for (network, special) in SPECIAL_V4 {
            for edge in [network.network(), network.broadcast()] {
                assert!(judge_v4(edge).is_err(), "{edge} {special:?}");
            }
        }
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "2600::1",
            "2001:200::1",
            "2a00:1450::1",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
            "2003::1",
            "3ffe::1",
        ] {
            assert_eq!(judge(public), Ok(()), "{public}");
        }
        for (refused, special) in [
            ("169.254.169.254", Special::Metadata),
            ("100.100.100.200", Special::Metadata),
            ("168.63.129.16", Special::Metadata),
            ("fd00:ec2::254", Special::Metadata),
            ("::ffff:169.254.169.254", Special::Metadata),
            ("64:ff9b::a9fe:a9fe", Special::Metadata),
            ("2600::5efe:10.0.0.1", Special::Private),
            ("2600::200:5efe:127.0.0.1", Special::Loopback),
            ("::127.0.0.1", Special::Reserved),
            ("::ffff:0:127.0.0.1", Special::Reserved),
            ("64:ff9b:1::7f00:1", Special::Reserved),
            ("2002:7f00:1::", Special::Transition),
            ("2001::1", Special::Transition),
            ("3fff::1", Special::Documentation),
            ("5f00::1", Special::Reserved),
            ("100::1", Special::Reserved),
            ("fe80::1", Special::LinkLocal),
            ("fec0::1", Special::Reserved),
            ("ff02::1", Special::Multicast),
            ("::", Special::Unspecified),
            ("::1", Special::Loopback),
        ] {
            assert_eq!(judge(refused), Err(special), "{refused}");
        }
    }

    #[test]
    fn an_allowed_network_opens_itself_and_nothing_else() {
        let policy = AddressPolicy::public().allow("10.2.0.9/16".parse().unwrap());
        for (address, permitted, named) in [
            ("10.2.0.1", true, true),
            ("::ffff:10.2.0.1", true, true),
            ("10.3.0.1", false, false),
            ("8.8.8.8", true, false),
            ("64:ff9b::a02:1", false, false),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(
                (policy.permits(address), policy.names(address)),
                (permitted, named)
            );
        }
    }

    proptest! {
        /// An IPv4 address is judged alike in all the clothes that reach the same machine.
        #[test]
        fn ipv4_inside_ipv6_is_judged_as_ipv4(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            let [a, b, c, d] = v4.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            let policy = AddressPolicy::public();
            let bare = policy.judge(v4.into());
            for inside in [
                v4.to_ipv6_mapped(),
                Ipv6Addr::new(0x64, 0xFF9B, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2600, 0, 0, 0, 0, 0x5EFE, high, low),
                Ipv6Addr::new(0x2600, 0, 0, 0, 0x200, 0x5EFE, high, low),
            ] {
                prop_assert_eq!(policy.judge(inside.into()), bare);
            }
        }

        /// What std calls special is refused.
        #[test]
        fn nothing_that_std_knows_as_special_passes(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
                || v4.is_broadcast() || v4.is_documentation() || v4.is_unspecified()
            {
                prop_assert!(!AddressPolicy::public().permits(v4.into()));
            }
        }
    }
}
