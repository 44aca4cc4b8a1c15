use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often a log gets a line.
const LOG_EVERY: Duration = Duration::from_secs(30);

/// Shows long work on stderr: a bar on a terminal, a plain line every 30 s elsewhere, nothing when
/// quiet.
pub struct Progress {
    bar: ProgressBar,
    /// What is counted, in the plural: "points".
    things: &'static str,
    /// Examples (images) a thing costs, for the second rate.
    images: u64,
    log: Option<Log>,
}

struct Log {
    start: Instant,
    last: Instant,
    before: u64,
}

impl Progress {
    /// Progress through `total` things, of which `done` were done in an earlier run; each costs so
    /// many images.
    pub fn new(
        things: &'static str,
        total: usize,
        done: usize,
        images: usize,
        quiet: bool,
    ) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal && !quiet {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target)
            .with_style(style(things))
            .with_position(done as u64);
        bar.reset_eta();
        let now = Instant::now();
        let log = (!terminal && !quiet).then_some(Log {
            start: now,
            last: now,
            before: done as u64,
        });
        Self {
            bar,
            things,
            images: images as u64,
            log,
        }
    }

    /// One thing more is done.
    pub fn step(&mut self) {
        self.bar.inc(1);
        self.bar.set_message(format!(
            "{:.0} images/s",
            self.bar.per_sec() * self.images as f64
        ));
        let (done, total) = (self.bar.position(), self.bar.length().unwrap_or(0));
        let (things, images) = (self.things, self.images);
        if let Some(log) = &mut self.log
            && log.last.elapsed() >= LOG_EVERY
        {
            log.last = Instant::now();
            let rate = (done - log.before) as f64 / log.start.elapsed().as_secs_f64();
            let left = Duration::from_secs_f64((total - done) as f64 / rate);
            let left = indicatif::HumanDuration(left);
            crate::tell(format_args!(
                "{done}/{total} {things}, {rate:.3} {things}/s, {:.0} images/s, {left:#} left",
                rate * images as f64
            ));
        }
    }

    /// Prints a line above the bar.
    pub fn say(&self, line: &str) {
        if self.log.is_some() {
            crate::tell(line)
        } else {
            self.bar.println(line)
        }
    }

    /// Does something while the bar is away, such as printing on stdout.
    pub fn aside<T>(&self, what: impl FnOnce() -> T) -> T {
        self.bar.suspend(what)
    }

    /// Clears the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(things: &str) -> ProgressStyle {
    let form = format!("{{bar:40}} {{pos}}/{{len}} {things}, {{per_sec}}, {{msg}}, {{eta}} left");
    ProgressStyle::with_template(&form).unwrap_or_else(|_| ProgressStyle::default_bar())
}
