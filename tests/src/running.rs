//! A stage that runs beside the test. It is watched by what it does, never by a clock: a test that
//! waits here gives the same verdict on a machine that is a hundred times as fast or as slow.

use std::{
    fs::{self, File},
    io::{Read, Seek},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use crate::{Ran, Workdir};

/// The pause between two looks, which decides nothing.
const POLL: Duration = Duration::from_millis(2);

/// A stage at work; it is killed when the test ends before it does.
pub struct Running {
    child: Child,
    stderr: File,
}

impl Workdir {
    /// Starts a stage in the folder and does not wait for it.
    pub fn start(&self, line: &str) -> Running {
        let stderr = tempfile::tempfile().unwrap();
        let mut command = self.command(line);
        command
            .stdout(Stdio::null())
            .stderr(stderr.try_clone().unwrap());
        Running {
            child: command.spawn().unwrap(),
            stderr,
        }
    }
}

impl Running {
    /// Waits until something has happened or the stage has ended.
    pub fn wait_until(&mut self, happened: impl Fn(&Self) -> bool) {
        while !happened(self) && self.child.try_wait().unwrap().is_none() {
            sleep(POLL);
        }
    }

    /// Bytes that the stage has read until now; `None` where the system does not tell.
    pub fn bytes_read(&self) -> Option<u64> {
        let io = fs::read_to_string(format!("/proc/{}/io", self.child.id())).ok()?;
        let line = io.lines().find(|line| line.starts_with("rchar:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// Sends a signal, such as `TERM`. A stage that has ended does not mind.
    pub fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        Command::new("kill")
            .args(["-s", name, &process])
            .output()
            .unwrap();
    }

    /// Waits for the end: what the stage left.
    pub fn end(mut self) -> Ran {
        let status = self.child.wait().unwrap();
        let mut stderr = String::new();
        self.stderr.rewind().unwrap();
        self.stderr.read_to_string(&mut stderr).unwrap();
        Ran {
            status: status.code(),
            stdout: String::new(),
            stderr,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // one that has ended is gone already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
