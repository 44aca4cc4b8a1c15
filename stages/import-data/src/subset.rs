use anyhow::ensure;
use files::{Examples, Split, Tensor};
use import_data::Raw;
use ndarray::Axis;
use rand::{RngExt, seq::SliceRandom};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

use crate::args::{Options, Part};

/// Does to the examples what the options ask for: first part, then labels, then limit.
pub(crate) fn take(raw: &mut Raw, options: &Options) -> anyhow::Result<()> {
    let named = raw.classes.len() as i64;
    for (split, examples) in &mut raw.splits {
        if *split == Split::Train {
            if let Some(part) = options.split {
                take_part(examples, part, options.seed)?;
            }
            if let Some(probability) = options.corrupt_labels {
                corrupt(examples, probability, named, options.seed)?;
            }
        }
        if let Some(limit) = options.limit {
            examples
                .arrays_mut()
                .for_each(|array| *array = array.clone().first(limit.into()));
        }
    }
    Ok(())
}

/// Keeps part k of n: every n-th example of a random order, in the order of the file.
fn take_part(examples: &mut Examples, part: Part, seed: u64) -> anyhow::Result<()> {
    let count = examples.count();
    ensure!(
        part.count <= count,
        "--split asks for {} parts of {count} training examples",
        part.count
    );
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let mut kept: Vec<usize> = order
        .into_iter()
        .skip(part.index - 1)
        .step_by(part.count)
        .collect();
    kept.sort_unstable();
    examples
        .arrays_mut()
        .for_each(|array| *array = select(array, &kept));
    Ok(())
}

fn select(tensor: &Tensor, kept: &[usize]) -> Tensor {
    match tensor {
        Tensor::F32(array) => Tensor::F32(array.select(Axis(0), kept)),
        Tensor::F64(array) => Tensor::F64(array.select(Axis(0), kept)),
        Tensor::I64(array) => Tensor::I64(array.select(Axis(0), kept)),
        Tensor::U8(array) => Tensor::U8(array.select(Axis(0), kept)),
    }
}

/// Replaces each label, with a probability, by one drawn from all classes (its own among them), as
/// Zhang et al. 2017.
fn corrupt(examples: &mut Examples, probability: f64, named: i64, seed: u64) -> anyhow::Result<()> {
    let targets = match &mut examples.targets {
        Some(Tensor::I64(targets)) => targets,
        Some(other) => anyhow::bail!(
            "--corrupt-labels wants targets that are classes, these are {}",
            other.dtype()
        ),
        None => anyhow::bail!("--corrupt-labels wants targets that are classes, there are none"),
    };
    let classes = targets
        .iter()
        .map(|target| target + 1)
        .fold(named.max(1), i64::max);
    // a stream of its own: the same labels with and without --split drawing before
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(1);
    targets.mapv_inplace(|label| {
        let (replace, other) = (
            random.random_bool(probability),
            random.random_range(0..classes),
        );
        if replace { other } else { label }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayD;

    use super::*;

    fn examples(count: usize) -> Examples {
        let inputs = ArrayD::from_shape_fn(vec![count, 1], |index| index[0] as i64);
        let targets = ArrayD::from_shape_fn(vec![count], |index| (index[0] % 10) as i64);
        Examples::new(Tensor::I64(inputs), Tensor::I64(targets))
    }

    fn targets(examples: &Examples) -> Vec<i64> {
        values(examples.targets.as_ref().unwrap())
    }

    fn values(tensor: &Tensor) -> Vec<i64> {
        let Tensor::I64(array) = tensor else {
            unreachable!("made as i64")
        };
        array.iter().copied().collect()
    }

    #[test]
    fn the_parts_of_a_seed_make_the_whole() {
        let mut seen = Vec::new();
        for index in 1..=4 {
            let mut part = examples(103);
            take_part(&mut part, Part { index, count: 4 }, 7).unwrap();
            let inputs = values(part.input());
            assert!(
                inputs.iter().map(|input| input % 10).eq(targets(&part)),
                "a target left its input"
            );
            assert!((25..=26).contains(&inputs.len()));
            seen.extend(inputs);
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..103).collect::<Vec<_>>());
    }

    #[test]
    fn corruption_has_its_probability() {
        let mut changed = examples(10_000);
        corrupt(&mut changed, 0.5, 10, 3).unwrap();
        let original = examples(10_000);
        let pairs = targets(&changed).into_iter().zip(targets(&original));
        // half are drawn anew, a tenth of those hit their own class
        let share = pairs.filter(|(a, b)| a != b).count() as f64 / 1e4;
        assert!((share - 0.45).abs() < 0.02, "{share}");
        corrupt(&mut changed, 0.0, 10, 3).unwrap();
    }
}
