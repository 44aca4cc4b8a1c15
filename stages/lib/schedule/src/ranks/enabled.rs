use anyhow::Context;
use mpi::{
    Threading,
    environment::Universe,
    topology::{Process, SimpleCommunicator},
    traits::*,
};

use crate::{Exchange, Kept, Start};

/// Tags of what a rank sends: it wants a point, keeps a state, has measured a point, or ends.
const WANT: i32 = 1;
const KEEP: i32 = 2;
const MEASURED: i32 = 3;
const END: i32 = 4;
/// Tags of what rank 0 answers: a point, what is kept of it, and that a state is kept.
const POINT: i32 = 5;
const KEPT: i32 = 6;
const DONE: i32 = 7;
/// Tag of a vector of a state, each in a message of its own: messages have a largest size.
const VECTOR: i32 = 8;

/// The processes that mpirun or srun started together.
pub struct Ranks(Option<(Universe, SimpleCommunicator)>);

impl Ranks {
    /// # Errors
    /// MPI cannot start.
    pub fn start() -> anyhow::Result<Self> {
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
    pub fn several(&self) -> bool {
        self.0.is_some()
    }

    /// Whether this process is the one that writes the file: rank 0.
    pub fn leads(&self) -> bool {
        match &self.0 {
            None => true,
            Some((_, world)) => world.rank() == 0,
        }
    }

    /// What this process prepared; an error ends all, which would wait for it.
    ///
    /// # Errors
    /// The error of the outcome.
    pub fn together<T>(&self, outcome: anyhow::Result<T>) -> anyhow::Result<T> {
        match &self.0 {
            None => outcome,
            Some((_, world)) => or_abort(world, outcome),
        }
    }

    /// Numbers that rank 0 found, in all ranks.
    pub fn told(&self, mut numbers: Vec<f64>) -> Vec<f64> {
        if let Some((_, world)) = &self.0 {
            let first = world.process_at_rank(0);
            let mut count = numbers.len() as u64;
            first.broadcast_into(&mut count);
            numbers.resize(count as usize, 0.0);
            first.broadcast_into(&mut numbers[..]);
        }
        numbers
    }

    /// Runs `body` with the points of this process, of which others ask for theirs.
    ///
    /// # Errors
    /// Those of `body`.
    pub fn lead(
        &self,
        mut own: impl Exchange,
        body: impl FnOnce(&mut dyn Exchange) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Some((_, world)) = &self.0 else {
            return body(&mut own);
        };
        let working = world.size() - 1;
        let mut first = First {
            world,
            own,
            working,
        };
        or_abort(world, body(&mut first))
    }

    /// Runs `body` with points that rank 0 hands out.
    ///
    /// # Errors
    /// Those of `body`.
    pub fn follow(
        &self,
        body: impl FnOnce(&mut dyn Exchange) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Some((_, world)) = &self.0 else {
            return Ok(());
        };
        or_abort(world, body(&mut Other { world }))?;
        world.process_at_rank(0).send_with_tag(&[0u8][..], END);
        Ok(())
    }
}

/// An error of one rank ends all: the others would wait for what never comes.
fn or_abort<T>(world: &SimpleCommunicator, outcome: anyhow::Result<T>) -> anyhow::Result<T> {
    if let Err(error) = &outcome {
        stage::tell(format_args!("error: rank {}: {error:#}", world.rank()));
        world.abort(1);
    }
    outcome
}

/// Rank 0.
struct First<'a, E> {
    world: &'a SimpleCommunicator,
    own: E,
    /// Ranks that have not ended.
    working: i32,
}

