//! Which quantity is drawn.

use files::{EIG_RATIO, EIG_RATIO_SIGNED, Surface};

use crate::options::{Options, Plot};

/// The name of the quantity that is drawn of a surface.
pub(crate) fn drawn(options: &Options, surface: &Surface) -> String {
    let chosen = match &options.surf_name {
        Some(name) => name,
        None => surface.default_metric(),
    };
    match options.plot {
        Plot::EigRatio if options.signed => EIG_RATIO_SIGNED.into(),
        Plot::EigRatio => EIG_RATIO.into(),
        Plot::Stderr => match surface.metric(chosen) {
            Some(metric) => metric.stderr_name(),
            // it is the name of the standard error, or there is no such quantity
            None => chosen.into(),
        },
        Plot::Curve
        | Plot::Repeats
        | Plot::Contour
        | Plot::Contourf
        | Plot::Heat
        | Plot::Surface3d
        | Plot::Trajectory
        | Plot::Along
        | Plot::Density
        | Plot::Eigenvalues => chosen.into(),
    }
}
