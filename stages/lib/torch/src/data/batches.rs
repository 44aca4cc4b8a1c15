use std::{iter, ops::Range};

use files::{Examples, Normalization};
use program::Input;
use tch::{Device, Tensor};

use super::{
    ahead::{Ahead, Read, Stream},
    chunk::{Chunk, padded},
    feed::Feed,
};
use crate::{Criterion, Error, Loss};

/// Bytes of a batch of inputs, with 8 for each number.
const BATCH_BYTES: f64 = (64u64 << 30) as f64;

/// Examples in batches of one fixed size, the last one padded. The bits of an example's result then
/// do not depend on the other examples.
pub struct Batches {
    source: Source,
    feed: Feed,
    size: i64,
}

enum Source {
    /// In memory.
    Resident(Chunk),
    /// Read anew for every pass.
    Streamed(Stream),
}

/// One batch.
pub struct Batch {
    /// What the network is fed, padded to the fixed size.
    pub inputs: Vec<Tensor>,
    /// The targets, padded likewise, where there are any.
    pub targets: Option<Tensor>,
    /// Examples that are not padding: the first ones.
    pub count: i64,
}

impl Batch {
    /// What a network is called with: the inputs, and the targets where it computes its own loss.
    pub fn call(&self, loss: Loss) -> Vec<Tensor> {
        let mut call: Vec<Tensor> = self.inputs.iter().map(Tensor::shallow_clone).collect();
        if loss == Loss::Program {
            call.extend(self.targets.iter().map(Tensor::shallow_clone));
        }
        call
    }
}

impl Batches {
    /// Batches of `size` examples on a device, for a program with these inputs: by their names, or
    /// one without.
    ///
    /// # Errors
    /// An input that the examples lack.
    pub fn new(
        examples: &Examples,
        normalization: &Normalization,
        wanted: &[Input],
        size: usize,
        device: Device,
    ) -> Result<Self, Error> {
        check_size(examples, size)?;
        let feed = Feed::new(examples, normalization, wanted, device)?;
        Ok(Self {
            source: Source::Resident(feed.chunk(examples)?),
            feed,
            size: size as i64,
        })
    }

    /// The same of `count` examples that are read for every pass, `chunk` at once, the next ones
    /// while the network works on these.
    ///
    /// # Errors
    /// As [`Batches::new`], and those of the reader.
    pub fn streamed(
        read: Read,
        count: usize,
        chunk: usize,
        normalization: &Normalization,
        wanted: &[Input],
        size: usize,
        device: Device,
    ) -> Result<Self, Error> {
        let stream = Stream { read, count, chunk };
        let first = stream.first(1)?;
        check_size(&first, size)?;
        Ok(Self {
            feed: Feed::new(&first, normalization, wanted, device)?,
            source: Source::Streamed(stream),
            size: size as i64,
        })
    }

    /// The same examples for another job, in batches of another size; what is in memory is shared,
    /// not copied.
    pub fn share(&self, size: usize) -> Self {
        let source = match &self.source {
            Source::Resident(chunk) => Source::Resident(chunk.share()),
            Source::Streamed(stream) => Source::Streamed(stream.clone()),
        };
        Self {
            source,
            feed: self.feed.share(),
            size: size as i64,
        }
    }

    /// Number of examples.
    pub fn examples(&self) -> i64 {
        match &self.source {
            Source::Resident(chunk) => chunk.examples(),
            Source::Streamed(stream) => stream.count as i64,
        }
    }

    /// The first batch, as the network sees it.
    ///
    /// # Errors
    /// Those of reading.
    pub fn first(&self) -> Result<Batch, Error> {
        Ok(match &self.source {
            Source::Resident(chunk) => self.batch(chunk, 0),
            Source::Streamed(stream) => {
                let examples = stream.first(self.size as usize)?;
                self.batch(&self.feed.chunk(&examples)?, 0)
            }
        })
    }

    /// Number of batches.
    pub fn count(&self) -> usize {
        (self.examples() as usize).div_ceil(self.size as usize)
    }

    /// The examples of some batches, all at once or some after the other.
    pub(crate) fn chunks(
        &self,
        batches: Range<usize>,
    ) -> Box<dyn Iterator<Item = Result<Chunk, Error>>> {
        let start = self.start_of(batches.start);
        let end = self.start_of(batches.end);
        match &self.source {
            Source::Resident(chunk) => Box::new(iter::once(Ok(chunk.narrow(start, end - start)))),
            Source::Streamed(stream) => {
                let examples = start as usize..end as usize;
                let feed = self.feed.share();
                Box::new(Ahead::start(stream, feed, self.size as usize, examples))
            }
        }
    }

