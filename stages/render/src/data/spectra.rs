//! Spectra with the names that they have beside each other, and their models in the order of
//! training.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use files::{Contents, Header, Spectrum, Stored};

use crate::data::{
    progress::epochs,
    titles::{tell_apart, titles},
};

/// Settings that tell the spectra of a picture apart, in the order in which names have them.
const TELLING: [&str; 8] = [
    "operator",
    "parameters",
    "split",
    "examples",
    "loss",
    "precision",
    "x",
    "y",
];

/// Eigenvalues of a picture, each of which is a disc or a mark.
const MOST_VALUES: usize = 100_000;

/// A spectrum with its name.
pub(crate) struct NamedSpectrum {
    pub(crate) name: String,
    pub(crate) spectrum: Stored<Spectrum>,
}

/// The models of a spectrum, in the order of training.
pub(crate) struct Course {
    /// Their rows.
    pub(crate) rows: Vec<usize>,
    /// The epoch of each, or its number from 0.
    pub(crate) along: Vec<f64>,
    pub(crate) are_epochs: bool,
}

/// Reads spectra and names them by the settings that differ, or else as other files are.
pub(crate) fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<NamedSpectrum>> {
    let mut spectra = Vec::new();
    for path in paths {
        let spectrum = Spectrum::read(path)?;
        ensure!(
            spectrum.eigenvalues.len() <= MOST_VALUES,
            "{}: it has {} eigenvalues, a picture shows {MOST_VALUES} at most: leave models out",
            path.display(),
            spectrum.eigenvalues.len()
        );
        spectra.push(spectrum);
    }
    let headers: Vec<&Header> = spectra.iter().map(|it| &it.header).collect();
    let mut names = by_settings(&spectra);
    if !tell_apart(&names) {
        names = titles(&headers);
    }
    let mut named = Vec::new();
    for (name, spectrum) in names.into_iter().zip(spectra) {
        named.push(NamedSpectrum { name, spectrum });
    }
    Ok(named)
}

fn by_settings(spectra: &[Stored<Spectrum>]) -> Vec<String> {
    let mut names = vec![Vec::new(); spectra.len()];
    for setting in TELLING {
        let mut parts = Vec::new();
        for spectrum in spectra {
            parts.push(part(spectrum, setting));
        }
        if parts.iter().all(|part| *part == parts[0]) {
            continue;
        }
        for (name, part) in names.iter_mut().zip(parts) {
            if !part.is_empty() {
                name.push(part);
            }
        }
    }
    names.iter().map(|parts| parts.join(", ")).collect()
}

/// What a name says of a setting.
fn part(spectrum: &Spectrum, setting: &str) -> String {
    match (setting, spectrum.setting(setting)) {
        ("operator", _) => spectrum.operator().into(),
        ("parameters", Some(value)) => match value.to_string().as_str() {
            "matrices" => "matrices only".into(),
            "all" => "all parameters".into(),
            chosen => chosen.into(),
        },
        ("examples", Some(value)) => format!("{value} examples"),
        ("split" | "loss" | "precision", Some(value)) => value.to_string(),
        (name, Some(value)) => format!("{name} = {value}"),
        (_, None) => String::new(),
    }
}

impl NamedSpectrum {
    /// Its file, for errors.
    pub(crate) fn file(&self) -> String {
        self.spectrum.header.path.display().to_string()
    }

    pub(crate) fn course(&self) -> Course {
        let count = self.spectrum.eigenvalues.nrows();
        let numbers = (0..count).map(|row| row as f64).collect();
        let known = epochs(&self.spectrum.models).filter(|epochs| epochs.len() == count);
        let are_epochs = known.is_some();
        let along: Vec<f64> = known.unwrap_or(numbers);
        // names may be sorted as texts: 10 before 2
        let mut rows: Vec<usize> = (0..count).collect();
        rows.sort_by(|one, other| along[*one].total_cmp(&along[*other]));
        Course {
            along: rows.iter().map(|row| along[*row]).collect(),
            rows,
            are_epochs,
        }
    }

    /// The name of a model: by its epoch, its file, or its number.
    pub(crate) fn model(&self, course: &Course, place: usize) -> String {
        if course.are_epochs {
            return format!("epoch {}", course.along[place]);
        }
        let row = course.rows[place];
        let file = self.spectrum.models.get(row);
        match file.and_then(|file| Path::new(file).file_stem()) {
            Some(stem) => stem.to_string_lossy().into_owned(),
            None => format!("model {}", row + 1),
        }
    }
}

/// The name of the axis of eigenvalues: of all spectra of a picture.
pub(crate) fn axis(spectra: &[NamedSpectrum]) -> String {
    let mut operators: Vec<&str> = spectra.iter().map(|it| it.spectrum.operator()).collect();
    operators.dedup();
    match operators[..] {
        [one] => format!("eigenvalue of the {one}"),
        _ => "eigenvalue".into(),
    }
}

#[cfg(test)]
mod tests {
    use files::Note;
    use ndarray::{Array1, Array2};

    use super::*;

    fn named(file: &str, settings: &[(&str, &str)], models: &[&str]) -> NamedSpectrum {
        let count = models.len();
        let mut notes = Vec::new();
        for (name, value) in settings {
            notes.push((name.to_string(), Note::from(*value)));
        }
        let spectrum = Spectrum {
            models: models.iter().map(|model| model.to_string()).collect(),
            model_ids: vec![String::new(); count],
            dimension: 9,
            eigenvalues: Array2::zeros([count, 1]),
            bounds: Array2::zeros([count, 1]),
            bottom: 0,
            converged: Array1::ones(count),
            products: Array1::ones(count),
            trace: None,
            frobenius_squared: None,
            diagonal_squared: None,
            density: None,
            vectors: None,
            origins: Vec::new(),
            settings: notes,
        };
        let header = Header {
            path: file.into(),
            id: String::new(),
            created_by: String::new(),
            history: Vec::new(),
        };
        NamedSpectrum {
            name: String::new(),
            spectrum: Stored {
                header,
                contents: spectrum,
            },
        }
    }

    #[test]
    fn spectra_are_named_by_settings_that_differ() {
        let all = [
            ("operator", "hessian"),
            ("parameters", "all"),
            ("loss", "mse"),
        ];
        let ggn = [
            ("operator", "ggn"),
            ("parameters", "matrices"),
            ("loss", "mse"),
        ];
        let spectra = [named("a.h5", &all, &["m"]), named("b.h5", &ggn, &["m"])];
        assert_eq!(axis(&spectra), "eigenvalue");
        assert_eq!(axis(&spectra[1..]), "eigenvalue of the Gauss-Newton matrix");
        let spectra = spectra.map(|it| it.spectrum);
        assert_eq!(
            by_settings(&spectra),
            [
                "Hessian, all parameters",
                "Gauss-Newton matrix, matrices only"
            ]
        );
    }

    #[test]
    fn models_are_in_the_order_of_their_epochs() {
        let run = named(
            "a.h5",
            &[],
            &["n/model-10.h5", "n/model-2.h5", "n/model-0.5.h5"],
        );
        let course = run.course();
        assert_eq!(course.rows, [2, 1, 0]);
        assert_eq!(course.along, [0.5, 2.0, 10.0]);
        assert_eq!(run.model(&course, 0), "epoch 0.5");
        let others = named("a.h5", &[], &["n/one.h5", "n/two.h5"]);
        let course = others.course();
        assert_eq!(course.rows, [0, 1]);
        assert_eq!(others.model(&course, 1), "two");
    }
}
