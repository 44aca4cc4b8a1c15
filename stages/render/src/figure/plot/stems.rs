//! Eigenvalues of single models by rank: from the largest to the smallest.

use anyhow::ensure;

use super::{
    chart::{Chart, Shape, Vertical, ends, entry},
    eigenvalues::range,
};
use crate::{
    data::spectra::{NamedSpectrum, axis},
    figure::{
        axes::Side,
        scale::Scale,
        scene::{Drawing, Scene},
        stroke::Stroke,
        ticks::Tick,
    },
};

/// Ranks that are left out between the largest and the smallest eigenvalues.
const GAP: f64 = 1.5;
/// How far apart the first and the last of several models stand at a rank.
const SPREAD: f64 = 0.5;

/// Where ranks stand.
struct Ranks {
    /// How many of the largest eigenvalues are drawn, and how many of the smallest.
    top: usize,
    bottom: usize,
    /// Whether these are not all.
    gap: bool,
}

/// A stem for each eigenvalue; several models beside each other.
pub(super) fn stems(scene: &Scene, spectra: &[NamedSpectrum]) -> anyhow::Result<Drawing> {
    let options = scene.options;
    ensure!(
        !options.log,
        "--plot eigenvalues of single models begins at 0: leave --log out"
    );
    ensure!(
        options.learning_rate.is_none(),
        "--learning-rate is drawn over the checkpoints of a run: a spectrum of one model has none"
    );
    let ranks = Ranks::of(spectra);
    let thin = Stroke::solid(scene.look.ink, 0.6 * scene.look.unit());
    let zero = vec![[0.0, 0.0], [ranks.end(), 0.0]];
    let mut shapes = vec![Shape::Line(Side::Left, zero, thin)];
    let (mut entries, mut values) = (Vec::new(), Vec::new());
    for (number, named) in spectra.iter().enumerate() {
        let colour = match spectra.len() {
            1 => scene.look.loss,
            count => scene.look.run(number, count),
        };
        let stroke = Stroke::solid(colour, scene.look.unit());
        let aside = SPREAD * ((number as f64 + 0.5) / spectra.len() as f64 - 0.5);
        shapes.extend(of_model(named, &ranks, aside, stroke, &mut values));
        if spectra.len() > 1 {
            entries.push(entry(named.name.clone(), stroke));
        }
    }
    let name = options.xlabel.clone();
    Chart {
        x: Scale::linear(0.0, ranks.end()),
        name: name.unwrap_or_else(|| rank_label(spectra)),
        ticks: ranks.ticks(),
        left: Vertical {
            scale: ends(options, false, range(&values))?,
            name: options.ylabel.clone().unwrap_or_else(|| axis(spectra)),
            ink: scene.look.ink,
        },
        right: None,
        shapes,
        entries,
    }
    .draw(scene)
}

/// The stems of a model, this far beside their ranks; `values` gets what the axis must show.
fn of_model(
    named: &NamedSpectrum,
    ranks: &Ranks,
    aside: f64,
    stroke: Stroke,
    values: &mut Vec<f64>,
) -> Vec<Shape> {
    let spectrum = &named.spectrum;
    let pairs = spectrum.eigenvalues.ncols();
    let (mut shapes, mut discs, mut bars) = (Vec::new(), Vec::new(), Vec::new());
    for column in 0..pairs {
        let value = spectrum.eigenvalues[[0, column]];
        let bound = spectrum.bounds[[0, column]];
        if !value.is_finite() {
            continue;
        }
        let rank = if column < spectrum.bottom {
            ranks.of_smallest(column)
        } else {
            (pairs - column) as f64
        };
        let x = rank + aside;
        shapes.push(Shape::Line(Side::Left, vec![[x, 0.0], [x, value]], stroke));
        discs.push([x, value]);
        values.push(value);
        // it is not known to the tolerance
        if spectrum.converged[0] == 0 && bound.is_finite() {
            bars.push([x, value - bound, value + bound]);
            values.extend([value - bound, value + bound]);
        }
    }
    let thin = Stroke::solid(stroke.colour, 0.7 * stroke.width);
    shapes.push(Shape::Bars(Side::Left, bars, thin));
    shapes.push(Shape::Discs(
        Side::Left,
        discs,
        2.4 * stroke.width,
        stroke.colour,
    ));
    shapes
}

/// What the horizontal axis shows: P is the number of parameters.
fn rank_label(spectra: &[NamedSpectrum]) -> String {
    let first = spectra[0].spectrum.dimension;
    if spectra.iter().all(|it| it.spectrum.dimension == first) {
        format!("rank (P = {} eigenvalues)", with_commas(first))
    } else {
        "rank (P eigenvalues)".into()
    }
}

/// 28,202
fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Ranks {
    fn of(spectra: &[NamedSpectrum]) -> Self {
        let (mut top, mut bottom, mut all) = (0, 0, true);
        for named in spectra {
            let spectrum = &named.spectrum;
            let pairs = spectrum.eigenvalues.ncols();
            top = top.max(pairs - spectrum.bottom);
            bottom = bottom.max(spectrum.bottom);
            all &= pairs >= spectrum.dimension;
        }
        Self {
            top,
            bottom,
            gap: !all,
        }
    }

    /// Where the axis ends.
    fn end(&self) -> f64 {
        if self.bottom == 0 {
            self.top as f64 + 1.0
        } else {
            self.of_smallest(0) + 1.0
        }
    }

    /// Where an eigenvalue stands that this many are smaller than.
    fn of_smallest(&self, smaller: usize) -> f64 {
        let gap = if self.gap && self.top > 0 { GAP } else { 0.0 };
        (self.top + self.bottom - smaller) as f64 + gap
    }

    /// Ticks at all ranks, of which fewer and fewer are labelled.
    fn ticks(&self) -> Vec<Vec<Tick>> {
        let mut choices = Vec::new();
        for step in [1, 2, 5, 10, 20, 50, 100, 1000] {
            let mut ticks = Vec::new();
            for rank in 1..=self.top {
                let labelled = rank == 1 || rank % step == 0;
                ticks.push(tick(rank as f64, labelled, rank.to_string()));
            }
            for smaller in (0..self.bottom).rev() {
                let labelled = smaller % step == 0;
                let label = match smaller {
                    0 => "P".into(),
                    _ => format!("P−{smaller}"),
                };
                ticks.push(tick(self.of_smallest(smaller), labelled, label));
            }
            choices.push(ticks);
        }
        choices
    }
}

fn tick(value: f64, labelled: bool, label: String) -> Tick {
    let label = if labelled { label } else { String::new() };
    Tick { value, label }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_stand_behind_a_gap() {
        let ranks = Ranks {
            top: 3,
            bottom: 2,
            gap: true,
        };
        assert_eq!([ranks.of_smallest(1), ranks.of_smallest(0)], [5.5, 6.5]);
        let labels: Vec<String> = ranks.ticks()[0].iter().map(|it| it.label.clone()).collect();
        assert_eq!(labels, ["1", "2", "3", "P−1", "P"]);
        assert_eq!(with_commas(28_202), "28,202");
    }
}
