//! A crowd of servers: one listener that answers for every address of 127.0.0.0/8, each address with
//! a manner of its own, which follows from a seed.

mod apart;
mod manner;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpSocket;

use crate::random::Random;
use crate::server::Server;

pub use apart::{Apart, Seen, serve_apart};
pub use manner::{Manner, Shows};

/// Which manners the servers have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Crowd {
    /// Another seed gives each server another manner.
    pub seed: u64,
    /// In so many thousandths of them, one that serves no image.
    pub hostile: u64,
}

/// The address of the first server; the others follow. None is 127.0.0.1, where others listen.
const FIRST: u32 = 0x7F01_0001;

/// What the kernel keeps of an answer, in bytes. With its own choice a server that sends without end
/// writes megabytes that nobody reads, and has no time for the others.
const SEND_BUFFER: u32 = 16 * 1024;

/// Connections that wait to be accepted: all visitors may come at once.
const BACKLOG: u32 = 4096;

impl Crowd {
    /// The address of a server by its number, of which there are millions.
    #[must_use]
    pub fn address(number: u32) -> Ipv4Addr {
        Ipv4Addr::from(FIRST + number)
    }

    /// What a server does.
    #[must_use]
    pub fn manner(&self, number: u32) -> Manner {
        let mut dice = Random::new(self.seed ^ (u64::from(number) << 32));
        let of: &[Manner] = if dice.below(1_000) < self.hostile {
            &Manner::HOSTILE
        } else {
            &Manner::HONEST
        };
        let drawn = dice.below(of.len() as u64);
        of.get(drawn as usize).copied().unwrap_or(Manner::Silence)
    }

    /// What there is to see at a server, or where it redirects to, for those who have the time and
    /// follow `redirects`.
    #[must_use]
    pub fn shows(&self, number: u32, redirects: u32) -> Shows {
        match (self.manner(number), redirects.checked_sub(1)) {
            (Manner::RedirectToNext, Some(left)) => match self.manner(number + 1).scheme() {
                "http" => self.shows(number + 1, left),
                // The redirect leads to http there, too.
                _ => Shows::Nothing,
            },
            (manner, _) => manner.shows(),
        }
    }

    /// A URL of a server.
    #[must_use]
    pub fn url(&self, number: u32, port: u16, path: &str) -> String {
        let scheme = self.manner(number).scheme();
        format!("{scheme}://{}:{port}{path}", Self::address(number))
    }

    /// Listens for all of them, for as long as the runtime lives.
    ///
    /// # Errors
    ///
    /// Those of binding.
    ///
    /// # Panics
    ///
    /// There is no runtime.
    pub fn listen(self) -> io::Result<(Server, SocketAddr)> {
        let files = Arc::new(manner::Files::new());
        let server = Server::new(move |peer| {
            let files = Arc::clone(&files);
            async move {
                let Some(SocketAddr::V4(dialled)) = peer.dialled().filter(SocketAddr::is_ipv4)
                else {
                    return Ok(());
                };
                let number = u32::from(*dialled.ip()).wrapping_sub(FIRST);
                let next = format!("{}:{}", Self::address(number + 1), dialled.port());
                manner::play(self.manner(number), peer, &files, &next).await
            }
        })
        .brief();
        let socket = TcpSocket::new_v4()?;
        socket.set_send_buffer_size(SEND_BUFFER)?;
        socket.bind(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0))?;
        let port = server.listen_on(socket.listen(BACKLOG)?)?.port();
        Ok((server, SocketAddr::new(IpAddr::V4(Self::address(0)), port)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_thousand_servers_have_all_manners_and_keep_them() {
        let crowd = Crowd {
            seed: 7,
            hostile: 800,
        };
        let manners: Vec<_> = (0..1_000).map(|number| crowd.manner(number)).collect();
        let found: BTreeSet<_> = manners.iter().copied().collect();
        assert_eq!(found.len(), Manner::HONEST.len() + Manner::HOSTILE.len());
        let hostile = manners.iter();
        let hostile = hostile
            .filter(|manner| Manner::HOSTILE.contains(manner))
            .count();
        assert!((750..850).contains(&hostile), "{hostile}");
        let redirects = (0..1_000).filter(|&number| crowd.manner(number) == Manner::RedirectToNext);
        let to_images = redirects.filter(|&number| crowd.shows(number, 3) == Shows::Image);
        assert!(to_images.count() > 0);
        let again = (0..1_000).map(|number| crowd.manner(number));
        assert!(again.eq(manners));
    }
}
