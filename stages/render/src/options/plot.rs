//! The kinds of picture, and what each of them uses.

/// The kinds of picture; the help says what each shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plot {
    Curve,
    Repeats,
    Contour,
    Contourf,
    Heat,
    Surface3d,
    Trajectory,
    Along,
    EigRatio,
    Stderr,
    Density,
    Eigenvalues,
}

impl Plot {
    pub(crate) const ALL: [Self; 12] = [
        Self::Curve,
        Self::Repeats,
        Self::Contour,
        Self::Contourf,
        Self::Heat,
        Self::Surface3d,
        Self::Trajectory,
        Self::Along,
        Self::EigRatio,
        Self::Stderr,
        Self::Density,
        Self::Eigenvalues,
    ];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Curve => "curve",
            Self::Repeats => "repeats",
            Self::Contour => "contour",
            Self::Contourf => "contourf",
            Self::Heat => "heat",
            Self::Surface3d => "surface3d",
            Self::Trajectory => "trajectory",
            Self::Along => "along",
            Self::EigRatio => "eig-ratio",
            Self::Stderr => "stderr",
            Self::Density => "density",
            Self::Eigenvalues => "eigenvalues",
        }
    }

    /// Whether levels decide what is drawn.
    pub(crate) fn has_levels(self) -> bool {
        match self {
            Self::Contour | Self::Contourf => true,
            Self::Curve
            | Self::Repeats
            | Self::Heat
            | Self::Surface3d
            | Self::Trajectory
            | Self::Along
            | Self::EigRatio
            | Self::Stderr
            | Self::Density
            | Self::Eigenvalues => false,
        }
    }

    /// Whether it draws lines over one axis.
    pub(crate) fn is_curve(self) -> bool {
        match self {
            Self::Curve | Self::Repeats | Self::Along | Self::Density | Self::Eigenvalues => true,
            Self::Contour
            | Self::Contourf
            | Self::Heat
            | Self::Surface3d
            | Self::Trajectory
            | Self::EigRatio
            | Self::Stderr => false,
        }
    }

    /// Whether several files make one picture, not panels.
    pub(crate) fn is_one_picture(self) -> bool {
        match self {
            Self::Repeats | Self::Trajectory | Self::Along | Self::Density | Self::Eigenvalues => {
                true
            }
            Self::Curve
            | Self::Contour
            | Self::Contourf
            | Self::Heat
            | Self::Surface3d
            | Self::EigRatio
            | Self::Stderr => false,
        }
    }

    /// Whether it draws a field that may be resampled.
    pub(crate) fn smooths(self) -> bool {
        match self {
            Self::Contour | Self::Contourf | Self::Heat | Self::Surface3d => true,
            Self::Curve
            | Self::Repeats
            | Self::Trajectory
            | Self::Along
            | Self::EigRatio
            | Self::Stderr
            | Self::Density
            | Self::Eigenvalues => false,
        }
    }

    /// Whether it has a colour bar.
    pub(crate) fn has_colour_bar(self) -> bool {
        match self {
            Self::Contourf | Self::Heat | Self::Surface3d | Self::EigRatio | Self::Stderr => true,
            Self::Curve
            | Self::Repeats
            | Self::Contour
            | Self::Trajectory
            | Self::Along
            | Self::Density
            | Self::Eigenvalues => false,
        }
    }

    /// Whether it draws spectra.
    pub(crate) fn is_of_spectra(self) -> bool {
        match self {
            Self::Density | Self::Eigenvalues => true,
            Self::Curve
            | Self::Repeats
            | Self::Contour
            | Self::Contourf
            | Self::Heat
            | Self::Surface3d
            | Self::Trajectory
            | Self::Along
            | Self::EigRatio
            | Self::Stderr => false,
        }
    }
}
