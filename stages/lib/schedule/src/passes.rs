use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use anyhow::Context;
use files::Places;

use crate::{
    Chunk, Cut, Exchange, Kept, Measure, Next, Point,
    kept::{Written, restored},
};

/// Chunks per job of a point that several jobs measure together, so that none waits long.
const CHUNKS_PER_JOB: usize = 4;

/// Work of a thread: a chunk of a pass at a point.
pub(crate) struct Task<State> {
    pub(crate) point: Point,
    pub(crate) state: Arc<State>,
    pub(crate) chunk: Chunk,
}

/// The points that are being measured: chunks of their passes are handed out one by one, and joined
/// in their order.
pub(crate) struct Passes<'a, M: Measure> {
    measure: &'a M,
    places: &'a Places,
    jobs: usize,
    /// Whether the exchange has no more points.
    exhausted: bool,
    /// The point of which each job had its last chunk.
    last: Vec<Option<usize>>,
    /// Chunks that nobody has yet.
    waiting: VecDeque<Task<M::State>>,
    /// The pass at each point that is being measured.
    open: HashMap<usize, Pass<M>>,
}

/// A pass at a point.
struct Pass<M: Measure> {
    state: Arc<M::State>,
    /// How much of it is kept.
    written: Written,
    chunks: usize,
    /// How many chunks are joined.
    joined: usize,
    all: Option<M::Partial>,
    /// Chunks that came before their turn.
    early: BTreeMap<usize, M::Partial>,
}

impl<'a, M: Measure> Passes<'a, M> {
    pub(crate) fn new(measure: &'a M, places: &'a Places, jobs: usize) -> Self {
        Self {
            measure,
            places,
            jobs,
            exhausted: false,
            last: vec![None; jobs],
            waiting: VecDeque::new(),
            open: HashMap::new(),
        }
    }

    /// The next chunk for a job to measure. A job stays with its point, for which it may have
    /// computed what further passes need; then it takes a new point, and in the end it helps
    /// others.
    pub(crate) fn next(
        &mut self,
        job: usize,
        exchange: &mut dyn Exchange,
    ) -> anyhow::Result<Option<Task<M::State>>> {
        let mut place = self.own_chunk(job);
        if place.is_none() && !self.exhausted {
            // before it is taken: of the last points, which are fewer than the jobs, each is cut
            let left = exchange.left();
            match exchange.take()? {
                Some(start) => {
                    let point = Point::of(self.places, start.point);
                    let (state, written) = match &start.kept {
                        Some(kept) => (self.restored(point, kept)?, Written::of(kept)),
                        None => (self.measure.begin(point), Written::default()),
                    };
                    place = Some(self.waiting.len());
                    self.begin(point, state, written, left);
                }
                None => self.exhausted = true,
            }
        }
        let task = self.waiting.remove(place.unwrap_or(0));
        if let Some(task) = &task {
            self.last[job] = Some(task.point.number);
        }
        Ok(task)
    }

    /// Where a chunk of the last point of a job waits; rather one of those that fall to this job
    /// in every pass.
    fn own_chunk(&self, job: usize) -> Option<usize> {
        let point = self.last[job]?;
        let mut place = None;
        for (number, task) in self.waiting.iter().enumerate() {
            if task.point.number == point {
                if task.chunk.number % self.jobs == job {
                    return Some(number);
                }
                place = place.or(Some(number));
            }
        }
        place
    }

    /// Takes what a chunk gave. The last one of a pass ends it: the point goes on, or has its
    /// values.
    pub(crate) fn put(
        &mut self,
        point: Point,
        chunk: Chunk,
        partial: M::Partial,
        exchange: &mut dyn Exchange,
    ) -> anyhow::Result<()> {
        let Some(pass) = self.open.get_mut(&point.number) else {
            return Ok(());
        };
        pass.early.insert(chunk.number, partial);
        while let Some(next) = pass.early.remove(&pass.joined) {
            match &mut pass.all {
                Some(all) => self.measure.join(all, next),
                None => pass.all = Some(next),
            }
            pass.joined += 1;
        }
        if pass.joined < pass.chunks {
            return Ok(());
        }
        let Some(pass) = self.open.remove(&point.number) else {
            return Ok(());
        };
        self.end(point, pass, exchange)
            .with_context(|| described(point))
    }

    fn end(
        &mut self,
        point: Point,
        pass: Pass<M>,
        exchange: &mut dyn Exchange,
    ) -> anyhow::Result<()> {
        // threads drop theirs before they hand over what they measured
        let state = Arc::into_inner(pass.state).context("a thread still holds the state")?;
        let all = pass.all.context("a pass has no chunks")?;
        match self.measure.absorb(state, all)? {
            Next::Done(values) => exchange.put(point.number, values),
            Next::Again(state) => {
                let added = pass.written.update(&state)?;
                let written = Written::of(&added);
                exchange.keep(point.number, added)?;
                self.begin(point, state, written, exchange.left());
                Ok(())
            }
        }
    }

    /// The state of a point that was kept.
    fn restored(&self, point: Point, kept: &Kept) -> anyhow::Result<M::State> {
        let what = || format!("what is kept of {}", described(point));
        match restored(kept).with_context(what)? {
            Some(state) => Ok(state),
            None => Err(anyhow::anyhow!("{} does not fit together", what())),
        }
    }

    /// Begins a pass at a point, while this many points are left.
    fn begin(&mut self, point: Point, state: M::State, written: Written, left: usize) {
        let chunks = match self.measure.cut(&state) {
            Cut::Always(chunks) => chunks.max(1),
            Cut::Freely(most) if left < self.jobs => (CHUNKS_PER_JOB * self.jobs).min(most).max(1),
            Cut::Freely(_) => 1,
        };
        let state = Arc::new(state);
        for number in 0..chunks {
            self.waiting.push_back(Task {
                point,
                state: Arc::clone(&state),
                chunk: Chunk { number, of: chunks },
            });
        }
        let pass = Pass {
            state,
            written,
            chunks,
            joined: 0,
            all: None,
            early: BTreeMap::new(),
        };
        self.open.insert(point.number, pass);
    }
}

/// A point in an error.
pub(crate) fn described(point: Point) -> String {
    let Point { number, x, y } = point;
    format!("point {number} (x = {x}, y = {y})")
}
