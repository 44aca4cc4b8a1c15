use files::{Shard, Stored};

/// How many missing shards or points are named.
const NAMED: usize = 20;

/// What the shards lack, by name; `None` where they are complete.
pub(crate) fn describe(shards: &[Stored<Shard>]) -> Option<String> {
    let places = &shards[0].places;
    let mut present = vec![false; places.len()];
    for point in shards.iter().flat_map(|shard| &shard.points) {
        present[*point as usize] = true;
    }
    let missing: Vec<usize> = (0..places.len()).filter(|point| !present[*point]).collect();
    if missing.is_empty() {
        return None;
    }
    let counted = format!("{} of {} points are missing", missing.len(), places.len());
    let count = shards[0].part.count();
    if shards.iter().any(|shard| shard.part.count() != count) {
        let mut points = Vec::new();
        for point in missing {
            let (x, y) = places.point(point);
            points.push(format!("{point} (x = {x}, y = {y})"));
        }
        return Some(format!("{counted}: {}", list(points)));
    }
    let mut absent = Vec::new();
    // a shard beyond the last point is empty, and nobody misses it
    for index in 1..=count.min(places.len()) {
        if shards.iter().all(|shard| shard.part.index() != index) {
            absent.push(format!("{index}/{count}"));
        }
    }
    Some(format!("{counted}, of shards {}", list(absent)))
}

fn list(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}
