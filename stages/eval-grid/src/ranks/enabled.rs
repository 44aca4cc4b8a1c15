use anyhow::Context;
use mpi::{Threading, environment::Universe, topology::SimpleCommunicator, traits::*};

use crate::points::Exchange;

/// Tags: a rank wants a point, or sends one that it measured, or ends; rank 0 answers.
const WANT: i32 = 1;
const MEASURED: i32 = 2;
const END: i32 = 3;
const ANSWER: i32 = 4;
/// The answer where no point is left.
const NONE: u64 = u64::MAX;

/// The processes that mpirun or srun started together.
pub(crate) struct Ranks(Option<(Universe, SimpleCommunicator)>);

impl Ranks {
    /// # Errors
    /// MPI cannot start.
    pub(crate) fn start() -> anyhow::Result<Self> {
        // alone, it needs no MPI
        if super::started() == 1 {
            return Ok(Self(None));
        }
        let (universe, _) =
            mpi::initialize_with_threading(Threading::Funneled).context("MPI cannot start")?;
        let world = universe.world();
        Ok(Self(Some((universe, world))))
    }

    /// Whether there are others.
    pub(crate) fn several(&self) -> bool {
        self.0.is_some()
    }

    /// Whether this process is the one that writes the file: rank 0.
    pub(crate) fn leads(&self) -> bool {
        self.0.as_ref().is_none_or(|(_, world)| world.rank() == 0)
    }

    /// What this process prepared; an error ends all, which would wait for it.
    pub(crate) fn together<T>(&self, outcome: anyhow::Result<T>) -> anyhow::Result<T> {
        match &self.0 {
            None => outcome,
            Some((_, world)) => or_abort(world, outcome),
        }
    }

    /// Runs `body` with the points of this process, of which others ask for theirs.
    pub(crate) fn lead(
        &self,
        mut own: impl Exchange,
        body: impl FnOnce(&mut dyn Exchange) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        match &self.0 {
            None => body(&mut own),
            Some((_, world)) => or_abort(
                world,
                body(&mut First {
                    world,
                    own,
                    working: world.size() - 1,
                }),
            ),
        }
    }

    /// Runs `body` with points that rank 0 hands out.
    pub(crate) fn follow(
        &self,
        body: impl FnOnce(&mut dyn Exchange) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Some((_, world)) = &self.0 else {
            return Ok(());
        };
        or_abort(world, body(&mut Other { world }))?;
        world.process_at_rank(0).send_with_tag(&[0u64][..], END);
        Ok(())
    }
}

/// An error of one rank ends all: the others would wait for what never comes.
fn or_abort<T>(world: &SimpleCommunicator, outcome: anyhow::Result<T>) -> anyhow::Result<T> {
    outcome.inspect_err(|error| {
        stage::tell(format_args!("error: rank {}: {error:#}", world.rank()));
        world.abort(1);
    })
}

/// Rank 0.
struct First<'a, E> {
    world: &'a SimpleCommunicator,
    own: E,
    /// Ranks that have not ended.
    working: i32,
}

impl<E: Exchange> Exchange for First<'_, E> {
    fn take(&mut self) -> anyhow::Result<Option<usize>> {
        self.own.take()
    }

    fn left(&self) -> usize {
        self.own.left()
    }

    fn put(&mut self, point: usize, values: Vec<f64>) -> anyhow::Result<()> {
        self.own.put(point, values)
    }

    fn close(&mut self) {
        self.own.close();
    }

    fn attend(&mut self) -> anyhow::Result<bool> {
        while let Some(status) = self.world.any_process().immediate_probe() {
            let sender = self.world.process_at_rank(status.source_rank());
            let (content, _) = sender.receive_vec_with_tag::<u64>(status.tag());
            match (status.tag(), &content[..]) {
                (WANT, _) => {
                    let answer = self.own.take()?.map_or(NONE, |point| point as u64);
                    sender.send_with_tag(&[answer][..], ANSWER);
                }
                (MEASURED, [point, values @ ..]) => {
                    self.own.put(
                        *point as usize,
                        values.iter().map(|bits| f64::from_bits(*bits)).collect(),
                    )?;
                }
                _ => self.working -= 1,
            }
        }
        Ok(self.working > 0)
    }
}

/// Any other rank.
struct Other<'a> {
    world: &'a SimpleCommunicator,
}

impl Exchange for Other<'_> {
    fn take(&mut self) -> anyhow::Result<Option<usize>> {
        let first = self.world.process_at_rank(0);
        first.send_with_tag(&[0u64][..], WANT);
        let (answer, _) = first.receive_vec_with_tag::<u64>(ANSWER);
        Ok(answer
            .first()
            .filter(|point| **point != NONE)
            .map(|point| *point as usize))
    }

    fn put(&mut self, point: usize, values: Vec<f64>) -> anyhow::Result<()> {
        let content: Vec<u64> = [point as u64]
            .into_iter()
            .chain(values.into_iter().map(f64::to_bits))
            .collect();
        self.world
            .process_at_rank(0)
            .send_with_tag(&content[..], MEASURED);
        Ok(())
    }
}
