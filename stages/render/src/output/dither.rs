//! 255 colours that look like all: one palette for all pictures of a GIF, and between its colours a
//! pattern that stays in its place, so that nothing flickers.

use std::{cmp::Reverse, collections::HashMap};

/// A colour: red, green, blue.
pub(crate) type Rgb = [u8; 3];

/// Colours of a palette: one of the 256 of a GIF is left for what does not change.
pub(crate) const COLOURS: usize = 255;
/// Side of the pattern.
const SIDE: usize = 8;
/// How much two colours that are mixed may differ, against how well their mix fits.
const COARSE: f64 = 0.25;
/// A colour is flat where one of this number of pixels or more has it, and the most flat colours.
const FLAT: usize = 500;
const MOST_FLAT: usize = 24;

/// A palette, and how each colour is mixed of two of it.
pub(crate) struct Palette {
    pub(crate) colours: Vec<Rgb>,
    mixes: HashMap<Rgb, Mix>,
}

/// A colour and the share of another that is strewn over it.
#[derive(Clone, Copy)]
struct Mix {
    main: u8,
    other: u8,
    /// From 0 to 1/2.
    share: f64,
}

impl Palette {
    /// A palette for these pixels. Colours of large flat areas are in it as they are; of the others
    /// each counts once, however large the area that has it.
    pub(crate) fn new(pixels: impl Iterator<Item = Rgb>) -> Self {
        let mut counts: HashMap<Rgb, usize> = HashMap::new();
        let mut pixels_in_all = 0;
        for colour in pixels {
            *counts.entry(colour).or_default() += 1;
            pixels_in_all += 1;
        }
        // the most frequent first; of those as frequent, in a fixed order
        let mut seen: Vec<(Rgb, usize)> = counts.into_iter().collect();
        seen.sort_unstable_by_key(|(colour, count)| (Reverse(*count), *colour));
        let large = seen
            .iter()
            .filter(|(_, count)| count * FLAT >= pixels_in_all);
        let flat = large.take(MOST_FLAT).count();
        let mut colours: Vec<Rgb> = seen[..flat].iter().map(|(colour, _)| *colour).collect();
        let rest: Vec<Rgb> = seen[flat..].iter().map(|(colour, _)| *colour).collect();
        spread(&mut colours, &rest);
        Self {
            colours,
            mixes: HashMap::new(),
        }
    }

    /// The palette's number for a colour at a place of the picture.
    pub(crate) fn index(&mut self, colour: Rgb, [column, row]: [usize; 2]) -> u8 {
        let mix = match self.mixes.get(&colour) {
            Some(mix) => *mix,
            None => {
                let mix = mixed(&self.colours, colour);
                self.mixes.insert(colour, mix);
                mix
            }
        };
        if threshold(column, row) < mix.share {
            mix.other
        } else {
            mix.main
        }
    }
}

/// Adds colours of some more, each time the one that is furthest from all that are there (Gonzalez
/// 1985): the ends of all colours are among them, so that every other is a mix.
fn spread(colours: &mut Vec<Rgb>, more: &[Rgb]) {
    let mut distances = vec![f64::INFINITY; more.len()];
    for k in 0..COLOURS {
        if k >= colours.len() {
            let furthest = (0..more.len()).max_by(|a, b| distances[*a].total_cmp(&distances[*b]));
            match furthest {
                Some(furthest) if distances[furthest] > 0.0 => colours.push(more[furthest]),
                _ => return,
            }
        }
        for (distance, colour) in distances.iter_mut().zip(more) {
            *distance = distance.min(squared(minus(*colour, colours[k])));
        }
    }
}

/// The nearest colour, and the one that mixed with it comes nearest.
fn mixed(colours: &[Rgb], wanted: Rgb) -> Mix {
    let mut nearest = (f64::INFINITY, 0);
    for (k, colour) in colours.iter().enumerate() {
        let distance = squared(minus(*colour, wanted));
        if distance < nearest.0 {
            nearest = (distance, k);
        }
    }
    let (mut best, main) = nearest;
    let mut mix = Mix {
        main: main as u8,
        other: main as u8,
        share: 0.0,
    };
    let towards = minus(wanted, colours[main]);
    for (k, colour) in colours.iter().enumerate() {
        let step = minus(*colour, colours[main]);
        let length = squared(step);
        if length == 0.0 {
            continue;
        }
        let along: f64 = step.iter().zip(towards).map(|(a, b)| a * b).sum();
        let share = (along / length).clamp(0.0, 0.5);
        let missed = std::array::from_fn(|k| towards[k] - share * step[k]);
        let cost = squared(missed) + COARSE * share * (1.0 - share) * length;
        if cost < best {
            best = cost;
            mix = Mix {
                main: main as u8,
                other: k as u8,
                share,
            };
        }
    }
    mix
}

