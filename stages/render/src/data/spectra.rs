//! Spectra with the names that they have beside each other, and their models in the order of
//! training.

use std::path::{Path, PathBuf};

use files::{Contents, Header, Spectrum, Stored};

use crate::data::{
    progress::epochs,
    titles::{tell_apart, titles},
};

/// Settings that tell the spectra of a picture apart, in the order in which names have them.
const TELLING: [&str; 8] =
    ["operator", "parameters", "split", "examples", "loss", "precision", "x", "y"];

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
        spectra.push(Spectrum::read(path)?);
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
        ("parameters", Some(value)) => format!("{value} parameters"),
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
