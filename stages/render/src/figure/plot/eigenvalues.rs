//! Eigenvalues over the checkpoints of a run.

use anyhow::ensure;

use super::{
    chart::{Chart, Vertical, ends},
    stems::stems,
    training::{Drawn, along_scale},
};
use crate::{
    data::{
        extent::LARGEST,
        spectra::{Course, NamedSpectrum, axis},
    },
    figure::{
        scale::Scale,
        scene::{Drawing, Scene},
    },
};

/// Share of an axis beyond its last value: discs are whole.
const SPARE: f64 = 0.05;

/// Eigenvalues on the left axis; of one run all of them, with the trace on the right axis, of
/// several the largest and the smallest. Models that are no run are drawn by rank.
pub(crate) fn eigenvalues(scene: &Scene, spectra: &[NamedSpectrum]) -> anyhow::Result<Drawing> {
    for named in spectra {
        check(named)?;
    }
    if spectra
        .iter()
        .all(|it| it.spectrum.eigenvalues.nrows() == 1)
    {
        return stems(scene, spectra);
    }
    let courses: Vec<Course> = spectra.iter().map(NamedSpectrum::course).collect();
    let mut drawn = Drawn::default();
    match (spectra, &courses[..]) {
        ([named], [course]) => drawn.run(scene, named, course),
        _ => drawn.runs(scene, spectra, &courses),
    }
    if let Some(rate) = scene.options.learning_rate {
        drawn.edge(scene, 2.0 / rate, &courses);
    }

    let options = scene.options;
    let are_epochs = courses.iter().all(|course| course.are_epochs);
    let along = if are_epochs { "epoch" } else { "checkpoint" };
    let mut left = range(&drawn.left);
    let mut right = range(&drawn.right);
    if !options.log && options.vmin.is_none() && options.vmax.is_none() && !drawn.right.is_empty() {
        [left, right] = aligned([left, right]);
    }
    if options.log {
        left = logarithmic(&drawn.left)?;
    }
    let trace = Vertical {
        scale: Scale::linear(right[0], right[1]),
        name: "trace".into(),
        ink: scene.look.accuracy,
    };
    Chart {
        x: along_scale(&courses),
        name: options.xlabel.clone().unwrap_or(along.into()),
        ticks: Vec::new(),
        left: Vertical {
            scale: ends(options, options.log, left)?,
            name: options.ylabel.clone().unwrap_or_else(|| axis(spectra)),
            ink: scene.look.ink,
        },
        right: (!drawn.right.is_empty()).then_some(trace),
        shapes: drawn.shapes,
        entries: drawn.entries,
    }
    .draw(scene)
}

/// Checks that there is something to draw.
fn check(named: &NamedSpectrum) -> anyhow::Result<()> {
    let values = &named.spectrum.eigenvalues;
    let file = named.file();
    ensure!(
        values.ncols() > 0,
        "{file}: it has no eigenvalues: hessian --top measures them, --plot density draws the \
         density"
    );
    ensure!(
        values.iter().any(|value| value.is_finite()),
        "{file}: none of its eigenvalues is finite: the loss or its derivatives were none"
    );
    for value in values.iter().filter(|value| value.is_finite()) {
        ensure!(
            value.abs() <= LARGEST,
            "{file}: it has the eigenvalue {value:e}: a picture shows what is within \
             ±{LARGEST:e}"
        );
    }
    Ok(())
}

/// From the least value to the greatest one, and 0, with some space.
pub(super) fn range(values: &[f64]) -> [f64; 2] {
    let (mut low, mut high) = (0.0f64, 0.0f64);
    for value in values.iter().filter(|value| value.is_finite()) {
        (low, high) = (low.min(*value), high.max(*value));
    }
    let spare = SPARE * (high - low);
    [low - spare, high + spare]
}

/// From the least value to the greatest one on a logarithmic axis.
fn logarithmic(values: &[f64]) -> anyhow::Result<[f64; 2]> {
    let (mut low, mut high) = (f64::INFINITY, 0.0f64);
    for value in values.iter().filter(|value| value.is_finite()) {
        (low, high) = (low.min(*value), high.max(*value));
    }
    ensure!(
        low > 0.0,
        "--log wants positive eigenvalues, the smallest is {low}: leave --log out"
    );
    Ok([low / 1.3, high * 1.3])
}

/// Two ranges that hold 0, widened so that it is at the same height in both.
fn aligned(ranges: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let mut below = 0.0f64;
    let mut reaches_above = false;
    for [low, high] in ranges {
        if high > low {
            below = below.max(-low / (high - low));
        }
        reaches_above |= high > 0.0;
    }
    if below == 1.0 && reaches_above {
        below = 0.5;
    }
    ranges.map(|[low, high]| {
        if below == 0.0 || below == 1.0 {
            return [low, high];
        }
        let whole = (-low / below).max(high / (1.0 - below));
        [-below * whole, (1.0 - below) * whole]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_at_the_same_height_on_both_axes() {
        assert_eq!(
            aligned([[-1.0, 3.0], [0.0, 30.0]]),
            [[-1.0, 3.0], [-10.0, 30.0]]
        );
        assert_eq!(
            aligned([[0.0, 3.0], [0.0, 30.0]]),
            [[0.0, 3.0], [0.0, 30.0]]
        );
        assert_eq!(
            aligned([[-2.0, 0.0], [0.0, 30.0]]),
            [[-2.0, 2.0], [-30.0, 30.0]]
        );
        assert_eq!(
            aligned([[-2.0, 0.0], [-5.0, 0.0]]),
            [[-2.0, 0.0], [-5.0, 0.0]]
        );
        assert_eq!(
            aligned([[0.0, 0.0], [-1.0, 1.0]]),
            [[0.0, 0.0], [-1.0, 1.0]]
        );
    }
}
