//! Words of options that a config of `plan` and the stages share. The doc line of a word is its
//! help.

#[cfg(test)]
mod tests;

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Reads a part of something, such as 0.01.
///
/// # Errors
/// It does not lie between 0 and 1.
pub fn part(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(part) if part > 0.0 && part < 1.0 => Ok(part),
        _ => Err(format!(
            "invalid part \"{text}\": use a number between 0 and 1, such as 0.01"
        )),
    }
}

/// What a direction moves (make-dirs).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DirType {
    /// The trained parameters
    Weights,
    /// Every entry of the state; integers never move
    States,
}

/// How a random direction is measured against the weights (make-dirs).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Norm {
    /// Each filter has the norm of the weights' filter
    Filter,
    /// Each layer has the norm of the weights' layer
    Layer,
    /// Each entry is multiplied by the weight
    Weight,
    /// Each filter has norm 1
    Dfilter,
    /// Each layer has norm 1
    Dlayer,
    /// As drawn
    None,
}

/// What a random direction leaves alone (make-dirs).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ignore {
    /// Tensors of one dimension or none: biases, batch normalisation
    Biasbn,
    /// Nothing; such tensors use their own values as direction
    None,
}

/// How outputs are measured against targets (eval-grid).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// Softmax cross-entropy on classes, with accuracy
    Crossentropy,
    /// Squared error of the softmax against one-hot classes, with accuracy
    Mse,
    /// Squared error against real targets
    Regression,
    /// What the program returns, which takes the targets as its last input
    Program,
}

/// What weights and activations are rounded to (eval-grid).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// f32; f64 for a program in f64
    F32,
    /// bfloat16: 8 bits, the range of f32
    Bf16,
    /// IEEE half precision: 11 bits, up to 65504
    F16,
}

/// The axis of the classes, where the shapes of outputs and targets leave it open (eval-grid).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassAxis {
    /// The second one: [N, classes, …]
    #[value(name = "1")]
    #[serde(rename = "1")]
    First,
    /// The last one: [N, …, classes]
    Last,
}

/// A symmetric matrix of second derivatives of the mean loss (eval-grid, hessian).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    /// The Hessian
    Hessian,
    /// The Gauss-Newton matrix: the Hessian without the curvature of the network itself
    Ggn,
    /// The empirical Fisher matrix: the mean of g gᵀ, g the gradient of the loss of one example
    Fisher,
}

/// The parameters by which a loss is differentiated (eval-grid, hessian).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Parameters {
    /// Those of more than one dimension: no biases, no batch normalisation
    Matrices,
    /// All
    All,
}

/// The place that a picture is made for (render).
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// A page or a screen: 6 × 5 inches, texts of 10 points
    Plain,
    /// A column of a paper of two: 84 mm wide, texts of 8 points
    Paper,
    /// Slides: 10 × 7.5 inches, texts of 20 points
    Talk,
    /// surface3d as in the paper's figure 1: 6 × 5 inches at most, two lights, soft shadows,
    /// resampled to 401 × 401 points (--smooth sets another number), without axes and colour bar
    Lit,
}

impl fmt::Display for Norm {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.serialize(f)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.serialize(f)
    }
}

impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.serialize(f)
    }
}

impl fmt::Display for Ignore {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.serialize(f)
    }
}
