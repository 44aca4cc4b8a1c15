use serde::{Serialize, de::DeserializeOwned};

/// What a point knows between two passes.
///
/// It may have vectors that passes only add to, such as the basis of a Lanczos run. `Serialize`
/// leaves them out: they are kept one by one, and a pass writes those that it added.
pub trait State: Serialize + DeserializeOwned + Send + Sync {
    /// Its vectors.
    fn vectors(&self) -> Vectors<'_> {
        Vectors::default()
    }

    /// Gets the vectors back after the rest was read; whether they fit.
    fn restore(&mut self, vectors: &[Vec<u8>]) -> bool {
        vectors.is_empty()
    }
}

impl State for () {}

/// The vectors of a state, as bytes.
#[derive(Debug, Clone, Default)]
pub struct Vectors<'a> {
    /// Changes when vectors are replaced rather than added to.
    pub generation: u64,
    /// All of them.
    pub all: Vec<&'a [u8]>,
}

/// A state as it is kept, or what a pass adds to one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// All but the vectors.
    pub rest: Vec<u8>,
    /// See [`Vectors::generation`].
    pub generation: u64,
    /// How many vectors of this generation come before these.
    pub first: usize,
    /// The vectors.
    pub vectors: Vec<Vec<u8>>,
}

/// How much of a state is kept already.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Written {
    generation: u64,
    vectors: usize,
}

impl Written {
    /// All of what is kept.
    pub(crate) fn of(kept: &Kept) -> Self {
        Self {
            generation: kept.generation,
            vectors: kept.first + kept.vectors.len(),
        }
    }

    /// What a state has beyond it.
    pub(crate) fn update(self, state: &impl State) -> anyhow::Result<Kept> {
        let Vectors { generation, all } = state.vectors();
        let first = match generation == self.generation {
            true => self.vectors.min(all.len()),
            false => 0,
        };
        Ok(Kept {
            rest: postcard::to_allocvec(state)?,
            generation,
            first,
            vectors: all[first..].iter().map(|vector| vector.to_vec()).collect(),
        })
    }
}

/// The state that was kept; `None` where its vectors do not fit.
pub(crate) fn restored<S: State>(kept: &Kept) -> anyhow::Result<Option<S>> {
    let mut state: S = postcard::from_bytes(&kept.rest)?;
    let fits = state.restore(&kept.vectors);
    Ok(fits.then_some(state))
}
