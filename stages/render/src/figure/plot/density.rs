//! Spectral densities.

use anyhow::bail;

use super::chart::{Chart, ROW, Shape, Vertical, ends, entry};
use crate::{
    data::{
        density::{Density, Subject, Window},
        number::number,
        spectra::{NamedSpectrum, axis},
    },
    figure::{
        axes::Side,
        scale::Scale,
        scene::{Drawing, Scene},
        stroke::Stroke,
    },
};

/// More lines than these cannot be told apart.
const MOST: usize = 6;
/// A logarithmic axis begins this far below the height of a single eigenvalue: a few probes may
/// give it a tenth of its weight.
const BELOW: f64 = 30.0;
/// Share of the axis above the highest density, without the rows of marks.
const ABOVE: f64 = 0.04;

/// The density of each model, with a band of one standard error over its probes; marks above, where
/// eigenvalues are known.
pub(crate) fn density(scene: &Scene, spectra: &[NamedSpectrum]) -> anyhow::Result<Drawing> {
    let subjects = subjects(scene, spectra)?;
    let window = Window::around(&subjects, scene.options.sigma)?;
    scene.say(format!(
        "each node is a Gaussian of standard deviation {}",
        number(window.sigma)
    ));
    let densities: Vec<Density> = subjects.iter().map(|it| window.density(it)).collect();
    let scale = scale(scene, &subjects, &densities, window.sigma)?;

    let unit = scene.look.unit();
    let (mut bands, mut lines, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for (number, (subject, density)) in subjects.iter().zip(&densities).enumerate() {
        let colour = match subjects.len() {
            1 => scene.look.loss,
            count => scene.look.run(number, count),
        };
        let stroke = Stroke::solid(colour, 1.2 * unit);
        let [lower, mean, upper] = curves(&window, density, &scale);
        bands.push(Shape::Band(Side::Left, upper, lower, colour));
        lines.push(Shape::Line(Side::Left, mean, stroke));
        let marks = Stroke::solid(colour, 0.8 * unit);
        lines.push(Shape::Marks(subject.eigenvalues.clone(), number, marks));
        entries.push(entry(subject.name.clone(), stroke));
    }
    if subjects.len() == 1 {
        entries.clear();
    }
    bands.extend(lines);
    let [xlabel, ylabel] = [&scene.options.xlabel, &scene.options.ylabel].map(Clone::clone);
    let places = &window.places;
    Chart {
        x: Scale::linear(places[0], places[places.len() - 1]),
        name: xlabel.unwrap_or_else(|| axis(spectra)),
        ticks: Vec::new(),
        left: Vertical {
            scale,
            name: ylabel.unwrap_or("spectral density".into()),
            ink: scene.look.ink,
        },
        right: None,
        shapes: bands,
        entries,
    }
    .draw(scene)
}

/// What is drawn of all files: every model, or some of a long run.
fn subjects(scene: &Scene, spectra: &[NamedSpectrum]) -> anyhow::Result<Vec<Subject>> {
    let most = (MOST / spectra.len()).max(1);
    let mut subjects = Vec::new();
    for named in spectra {
        let course = named.course();
        let count = course.rows.len();
        let mut found = Vec::new();
        for place in 0..count {
            let model = named.model(&course, place);
            let name = match (count, spectra.len()) {
                (1, 1) => String::new(),
                (1, _) => named.name.clone(),
                (_, 1) => model.clone(),
                (_, _) => format!("{}, {model}", named.name),
            };
            match Subject::new(name, named, course.rows[place])? {
                Some(subject) => found.push(subject),
                None => scene.say(format!(
                    "{}: the density of {model} has no finite number, it is left out",
                    named.file()
                )),
            }
        }
        if found.is_empty() {
            bail!(
                "{}: its density has no finite number: the loss or its derivatives were none",
                named.file()
            );
        }
        let chosen = chosen(found.len(), most);
        if chosen.len() < found.len() {
            scene.say(format!(
                "{}: {} of {} models are drawn",
                named.file(),
                chosen.len(),
                found.len()
            ));
        }
        for (number, subject) in found.into_iter().enumerate() {
            if chosen.contains(&number) {
                subjects.push(subject);
            }
        }
    }
    Ok(subjects)
}

/// Some of many, at equal distances, with both ends; the last one where it is one only.
fn chosen(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    if most == 1 {
        return vec![count - 1];
    }
    let steps = most - 1;
    (0..most)
        .map(|k| (k * (count - 1) + steps / 2) / steps)
        .collect()
}

/// The axis of densities: a single eigenvalue is seen on a logarithmic one.
fn scale(
    scene: &Scene,
    subjects: &[Subject],
    densities: &[Density],
    sigma: f64,
) -> anyhow::Result<Scale> {
    let (mut single, mut highest) = (f64::INFINITY, 0.0f64);
    for subject in subjects {
        single = single.min(subject.single(sigma));
    }
    for density in densities {
        for (mean, stderr) in density.mean.iter().zip(&density.stderr) {
            highest = highest.max(mean + stderr);
        }
    }
    let rows = ROW * scene.look.unit() * subjects.len() as f64;
    let above = ABOVE + rows / (0.8 * scene.options.size()[1]);
    if scene.options.linear {
        ends(scene.options, false, [0.0, highest / (1.0 - above)])
    } else {
        let low = single / BELOW;
        let high = low * (highest / low).powf(1.0 / (1.0 - above));
        ends(scene.options, true, [low, high])
    }
}

/// The lower end of the band, the mean, and the upper end.
fn curves(window: &Window, density: &Density, scale: &Scale) -> [Vec<[f64; 2]>; 3] {
    // a logarithm of 0 has no place: below the frame
    let least = if scale.log {
        1e-3 * scale.low
    } else {
        f64::NEG_INFINITY
    };
    let mut curves = [Vec::new(), Vec::new(), Vec::new()];
    for (k, place) in window.places.iter().enumerate() {
        let (mean, stderr) = (density.mean[k], density.stderr[k]);
        for (curve, value) in curves.iter_mut().zip([mean - stderr, mean, mean + stderr]) {
            curve.push([*place, value.max(least)]);
        }
    }
    curves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_of_many_are_drawn() {
        assert_eq!(chosen(3, 6), [0, 1, 2]);
        assert_eq!(chosen(26, 6), [0, 5, 10, 15, 20, 25]);
        assert_eq!(chosen(7, 3), [0, 3, 6]);
        assert_eq!(chosen(7, 1), [6]);
    }
}
