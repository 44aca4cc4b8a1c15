use colour::Colour;

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) colour: Colour,
    /// In points.
    pub(crate) width: f64,
    pub(crate) dash: Dash,
}

/// Gaps in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dash {
    Solid,
    Dashed,
    Dotted,
}

impl Stroke {
    pub(crate) fn solid(colour: Colour, width: f64) -> Self {
        Self {
            colour,
            width,
            dash: Dash::Solid,
        }
    }

    pub(crate) fn attributes(&self) -> String {
        let Self {
            colour,
            width,
            dash,
        } = *self;
        // lengths of lines and gaps, in widths
        let dash = match dash {
            Dash::Solid => String::new(),
            Dash::Dashed => format!(
                r#" stroke-dasharray="{:.2} {:.2}""#,
                3.2 * width,
                1.6 * width
            ),
            Dash::Dotted => format!(
                r#" stroke-dasharray="{:.2} {:.2}""#,
                1.0 * width,
                1.4 * width
            ),
        };
        format!(
            "fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width:.3}\" \
             stroke-linejoin=\"round\"{dash}"
        )
    }
}
