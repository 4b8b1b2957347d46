//! One round: a service, some images, one ledger, and runs of the command that come and go.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::process::Signal;
use standin::{FailureShape, Standin};
use tempfile::TempDir;
use testkit::random::Random;
use tokio::runtime::Runtime;

use crate::chaos::process::{Process, Told};
use crate::chaos::{books, clock, device::Device, faults};
use crate::support::preflight;

const KEY: &str = "sk-a-key-that-nobody-must-see";

/// Runs at one time.
const MOST_PROCESSES: usize = 3;

/// Runs without chaos after which each image must have its verdict: more than one meets faults that
/// were ordered and not met yet, or is halted by them.
const MOST_PEACEFUL_RUNS: usize = 40;

pub(super) struct World {
    dice: Random,
    runtime: Runtime,
    standin: Option<Standin>,
    folder: TempDir,
    device: Device,
    images: u64,
    processes: Vec<Process>,
    started: u64,
    kills: u64,
    /// What the ledger was told to forget: the bill of that time.
    forgotten: u64,
    /// By image, how often it was billed when its verdict was forgotten, or was to be asked again.
    forgiven: BTreeMap<String, u64>,
    /// Runs that were to ask about known images, too.
    refreshes: u64,
    segment: Segment,
}

/// The time from one moment without any run to the next, and what its runs told.
#[derive(Debug, Default)]
struct Segment {
    billed_before: u64,
    charged: u64,
    maybe_charged: u64,
    killed: bool,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Random::new(seed);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let shape = [
            FailureShape::Bad400,
            FailureShape::Ok200,
            FailureShape::Ok200Blank,
        ];
        let service = Standin::builder()
            .key(KEY)
            .failure_shape(shape[dice.below(3) as usize])
            .service_time(Duration::from_millis(dice.below(1_500)));
        let standin = runtime.block_on(service.start()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for name in ["portraits", "runs", ".config/preflight"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        if dice.below(3) == 0 {
            let own = folder.path().join(".config/preflight/config.toml");
            fs::write(own, "[remote]\ntimeout = \"2s\"\n").unwrap();
        }
        let device = Device::new(dice.below(3) == 0);
        let mut world = Self {
            images: dice.between(6, 24),
            dice,
            runtime,
            standin: Some(standin),
            folder,
            device,
            processes: Vec::new(),
            started: 0,
            kills: 0,
            forgotten: 0,
            forgiven: BTreeMap::new(),
            refreshes: 0,
            segment: Segment::default(),
        };
        for image in 0..world.images {
            world.draw(image);
        }
        world
    }

    pub(super) const fn processes(&self) -> u64 {
        self.started
    }

    pub(super) const fn images(&self) -> u64 {
        self.images
    }

    pub(super) fn billed(&self) -> u64 {
        self.standin().stats().billable
    }

    /// Some steps at random, and how many.
    pub(super) fn chaos(&mut self) -> u64 {
        self.run();
        let steps = self.dice.between(6, 16);
        for _ in 0..steps {
            self.step();
            self.pause(1_000);
            self.check();
        }
        steps
    }

    /// Lets all that still runs end, and then runs until each image has its verdict.
    pub(super) fn peace(&mut self) {
        self.device.make_room();
        while let Some(mut process) = self.processes.pop() {
            process.wait();
            self.processes.push(process);
            self.check();
        }
        let mut last = String::new();
        for _ in 0..MOST_PEACEFUL_RUNS {
            let mut process = self.start(self.check_command());
            process.wait();
            let told = process.told();
            self.note(&told);
            self.check();
            if let Told::Summary {
                asked: 0,
                cached,
                exit: 0 | 1,
                ..
            } = told
                && cached == self.images
            {
                return self.report();
            }
            last = process.output();
        }
        panic!("images stay without a verdict: {last}");
    }

    fn report(&self) {
        let info = books::info(&mut self.command()).unwrap();
        eprintln!(
            "    {} images, {} runs, {} killed: billed {}, charged {}, maybe {}, open {}",
            self.images,
            self.started,
            self.kills,
            self.billed(),
            info.ever.charged,
            info.ever.maybe_charged,
            info.open()
        );
    }

    fn step(&mut self) {
        let Some(at) = self.any_process() else {
            return self.while_nothing_runs();
        };
        match self.dice.below(16) {
            0..=2 => self.run(),
            3 | 4 => {
                self.kills += 1;
                self.processes[at].kill();
            }
            5 => self.processes[at].signal(Signal::TERM),
            6 => {
                self.processes[at].signal(Signal::INT);
                self.pause(300);
                if let Some(process) = self.processes.get_mut(at) {
                    process.signal(Signal::INT);
                }
            }
            7 | 8 => {
                self.processes[at].signal(Signal::STOP);
                self.pause(3_000);
                self.order_faults();
                self.pause(1_000);
                self.processes[at].signal(Signal::CONT);
            }
            9..=11 => self.order_faults(),
            12 => self
                .standin()
                .refuse_connections(self.dice.clone().between(1, 3) as usize),
            13 => self.hold_the_ledger(),
            14 => self.move_the_ledger_away(),
            _ if self.device.can_be_filled() => {
                if self.device.is_full() {
                    self.device.make_room();
                } else {
                    self.device.fill();
                }
            }
            _ => {
                let image = self.dice.below(self.images);
                self.draw(image);
            }
        }
    }

    fn while_nothing_runs(&mut self) {
        match self.dice.below(8) {
            0 => self.move_the_times(),
            1 => self.forget(),
            2 if self.device.can_be_filled() && !self.device.is_full() => {
                self.device.remount("ro");
                self.run();
                self.processes[0].wait();
                self.check();
                self.device.remount("rw");
            }
            _ => self.run(),
        }
    }

    /// Starts a run, with some wish at random.
    fn run(&mut self) {
        if self.processes.len() >= MOST_PROCESSES {
            return;
        }
        let mut command = self.check_command();
        let number = self.dice.between(1, 20).to_string();
        match self.dice.below(12) {
            0 => drop(command.args(["--budget", &number])),
            1 => drop(command.args(["--budget-per-day", &number])),
            2 => drop(command.args(["--jobs", "1"])),
            3 => {
                command.arg("--no-cache");
                self.refreshes += 1;
            }
            4 | 5 => clock::mislead(&mut command, &mut self.dice),
            _ => {}
        }
        let process = self.start(command);
        self.processes.push(process);
    }

    fn start(&mut self, mut command: Command) -> Process {
        self.started += 1;
        Process::start(&mut command, &self.folder.path().join("runs"), self.started)
    }

    fn order_faults(&mut self) {
        for _ in 0..self.dice.between(1, 3) {
            let (endpoint, fault) = faults::any(&mut self.dice);
            self.standin().next_at(endpoint, fault);
        }
    }

    fn hold_the_ledger(&mut self) {
        let time = Duration::from_millis(self.dice.below(8_000));
        if self.ledger().exists() {
            clock::hold(&self.ledger(), time);
        }
    }

    /// Something else lies at its place for a while.
    fn move_the_ledger_away(&mut self) {
        let (place, away) = (self.cache(), self.device.path().join("away"));
        if !place.exists() || fs::write(&away, "").is_err() {
            return;
        }
        let exchange = || renameat_with(CWD, &place, CWD, &away, RenameFlags::EXCHANGE).unwrap();
        exchange();
        self.pause(2_000);
        exchange();
    }

    fn move_the_times(&mut self) {
        let days = self.dice.below(80_000) as i64 - 40_000;
        if self.ledger().exists() {
            clock::move_times(&self.ledger(), days);
        }
    }

    /// `ledger clear`, which keeps what was spent, or forgets that, too.
    fn forget(&mut self) {
        self.settle();
        let mut command = self.command();
        command.args(["ledger", "clear"]);
        let yes = self.dice.below(2) == 0;
        if yes {
            command.arg("--yes");
        }
        let output = command.output().unwrap();
        if !output.status.success() {
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert!(
                stderr.contains("--yes") || self.device.is_full(),
                "{stderr}"
            );
            return;
        }
        let bill = self.standin().stats();
        self.forgiven = books::by_image(&bill);
        self.refreshes = 0;
        if yes {
            self.forgotten = bill.billable;
        }
    }

    /// Makes an image anew: other bytes, under the same name.
    fn draw(&mut self, image: u64) {
        let mut bytes = fs::read(testkit::manifest::folder().join("gallery/anna.jpg")).unwrap();
        // What stands behind the end marker is part of the file, and no part of the image.
        bytes.extend(self.dice.bits().to_be_bytes());
        let path = self.folder.path().join(format!("portraits/{image:02}.jpg"));
        fs::write(path, bytes).unwrap();
    }

    /// Holds what was told against the bill.
    fn check(&mut self) {
        self.bury();
        if self.processes.is_empty() {
            self.settle();
            self.check_segment();
        }
        // The bill first: a charge is told before it is made.
        let bill = self.standin().stats();
        let info = match books::info(&mut self.command()) {
            Ok(info) => info,
            Err(errors) if self.device.is_full() => return eprintln!("    full: {errors}"),
            Err(errors) => panic!("{errors}"),
        };
        let due = bill.billable - self.forgotten;
        assert!(
            info.told() >= due,
            "told {}, billed {due}: {info:?}",
            info.told()
        );
        let alive = info.open.iter().any(|run| run.alive);
        assert!(!(alive && self.processes.is_empty()), "{info:?}");
        let accounted = match books::accounted_for(&mut self.command()) {
            Ok(accounted) => accounted,
            Err(errors) if self.device.is_full() => return eprintln!("    full: {errors}"),
            Err(errors) => panic!("{errors}"),
        };
        for (image, times) in books::by_image(&bill) {
            let forgiven = self.forgiven.get(&image).copied().unwrap_or_default();
            let accounted = accounted.get(&image).copied().unwrap_or_default();
            assert!(
                times <= accounted + forgiven + self.refreshes,
                "{image} was billed {times} times, and {accounted} calls are accounted for"
            );
        }
    }

    /// Holds the summaries of runs against the bill of their time.
    fn check_segment(&mut self) {
        let billed = self.billed();
        let due = billed - self.segment.billed_before;
        let Segment {
            charged,
            maybe_charged,
            killed,
            ..
        } = self.segment;
        if !killed {
            assert!(
                charged <= due && due <= charged + maybe_charged,
                "billed {due}, but the summaries tell {charged} and maybe {maybe_charged}"
            );
        }
        self.segment = Segment {
            billed_before: billed,
            ..Segment::default()
        };
    }

    /// Takes leave of the runs that have ended.
    fn bury(&mut self) {
        let (ended, living): (Vec<_>, Vec<_>) = std::mem::take(&mut self.processes)
            .into_iter()
            .map(|mut process| (process.has_ended(), process))
            .partition(|(ended, _)| *ended);
        self.processes = living.into_iter().map(|(_, process)| process).collect();
        for (_, mut process) in ended {
            let told = process.told();
            assert!(!process.errors().contains(KEY), "the key is shown");
            self.note(&told);
        }
    }

    fn note(&mut self, told: &Told) {
        match told {
            Told::Summary {
                charged,
                maybe_charged,
                ..
            } => {
                self.segment.charged += charged;
                self.segment.maybe_charged += maybe_charged;
            }
            Told::Refused(errors) => {
                let reason = errors.trim_end().rsplit("sqlite3: ").next();
                eprintln!("    refused: {}", reason.unwrap_or_default());
            }
            Told::Killed => self.segment.killed = true,
        }
    }

    fn any_process(&mut self) -> Option<usize> {
        self.bury();
        let running = self.processes.len() as u64;
        (running > 0).then(|| self.dice.below(running) as usize)
    }

    fn settle(&self) {
        self.runtime.block_on(self.standin().settled());
    }

    fn standin(&self) -> &Standin {
        self.standin.as_ref().unwrap()
    }

    fn pause(&mut self, longest_ms: u64) {
        sleep(Duration::from_millis(self.dice.below(longest_ms)));
    }

    fn cache(&self) -> PathBuf {
        self.device.path().join("cache")
    }

    fn ledger(&self) -> PathBuf {
        self.cache().join(ledger::FILE_NAME)
    }

    fn check_command(&self) -> Command {
        let mut command = self.command();
        command.args([
            "check",
            "portraits",
            "--remote",
            "--upload",
            "--format",
            "jsonl",
        ]);
        command
    }

    fn command(&self) -> Command {
        let mut command = preflight();
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("PREFLIGHT_CACHE_DIR", self.cache())
            .env("DASHSCOPE_HTTP_BASE_URL", self.standin().base_url())
            .env("DASHSCOPE_API_KEY", KEY)
            .stdin(Stdio::null());
        command
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.processes.clear();
        // It must stop inside its runtime.
        let _guard = self.runtime.enter();
        drop(self.standin.take());
    }
}
