//! A crowd in a process of its own, so that it is not counted with the process that is measured.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use super::Crowd;

/// Tells the process that it is the crowd's: its seed, and how many thousandths are hostile.
const VARIABLE: &str = "TESTKIT_CROWD";

/// What stands before an answer, among the words of the test harness.
const MARK: &str = "crowd: ";

/// A crowd in a process of its own. It ends with the value, and with the process that has it.
#[derive(Debug)]
pub struct Apart {
    process: Child,
    answers: BufReader<ChildStdout>,
    port: u16,
}

/// What the servers saw.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seen {
    /// Connections that were accepted.
    pub connections: u64,
    /// Connections that are open.
    pub open: u64,
    /// Connections that were open at once, at most.
    pub most_open: u64,
    /// Requests of HTTP that were read.
    pub requests: u64,
}

impl Crowd {
    /// Runs this test again, in another process, to be the crowd. `test` is its whole name, and it
    /// must begin with [`serve_apart`].
    ///
    /// # Panics
    ///
    /// The process does not start, or ends.
    #[must_use]
    pub fn apart(self, test: &str) -> Apart {
        let binary = env::current_exe().expect("a test knows its binary");
        let mut process = Command::new(binary)
            .args(["--exact", test, "--include-ignored", "--nocapture"])
            .env(VARIABLE, format!("{} {}", self.seed, self.hostile))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a test can run itself");
        let answers = process.stdout.take().expect("it is a pipe");
        let mut apart = Apart {
            process,
            answers: BufReader::new(answers),
            port: 0,
        };
        let [port] = apart.answer();
        apart.port = u16::try_from(port).expect("the answer is a port");
        apart
    }
}

impl Apart {
    /// Where all servers listen.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// What the servers saw so far.
    ///
    /// # Panics
    ///
    /// The process has ended.
    pub fn seen(&mut self) -> Seen {
        let stdin = self.process.stdin.as_mut().expect("it is a pipe");
        stdin.write_all(b"?").expect("the crowd lives");
        let [connections, open, most_open, requests] = self.answer();
        Seen {
            connections,
            open,
            most_open,
            requests,
        }
    }

    /// What the servers saw once no connection is open any more: they notice within some moments that
    /// a client has gone.
    ///
    /// # Panics
    ///
    /// A connection stays open, or the process has ended.
    pub fn settled(&mut self) -> Seen {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let seen = self.seen();
            if seen.open == 0 {
                return seen;
            }
            assert!(
                Instant::now() < deadline,
                "nobody is there, and connections are open: {seen:?}"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn answer<const N: usize>(&mut self) -> [u64; N] {
        let mut line = String::new();
        let answer = loop {
            line.clear();
            let count = self.answers.read_line(&mut line);
            assert!(count.is_ok_and(|count| count > 0), "the crowd has ended");
            // The harness may have begun the line.
            if let Some((_, answer)) = line.split_once(MARK) {
                break answer;
            }
        };
        let numbers = answer.split_whitespace().map(|word| word.parse().ok());
        let numbers: Option<Vec<u64>> = numbers.collect();
        numbers
            .and_then(|numbers| numbers.try_into().ok())
            .expect("an answer is numbers")
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Is the crowd, if this process is to be that, until its parent goes away; says whether it was.
///
/// # Panics
///
/// It cannot listen.
#[must_use]
pub fn serve_apart() -> bool {
    let Ok(words) = env::var(VARIABLE) else {
        return false;
    };
    let numbers = words.split_once(' ').expect("there are two numbers");
    let crowd = Crowd {
        seed: numbers.0.parse().expect("it is a number"),
        hostile: numbers.1.parse().expect("it is a number"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    // Asked on a thread of its own, which ends the process when nobody can ask any more.
    let _context = runtime.enter();
    let (server, address) = crowd.listen().expect("a port is free");
    say(&[u64::from(address.port())]);
    thread::spawn(move || {
        for _ in io::stdin().lock().bytes().map_while(Result::ok) {
            say(&[
                server.connections() as u64,
                server.open() as u64,
                server.most_open() as u64,
                server.asked(),
            ]);
        }
        std::process::exit(0);
    });
    runtime.block_on(std::future::pending())
}

fn say(numbers: &[u64]) {
    let words: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{MARK}{}", words.join(" ")).expect("somebody reads");
    stdout.flush().expect("somebody reads");
}
