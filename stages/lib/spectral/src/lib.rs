//! Eigenvalues, trace and density of a symmetric operator that is known by its products with
//! vectors only, such as the Hessian of a loss.
//!
//! Nothing here multiplies: a [`Study`] asks for products one by one, so that they can be computed
//! elsewhere, and the study kept between two of them. All sums are formed in f64 in a fixed order,
//! and random vectors come from a seed: the same products give the same bits.

mod density;
mod estimate;
mod krylov;
mod probes;
mod random;
mod ritz;
mod search;
mod study;
mod vector;
mod wanted;

pub use density::Density;
pub use estimate::Estimate;
pub use krylov::Krylov;
pub use ritz::Ritz;
pub use study::{Found, Study};
pub use vector::{Element, Vector};
pub use wanted::Wanted;

#[cfg(test)]
mod tests;
