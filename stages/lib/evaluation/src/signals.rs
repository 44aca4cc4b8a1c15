//! Signals that ask a run to stop: a time limit that comes, a node that others need.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::Context;
use signal_hook::{
    consts::{SIGTERM, SIGUSR1, SIGUSR2},
    flag,
};

/// What Slurm and people send. (Ctrl-C ends the run at once, as everywhere; nothing is lost by it
/// either.)
const SIGNALS: [(&str, i32); 3] = [
    ("SIGTERM", SIGTERM),
    ("SIGUSR1", SIGUSR1),
    ("SIGUSR2", SIGUSR2),
];

/// Whether such a signal came.
pub struct Signals(Arc<AtomicUsize>);

impl Signals {
    /// From here on they end nothing by themselves.
    ///
    /// # Errors
    /// One that cannot be caught.
    pub fn catch() -> anyhow::Result<Self> {
        let caught = Arc::new(AtomicUsize::new(0));
        for (name, signal) in SIGNALS {
            flag::register_usize(signal, Arc::clone(&caught), signal as usize)
                .with_context(|| format!("{name} cannot be caught"))?;
        }
        Ok(Self(caught))
    }

    /// The name of the last that came.
    pub fn caught(&self) -> Option<&'static str> {
        let caught = self.0.load(Ordering::Relaxed);
        SIGNALS
            .into_iter()
            .find(|(_, signal)| *signal as usize == caught)
            .map(|(name, _)| name)
    }
}
