use std::{
    ops::Range,
    sync::{Arc, mpsc},
};

use files::{Examples, Normalization};
use program::Input;
use tch::{Device, Kind, Tensor};

use crate::{Criterion, Error, convert::tensor, one_thread};

/// Bytes of a batch of inputs, with 8 for each number.
const BATCH_BYTES: f64 = (64u64 << 30) as f64;

/// Examples in batches of one fixed size, the last one padded: a sample's bits then do not depend on its company.
pub struct Batches {
    source: Source,
    feed: Feed,
    size: i64,
}

/// Reads these examples of a data set.
pub type Read = Arc<dyn Fn(Range<usize>) -> Result<Examples, files::Error> + Send + Sync>;

enum Source {
    Resident(Chunk),
    /// Read anew for every pass.
    Streamed {
        read: Read,
        count: usize,
        /// Examples that are read at once.
        chunk: usize,
    },
}

/// Examples on the device, as they are stored: inputs in the order of the program, and targets.
pub(crate) struct Chunk {
    inputs: Vec<Tensor>,
    pub(crate) targets: Option<Tensor>,
}

/// How examples become what the network sees.
struct Feed {
    /// The names and element types that the program wants.
    wanted: Vec<(String, Kind)>,
    scaling: Option<[Tensor; 3]>,
    device: Device,
}

/// One batch.
pub struct Batch {
    /// What the network is fed, padded to the fixed size.
    pub inputs: Vec<Tensor>,
    /// The targets, padded likewise, where there are any.
    pub targets: Option<Tensor>,
    /// Examples that are no padding: the first ones.
    pub count: i64,
}

impl Batches {
    /// Batches of `size` examples on a device, for a program with these inputs: by their names, or one without.
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