    /// The number of the first example of a batch; after the last batch that of all examples.
    fn start_of(&self, batch: usize) -> i64 {
        self.examples().min(batch as i64 * self.size)
    }

    /// Examples per batch.
    pub fn size(&self) -> i64 {
        self.size
    }

    /// How many values a criterion averages.
    ///
    /// # Errors
    /// Those of reading.
    pub fn counted(&self, criterion: &Criterion) -> Result<i64, Error> {
        let mut counted = 0;
        for chunk in self.chunks(0..self.count()) {
            let chunk = chunk?;
            counted += criterion.counted(chunk.targets.as_ref(), chunk.examples());
        }
        Ok(counted)
    }

    /// The batches of a part.
    pub(crate) fn of<'a>(&'a self, chunk: &'a Chunk) -> impl Iterator<Item = Batch> + 'a {
        (0..chunk.examples())
            .step_by(self.size as usize)
            .map(|start| self.batch(chunk, start))
    }

    /// The batch of a part that starts at this example of it.
    fn batch(&self, chunk: &Chunk, start: i64) -> Batch {
        let count = self.size.min(chunk.examples() - start);
        let stored = chunk.narrow(start, count);
        let mut inputs = Vec::with_capacity(stored.inputs.len());
        for (place, input) in stored.inputs.iter().enumerate() {
            inputs.push(self.feed.fed(&padded(input, self.size), place));
        }
        let targets = stored.targets.as_ref();
        Batch {
            inputs,
            targets: targets.map(|targets| padded(targets, self.size)),
            count,
        }
    }

    /// The examples of these indices, inputs as they are stored; of examples in memory.
    pub fn pick(&self, indices: &Tensor) -> (Vec<Tensor>, Option<Tensor>) {
        let Source::Resident(chunk) = &self.source else {
            unreachable!("training has its examples in memory")
        };
        let indices = indices.to_device(self.feed.device);
        let mut inputs = Vec::with_capacity(chunk.inputs.len());
        for input in &chunk.inputs {
            inputs.push(input.index_select(0, &indices));
        }
        let targets = chunk.targets.as_ref();
        (inputs, targets.map(|all| all.index_select(0, &indices)))
    }

    /// All targets, of examples in memory.
    pub fn targets(&self) -> Option<&Tensor> {
        match &self.source {
            Source::Resident(chunk) => chunk.targets.as_ref(),
            Source::Streamed(_) => None,
        }
    }

    /// Inputs as the network sees them.
    pub fn fed(&self, inputs: &[Tensor]) -> Vec<Tensor> {
        let mut fed = Vec::with_capacity(inputs.len());
        for (place, input) in inputs.iter().enumerate() {
            fed.push(self.feed.fed(input, place));
        }
        fed
    }
}

/// Checks that there are examples, and that a batch of `size` of them fits into memory.
fn check_size(examples: &Examples, size: usize) -> Result<(), Error> {
    let mut bytes = 0.0;
    for (_, input) in &examples.inputs {
        let sizes = input.shape().iter().skip(1);
        let elements: f64 = sizes.map(|size| *size as f64).product();
        // of the type that programs take: no larger than 8 bytes
        bytes += elements * 8.0 * size as f64;
    }
    if bytes > BATCH_BYTES || examples.count() == 0 {
        return Err(Error::Batch {
            size,
            examples: examples.count(),
            gigabytes: bytes / 1e9,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Streams this many examples, of which those after the ninth cannot be read.
    fn streamed(count: usize) -> Batches {
        let read: Read = Arc::new(|range: Range<usize>| {
            assert!(range.end < 9, "on purpose");
            let count = range.len();
            let [inputs, targets] = [vec![count, 2], vec![count]].map(ndarray::ArrayD::zeros);
            Ok(Examples::new(
                files::Tensor::F32(inputs),
                files::Tensor::F32(targets),
            ))
        });
        let input = Input {
            name: "x".into(),
            shape: vec![None, Some(2)],
            dtype: "f32".into(),
        };
        let normalization = Normalization {
            scale: vec![1.0],
            mean: vec![0.0],
            std: vec![1.0],
        };
        Batches::streamed(read, count, 4, &normalization, &[input], 4, Device::Cpu).unwrap()
    }

    /// How many chunks are read.
    fn chunks(batches: &Batches) -> Result<usize, Error> {
        let mut count = 0;
        for chunk in batches.chunks(0..batches.count()) {
            chunk?;
            count += 1;
        }
        Ok(count)
    }

    #[test]
    fn a_reader_that_panics_is_an_error_not_the_end_of_the_data() {
        assert_eq!(chunks(&streamed(8)).unwrap(), 2);
        let error = chunks(&streamed(11)).unwrap_err().to_string();
        assert!(error.contains("3 examples were not read"), "{error}");
    }
}
