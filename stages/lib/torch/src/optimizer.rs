//! Update rules, step by step those of PyTorch: `torch.optim.SGD`, `Adam` and `AdamW` (their
//! single-tensor forms). They are written here so that their state can be kept and restored.

use tch::Tensor;

use crate::{Error, run::Update};

/// How gradients become steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Stochastic gradient descent.
    Sgd(Sgd),
    /// Adam or AdamW.
    Adam(Adam),
}

/// Settings of stochastic gradient descent, with PyTorch's meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sgd {
    /// Share of the last step that is kept.
    pub momentum: f64,
    /// L2 penalty on every parameter, added to the gradient.
    pub weight_decay: f64,
    /// Nesterov's momentum (Sutskever et al. 2013).
    pub nesterov: bool,
}

/// Settings of Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), with PyTorch's
/// meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// Share of the mean gradient that is kept at each step.
    pub beta1: f64,
    /// Share of the mean square of the gradient that is kept at each step.
    pub beta2: f64,
    /// Added to the root of the mean square.
    pub eps: f64,
    /// Decay of every parameter.
    pub weight_decay: f64,
    /// Whether parameters decay by themselves (AdamW), or their penalty is added to the gradient.
    pub decoupled: bool,
}

/// A rule with what it keeps of earlier steps.
pub(crate) struct Optimizer {
    rule: Rule,
    operators: Operators,
    /// Steps so far.
    steps: i64,
    /// What is kept of each parameter: the momentum, or the mean gradient and the mean square.
    /// A parameter without a gradient until now has none.
    kept: Vec<Vec<Tensor>>,
}

/// Operators with a factor, which tch leaves out.
struct Operators {
    add: Update,
    lerp: Update,
    addcmul: Update,
    addcdiv: Update,
}

impl Rule {
    /// The rule without its L2 penalty, and the factor of the penalty. The decay of AdamW is of the
    /// parameters, whatever the loss is; it stays in the rule.
    pub fn without_penalty(self) -> (Self, f64) {
        match self {
            Self::Sgd(sgd) => {
                let rule = Self::Sgd(Sgd {
                    weight_decay: 0.0,
                    ..sgd
                });
                (rule, sgd.weight_decay)
            }
            Self::Adam(adam) if adam.decoupled => (self, 0.0),
            Self::Adam(adam) => {
                let rule = Self::Adam(Adam {
                    weight_decay: 0.0,
                    ..adam
                });
                (rule, adam.weight_decay)
            }
        }
    }

    /// How many tensors it keeps of a parameter.
    fn kept(&self) -> usize {
        match self {
            Self::Sgd(sgd) if sgd.momentum == 0.0 => 0,
            Self::Sgd(_) => 1,
            Self::Adam(_) => 2,
        }
    }
}

impl Optimizer {
    /// A rule before its first step on so many parameters.
    pub(crate) fn new(rule: Rule, parameters: usize) -> Result<Self, Error> {
        let operators = Operators {
            add: Update::find("aten::add_.Tensor")?,
            lerp: Update::find("aten::lerp_.Scalar")?,
            addcmul: Update::find("aten::addcmul_")?,
            addcdiv: Update::find("aten::addcdiv_")?,
        };
        let mut kept = Vec::new();
        kept.resize_with(parameters, Vec::new);
        Ok(Self {
            rule,
            operators,
            steps: 0,
            kept,
        })
    }

    /// Steps so far.
    pub(crate) fn steps(&self) -> i64 {
        self.steps
    }

    /// What is kept of each parameter, in their order.
    pub(crate) fn kept(&self) -> &[Vec<Tensor>] {
        &self.kept
    }

