//! A service that bills each request the moment it arrives, and answers later.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The service's own bill.
#[derive(Clone, Debug)]
pub(crate) struct Till {
    pub(crate) address: SocketAddr,
    bill: Arc<Mutex<Bill>>,
}

#[derive(Debug, Default)]
struct Bill {
    by_image: BTreeMap<u64, u64>,
    arrivals: Vec<Instant>,
}

impl Till {
    /// Begins to take requests, each of which it answers after a while.
    pub(crate) async fn start(answers_after: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let till = Self {
            address: listener.local_addr().unwrap(),
            bill: Arc::default(),
        };
        let bill = Arc::clone(&till.bill);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let bill = Arc::clone(&bill);
                tokio::spawn(async move {
                    let _ = serve(stream, &bill, answers_after).await;
                });
            }
        });
        till
    }

    /// How often each image was paid for.
    pub(crate) fn by_image(&self) -> BTreeMap<u64, u64> {
        self.bill.lock().unwrap().by_image.clone()
    }

    pub(crate) fn total(&self) -> u64 {
        self.by_image().values().sum()
    }

    /// The pace from the first request to the last.
    pub(crate) fn per_second(&self) -> f64 {
        let arrivals = self.bill.lock().unwrap().arrivals.clone();
        let lasted = arrivals[arrivals.len() - 1] - arrivals[0];
        (arrivals.len() - 1) as f64 / lasted.as_secs_f64()
    }

    /// The most requests that arrived within any one second.
    pub(crate) fn most_in_a_second(&self) -> usize {
        let arrivals = self.bill.lock().unwrap().arrivals.clone();
        let second = Duration::from_secs(1);
        let within = |first: &Instant| {
            arrivals
                .iter()
                .filter(|at| *at >= first && **at - *first < second)
                .count()
        };
        arrivals.iter().map(within).max().unwrap_or_default()
    }
}

async fn serve(mut stream: TcpStream, bill: &Mutex<Bill>, after: Duration) -> std::io::Result<()> {
    let image = stream.read_u64().await?;
    {
        let mut bill = bill.lock().unwrap();
        *bill.by_image.entry(image).or_default() += 1;
        bill.arrivals.push(Instant::now());
    }
    tokio::time::sleep(after).await;
    stream.write_u8(1).await
}

/// Sends a request about an image, and waits for the answer.
pub(crate) async fn ask(address: SocketAddr, image: u64) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_u64(image).await?;
    stream.read_u8().await.map(drop)
}
