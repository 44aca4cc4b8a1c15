//! Pieces of contours, joined to lines.

/// Joins pieces, each from one vertex to another, to lines: first those with a loose start, then
/// rings, which end where they begin.
pub(super) fn chain<V: Copy + Ord>(mut pieces: Vec<(V, V)>) -> Vec<Vec<V>> {
    pieces.sort_unstable();
    let mut ends: Vec<V> = pieces.iter().map(|(_, to)| *to).collect();
    ends.sort_unstable();
    let mut chain = Chain {
        used: vec![false; pieces.len()],
        pieces,
    };
    let mut lines = Vec::new();
    for start in 0..chain.pieces.len() {
        let loose = ends.binary_search(&chain.pieces[start].0).is_err();
        if loose && !chain.used[start] {
            lines.push(chain.line(start));
        }
    }
    for start in 0..chain.pieces.len() {
        if !chain.used[start] {
            lines.push(chain.line(start));
        }
    }
    lines
}

struct Chain<V> {
    /// Sorted: the pieces that leave a vertex follow each other.
    pieces: Vec<(V, V)>,
    /// Whether a piece is part of a line.
    used: Vec<bool>,
}

impl<V: Copy + Ord> Chain<V> {
    /// The line that starts with a piece, as far as it leads.
    fn line(&mut self, start: usize) -> Vec<V> {
        self.used[start] = true;
        let (first, mut end) = self.pieces[start];
        let mut line = vec![first, end];
        while let Some(next) = self.leaving(end) {
            self.used[next] = true;
            end = self.pieces[next].1;
            line.push(end);
        }
        line
    }

    /// The first piece that leaves a vertex and is not used.
    fn leaving(&self, vertex: V) -> Option<usize> {
        let first = self.pieces.partition_point(|(from, _)| *from < vertex);
        for k in first..self.pieces.len() {
            if self.pieces[k].0 != vertex {
                return None;
            }
            if !self.used[k] {
                return Some(k);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_in_any_order_become_one_line() {
        assert_eq!(chain(vec![(3, 4), (1, 2), (2, 3)]), [[1, 2, 3, 4]]);
    }

    #[test]
    fn a_ring_ends_where_it_begins() {
        assert_eq!(chain(vec![(2, 3), (3, 1), (1, 2)]), [[1, 2, 3, 1]]);
    }

    #[test]
    fn loose_lines_come_before_rings() {
        let pieces = vec![(1, 2), (2, 1), (8, 9), (5, 6)];
        assert_eq!(chain(pieces), [vec![5, 6], vec![8, 9], vec![1, 2, 1]]);
    }

    #[test]
    fn where_two_lines_cross_each_goes_on_once() {
        // both lead through 5: the first takes the lesser way on
        let pieces = vec![(1, 5), (2, 5), (5, 8), (5, 9)];
        assert_eq!(chain(pieces), [[1, 5, 8], [2, 5, 9]]);
    }

    #[test]
    fn nothing_gives_no_line() {
        assert_eq!(chain::<u8>(Vec::new()), [[0; 0]; 0]);
    }
}
