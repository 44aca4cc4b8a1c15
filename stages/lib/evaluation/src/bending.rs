use anyhow::Context;
use torch::{Batches, Curvature, Operator, Plan};

use crate::{Parameters, Plane, Subject, free_memory};

/// One part of so many of the free memory is for what products with a vector share.
const KEPT: u64 = 4;

/// How a loss is differentiated twice.
#[derive(Debug, Clone)]
pub struct Bending {
    /// The matrix.
    pub operator: Operator,
    /// The parameters.
    pub parameters: Parameters,
}

/// What multiplies vectors, and the examples of which it is the mean.
pub struct Bent {
    /// What multiplies.
    pub curvature: Curvature,
    /// The examples.
    pub batches: Batches,
}

impl Bending {
    /// What multiplies vectors on a plane, for one of so many jobs. The plan of the program was
    /// compared with the program.
    ///
    /// # Errors
    /// A pattern that no parameter matches; what [`Curvature::new`] refuses.
    pub fn bent(
        &self,
        (subject, plane): (&Subject, &Plane),
        plan: &Plan,
        batches: &Batches,
        jobs: usize,
    ) -> anyhow::Result<Bent> {
        let chosen = self.parameters.of(&subject.model)?;
        let mut curvature = Curvature::new(
            &subject.program,
            plan,
            plane.state(),
            [&plane.x, &plane.y],
            (self.operator, &chosen),
            (subject.criterion, subject.device),
        )
        .with_context(|| subject.model_file())?;
        let batches = batches.share(batches.size() as usize);
        curvature
            .keep_batches(free_memory() / KEPT / jobs as u64, &batches)
            .with_context(|| subject.both_files())?;
        Ok(Bent { curvature, batches })
    }
}
