use std::{sync::mpsc, time::Duration};

use anyhow::Context;
use files::Places;

use crate::{
    Chunk, Exchange, Measure, Point, Stop,
    passes::{Passes, Task, described},
};

/// How often other processes are attended to.
const POLL: Duration = Duration::from_millis(1);

/// What a thread tells the one that exchanges.
enum Event<M: Measure> {
    /// It has nothing to do.
    Idle(usize),
    /// It measured a chunk.
    Measured(Point, Chunk, anyhow::Result<M::Partial>),
    /// It ends, and takes no more.
    Ended,
}

/// Measures points until there are no more, with a thread for each of the workers. Of the last
/// points, which are fewer than the workers, several threads measure chunks.
///
/// The values do not depend on the number of workers; the order in which they are put does. Where
/// `stop` says so, it ends soon, and the points at hand are left.
///
/// # Errors
/// The first one ends the work, after the points at hand were finished as far as they can be.
pub fn measure_points<M: Measure>(
    measure: &M,
    workers: Vec<M::Worker>,
    places: &Places,
    stop: Stop,
    exchange: &mut dyn Exchange,
) -> anyhow::Result<()> {
    let passes = Passes::new(measure, places, workers.len());
    std::thread::scope(|scope| {
        let (sender, events) = mpsc::channel();
        let mut inboxes = Vec::new();
        for (number, worker) in workers.into_iter().enumerate() {
            let (inbox, tasks) = mpsc::channel();
            let thread = Thread {
                number,
                measure,
                stop,
                sender: sender.clone(),
            };
            scope.spawn(move || thread.work(worker, &tasks));
            inboxes.push(inbox);
        }
        let desk = Desk {
            passes,
            alive: inboxes.len(),
            inboxes,
            idle: Vec::new(),
            outcome: Ok(()),
        };
        desk.run(&events, stop, exchange)
    })
}

/// The thread that exchanges: it hands tasks out and takes what was measured.
struct Desk<'a, M: Measure> {
    passes: Passes<'a, M>,
    inboxes: Vec<mpsc::Sender<Task<M::State>>>,
    /// Threads that wait for a task.
    idle: Vec<usize>,
    /// Threads that have not ended.
    alive: usize,
    /// The first error.
    outcome: anyhow::Result<()>,
}

impl<M: Measure> Desk<'_, M> {
    fn run(
        mut self,
        events: &mpsc::Receiver<Event<M>>,
        stop: Stop,
        exchange: &mut dyn Exchange,
    ) -> anyhow::Result<()> {
        loop {
            let goes_on = self.outcome.is_ok() && !stop();
            if goes_on {
                self.hand_out(exchange)?;
            } else {
                exchange.close();
            }
            let others = exchange.attend()?;
            if self.idle.len() == self.alive && !others {
                return self.outcome;
            }
            // other processes cannot wake this thread
            let event = if others {
                events.recv_timeout(POLL).ok()
            } else {
                events.recv().ok()
            };
            match event {
                Some(Event::Idle(thread)) => self.idle.push(thread),
                Some(Event::Measured(point, chunk, partial)) => {
                    let outcome = partial
                        .and_then(|partial| self.passes.put(point, chunk, partial, exchange));
                    self.outcome = self.outcome.and(outcome);
                }
                Some(Event::Ended) => self.alive -= 1,
                None => {}
            }
        }
    }

    /// Gives tasks to idle threads as long as there are both.
    fn hand_out(&mut self, exchange: &mut dyn Exchange) -> anyhow::Result<()> {
        while let Some(thread) = self.idle.pop() {
            let Some(task) = self.passes.next(thread, exchange)? else {
                self.idle.push(thread);
                return Ok(());
            };
            // a thread that panicked takes none; the scope passes the panic on
            let _ = self.inboxes[thread].send(task);
        }
        Ok(())
    }
}

/// What a thread knows beside its worker.
struct Thread<'a, M: Measure> {
    number: usize,
    measure: &'a M,
    stop: Stop<'a>,
    sender: mpsc::Sender<Event<M>>,
}

impl<M: Measure> Thread<'_, M> {
    /// Asks for a task, measures it, tells what it found, until nobody gives tasks any more.
    fn work(self, mut worker: M::Worker, tasks: &mpsc::Receiver<Task<M::State>>) {
        self.measure.start();
        while self.sender.send(Event::Idle(self.number)).is_ok() {
            let Ok(task) = tasks.recv() else { return };
            let Task {
                point,
                state,
                chunk,
            } = task;
            let measured = self
                .measure
                .pass(&mut worker, point, &state, chunk, self.stop);
            // the state must be free when the last chunk arrives
            drop(state);
            if let Some(partial) = measured.transpose() {
                let partial = partial.with_context(|| described(point));
                // whoever stopped listening wants nothing more
                let _ = self.sender.send(Event::Measured(point, chunk, partial));
            }
        }
    }
}

impl<M: Measure> Drop for Thread<'_, M> {
    /// Also where the measure panics, which the scope then passes on.
    fn drop(&mut self) {
        let _ = self.sender.send(Event::Ended);
    }
}
