//! Running a program as eval-grid does.

use ndarray::ArrayD;
use program::Program;
use torch::{
    Averages, Batches, Criterion, Device, Error, IGNORED, Kind, Landscape, Loss, Mode, Network,
    Plan, Precision, State, Tensor,
};

use super::random::Random;

/// Examples of the data, and of a batch.
const EXAMPLES: usize = 6;
const BATCH: usize = 4;

pub(crate) struct Case {
    pub(crate) program: Program,
    pub(crate) state: Vec<(String, Tensor)>,
    pub(crate) input: Tensor,
}

/// What became of a program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its reader refused it.
    Unread,
    /// A call failed, with an error.
    Failed,
    Ran,
}

impl Case {
    pub(crate) fn run(self, random: &mut Random) -> Outcome {
        let Ok(program) = Program::from_json(&self.program.to_json()) else {
            return Outcome::Unread;
        };
        torch::no_grad(|| {
            let before: Vec<Tensor> = self.tensors().iter().map(|tensor| tensor.copy()).collect();
            let outcome = match self.once(&program) {
                Err(error) => {
                    check_line(&error);
                    Outcome::Failed
                }
                Ok(()) => Outcome::Ran,
            };
            if outcome == Outcome::Ran
                && random.percent(25)
                && let Err(error) = self.measured(&program, random)
            {
                check_line(&error);
            }
            for (tensor, before) in self.tensors().iter().zip(&before) {
                assert!(
                    same(tensor, before),
                    "the program wrote into its weights or inputs"
                );
            }
            outcome
        })
    }

    pub(crate) fn show(&self) -> String {
        let mut text = self.program.to_json();
        for (name, tensor) in &self.state {
            text += &format!("\n{name} {:?} {:?}", tensor.kind(), tensor.size());
            if tensor.numel() <= 32 {
                let values: Vec<f64> =
                    Vec::try_from(tensor.to_kind(Kind::Double).flatten(0, -1)).unwrap_or_default();
                text += &format!(" {values:?}");
            }
        }
        text
    }

    fn tensors(&self) -> Vec<&Tensor> {
        let state = self.state.iter().map(|(_, tensor)| tensor);
        state.chain([&self.input]).collect()
    }

    fn once(&self, program: &Program) -> Result<(), Error> {
        let names: Vec<&str> = self.state.iter().map(|(name, _)| name.as_str()).collect();
        let state: Vec<&Tensor> = self.state.iter().map(|(_, tensor)| tensor).collect();
        let network = Network::new(program, &names, Mode::Evaluate, Device::Cpu)?;
        network.forward(&state, &[self.input.shallow_clone()])?;
        Ok(())
    }

    /// As eval-grid measures it, rewritten to be faster where that gives the same results.
    fn measured(&self, program: &Program, random: &mut Random) -> Result<(), Error> {
        let names: Vec<&str> = self.state.iter().map(|(name, _)| name.as_str()).collect();
        let mut origin = Vec::new();
        let mut direction = Vec::new();
        for (_, tensor) in &self.state {
            let tensor = if tensor.is_floating_point() {
                tensor.to_kind(Kind::Float)
            } else {
                tensor.shallow_clone()
            };
            direction.push(tensor.is_floating_point().then(|| tensor.ones_like()));
            origin.push(tensor);
        }
        let trained = vec![true; names.len()];
        let state = State {
            names: &names,
            origin: &origin,
            trained: &trained,
        };
        let precision = *random.pick(&[Precision::Full, Precision::Bf16, Precision::F16]);
        let inputs = [self.input.shallow_clone()];
        let plan = Plan::fastest(
            program,
            state,
            [&direction, &[]],
            (&inputs, 1),
            Device::Cpu,
            precision,
        )?;
        let mut landscape = Landscape::new(&plan, &names, &origin, &direction, &[], Device::Cpu)?;
        landscape.move_to(0.5, 0.0);
        let batches = self.batches(program)?;
        for loss in [Loss::CrossEntropy, Loss::Mse, Loss::Regression] {
            let averages = Averages {
                criterion: Criterion {
                    loss,
                    ignored: IGNORED,
                    class_axis: None,
                },
                metrics: torch::usual_metrics(loss, program.outputs.len()),
                stop: None,
            };
            if let Err(error) = landscape.measure(&batches, (0, 1), &averages, &|| false) {
                check_line(&error);
            }
        }
        Ok(())
    }

    fn batches(&self, program: &Program) -> Result<Batches, Error> {
        let mut shape: Vec<usize> = self
            .input
            .size()
            .iter()
            .map(|size| *size as usize)
            .collect();
        shape[0] = EXAMPLES;
        let inputs = files::Tensor::F32(ArrayD::from_elem(shape, 0.5));
        let targets = files::Tensor::I64(ArrayD::zeros(vec![EXAMPLES]));
        let normalization = files::Normalization {
            scale: vec![1.0],
            mean: vec![0.0],
            std: vec![1.0],
        };
        let examples = files::Examples::new(inputs, targets);
        Batches::new(
            &examples,
            &normalization,
            &program.inputs,
            BATCH,
            Device::Cpu,
        )
    }
}

/// Errors have one line, and not a long one.
fn check_line(error: &Error) {
    let text = error.to_string();
    assert!(!text.contains('\n') && text.len() < 2000, "{text}");
}

/// Whether two tensors have the same values, NaN included.
fn same(one: &Tensor, other: &Tensor) -> bool {
    if one.size() != other.size() || one.kind() != other.kind() {
        return false;
    }
    let both_nan = one.isnan().logical_and(&other.isnan());
    let same = one.eq_tensor(other).logical_or(&both_nan);
    same.all().int64_value(&[]) == 1
}
