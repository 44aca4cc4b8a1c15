use files::{Shard, Stored};

/// How many missing shards or points are named.
const NAMED: usize = 20;

/// What the shards lack, by name; `None` where they are complete.
pub(crate) fn describe(shards: &[Stored<Shard>]) -> Option<String> {
    let grid = &shards[0].grid;
    let mut present = vec![false; grid.len()];
    for point in shards.iter().flat_map(|shard| &shard.points) {
        present[*point as usize] = true;
    }
    let missing: Vec<usize> = (0..grid.len()).filter(|point| !present[*point]).collect();
    if missing.is_empty() {
        return None;
    }
    let counted = format!("{} of {} points are missing", missing.len(), grid.len());
    let count = shards[0].part.count();
    if shards.iter().any(|shard| shard.part.count() != count) {
        let points = missing.iter().map(|point| {
            let (x, y) = grid.point(*point);
            format!("{point} (x = {x}, y = {y})")
        });
        return Some(format!("{counted}: {}", list(points.collect())));
    }
    let absent =
        (1..=count).filter(|index| shards.iter().all(|shard| shard.part.index() != *index));
    // a shard beyond the last point is empty, and nobody misses it
    let absent = absent
        .filter(|index| *index <= grid.len())
        .map(|index| format!("{index}/{count}"));
    Some(format!("{counted}, of shards {}", list(absent.collect())))
}

fn list(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}
