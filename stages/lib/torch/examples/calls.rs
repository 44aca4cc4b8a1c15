//! Runs random programs over the operators that programs may call, and says which seeds crash, hang
//! or take much memory: `calls COUNT [FIRST]`; `calls --child FIRST COUNT` runs them in this
//! process, `calls --show SEED` prints a program.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for developers, whose output is all that it is for"
)]

#[path = "../tests/calls/mod.rs"]
mod calls;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    process::{Command, ExitCode, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use calls::Calls;

/// Bytes that a program may hold, and that the process may.
const MOST: u64 = 1 << 30;
const MOST_KIB: u64 = 2 << 20;
/// A program that computes for longer hangs; waiting for the memory of a large one does not count.
const LONGEST: Duration = Duration::from_secs(10);
/// How often so long may pass before one that does not compute hangs too.
const WAITS: u32 = 12;
/// The exit status of a process that holds too much.
const TOO_MUCH: u8 = 3;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| args.get(place).and_then(|text| text.parse::<u64>().ok());
    match args.first().map(String::as_str) {
        Some("--child") => child(number(1).unwrap(), number(2).unwrap()),
        Some("--show") => {
            println!("{}", Calls::new().show(number(1).unwrap()));
            ExitCode::SUCCESS
        }
        Some(_) => parent(number(0).unwrap(), number(1).unwrap_or(0)),
        None => {
            println!("usage: calls COUNT [FIRST]");
            ExitCode::from(2)
        }
    }
}

/// Runs seeds in this process; says each before it runs, and what became of it.
fn child(first: u64, count: u64) -> ExitCode {
    torch::one_thread();
    torch::guard_memory(MOST);
    let calls = Calls::new();
    for seed in first..first + count {
        println!("{seed}");
        println!("{:?}", calls.run(seed));
        if most_held() > MOST_KIB {
            return ExitCode::from(TOO_MUCH);
        }
    }
    ExitCode::SUCCESS
}

/// The most that this process held, in KiB.
fn most_held() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Runs seeds in child processes; one that ends badly is named, and the next child goes
/// on behind it.
fn parent(count: u64, first: u64) -> ExitCode {
    let end = first + count;
    let (mut next, mut found) = (first, 0);
    let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
    while next < end {
        let (seed, why) = watch(next, end - next, &mut outcomes);
        if let Some(why) = why {
            println!("seed {seed}: {why}");
            found += 1;
        }
        next = seed + 1;
    }
    println!("{count} programs from seed {first} on: {outcomes:?}, {found} findings");
    ExitCode::from(u8::from(found > 0))
}

/// Seconds that a process has computed, without those of the kernel (proc(5), field 14 of stat, in
/// hundredths).
fn computed(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().nth(11);
    ticks
        .and_then(|ticks| ticks.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 100.0
}

/// Runs a child to its end; returns the last seed that it began, and what was wrong with it.
fn watch(first: u64, count: u64, outcomes: &mut BTreeMap<String, u64>) -> (u64, Option<String>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--child", &first.to_string(), &count.to_string()]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, receiver) = mpsc::channel();
    let reader = thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let mut seed = first;
    let mut waits = 0;
    let mut began = computed(child.id());
    let hangs = loop {
        match receiver.recv_timeout(LONGEST) {
            Ok(line) => match line.parse() {
                Ok(number) => {
                    seed = number;
                    waits = 0;
                    began = computed(child.id());
                }
                Err(_) => *outcomes.entry(line).or_default() += 1,
            },
            Err(mpsc::RecvTimeoutError::Timeout) => {
                waits += 1;
                if computed(child.id()) - began >= LONGEST.as_secs_f64() || waits == WAITS {
                    break true;
                }
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break false,
        }
    };
    if hangs {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    reader.join().unwrap();
    let why = match status.code() {
        _ if hangs => Some(format!("longer than {} seconds", LONGEST.as_secs())),
        Some(0) => None,
        Some(code) if code == i32::from(TOO_MUCH) => Some("more than 2 GiB of memory".into()),
        _ => Some(status.to_string()),
    };
    (seed, why)
}
