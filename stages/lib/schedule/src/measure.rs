use files::{Places, Quantity};

use crate::State;

/// What is measured at each point of a grid: its passes over the data and how they become values.
///
/// A loss takes one pass. A Lanczos run takes one Hessian-vector product per pass and keeps a state
/// between passes. A pass is cut into chunks of the data, which threads measure; their results are
/// joined in the order of the data.
pub trait Measure: Sync {
    /// What a thread measures with, such as a network and the data that it reads.
    type Worker: Send;
    /// What a chunk of the data gives.
    type Partial: Send;
    /// What a point knows between two passes.
    type State: State;

    /// How the next pass of a point may be cut into chunks.
    fn cut(&self, state: &Self::State) -> Cut;

    /// Called once in each thread that measures, before anything else.
    fn start(&self) {}

    /// The state of a point before its first pass.
    fn begin(&self, point: Point) -> Self::State;

    /// Measures a chunk of the data; `None` where `stop` told it to leave off.
    ///
    /// # Errors
    /// What cannot be measured.
    fn pass(
        &self,
        worker: &mut Self::Worker,
        point: Point,
        state: &Self::State,
        chunk: Chunk,
        stop: Stop,
    ) -> anyhow::Result<Option<Self::Partial>>;

    /// Adds what the next chunk gave to what the chunks before it gave.
    fn join(&self, all: &mut Self::Partial, next: Self::Partial);

    /// What a whole pass leads to: another one, or the values of the point.
    ///
    /// # Errors
    /// Values that cannot be right.
    fn absorb(&self, state: Self::State, all: Self::Partial) -> anyhow::Result<Next<Self::State>>;
}

/// Tells whether a run should stop, between two batches.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// A point of a grid or of a trajectory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Its number among all.
    pub number: usize,
    /// Its coordinates; y is 0 on a curve.
    pub x: f64,
    /// See `x`.
    pub y: f64,
}

impl Point {
    /// Place `number` as a point.
    pub fn of(places: &Places, number: usize) -> Self {
        let (x, y) = places.point(number);
        Self { number, x, y }
    }
}

/// How a pass over the data may be cut into chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Into any number of chunks up to this one: what is joined does not depend on it.
    Freely(usize),
    /// Always into this number of chunks, since sums of vectors depend on it.
    Always(usize),
}

/// A chunk of the data: number `number` of `of`, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// Which one.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Chunk {
    /// All of the data.
    pub const WHOLE: Self = Self { number: 0, of: 1 };
}

/// What a pass leads to.
#[derive(Debug)]
pub enum Next<State> {
    /// Another pass.
    Again(State),
    /// The values of the point.
    Done(Vec<f64>),
}

/// What a measure yields at each point. The values of a point have, for each column, the value
/// itself, then whether it is a lower bound, then its standard error, where the column has them.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What it is.
    pub quantity: Quantity,
    /// Whether a value may be a lower bound: 1 where it is, 0 where it is not.
    pub at_least: bool,
    /// Whether values are estimates with a standard error.
    pub stderr: bool,
}

impl Column {
    /// How many of a point's values are this column's; the first one is the value itself.
    pub fn width(&self) -> usize {
        1 + usize::from(self.at_least) + usize::from(self.stderr)
    }
}
