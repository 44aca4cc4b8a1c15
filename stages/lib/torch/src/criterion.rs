mod shapes;

use std::fmt;

use tch::{Kind, Tensor};

use crate::{Error, Loss};
use shapes::{same_values, shown};

/// How outputs are measured: the loss, and what it has to know of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Criterion {
    /// The loss.
    pub loss: Loss,
    /// Targets of this class are left out.
    pub ignored: i64,
    /// Along which axis of the logits the classes lie, where shapes leave it open.
    pub class_axis: Option<ClassAxis>,
}

/// Along which axis of the logits the classes lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassAxis {
    /// Axis 1: `[N, C, d1, …]` for targets `[N, d1, …]`, as in PyTorch's `cross_entropy`.
    First,
    /// The last axis: `[N, T, C]` for targets `[N, T]`, as language models return them.
    Last,
}

impl From<options::ClassAxis> for ClassAxis {
    fn from(word: options::ClassAxis) -> Self {
        match word {
            options::ClassAxis::First => Self::First,
            options::ClassAxis::Last => Self::Last,
        }
    }
}

impl Criterion {
    /// Checks what the network returns for a batch of so many examples against targets, of this
    /// batch or of more.
    ///
    /// # Errors
    /// [`Error::Loss`], with both shapes.
    pub(crate) fn check(
        &self,
        outputs: &[Tensor],
        targets: Option<&Tensor>,
        batch: i64,
    ) -> Result<(), Error> {
        let checked = match self.loss {
            Loss::CrossEntropy | Loss::Mse => self.check_classes(&outputs[0], targets, batch),
            Loss::Regression => check_values(&outputs[0], targets, batch),
            Loss::Program => check_losses(outputs, batch),
        };
        checked.map_err(|why| Error::Loss {
            loss: self.loss.name(),
            why,
        })
    }

    fn check_classes(
        &self,
        logits: &Tensor,
        targets: Option<&Tensor>,
        batch: i64,
    ) -> Result<(), String> {
        let targets = targets.ok_or("it needs targets, and the data has none")?;
        let shape = logits.size();
        let axis = self.axis(&shape, &targets.size(), batch)?;
        let classes = match axis {
            ClassAxis::First => shape[1],
            ClassAxis::Last => shape[shape.len() - 1],
        };
        if logits.numel() == 0 {
            return Err(format!("the network returns {}: no logits", shown(&shape)));
        }
        match class_beyond(targets, classes, self.ignored) {
            Some(class) => Err(format!(
                "target {class} is out of range: the network has classes 0 to {}",
                classes - 1
            )),
            None => Ok(()),
        }
    }

    /// The axis of the classes, told by the shapes or by the user.
    fn axis(&self, logits: &[i64], targets: &[i64], batch: i64) -> Result<ClassAxis, String> {
        let positions = &targets[1..];
        let ranks = logits.len() == targets.len() + 1 && logits.first() == Some(&batch);
        let first = ranks && logits[2..] == *positions;
        let last = ranks && logits[1..logits.len() - 1] == *positions;
        match (first, last, self.class_axis) {
            (true, true, _) if positions.is_empty() => Ok(ClassAxis::Last),
            (true, _, Some(ClassAxis::First)) | (true, false, None) => Ok(ClassAxis::First),
            (_, true, Some(ClassAxis::Last)) | (false, true, None) => Ok(ClassAxis::Last),
            (true, true, None) => Err(format!(
                "the network returns {} for targets {}, which leaves open where the classes are: \
                 --class-axis 1 or \
                 --class-axis last tells",
                shown(logits),
                shown(targets)
            )),
            _ => Err(format!(
                "the network returns {} for targets {}; targets [N] want logits [N, classes], \
                 targets [N, d1, …] want \
                 [N, classes, d1, …] or [N, d1, …, classes]",
                shown(logits),
                shown(targets)
            )),
        }
    }

    /// Logits `[M, C]` and classes `[M]` of the targets that count, in their order: examples, then
    /// positions.
    pub(crate) fn counted_classes(&self, logits: &Tensor, targets: &Tensor) -> [Tensor; 2] {
        let axis = self
            .axis(&logits.size(), &targets.size(), logits.size()[0])
            .unwrap_or(ClassAxis::Last);
        let logits = match axis {
            ClassAxis::First => logits.movedim_int(1, -1),
            ClassAxis::Last => logits.shallow_clone(),
        };
        let width = logits.size()[logits.dim() - 1];
        let (logits, targets) = (logits.reshape([-1, width]), targets.reshape(-1));
        let counted = targets.ne(self.ignored);
        [
            logits.index(&[Some(&counted)]),
            targets.masked_select(&counted),
        ]
    }

