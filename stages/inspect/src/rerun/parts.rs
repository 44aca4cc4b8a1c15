//! The parts of a grid that a merge put together.

/// A grid has at most this many parts.
const MOST: usize = 1_000_000;

/// The parts that `1,10-16,2-9/16` stands for, in this order: `1/16`, `10/16`, …; `None` where it
/// is another text, or there are not as many.
pub(crate) fn parts(text: &str, count: usize) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    for cut in text.split(' ') {
        let (runs, of) = cut.split_once('/')?;
        let of: usize = of.parse().ok()?;
        for run in runs.split(',') {
            let (first, last) = run.split_once('-').unwrap_or((run, run));
            let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
            if first < 1 || last < first || last > of || last - first >= count.min(MOST) {
                return None;
            }
            parts.extend((first..=last).map(|index| format!("{index}/{of}")));
            if parts.len() > count {
                return None;
            }
        }
    }
    (parts.len() == count).then_some(parts)
}

/// All parts of the cut that `shard`, that of the first file, belongs to: which file holds which is
/// not known but of the first, and makes no difference to the surface.
pub(crate) fn all_parts(shard: &str, count: usize) -> Option<Vec<String>> {
    let (first, of) = shard.split_once('/')?;
    let (first, of): (usize, usize) = (first.parse().ok()?, of.parse().ok()?);
    if of != count || count > MOST || !(1..=of).contains(&first) {
        return None;
    }
    let others = (1..=of).filter(|index| *index != first);
    let all = std::iter::once(first).chain(others);
    Some(all.map(|index| format!("{index}/{of}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_parts_that_they_stand_for() {
        assert_eq!(parts("1,3,2/3", 3).unwrap(), ["1/3", "3/3", "2/3"]);
        assert_eq!(parts("1/2 2,4/4", 3).unwrap(), ["1/2", "2/4", "4/4"]);
        assert_eq!(parts("1-16/16", 16).unwrap().len(), 16);
        // in the order of their names
        let many = parts("1,10-11,2-9/11", 11).unwrap();
        assert_eq!(many[..4], ["1/11", "10/11", "11/11", "2/11"]);
        assert_eq!((many.len(), many[10].as_str()), (11, "9/11"));
        let odd = [
            "",
            "1",
            "2/1",
            "0/1",
            "1-999999999999/999999999999",
            "3-2/4",
            "1/x",
            "1-2/2",
        ];
        for text in odd {
            assert_eq!(parts(text, 1), None, "{text}");
        }
        assert_eq!(all_parts("2/3", 3).unwrap(), ["2/3", "1/3", "3/3"]);
        assert_eq!(all_parts("2/3", 2), None);
    }
}
