//! Colours and colour maps, of pictures and of meshes.

use std::fmt;

/// A colour, red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

impl Colour {
    /// Paper.
    pub const WHITE: Self = Self([255; 3]);
    /// Ink.
    pub const BLACK: Self = Self([0; 3]);

    /// A grey, from 0 (black) to 255.
    pub const fn grey(value: u8) -> Self {
        Self([value; 3])
    }

    /// This colour with a share of the other mixed in, from 0 to 1.
    #[must_use]
    pub fn mixed(self, other: Self, share: f64) -> Self {
        Self(std::array::from_fn(|k| {
            let (a, b) = (f64::from(self.0[k]), f64::from(other.0[k]));
            (a + share * (b - a)).round() as u8
        }))
    }

    /// Relative luminance from 0 to 1 (WCAG 2, of sRGB).
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast with another colour, from 1 (none) to 21 (WCAG 2).
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        a.max(b) / a.min(b)
    }

    /// The colour of a thin line or a text on a paper: this one, mixed with the opposite of the
    /// paper until it has a contrast of [`CONTRAST`].
    #[must_use]
    pub fn seen_on(self, paper: Self) -> Self {
        let opposite = if paper.luminance() > 0.18 {
            Self::BLACK
        } else {
            Self::WHITE
        };
        for k in 0..40 {
            let mixed = self.mixed(opposite, f64::from(k) / 40.0);
            if mixed.contrast(paper) >= CONTRAST {
                return mixed;
            }
        }
        opposite
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// A channel of sRGB as linear light, from 0 to 1.
pub fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

/// A colour map: numbers from 0 to 1 to colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ColourMap {
    /// Dark blue to yellow, even steps of lightness
    Viridis,
    /// The same for people who see red and green alike
    Cividis,
    /// Black to light yellow over red
    Magma,
    /// Black to light yellow over orange
    Inferno,
    /// Blue to yellow over red
    Plasma,
    /// Green to yellow, that of the paper's contours
    Summer,
    /// Blue to red over grey, that of the paper's surfaces
    Coolwarm,
    /// Red to blue over white
    Rdbu,
    /// All colours of the rainbow, for detail; uneven in lightness
    Turbo,
    /// Black to white
    Gray,
}

/// Moreland's diverging map (*Diverging Color Maps for Scientific Visualization*, 2009) at 17 even
/// places.
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

/// Contrast of every line with its paper: what WCAG 2 asks for graphics (success criterion 1.4.11).
pub const CONTRAST: f64 = 3.0;

impl ColourMap {
    /// All maps, in the order of the help.
    pub const ALL: [Self; 10] = [
        Self::Viridis,
        Self::Cividis,
        Self::Magma,
        Self::Inferno,
        Self::Plasma,
        Self::Summer,
        Self::Coolwarm,
        Self::Rdbu,
        Self::Turbo,
        Self::Gray,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viridis => "viridis",
            Self::Cividis => "cividis",
            Self::Magma => "magma",
            Self::Inferno => "inferno",
            Self::Plasma => "plasma",
            Self::Summer => "summer",
            Self::Coolwarm => "coolwarm",
            Self::Rdbu => "rdbu",
            Self::Turbo => "turbo",
            Self::Gray => "gray",
        }
    }

    /// The colour of a number, which is kept within 0 and 1.
    pub fn at(self, t: f64) -> Colour {
        let t = t.clamp(0.0, 1.0);
        match self {
            Self::Viridis => listed(&colorous::VIRIDIS, t),
            Self::Cividis => listed(&colorous::CIVIDIS, t),
            Self::Magma => listed(&colorous::MAGMA, t),
            Self::Inferno => listed(&colorous::INFERNO, t),
            Self::Plasma => listed(&colorous::PLASMA, t),
            Self::Summer => between(&[[0, 128, 102], [255, 255, 102]], t),
            Self::Coolwarm => between(&COOLWARM, t),
            Self::Rdbu => listed(&colorous::RED_BLUE, t),
            Self::Turbo => listed(&colorous::TURBO, t),
            Self::Gray => between(&[[0; 3], [255; 3]], t),
        }
    }

    /// The colour of a thin line or a text on a paper, see [`Colour::seen_on`].
    pub fn line_at(self, t: f64, paper: Colour) -> Colour {
        self.at(t).seen_on(paper)
    }
}

/// A colour of a map of colorous.
fn listed(map: &colorous::Gradient, t: f64) -> Colour {
    let colour = map.eval_continuous(t);
    Colour([colour.r, colour.g, colour.b])
}

/// Linear between even places.
fn between(places: &[[u8; 3]], t: f64) -> Colour {
    let at = t * (places.len() - 1) as f64;
    let k = (at as usize).min(places.len() - 2);
    Colour(places[k]).mixed(Colour(places[k + 1]), at - k as f64)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn maps_have_the_ends_of_matplotlib() {
        assert_eq!(ColourMap::Summer.at(0.0).to_string(), "#008066");
        assert_eq!(ColourMap::Coolwarm.at(1.0).to_string(), "#b40426");
        assert_eq!(ColourMap::Viridis.at(-3.0).to_string(), "#440154");
    }

    #[test]
    fn names_are_those_of_the_command_line() {
        assert_eq!(ColourMap::value_variants(), ColourMap::ALL);
        for map in ColourMap::ALL {
            assert_eq!(map.to_possible_value().unwrap().get_name(), map.name());
        }
    }

    #[test]
    fn lines_of_every_map_are_seen_on_every_paper() {
        let papers = [
            Colour::WHITE,
            Colour::BLACK,
            Colour([22, 24, 29]),
            Colour::grey(248),
        ];
        for map in ColourMap::value_variants() {
            for paper in papers {
                for k in 0..=100 {
                    let line = map.line_at(f64::from(k) / 100.0, paper);
                    assert!(
                        line.contrast(paper) >= CONTRAST,
                        "{map:?} {k} on {paper}: {line}"
                    );
                }
            }
        }
        let dark = ColourMap::Viridis.at(0.0);
        assert_eq!(
            ColourMap::Viridis.line_at(0.0, Colour::WHITE),
            dark,
            "left as it is"
        );
    }
}