fn minus(a: Rgb, b: Rgb) -> [f64; 3] {
    std::array::from_fn(|k| f64::from(a[k]) - f64::from(b[k]))
}

fn squared(a: [f64; 3]) -> f64 {
    a.iter().map(|value| value * value).sum()
}

/// Where a place is in the order of its square of the pattern: from 0 to 1 (Bayer 1973).
fn threshold(column: usize, row: usize) -> f64 {
    let (mut order, mut bit) = (0, SIDE / 2);
    let mut weight = 1;
    while bit > 0 {
        let (a, b) = (column & bit > 0, row & bit > 0);
        order += weight * (2 * usize::from(a != b) + usize::from(b));
        (bit, weight) = (bit / 2, 4 * weight);
    }
    (order as f64 + 0.5) / (SIDE * SIDE) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_has_every_threshold_once() {
        let places = (0..SIDE).flat_map(|row| (0..SIDE).map(move |column| (column, row)));
        let mut all: Vec<f64> = places.map(|(column, row)| threshold(column, row)).collect();
        all.sort_by(f64::total_cmp);
        assert!(
            all.windows(2)
                .all(|pair| (pair[1] - pair[0] - 1.0 / 64.0).abs() < 1e-12)
        );
        // neighbours are far apart in the order
        assert!((threshold(0, 0) - threshold(1, 0)).abs() >= 0.5);
    }

    #[test]
    fn areas_have_the_mean_of_their_colour() {
        let mut palette = Palette {
            colours: vec![[0; 3], [10; 3], [20; 3]],
            mixes: HashMap::new(),
        };
        for wanted in [0u8, 3, 5, 8, 14, 20] {
            let places = (0..SIDE).flat_map(|row| (0..SIDE).map(move |column| [column, row]));
            let indices: Vec<u8> = places
                .map(|place| palette.index([wanted; 3], place))
                .collect();
            let sum: f64 = indices.iter().map(|k| 10.0 * f64::from(*k)).sum();
            let mean = sum / indices.len() as f64;
            // a fifth of the way to the next colour, it is left out
            assert!(
                (mean - f64::from(wanted)).abs() <= 2.0,
                "{mean} for {wanted}"
            );
        }
    }

    #[test]
    fn the_furthest_colour_is_added_each_time_and_none_twice() {
        let mut colours = vec![[0; 3]];
        spread(&mut colours, &[[10; 3], [200; 3], [90; 3], [200; 3]]);
        // 200 is furthest from 0, then 90 from both, then 10
        assert_eq!(colours, [[0; 3], [200; 3], [90; 3], [10; 3]]);
        let many: Vec<Rgb> = (0..=255).flat_map(|r| [[r, 0, 0], [r, 9, 0]]).collect();
        let mut colours = Vec::new();
        spread(&mut colours, &many);
        assert_eq!(colours.len(), COLOURS);
    }

    #[test]
    fn few_colours_are_kept_as_they_are() {
        let pixels = [[1, 2, 3], [200, 100, 0], [1, 2, 3]];
        let mut palette = Palette::new(pixels.into_iter());
        assert_eq!(palette.colours, [[1, 2, 3], [200, 100, 0]]);
        assert_eq!(palette.index([200, 100, 0], [3, 5]), 1);
    }

    #[test]
    fn the_ends_of_many_colours_are_in_the_palette() {
        let pixels = (0..=255u8).flat_map(|r| (0..=255u8).step_by(3).map(move |b| [r, 40, b]));
        let palette = Palette::new(pixels);
        assert_eq!(palette.colours.len(), COLOURS);
        for corner in [[0, 40, 0], [255, 40, 0], [0, 40, 255], [255, 40, 255]] {
            assert!(palette.colours.contains(&corner), "{corner:?}");
        }
    }
}
