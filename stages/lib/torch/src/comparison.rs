//! Whether a rewritten program returns what the program itself does.

use tch::{Device, Kind, Tensor};

use crate::{Error, Landscape, Plan, State};

/// How far the results of a rewritten program may be off, over the largest result: far more than rounding, far less than
/// a wrong rewrite.
pub(crate) const TOLERANCE: f64 = 1e-3;
/// The same in half precision, where rounding goes far.
pub(crate) const HALF_TOLERANCE: f64 = 0.1;
/// Where results are compared, along both directions: at θ* a wrong rewrite may be hidden by factors that are 0 or 1 there.
const PLACES: [f64; 2] = [0.0625, 0.5];

/// What the program as it is returns for a batch at some places along the directions.
pub(crate) struct Comparison<'a> {
    state: State<'a>,
    directions: [&'a [Option<Tensor>]; 2],
    inputs: &'a [Tensor],
    device: Device,
    places: &'static [f64],
    wanted: Vec<Vec<Tensor>>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(
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
            places: &PLACES,
            wanted: Vec::new(),
        };
        comparison.wanted = comparison.outputs(plain)?;
        // beyond what numbers can say nothing can be compared
        let finite = comparison
            .wanted
            .iter()
            .take_while(|outputs| outputs.iter().all(is_finite))
            .count();
        comparison.places = &PLACES[..finite.max(1)];
        comparison.wanted.truncate(comparison.places.len());
        Ok(comparison)
    }

    fn outputs(&self, plan: &Plan) -> Result<Vec<Vec<Tensor>>, Error> {
        let State { names, origin, .. } = self.state;
        let mut landscape = Landscape::new(
            plan,
            names,
            origin,
            self.directions[0],
            self.directions[1],
            self.device,
        )?;
        let mut outputs = Vec::new();
        for place in self.places {
            landscape.move_to(*place, *place);
            outputs.push(landscape.outputs(self.inputs)?);
        }
        Ok(outputs)
    }

    pub(crate) fn accepts(&self, plan: &Plan, tolerance: f64) -> bool {
        let Ok(found) = self.outputs(plan) else {
            return false;
        };
        found
            .iter()
            .zip(&self.wanted)
            .all(|(found, wanted)| alike(found, wanted, tolerance))
    }
}

fn is_finite(tensor: &Tensor) -> bool {
    tensor.isfinite().all().int64_value(&[]) != 0
}

/// Whether results agree but for rounding.
fn alike(found: &[Tensor], wanted: &[Tensor], tolerance: f64) -> bool {
    found.len() == wanted.len()
        && found.iter().zip(wanted).all(|(found, wanted)| {
            let (a, b) = (found.to_kind(Kind::Double), wanted.to_kind(Kind::Double));
            found.size() == wanted.size() && {
                if found.numel() == 0 {
                    return true;
                }
                let (off, largest) = (
                    (a - &b).abs().max().double_value(&[]),
                    b.abs().max().double_value(&[]),
                );
                off <= tolerance * largest
            }
        })
}
