/// A symmetric matrix of second derivatives of the mean loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The second derivatives of the loss (Pearlmutter 1994, by double backward).
    Hessian,
    /// JᵀHJ, J the derivatives of the outputs and H the second derivatives of the loss by the
    /// outputs (Schraudolph 2002): the Hessian without the curvature of the network.
    GaussNewton,
    /// The mean of ggᵀ over the examples, g the gradient of the loss of one (the empirical Fisher
    /// matrix).
    Fisher,
}

impl Operator {
    /// Its name on command lines and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hessian => "hessian",
            Self::GaussNewton => "ggn",
            Self::Fisher => "fisher",
        }
    }
}

impl From<options::Operator> for Operator {
    fn from(word: options::Operator) -> Self {
        match word {
            options::Operator::Hessian => Self::Hessian,
            options::Operator::Ggn => Self::GaussNewton,
            options::Operator::Fisher => Self::Fisher,
        }
    }
}
