//! What is really dialled, told by the kernel: in a network namespace of its own where every special
//! address is an address of this machine, with a server on each, and with every proxy variable set.
//!
//! The test runs itself again inside the namespace (`unshare`, of util-linux, and `ip`). Where that
//! is not allowed it says so on standard error and checks nothing.
#![cfg(target_os = "linux")]

mod kept;

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::Command;

use preflight::http::{AddressPolicy, Fetcher, Resolve, Resolving};
use testkit::server::{Server, partial};

use crate::support::{look, png};

const INNER: &str = "PREFLIGHT_TEST_NAMESPACE_INNER";
const NAME: &str = "namespace::nothing_forbidden_is_dialled";

/// Addresses that must not be dialled, one or more of every block.
const FORBIDDEN: [&str; 44] = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.0.23",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "240.0.0.1",
    "::1",
    "::127.0.0.1",
    "::ffff:0:10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fec0::1",
    "2600::5efe:a00:1",
    "2600::200:5efe:7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
];

const PUBLIC: [&str; 6] = [
    "8.8.8.8",
    "93.184.216.34",
    "2600::1",
    "2a00:1450::1",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
];

const PORTS: [u16; 6] = [80, 443, 8080, 8443, 22, 6379];

#[test]
fn nothing_forbidden_is_dialled() {
    if std::env::var_os(INNER).is_some() {
        return inside();
    }
    let Some(flags) = ["-n", "-rn"].into_iter().find(|flags| can_unshare(flags)) else {
        let _ = writeln!(
            io::stderr(),
            "SKIPPED {NAME}: `unshare -n` with `ip` is not possible here"
        );
        return;
    };
    let mut again = Command::new("unshare");
    again
        .arg(flags)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"]);
    again.env(INNER, "1");
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        again.env(name, "http://10.0.0.1:8080");
    }
    let output = again.output().unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success() && out.contains("1 passed"),
        "{out}\n{err}"
    );
    let _ = writeln!(
        io::stderr(),
        "{}",
        out.lines().find(|line| line.contains("cases")).unwrap()
    );
}

fn can_unshare(flags: &str) -> bool {
    let status = Command::new("unshare")
        .args([flags, "ip", "link", "set", "lo", "up"])
        .output();
    status.is_ok_and(|output| output.status.success())
}

fn inside() {
    ip(&["link", "set", "lo", "up"]);
    let mut ours = HashSet::from(["127.0.0.1", "127.255.255.254", "::1", "0.0.0.0"].map(parse));
    for text in FORBIDDEN.iter().chain(&PUBLIC) {
        let address = parse(text).to_canonical();
        let prefix = if address.is_ipv4() { 32 } else { 128 };
        if ip(&["addr", "add", &format!("{address}/{prefix}"), "dev", "lo"]) {
            ours.insert(address);
        }
    }
    assert!(ours.len() >= 40, "the kernel took only {ours:?}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(check());
}

fn ip(arguments: &[&str]) -> bool {
    Command::new("ip")
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success())
}

