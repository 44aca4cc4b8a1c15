//! Finds the fastest plan that returns what the program itself does.

mod candidates;
mod comparison;
mod state;

use program::{Program, rewrite::Halved};
use tch::{Device, Tensor};

use crate::{Error, Plan, Precision};
use candidates::candidates;
use comparison::{Comparison, HALF_TOLERANCE, TOLERANCE};

pub use state::State;

impl Plan {
    /// The program, as it was exported, in a precision, and as fast as it can be: normalisations
    /// are folded, unused calls dropped and memory used again; on a CPU convolutions are fused or
    /// computed by Winograd's minimal filtering. Fewer of these rewrites are made where libtorch
    /// refuses them, and where the results for a batch differ along the directions: rewrites rely
    /// on shapes that a program does not say. The first `fed` inputs are those of the data, the
    /// others its targets.
    ///
    /// # Errors
    /// What the network refuses as it is.
    pub fn fastest(
        program: &Program,
        state: State,
        directions: [&[Option<Tensor>]; 2],
        (inputs, fed): (&[Tensor], usize),
        device: Device,
        precision: Precision,
    ) -> Result<Self, Error> {
        let weights = state.weights();
        let wide = program.widened(&weights.real);
        let comparison = Comparison::new(&Self::plain(&wide), state, directions, inputs, device)?;
        let search = Search {
            comparison,
            state,
            device,
            precision,
        };
        Ok(match precision.half() {
            None => search.in_full_precision(&wide),
            // of the program as it was exported: what it computes in f32 by its own words stays so
            Some(half) => search.in_half(&wide, &program.halved(half, &weights), fed),
        })
    }
}

/// What is known while the fastest plan is searched.
struct Search<'a> {
    comparison: Comparison<'a>,
    state: State<'a>,
    device: Device,
    precision: Precision,
}

impl Search<'_> {
    fn in_full_precision(&self, program: &Program) -> Plan {
        for plan in candidates(program, self.state, self.device, self.precision) {
            if self.comparison.accepts(&plan, TOLERANCE) {
                return plan;
            }
        }
        Plan::plain(program)
    }

    fn in_half(&self, wide: &Program, halved: &Halved, fed: usize) -> Plan {
        let wides = candidates(wide, self.state, self.device, self.precision);
        let halves = candidates(&halved.program, self.state, self.device, self.precision);
        for (wide, half) in wides.into_iter().zip(halves) {
            let plan = half.rounding(halved, self.precision, fed);
            // rounding would hide a wrong rewrite: each is tried in f32 too
            if self.comparison.accepts(&wide, TOLERANCE)
                && self.comparison.accepts(&plan, HALF_TOLERANCE)
            {
                return plan;
            }
        }
        Plan::plain(&halved.program).rounding(halved, self.precision, fed)
    }
}