    /// The same of `count` examples that are read for every pass, `chunk` at once, the next ones while the network works
    /// on these.
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
        let first = read(0..1.min(count))?;
        check_size(&first, size)?;
        let feed = Feed::new(&first, normalization, wanted, device)?;
        Ok(Self {
            source: Source::Streamed { read, count, chunk },
            feed,
            size: size as i64,
        })
    }

    /// The same examples for another job, in batches of another size; what is in memory is shared, not copied.
    pub fn share(&self, size: usize) -> Self {
        let source = match &self.source {
            Source::Resident(chunk) => Source::Resident(chunk.share()),
            Source::Streamed { read, count, chunk } => Source::Streamed {
                read: Arc::clone(read),
                count: *count,
                chunk: *chunk,
            },
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
            Source::Streamed { count, .. } => *count as i64,
        }
    }

    /// The first batch, as the network sees it.
    ///
    /// # Errors
    /// Those of reading.
    pub fn first(&self) -> Result<Batch, Error> {
        Ok(match &self.source {
            Source::Resident(chunk) => self.batch(chunk, 0),
            Source::Streamed { read, count, .. } => self.batch(
                &self
                    .feed
                    .chunk(&read(0..(self.size as usize).min(*count))?)?,
                0,
            ),
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
        let [start, end] =
            [batches.start, batches.end].map(|batch| self.examples().min(batch as i64 * self.size));
        match &self.source {
            Source::Resident(chunk) => {
                Box::new(std::iter::once(Ok(chunk.narrow(start, end - start))))
            }
            Source::Streamed { read, chunk, .. } => {
                let (read, feed, examples) = (
                    Arc::clone(read),
                    self.feed.share(),
                    start as usize..end as usize,
                );
                let chunk = chunk.next_multiple_of(self.size as usize);
                // handed over, not stored: one is worked on while the next one is read
                let (sender, chunks) = mpsc::sync_channel(0);
                std::thread::spawn(move || {
                    one_thread();
                    for start in examples.clone().step_by(chunk) {
                        let examples =
                            read(start..examples.end.min(start + chunk)).map_err(Error::from);
                        let next = examples.and_then(|examples| feed.chunk(&examples));
                        // whoever stopped listening wants no more
                        if sender.send(next).is_err() {
                            return;
                        }
                    }
                });
                // a reader that panicked says nothing, and what was read is not all
                let mut missing = end - start;
                Box::new(std::iter::from_fn(move || match chunks.recv() {
                    Ok(next) => {
                        missing -= next.as_ref().map_or(missing, Chunk::examples);
                        Some(next)
                    }
                    Err(_) if missing > 0 => Some(Err(Error::Unread {
                        examples: std::mem::take(&mut missing),
                    })),
                    Err(_) => None,
                }))
            }
        }
    }

    /// Examples per batch.
    pub(crate) fn size(&self) -> i64 {
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

    fn batch(&self, chunk: &Chunk, start: i64) -> Batch {
        let count = self.size.min(chunk.examples() - start);
        let padded = |all: &Tensor| padded(&all.narrow(0, start, count), self.size);
        let inputs = (0..chunk.inputs.len())
            .map(|k| self.feed.fed(&padded(&chunk.inputs[k]), k))
            .collect();
        Batch {
            inputs,
            targets: chunk.targets.as_ref().map(padded),
            count,
        }
    }

    /// The examples of these indices, the first input as it is stored; of examples in memory that have targets.
    pub fn pick(&self, indices: &Tensor) -> (Tensor, Tensor) {
        let (Source::Resident(chunk), indices) =
            (&self.source, indices.to_device(self.feed.device))
        else {
            unreachable!("training has its examples in memory")
        };
        let targets = chunk.targets.as_ref().expect("training has targets");
        (
            chunk.inputs[0].index_select(0, &indices),
            targets.index_select(0, &indices),
        )
    }

    /// The first input as the network sees it.
    pub fn fed(&self, inputs: &Tensor) -> Tensor {
        self.feed.fed(inputs, 0)
    }
}

impl Chunk {
    fn examples(&self) -> i64 {
        self.inputs[0].size()[0]
    }

    fn share(&self) -> Self {
        self.narrow(0, self.examples())
    }

    /// So many examples from one on, in the same memory.
    fn narrow(&self, start: i64, count: i64) -> Self {
        let narrow = |all: &Tensor| all.narrow(0, start, count);
        Self {
            inputs: self.inputs.iter().map(narrow).collect(),
            targets: self.targets.as_ref().map(narrow),
        }
    }
}

impl Feed {
    fn new(
        examples: &Examples,
        normalization: &Normalization,
        wanted: &[Input],
        device: Device,
    ) -> Result<Self, Error> {
        let unnamed = matches!(&examples.inputs[..], [(name, _)] if name.is_empty());
        if unnamed && wanted.len() != 1 {
            let wanted = wanted
                .iter()
                .map(|input| input.name.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            return Err(Error::Inputs { wanted, found: 1 });
        }
        // tokens are no quantities
        let scaled = unnamed && !matches!(examples.input(), files::Tensor::I64(_));
        let dims = examples.input().shape().len();
        let scaling = scaled.then(|| {
            let Normalization { scale, mean, std } = normalization;
            [scale, mean, std].map(|values| {
                channelwise(values, dims)
                    .to_kind(kind(&wanted[0].dtype))
                    .to_device(device)
            })
        });
        let name = |input: &Input| {
            if unnamed {
                String::new()
            } else {
                input.name.clone()
            }
        };
        let wanted = wanted
            .iter()
            .map(|input| (name(input), kind(&input.dtype)))
            .collect();
        Ok(Self {
            wanted,
            scaling,
            device,
        })
    }

    fn share(&self) -> Self {
        let scaling = self
            .scaling
            .as_ref()
            .map(|scaling| scaling.each_ref().map(Tensor::shallow_clone));
        Self {
            wanted: self.wanted.clone(),
            scaling,
            device: self.device,
        }
    }

    fn chunk(&self, examples: &Examples) -> Result<Chunk, Error> {
        let found = |(wanted, _): &(String, Kind)| {
            let found = examples.inputs.iter().find(|(name, _)| name == wanted);
            let (_, array) = found.ok_or_else(|| {
                let there = examples
                    .inputs
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .collect::<Vec<_>>()
                    .join(", ");
                Error::Input {
                    wanted: wanted.clone(),
                    there,
                }
            })?;
            Ok(tensor(array).to_device(self.device))
        };
        let inputs = self
            .wanted
            .iter()
            .map(found)
            .collect::<Result<_, Error>>()?;
        let targets = examples
            .targets
            .as_ref()
            .map(|targets| tensor(targets).to_device(self.device));
        Ok(Chunk { inputs, targets })
    }

    /// Input number `k` as the network sees it.
    fn fed(&self, inputs: &Tensor, k: usize) -> Tensor {
        let inputs = inputs.to_kind(self.wanted[k].1);
        match &self.scaling {
            Some([scale, mean, std]) => channels_last((inputs * scale - mean) / std),
            None => inputs,
        }
    }
}

/// A value for all channels or one for each, to be combined with inputs `[N, C, …]` of so many dimensions.
fn channelwise(values: &[f64], dims: usize) -> Tensor {
    let mut shape = vec![1; dims];
    if let Some(channels) = shape.get_mut(1) {
        *channels = values.len() as i64;
    }
    Tensor::from_slice(values).reshape(shape)
}

/// Checks that a batch of so many examples fits into memory.
fn check_size(examples: &Examples, size: usize) -> Result<(), Error> {
    let mut bytes = 0.0;
    for (_, input) in &examples.inputs {
        // of the type that programs take: no larger than 8 bytes
        let elements: f64 = input
            .shape()
            .iter()
            .skip(1)
            .map(|size| *size as f64)
            .product();
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

/// The last example again until the batch is full.
fn padded(examples: &Tensor, size: i64) -> Tensor {
    let count = examples.size()[0];
    if count == size {
        return examples.shallow_clone();
    }
    let mut shape = examples.size();
    shape[0] = size - count;
    Tensor::cat(
        &[
            examples,
            &examples.narrow(0, count - 1, 1).expand(shape, false),
        ],
        0,
    )
}

/// The element type that a program calls so; halves are computed in f32.
fn kind(dtype: &str) -> Kind {
    match dtype {
        "f64" => Kind::Double,
        "i64" => Kind::Int64,
        "i32" => Kind::Int,
        "u8" => Kind::Uint8,
        "bool" => Kind::Bool,
        _ => Kind::Float,
    }
}

/// Images `[N, C, H, W]` with the channels innermost in memory, where convolutions on the CPU are twice as fast; other
/// inputs are left alone.
pub(crate) fn channels_last(images: Tensor) -> Tensor {
    let &[count, channels, height, width] = &images.size()[..] else {
        return images;
    };
    let strides = [height * width * channels, 1, width * channels, channels];
    // with one channel both orders are the same in memory: only the strides tell convolutions which is meant
    images.permute([0, 2, 3, 1]).contiguous().as_strided(
        [count, channels, height, width],
        strides,
        None,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_panics_is_an_error_not_the_end_of_the_data() {
        let examples = |count| {
            let [inputs, targets] = [vec![count, 2], vec![count]].map(ndarray::ArrayD::zeros);
            Examples::new(files::Tensor::F32(inputs), files::Tensor::F32(targets))
        };
        let read: Read = Arc::new(move |range: Range<usize>| {
            assert!(range.end < 9, "on purpose");
            Ok(examples(range.len()))
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
        let batches = |count| {
            Batches::streamed(
                Arc::clone(&read),
                count,
                4,
                &normalization,
                std::slice::from_ref(&input),
                4,
                Device::Cpu,
            )
            .unwrap()
        };
        let outcome = |count| {
            batches(count)
                .chunks(0..batches(count).count())
                .collect::<Result<Vec<_>, _>>()
                .map(|all| all.len())
        };
        assert_eq!(outcome(8).unwrap(), 2);
        let error = outcome(11).unwrap_err().to_string();
        assert!(error.contains("3 examples were not read"), "{error}");
    }
}