    /// Goes on after so many steps with what was kept then.
    ///
    /// # Errors
    /// What was kept by another rule or of other parameters.
    pub(crate) fn restore(&mut self, steps: i64, kept: Vec<Vec<Tensor>>) -> Result<(), Error> {
        let wanted = self.rule.kept();
        let same = kept.len() == self.kept.len();
        if !same
            || kept
                .iter()
                .any(|of_one| ![0, wanted].contains(&of_one.len()))
        {
            return Err(Error::Restore);
        }
        self.steps = steps;
        self.kept = kept;
        Ok(())
    }

    /// One step at a learning rate; an undefined gradient moves nothing.
    pub(crate) fn step(
        &mut self,
        parameters: &[&Tensor],
        gradients: &[Tensor],
        rate: f64,
    ) -> Result<(), Error> {
        self.steps += 1;
        for (place, parameter) in parameters.iter().enumerate() {
            let gradient = &gradients[place];
            if !gradient.defined() {
                continue;
            }
            // operators may round otherwise where the memory is not in order
            let gradient = gradient.contiguous();
            let kept = &mut self.kept[place];
            match self.rule {
                Rule::Sgd(sgd) => self.operators.sgd(sgd, parameter, &gradient, kept, rate)?,
                Rule::Adam(adam) => {
                    let step = Moved {
                        steps: self.steps,
                        rate,
                    };
                    self.operators
                        .adam(adam, parameter, &gradient, kept, &step)?;
                }
            }
        }
        Ok(())
    }
}

/// The number of a step, from 1, and its learning rate.
struct Moved {
    steps: i64,
    rate: f64,
}

impl Operators {
    fn sgd(
        &self,
        sgd: Sgd,
        parameter: &Tensor,
        gradient: &Tensor,
        kept: &mut Vec<Tensor>,
        rate: f64,
    ) -> Result<(), Error> {
        let mut direction = gradient.shallow_clone();
        if sgd.weight_decay != 0.0 {
            direction = direction.copy();
            self.add.apply(&[&direction, parameter], sgd.weight_decay)?;
        }
        if sgd.momentum != 0.0 {
            if let Some(momentum) = kept.first_mut() {
                let _ = momentum.g_mul_scalar_(sgd.momentum);
                self.add.apply(&[momentum, &direction], 1.0)?;
            } else {
                kept.push(direction.copy());
            }
            if sgd.nesterov {
                direction = direction.copy();
                self.add.apply(&[&direction, &kept[0]], sgd.momentum)?;
            } else {
                direction = kept[0].shallow_clone();
            }
        }
        self.add.apply(&[parameter, &direction], -rate)
    }

    fn adam(
        &self,
        adam: Adam,
        parameter: &Tensor,
        gradient: &Tensor,
        kept: &mut Vec<Tensor>,
        step: &Moved,
    ) -> Result<(), Error> {
        let mut gradient = gradient.shallow_clone();
        if adam.weight_decay != 0.0 {
            if adam.decoupled {
                let shrink = 1.0 - step.rate * adam.weight_decay;
                let _ = parameter.shallow_clone().g_mul_scalar_(shrink);
            } else {
                gradient = gradient.copy();
                self.add.apply(&[&gradient, parameter], adam.weight_decay)?;
            }
        }
        if kept.is_empty() {
            kept.push(parameter.detach().zeros_like());
            kept.push(parameter.detach().zeros_like());
        }
        self.lerp.apply(&[&kept[0], &gradient], 1.0 - adam.beta1)?;
        let _ = kept[1].g_mul_scalar_(adam.beta2);
        let of_square = 1.0 - adam.beta2;
        self.addcmul
            .apply(&[&kept[1], &gradient, &gradient], of_square)?;
        let correction1 = 1.0 - adam.beta1.powf(step.steps as f64);
        let correction2 = 1.0 - adam.beta2.powf(step.steps as f64);
        let mut divisor = kept[1].sqrt();
        let _ = divisor.g_div_scalar_(correction2.sqrt());
        let _ = divisor.g_add_scalar_(adam.eps);
        let factor = -(step.rate / correction1);
        self.addcdiv.apply(&[parameter, &kept[0], &divisor], factor)
    }
}