    /// How many values are averaged: targets that count, or examples.
    pub(crate) fn counted(&self, targets: Option<&Tensor>, examples: i64) -> i64 {
        match (self.loss, targets) {
            (Loss::CrossEntropy | Loss::Mse, Some(targets)) => {
                targets.ne(self.ignored).sum(Kind::Int64).int64_value(&[])
            }
            (Loss::CrossEntropy | Loss::Mse | Loss::Regression | Loss::Program, _) => examples,
        }
    }
}

fn check_values(values: &Tensor, targets: Option<&Tensor>, batch: i64) -> Result<(), String> {
    let targets = targets.ok_or("it needs targets, and the data has none")?;
    let (shape, wanted) = (values.size(), targets.size());
    if values.numel() > 0 && shape.first() == Some(&batch) && same_values(&shape[1..], &wanted[1..])
    {
        return Ok(());
    }
    Err(format!(
        "the network returns {} for targets {}; both must have the same shape",
        shown(&shape),
        shown(&wanted)
    ))
}

/// A loss and perhaps a metric, each one number per example.
fn check_losses(outputs: &[Tensor], batch: i64) -> Result<(), String> {
    for output in outputs {
        let shape = output.size();
        if shape.is_empty() {
            return Err(
                "the program returns one number for the whole batch: return one value per \
                        example, such as \
                        F.cross_entropy(…, reduction=\"none\")"
                    .into(),
            );
        }
        if shape != [batch] {
            return Err(format!(
                "the program returns {shape:?}; it must return one value per example: [N]"
            ));
        }
    }
    Ok(())
}

/// A class that logits of so many classes cannot tell, if there is one.
fn class_beyond(targets: &Tensor, classes: i64, ignored: i64) -> Option<i64> {
    let counted = targets.masked_select(&targets.ne(ignored));
    if counted.numel() == 0 {
        return None;
    }
    let (least, largest) = (
        counted.min().int64_value(&[]),
        counted.max().int64_value(&[]),
    );
    [least, largest]
        .into_iter()
        .find(|class| !(0..classes).contains(class))
}

impl fmt::Display for ClassAxis {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::First => "1",
            Self::Last => "last",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IGNORED;

    fn criterion(class_axis: Option<ClassAxis>) -> Criterion {
        Criterion {
            loss: Loss::CrossEntropy,
            ignored: IGNORED,
            class_axis,
        }
    }

    #[test]
    fn shapes_tell_where_the_classes_are() {
        for (logits, targets, wanted) in [
            (&[4, 10][..], &[4][..], ClassAxis::Last),
            (&[4, 7, 10], &[4, 7], ClassAxis::Last),
            (&[4, 10, 7], &[4, 7], ClassAxis::First),
            (&[4, 5, 8, 9], &[4, 8, 9], ClassAxis::First),
            (&[4, 8, 9, 5], &[4, 8, 9], ClassAxis::Last),
        ] {
            assert_eq!(
                criterion(None).axis(logits, targets, 4),
                Ok(wanted),
                "{logits:?} {targets:?}"
            );
        }
    }

    #[test]
    fn where_they_leave_it_open_the_user_tells() {
        let (logits, targets) = ([4, 7, 7], [4, 7]);
        let error = criterion(None).axis(&logits, &targets, 4).unwrap_err();
        assert!(
            error.contains("--class-axis 1 or --class-axis last"),
            "{error}"
        );
        for axis in [ClassAxis::First, ClassAxis::Last] {
            assert_eq!(criterion(Some(axis)).axis(&logits, &targets, 4), Ok(axis));
        }
        assert!(
            criterion(Some(ClassAxis::First))
                .axis(&[4, 7, 10], &targets, 4)
                .is_err()
        );
        assert!(criterion(None).axis(&[3, 10], &[4], 4).is_err());
        assert!(criterion(None).axis(&[], &[4], 4).is_err());
    }

    #[test]
    fn one_number_for_the_batch_is_refused() {
        let program = Criterion {
            loss: Loss::Program,
            ..criterion(None)
        };
        let check = |output: Tensor| program.check(&[output], None, 2).unwrap_err().to_string();
        let error = check(Tensor::from(1.0));
        assert!(
            error.contains("one value per example") && error.contains("reduction=\"none\""),
            "{error}"
        );
        assert!(check(Tensor::zeros([1], (Kind::Float, tch::Device::Cpu))).contains("[1]"));
        assert!(
            program
                .check(
                    &[Tensor::zeros([2], (Kind::Float, tch::Device::Cpu))],
                    None,
                    2
                )
                .is_ok()
        );
    }
}