impl<E: Exchange> Exchange for First<'_, E> {
    fn take(&mut self) -> anyhow::Result<Option<Start>> {
        self.own.take()
    }

    fn left(&self) -> usize {
        self.own.left()
    }

    fn keep(&mut self, point: usize, added: Kept) -> anyhow::Result<()> {
        self.own.keep(point, added)
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
            let (message, _) = sender.receive_vec_with_tag::<u8>(status.tag());
            match status.tag() {
                WANT => {
                    let start = self.own.take()?;
                    let point = start.as_ref().map(|start| start.point);
                    sender.send_with_tag(&point_message(point, &[])[..], POINT);
                    let kept = start.and_then(|start| start.kept);
                    sender.send_with_tag(&kept_message(kept.as_ref())[..], KEPT);
                    send_vectors(&sender, kept.as_ref());
                }
                KEEP => {
                    let (point, added) = point_and_rest(&message)?;
                    if let Some(added) = kept_in(added, &sender)? {
                        self.own.keep(point, added)?;
                    }
                    sender.send_with_tag(&[0u8][..], DONE);
                }
                MEASURED => {
                    let (point, values) = point_and_rest(&message)?;
                    let (values, _) = values.as_chunks::<8>();
                    let values = values.iter().copied().map(f64::from_le_bytes).collect();
                    self.own.put(point, values)?;
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
    fn take(&mut self) -> anyhow::Result<Option<Start>> {
        let first = self.world.process_at_rank(0);
        first.send_with_tag(&[0u8][..], WANT);
        let (answer, _) = first.receive_vec_with_tag::<u8>(POINT);
        let (kept, _) = first.receive_vec_with_tag::<u8>(KEPT);
        if answer.is_empty() {
            return Ok(None);
        }
        let (point, _) = point_and_rest(&answer)?;
        let kept = kept_in(&kept, &first)?;
        Ok(Some(Start { point, kept }))
    }

    fn keep(&mut self, point: usize, added: Kept) -> anyhow::Result<()> {
        let first = self.world.process_at_rank(0);
        let message = kept_message(Some(&added));
        first.send_with_tag(&point_message(Some(point), &message)[..], KEEP);
        send_vectors(&first, Some(&added));
        // only what is on disk is kept
        let _ = first.receive_vec_with_tag::<u8>(DONE);
        Ok(())
    }

    fn put(&mut self, point: usize, values: Vec<f64>) -> anyhow::Result<()> {
        let mut bytes = Vec::with_capacity(8 * values.len());
        for value in values {
            bytes.extend(value.to_le_bytes());
        }
        let first = self.world.process_at_rank(0);
        first.send_with_tag(&point_message(Some(point), &bytes)[..], MEASURED);
        Ok(())
    }
}

/// A point and what belongs to it; nothing where there is no point.
fn point_message(point: Option<usize>, rest: &[u8]) -> Vec<u8> {
    match point {
        Some(point) => [&(point as u64).to_le_bytes(), rest].concat(),
        None => Vec::new(),
    }
}

fn point_and_rest(message: &[u8]) -> anyhow::Result<(usize, &[u8])> {
    let (point, rest) = message
        .split_first_chunk::<8>()
        .context("another rank sent half a message")?;
    Ok((u64::from_le_bytes(*point) as usize, rest))
}

/// What is kept without its vectors: three numbers, then the rest; nothing where nothing is kept.
fn kept_message(kept: Option<&Kept>) -> Vec<u8> {
    let Some(kept) = kept else {
        return Vec::new();
    };
    let mut message = Vec::with_capacity(3 * 8 + kept.rest.len());
    let vectors = kept.vectors.len() as u64;
    for number in [kept.generation, kept.first as u64, vectors] {
        message.extend(number.to_le_bytes());
    }
    message.extend(&kept.rest);
    message
}

fn send_vectors(to: &Process, kept: Option<&Kept>) {
    for vector in kept.map_or(&[][..], |kept| &kept.vectors) {
        to.send_with_tag(&vector[..], VECTOR);
    }
}

/// What is kept, of which the vectors come from the same rank.
fn kept_in(message: &[u8], from: &Process) -> anyhow::Result<Option<Kept>> {
    if message.is_empty() {
        return Ok(None);
    }
    let (numbers, rest) = message
        .split_first_chunk::<24>()
        .context("another rank sent half a message")?;
    let (numbers, _) = numbers.as_chunks::<8>();
    let numbers: Vec<u64> = numbers.iter().copied().map(u64::from_le_bytes).collect();
    let mut kept = Kept {
        rest: rest.to_vec(),
        generation: numbers[0],
        first: numbers[1] as usize,
        vectors: Vec::new(),
    };
    for _ in 0..numbers[2] {
        let (vector, _) = from.receive_vec_with_tag::<u8>(VECTOR);
        kept.vectors.push(vector);
    }
    Ok(Some(kept))
}
