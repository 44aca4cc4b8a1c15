//! Whether a rewritten program returns what the program itself does.

use tch::{Device, Kind, Tensor};

use crate::{Error, Landscape, Plan, State};

/// How far the results of a rewritten program may be off, over the largest result: far more than
/// rounding, far less than a wrong rewrite.
pub(super) const TOLERANCE: f64 = 1e-3;
/// The same in half precision, where rounding goes far.
pub(super) const HALF_TOLERANCE: f64 = 0.1;
/// Where results are compared, along both directions: at θ* a wrong rewrite may be hidden by
/// factors that are 0 or 1 there.
const PLACES: [f64; 2] = [0.0625, 0.5];
/// Numbers that are compared at once.
const PIECE: i64 = 1 << 20;

/// What the program as it is returns for a batch at some places along the directions.
pub(super) struct Comparison<'a> {
    state: State<'a>,
    directions: [&'a [Option<Tensor>]; 2],
    inputs: &'a [Tensor],
    device: Device,
    /// The results at each of [`PLACES`], or at the first ones only.
    wanted: Vec<Vec<Tensor>>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        plain: &Plan,
        state: State<'a>,
        directions: [&'a [Option<Tensor>]; 2],
        inputs: &'a [Tensor],
        device: Device,
    ) -> Result<Self, Error> {
        let mut comparison = Self {
            state,
            directions,
            inputs,
            device,
            wanted: Vec::new(),
        };
        let mut landscape = comparison.landscape(plain)?;
        for place in PLACES {
            let outputs = comparison.outputs(&mut landscape, place)?;
            comparison.wanted.push(outputs);
        }
        // what follows a result that is not finite cannot be compared
        let infinite = comparison
            .wanted
            .iter()
            .position(|outputs| !outputs.iter().all(is_finite));
        let comparable = infinite.unwrap_or(PLACES.len());
        comparison.wanted.truncate(comparable.max(1));
        Ok(comparison)
    }

    /// Whether a plan returns the same but for rounding.
    pub(super) fn accepts(&self, plan: &Plan, tolerance: f64) -> bool {
        let Ok(mut landscape) = self.landscape(plan) else {
            return false;
        };
        // one place after another: outputs may be large
        for (place, wanted) in PLACES.iter().zip(&self.wanted) {
            let Ok(found) = self.outputs(&mut landscape, *place) else {
                return false;
            };
            if !are_alike(&found, wanted, tolerance) {
                return false;
            }
        }
        true
    }

    /// The network of a plan, at θ*.
    fn landscape(&self, plan: &Plan) -> Result<Landscape, Error> {
        let State { names, origin, .. } = self.state;
        let [first, second] = self.directions;
        Landscape::new(plan, names, origin, first, second, self.device)
    }

    /// What a network returns at a place along both directions.
    fn outputs(&self, landscape: &mut Landscape, place: f64) -> Result<Vec<Tensor>, Error> {
        landscape.move_to(place, place);
        landscape.outputs(self.inputs)
    }
}

fn is_finite(tensor: &Tensor) -> bool {
    tensor.isfinite().all().int64_value(&[]) != 0
}

/// Whether results agree but for rounding.
fn are_alike(found: &[Tensor], wanted: &[Tensor], tolerance: f64) -> bool {
    if found.len() != wanted.len() {
        return false;
    }
    let mut outputs = found.iter().zip(wanted);
    outputs.all(|(found, wanted)| are_close(found, wanted, tolerance))
}

/// Whether one result agrees but for rounding. It is compared in f64 and piece by piece: copies of
/// a large one may not fit into memory.
fn are_close(found: &Tensor, wanted: &Tensor, tolerance: f64) -> bool {
    if found.size() != wanted.size() {
        return false;
    }
    let found = found.flatten(0, -1).split(PIECE, 0);
    let wanted = wanted.flatten(0, -1).split(PIECE, 0);
    let mut off = 0.0;
    let mut largest = 0.0;
    for (found, wanted) in found.iter().zip(wanted) {
        if found.numel() == 0 {
            continue;
        }
        let found = found.to_kind(Kind::Double);
        let wanted = wanted.to_kind(Kind::Double);
        let difference = (&found - &wanted).abs().max().double_value(&[]);
        if difference.is_nan() {
            return false;
        }
        off = f64::max(off, difference);
        largest = f64::max(largest, wanted.abs().max().double_value(&[]));
    }
    off <= tolerance * largest
}
