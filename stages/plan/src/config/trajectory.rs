//! What a config says of runs: their trajectories, and axes that are made of them.

use std::{fmt, path::PathBuf};

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{SeqAccess, Unexpected, Visitor},
};

use crate::values::Reference;

/// Options of project, and what is measured along the trajectories
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Trajectory {
    /// Models whose runs are drawn together (default: the own run of the surface's model)
    #[serde(skip_serializing)]
    pub(crate) runs: Option<Vec<Reference>>,
    /// How coordinates are found (default: cos along orthonormal axes, lstsq along others)
    pub(crate) method: Option<Method>,
    /// Measure the losses of the checkpoints, of their places on the plane, or both
    #[serde(skip_serializing)]
    pub(crate) measure: Option<Measure>,
}

/// Methods of project
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Method {
    Lstsq,
    Cos,
}

/// What is measured along a trajectory
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Measure {
    Checkpoints,
    Plane,
    Both,
}

/// A measurement along a trajectory.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Measured {
    /// The checkpoints themselves.
    Checkpoints,
    /// Their places on the plane.
    Plane,
}

impl Measure {
    pub(crate) fn parts(self) -> &'static [Measured] {
        match self {
            Self::Checkpoints => &[Measured::Checkpoints],
            Self::Plane => &[Measured::Plane],
            Self::Both => &[Measured::Plane, Measured::Checkpoints],
        }
    }
}

/// Checkpoints: run (the model's own), runs (those of trajectory), or files and patterns
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum Pca {
    Of(Runs),
    Files(Vec<PathBuf>),
}

/// Whose checkpoints
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Runs {
    /// Those of the model's own run
    Run,
    /// Those of the runs that trajectory names
    Runs,
}

impl<'de> Deserialize<'de> for Pca {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordOrFiles)
    }
}

/// Reads a word or a list.
struct WordOrFiles;

impl<'de> Visitor<'de> for WordOrFiles {
    type Value = Pca;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("run, runs, or a list of files such as [nets/model-*.h5]")
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Pca, E> {
        match word {
            "run" => Ok(Pca::Of(Runs::Run)),
            "runs" => Ok(Pca::Of(Runs::Runs)),
            other => Err(E::invalid_value(Unexpected::Str(other), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Pca, A::Error> {
        let mut files = Vec::new();
        while let Some(file) = list.next_element()? {
            files.push(file);
        }
        Ok(Pca::Files(files))
    }
}
