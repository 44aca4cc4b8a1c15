use std::fmt;

/// A colour, red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) [u8; 3]);

impl Colour {
    pub(crate) const WHITE: Self = Self([255; 3]);
    pub(crate) const BLACK: Self = Self([0; 3]);
    /// Where nothing was computed.
    pub(crate) const HOLE: Self = Self([228; 3]);
    pub(crate) const GRID: Self = Self([221; 3]);
    /// Losses, on the left axis.
    pub(crate) const BLUE: Self = Self([31, 86, 180]);
    /// Accuracies, on the right axis; trajectories.
    pub(crate) const RED: Self = Self([200, 16, 46]);
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// A colour map: numbers from 0 to 1 to colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ColourMap {
    /// Dark blue to yellow, even steps of lightness
    Viridis,
    /// The same for people who see red and green alike
    Cividis,
    /// Black to light yellow
    Magma,
    /// Green to yellow, that of the paper's contours
    Summer,
    /// Blue to red over grey, that of the paper's surfaces
    Coolwarm,
}

/// Moreland's diverging map (*Diverging Color Maps for Scientific Visualization*, 2009) at 17 even places.
const COOLWARM: [[u8; 3]; 17] = [
    [59, 76, 192],
    [78, 104, 216],
    [98, 130, 234],
    [119, 154, 247],
    [141, 176, 254],
    [163, 194, 254],
    [185, 208, 249],
    [204, 217, 237],
    [221, 220, 220],
    [236, 211, 197],
    [245, 196, 172],
    [247, 176, 147],
    [244, 152, 122],
    [235, 125, 98],
    [221, 95, 75],
    [202, 59, 55],
    [180, 4, 38],
];

/// The part of a map that thin lines use: the light end of most maps cannot be seen on white paper.
const DARK: f64 = 0.62;

impl ColourMap {
    /// The colour of a number, which is kept within 0 and 1.
    pub(crate) fn at(self, t: f64) -> Colour {
        let t = t.clamp(0.0, 1.0);
        let listed = |gradient: colorous::Gradient| {
            let colour = gradient.eval_continuous(t);
            Colour([colour.r, colour.g, colour.b])
        };
        match self {
            Self::Viridis => listed(colorous::VIRIDIS),
            Self::Cividis => listed(colorous::CIVIDIS),
            Self::Magma => listed(colorous::MAGMA),
            Self::Summer => between(&[[0, 128, 102], [255, 255, 102]], t),
            Self::Coolwarm => between(&COOLWARM, t),
        }
    }

    /// The colour of a line on white paper.
    pub(crate) fn line_at(self, t: f64) -> Colour {
        match self {
            // its light part is in the middle and dark enough at both ends
            Self::Coolwarm => self.at(t),
            _ => self.at(t.clamp(0.0, 1.0) * DARK),
        }
    }
}

/// Linear between even places.
fn between(places: &[[u8; 3]], t: f64) -> Colour {
    let at = t * (places.len() - 1) as f64;
    let k = (at as usize).min(places.len() - 2);
    let share = at - k as f64;
    let mix = |channel: usize| {
        let (a, b) = (f64::from(places[k][channel]), f64::from(places[k + 1][channel]));
        (a + share * (b - a)).round() as u8
    };
    Colour([mix(0), mix(1), mix(2)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_have_the_ends_of_matplotlib() {
        assert_eq!(ColourMap::Summer.at(0.0).to_string(), "#008066");
        assert_eq!(ColourMap::Coolwarm.at(1.0).to_string(), "#b40426");
        assert_eq!(ColourMap::Viridis.at(-3.0).to_string(), "#440154");
    }
}
