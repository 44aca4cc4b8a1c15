//! How a picture looks: sizes of texts and lines, colours of paper and ink.

use colour::{Colour, ColourMap};

use crate::options::{Options, Style};

/// Sizes in points (1/72 inch).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Labels of axes; all other sizes follow from it.
    pub(crate) labels: f64,
    pub(crate) paper: Colour,
    pub(crate) ink: Colour,
    /// Faint lines at the ticks.
    pub(crate) grid: Colour,
    /// Where nothing was computed, see [`Look::hole`].
    hole: Colour,
    /// Losses, on the left axis.
    pub(crate) loss: Colour,
    /// Accuracies, on the right axis; a single trajectory.
    pub(crate) accuracy: Colour,
    /// Behind x, behind y and under a surface.
    pub(crate) walls: [Colour; 3],
}

/// Colours of several runs, which everybody can tell apart (Okabe and Ito, *Color Universal
/// Design*, 2008).
const RUNS: [Colour; 6] = [
    Colour([213, 94, 0]),
    Colour([0, 114, 178]),
    Colour([204, 121, 167]),
    Colour([0, 158, 115]),
    Colour([86, 180, 233]),
    Colour([230, 159, 0]),
];

impl Look {
    /// The look that was asked for.
    pub(crate) fn of(options: &Options) -> Self {
        Self::new(options.style, options.dark, options.font_size)
    }

    fn new(style: Style, dark: bool, font_size: Option<f64>) -> Self {
        let labels = font_size.unwrap_or(match style {
            Style::Plain | Style::Lit => 10.0,
            Style::Paper => 8.0,
            Style::Talk => 20.0,
        });
        if dark {
            return Self {
                labels,
                paper: Colour([22, 24, 29]),
                ink: Colour([230, 231, 235]),
                grid: Colour([58, 61, 69]),
                hole: Colour([48, 50, 57]),
                loss: Colour([96, 165, 250]),
                accuracy: Colour([248, 113, 113]),
                walls: [
                    Colour([33, 36, 42]),
                    Colour([38, 41, 48]),
                    Colour([29, 31, 37]),
                ],
            };
        }
        Self {
            labels,
            paper: Colour::WHITE,
            ink: Colour::BLACK,
            grid: Colour::grey(221),
            hole: Colour::grey(228),
            loss: Colour([31, 86, 180]),
            accuracy: Colour([200, 16, 46]),
            walls: [Colour::grey(243), Colour::grey(238), Colour::grey(248)],
        }
    }

    /// What lengths and line widths are multiplied with: 1 for texts of 10 points.
    pub(crate) fn unit(&self) -> f64 {
        self.labels / 10.0
    }

    /// Numbers on axes.
    pub(crate) fn numbers(&self) -> f64 {
        0.9 * self.labels
    }

    pub(crate) fn title(&self) -> f64 {
        1.1 * self.labels
    }

    /// Legends.
    pub(crate) fn legend(&self) -> f64 {
        0.85 * self.labels
    }

    /// Numbers on contour lines.
    pub(crate) fn levels(&self) -> f64 {
        0.75 * self.labels
    }

    /// Where nothing was computed: a grey that the map does not have.
    pub(crate) fn hole(&self, map: ColourMap) -> Colour {
        match map {
            ColourMap::Coolwarm | ColourMap::Rdbu => Colour::grey(138),
            ColourMap::Gray => Colour([244, 190, 170]),
            ColourMap::Viridis
            | ColourMap::Cividis
            | ColourMap::Magma
            | ColourMap::Inferno
            | ColourMap::Plasma
            | ColourMap::Summer
            | ColourMap::Turbo => self.hole,
        }
    }

    /// The colour of one run of several.
    pub(crate) fn run(&self, index: usize, count: usize) -> Colour {
        if count == 1 {
            self.accuracy
        } else {
            RUNS[index % RUNS.len()].seen_on(self.paper)
        }
    }
}

#[cfg(test)]
mod tests {
    use colour::CONTRAST;

    use super::*;

    #[test]
    fn every_line_is_seen_on_its_paper() {
        for dark in [false, true] {
            let look = Look::new(Style::Plain, dark, None);
            let runs = (0..RUNS.len()).map(|k| look.run(k, RUNS.len()));
            for line in runs.chain([look.loss, look.accuracy, look.ink]) {
                assert!(
                    line.contrast(look.paper) >= CONTRAST,
                    "{line} on {}",
                    look.paper
                );
            }
        }
    }
}