fn parse(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// One URL, the name that it has in the zone, and the address that may be dialled for it.
struct Case {
    url: String,
    name: Option<(String, Vec<IpAddr>)>,
    expected: Option<SocketAddr>,
}

async fn check() {
    let server = Server::new(|mut peer| async move {
        loop {
            let request = peer.request().await?;
            let answer = match request.target().strip_prefix("/to/") {
                Some(hex) => [
                    b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ",
                    &unhex(hex)[..],
                    b"\r\n\r\n",
                ]
                .concat(),
                None => partial(&request, &png()),
            };
            peer.send(&answer).await?;
        }
    });
    for port in PORTS {
        server.listen(&format!("[::]:{port}")).await.unwrap();
    }
    let cases: Vec<_> = direct()
        .chain(named())
        .chain(mixed())
        .chain(redirected())
        .collect();
    let (mut refused, mut dialled) = (0, 0);
    for case in &cases {
        let zone = Zone(case.name.iter().cloned().collect());
        let fetcher = Fetcher::builder().resolver(zone).build().unwrap();
        let before = server.dialled().len();
        let outcome = match fetcher.parse(&case.url) {
            Ok(url) => fetcher.probe(&url).await.outcome,
            Err(error) => Err(error),
        };
        let mut seen = server.dialled().split_off(before);
        if case.url.contains("/to/") {
            assert_eq!(
                seen.remove(0).ip().to_canonical(),
                parse("93.184.216.34"),
                "the first hop of {}",
                case.url
            );
        }
        let seen: Vec<_> = seen
            .iter()
            .map(|at| SocketAddr::new(at.ip().to_canonical(), at.port()))
            .collect();
        match case.expected {
            None => {
                assert_eq!(seen, [], "{} was dialled", case.url);
                let error = outcome.unwrap_err();
                // What a person reads does not tell what was found out about the network inside.
                if !case.url.contains("/to/") && case.name.is_some() {
                    assert!(
                        !FORBIDDEN
                            .iter()
                            .any(|address| error.to_string().contains(address)),
                        "{error}"
                    );
                }
                refused += 1;
            }
            Some(expected) => {
                assert_eq!(seen, [expected], "{}: {:?}", case.url, outcome);
                assert!(outcome.is_ok(), "{}", case.url);
                dialled += 1;
            }
        }
    }
    assert!(refused > 250 && dialled > 20);
    println!(
        "{} cases: {refused} refused and not dialled, {dialled} dialled as judged",
        cases.len()
    );
    inside_when_opened(&server).await;
    kept::connections(&server).await;
}

/// The network that the caller opened is dialled on any port, its neighbours are not.
async fn inside_when_opened(server: &Server) {
    let policy = AddressPolicy::public().allow("10.0.0.0/24".parse().unwrap());
    let fetcher = Fetcher::builder().policy(policy).build().unwrap();
    let before = server.dialled().len();
    assert!(
        look(&fetcher, "http://10.0.0.1:6379/")
            .await
            .outcome
            .is_ok()
    );
    assert!(
        look(&fetcher, "http://10.255.255.254/")
            .await
            .outcome
            .is_err()
    );
    assert!(
        look(&fetcher, "http://[64:ff9b::a00:1]/")
            .await
            .outcome
            .is_err()
    );
    assert_eq!(server.dialled().len(), before + 1);
}

fn host(address: &str) -> String {
    if address.contains(':') {
        format!("[{address}]")
    } else {
        address.to_owned()
    }
}

fn at(address: &str, port: u16) -> Option<SocketAddr> {
    Some(SocketAddr::new(parse(address).to_canonical(), port))
}

fn case(url: String, expected: Option<SocketAddr>) -> Case {
    Case {
        url,
        name: None,
        expected,
    }
}

/// Literals in every spelling, on every port.
fn direct() -> impl Iterator<Item = Case> {
    let forbidden = FORBIDDEN.iter().flat_map(|address| {
        [80, 8080, 6379].map(|port| case(format!("http://{}:{port}/", host(address)), None))
    });
    let spelled = [
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "0x7f.1",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "１２７.０.０.１",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "167772161",
        "0xa.1",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
    ]
    .into_iter()
    .map(|host| case(format!("http://{host}/"), None));
    let public = PUBLIC.iter().flat_map(|address| {
        [80, 8080, 8443].map(|port| {
            case(
                format!("http://{}:{port}/", host(address)),
                at(address, port),
            )
        })
    });
    let ports = [22, 443, 6379]
        .into_iter()
        .map(|port| case(format!("http://8.8.8.8:{port}/"), None));
    forbidden.chain(spelled).chain(public).chain(ports)
}

fn named_case(addresses: &[&str], expected: Option<SocketAddr>) -> Case {
    let addresses = addresses.iter().map(|address| parse(address)).collect();
    Case {
        url: "http://img.example/".to_owned(),
        name: Some(("img.example".to_owned(), addresses)),
        expected,
    }
}

fn named() -> impl Iterator<Item = Case> {
    let forbidden = FORBIDDEN.iter().map(|address| named_case(&[address], None));
    forbidden.chain(
        PUBLIC
            .iter()
            .map(|address| named_case(&[address], at(address, 80))),
    )
}

/// A public address beside a forbidden one, either first.
fn mixed() -> impl Iterator<Item = Case> {
    FORBIDDEN.iter().flat_map(|address| {
        [
            named_case(&["8.8.8.8", address], None),
            named_case(&[address, "8.8.8.8"], None),
        ]
    })
}

fn redirected() -> impl Iterator<Item = Case> {
    let forbidden = FORBIDDEN
        .iter()
        .map(|address| format!("http://{}/", host(address)))
        .chain(
            [
                "//127.0.0.1",
                "\\\\127.0.0.1",
                "/\\127.0.0.1",
                "http:///127.0.0.1",
                "http://0x7f.1/",
                "http://2130706433",
                "http://127%2e0.0.1",
                "http://localhost/",
                "http://8.8.8.8:22/",
                "http://u@10.0.0.1/",
                "file:///etc/passwd",
            ]
            .map(str::to_owned),
        )
        .map(|to| case(format!("http://93.184.216.34/to/{}", hex(&to)), None));
    let public = ["8.8.8.8", "2600::1"].map(|address| {
        case(
            format!(
                "http://93.184.216.34/to/{}",
                hex(&format!("//{}:8080/", host(address)))
            ),
            at(address, 8080),
        )
    });
    forbidden.chain(public)
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text
        .chars()
        .map(|c| c.to_digit(16).unwrap() as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// Knows one name, and answers the loopback address for every other.
struct Zone(HashMap<String, Vec<IpAddr>>);

impl Resolve for Zone {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        let loopback = || vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
        let answer = self.0.get(name).cloned().unwrap_or_else(loopback);
        Box::pin(async { Ok(answer) })
    }
}
