//! Which addresses are dialled, however a URL, a redirect or a name leads to them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use preflight::http::AddressPolicy;
use testkit::server::Server;
use testkit::world::{Station, World};

use crate::draw::Draw;
use crate::net::{ADDRESS, fetcher, runtime, within_budgets};

/// A way to write an address into a URL.
type Spelling = fn(Ipv4Addr) -> String;

const SPELLINGS: [Spelling; 20] = [
    |v4| v4.to_string(),
    |v4| u32::from(v4).to_string(),
    |v4| format!("{:#x}", u32::from(v4)),
    |v4| format!("0{:o}", u32::from(v4)),
    |v4| by_part(v4, |part| format!("0{part:o}")),
    |v4| by_part(v4, |part| format!("{part:#X}")),
    |v4| by_part(v4, |part| format!("{part:03}")),
    |v4| {
        let [a, b, c, d] = v4.octets();
        format!("{a}.{b}.{}", u32::from(c) << 8 | u32::from(d))
    },
    |v4| {
        let [a, ..] = v4.octets();
        format!("{a}.{}", u32::from(v4) & 0xFF_FFFF)
    },
    |v4| format!("{v4}."),
    |v4| v4.to_string().replace('.', "%2e"),
    |v4| v4.to_string().replace('1', "%31").replace('0', "%30"),
    |v4| v4.to_string().replace('.', "\u{3002}"),
    |v4| {
        v4.to_string()
            .replace('1', "\u{FF11}")
            .replace('2', "\u{2461}")
    },
    |v4| format!("[::ffff:{v4}]"),
    |v4| format!("[::{v4}]"),
    |v4| inside(v4, |high, low| format!("[64:ff9b::{high:x}:{low:x}]")),
    |v4| inside(v4, |high, low| format!("[2002:{high:x}:{low:x}::1]")),
    |v4| inside(v4, |high, low| format!("[2600::200:5EFE:{high:X}:{low:X}]")),
    |v4| {
        inside(v4, |high, low| {
            format!("[0:0:0:0:0:FFFF:{high:04X}:{low:04X}]")
        })
    },
];

fn by_part(v4: Ipv4Addr, written: fn(u8) -> String) -> String {
    v4.octets().map(written).join(".")
}

fn inside(v4: Ipv4Addr, written: fn(u16, u16) -> String) -> String {
    let [a, b, c, d] = v4.octets();
    written(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
}

/// However an address is written, and wherever it stands (in a URL, in the answer of a look-up, in a
/// redirect to one or the other), it is dialled only if it is public, on the ports of the web; no
/// name is looked up under which no public server is. The input draws the address, its spelling, its
/// place, its port, and what is written around it.
pub fn addresses(data: &[u8]) {
    let mut draw = Draw::new(data);
    let place = draw.byte();
    let v4 = Ipv4Addr::from(draw.bytes::<4>());
    let is_v6 = draw.byte() % 4 == 3;
    let v6 = Ipv6Addr::from(draw.bytes::<16>());
    let spelling = draw.of(SPELLINGS);
    let host = if is_v6 {
        format!("[{v6}]")
    } else {
        spelling(v4)
    };
    let scheme = draw.of([
        "http://", "http://", "https://", "//", "HTTP://", "http:/\\", "ftp://",
    ]);
    let before = draw.of([
        "",
        "",
        "",
        "",
        "93.184.216.34@",
        "a:b@",
        "img.example\\@",
        "img.example#@",
    ]);
    let port = draw.of([
        "", "", "", ":80", ":443", ":8080", ":22", ":0", ":00080", ":",
    ]);
    let answers: [IpAddr; 2] = match (place & 4 != 0, is_v6) {
        (false, false) => [v4.into(); 2],
        (false, true) => [v6.into(); 2],
        (true, false) => [ADDRESS, v4.into()],
        (true, true) => [v6.into(), ADDRESS],
    };
    let behind = String::from_utf8_lossy(draw.rest());
    // The host is a name of the input's own in some runs.
    let host = if place & 2 != 0 {
        "name.example".to_owned()
    } else {
        host
    };
    let target = format!("{scheme}{before}{host}{port}/{behind}");
    let url = if place & 1 == 0 {
        target.as_str()
    } else {
        "http://img.example/a.jpg"
    };

    let location = target.replace(['\r', '\n'], "");
    let server = Server::new(move |mut peer| {
        let reply =
            format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        async move {
            loop {
                peer.request().await?;
                peer.send(reply.as_bytes()).await?;
            }
        }
    });
    let world = World::default().server("img.example", ADDRESS, &server);
    let stations = answers.into_iter().map(|address| address.to_canonical());
    let world = stations
        .filter(|address| *address != ADDRESS)
        .fold(world, |world, address| {
            world.station(address, Station::Refuses)
        });
    let world = world.name("name.example", &answers);
    runtime().block_on(async {
        let fetcher = fetcher(&world);
        if let Ok(url) = fetcher.parse(url) {
            within_budgets(&fetcher.probe(&url).await);
        }
    });
    for dialled in world.dialled() {
        assert!(
            is_public(dialled.ip()),
            "{dialled} by {url:?} and {target:?}"
        );
        assert!(AddressPolicy::public().permits(dialled.ip()), "{dialled}");
        let port = dialled.port();
        assert!(
            [80, 443, 8080, 8443].contains(&port),
            "{dialled} by {target:?}"
        );
        let is_known = dialled.ip() == ADDRESS || answers.contains(&dialled.ip());
        assert!(
            is_known || place & 2 == 0,
            "{dialled}, and no look-up told it"
        );
    }
    for name in world.look_ups() {
        assert!(
            name.contains('.') && !name.ends_with(".internal"),
            "{name:?}"
        );
        assert!(name.parse::<IpAddr>().is_err(), "{name:?} is an address");
    }
}

/// Whether an address is on the public internet, by the registries of IANA, told apart anew: nothing
/// of the guard's own tables is used.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let by_std = v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.is_broadcast()
        || v4.is_documentation()
        || v4.is_unspecified();
    let is_special = matches!(
        v4.octets(),
        [0 | 240..=255, ..]
            | [100, 64..=127, ..]
            | [192, 0, 0, _]
            | [192, 88, 99, _]
            | [198, 18..=19, ..]
            | [168, 63, 129, 16]
    );
    !by_std && !is_special
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [a, b, _, _, _, tag, high, low] = v6.segments();
    let embedded = Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match (a, b) {
        (0x64, 0xFF9B) => {
            matches!(v6.segments(), [_, _, 0, 0, 0, 0, _, _]) && is_public_v4(embedded)
        }
        (0x2001, 0..=0x1FF | 0x0DB8) | (0x2002, _) | (0x3FFF, 0..=0x0FFF) => false,
        (0x2000..=0x3FFF, _) => tag != 0x5EFE || is_public_v4(embedded),
        _ => false,
    }
}
