use files::{Shard, Stored};

/// The parts of these shards in their order, in few words: `1-16/16`, `1,10-16,2-9/16`; parts of
/// several cuts have a space between them: `1/2 2,4/4`.
pub(crate) fn describe(shards: &[Stored<Shard>]) -> String {
    let parts = shards
        .iter()
        .map(|shard| (shard.part.index(), shard.part.count()));
    in_words(&parts.collect::<Vec<_>>())
}

fn in_words(parts: &[(usize, usize)]) -> String {
    let mut cuts = Vec::new();
    for cut in parts.chunk_by(|one, next| one.1 == next.1) {
        let mut runs = Vec::new();
        for run in cut.chunk_by(|one, next| one.0 + 1 == next.0) {
            runs.push(match run {
                [(first, _), .., (last, _)] => format!("{first}-{last}"),
                run => run[0].0.to_string(),
            });
        }
        cuts.push(format!("{}/{}", runs.join(","), cut[0].1));
    }
    cuts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_follow_each_other_are_one_word() {
        assert_eq!(in_words(&[(1, 1)]), "1/1");
        assert_eq!(in_words(&[(1, 3), (2, 3), (3, 3)]), "1-3/3");
        let by_name = [(1, 11), (10, 11), (11, 11), (2, 11), (3, 11), (5, 11)];
        assert_eq!(in_words(&by_name), "1,10-11,2-3,5/11");
        assert_eq!(in_words(&[(1, 2), (2, 4), (4, 4)]), "1/2 2,4/4");
    }
}
