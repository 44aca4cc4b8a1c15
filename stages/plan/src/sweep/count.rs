//! How many files a study has, counted before anything is expanded.

use anyhow::ensure;

use crate::read::Source;

/// Surfaces of a plan: each is a job array, and Slurm holds 10,000 jobs unless its MaxJobCount says
/// otherwise.
const MOST_SURFACES: usize = 10_000;
/// Surfaces and pictures of a plan, each a rule of make: some 100 MB of text.
const MOST_FILES: usize = 100_000;
/// Shards of a surface, each a file in one folder.
const MOST_SHARDS: usize = 100_000;

/// Checks how many surfaces, files and shards a sweep of these lists has.
pub(super) fn check(source: &Source, lists: &[(&str, Vec<String>)]) -> anyhow::Result<()> {
    let config = &source.config;
    let path = source.path.display();
    let mut count = 1usize;
    for (_, values) in lists {
        count = count.saturating_mul(values.len());
    }
    count = count.saturating_add(config.sweep.include.len());
    let more = if count == usize::MAX { "at least " } else { "" };
    ensure!(
        count <= MOST_SURFACES,
        "{path}: the sweep has {more}{count} combinations, a plan has {MOST_SURFACES} surfaces at \
         most: split it into several configs"
    );
    let files = count.saturating_mul(config.pictures.len() + 1);
    ensure!(
        files <= MOST_FILES,
        "{path}: {count} surfaces with {} pictures each are more than {MOST_FILES} files: split \
         it into several configs",
        config.pictures.len()
    );
    let shards = config.evaluate.shards.map_or(1, usize::from);
    ensure!(
        shards <= MOST_SHARDS,
        "{path}: {shards} shards of a surface are more than {MOST_SHARDS}: use fewer"
    );
    Ok(())
}
