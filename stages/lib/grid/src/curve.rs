use std::fmt;

/// A curve that control points make, from the first to the last (Garipov et al. 2018, section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// A Bézier curve: it starts and ends at the outer points and is drawn towards the inner ones.
    Bezier,
    /// A polygonal chain: it goes straight from each point to the next.
    Chain,
}

impl Curve {
    /// Its name on command lines and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bezier => "bezier",
            Self::Chain => "chain",
        }
    }

    /// The shares of the control points, two or more, at parameter t from 0 to 1; their sum is 1.
    pub fn shares(self, t: f64, controls: usize) -> Vec<f64> {
        let segments = controls - 1;
        let mut shares = vec![0.0; controls];
        match self {
            Self::Bezier => {
                // Bernstein's polynomials
                let mut binomial = 1.0;
                for (control, share) in shares.iter_mut().enumerate() {
                    let before = t.powi(control as i32);
                    let behind = (1.0 - t).powi((segments - control) as i32);
                    *share = binomial * before * behind;
                    binomial *= (segments - control) as f64 / (control + 1) as f64;
                }
            }
            Self::Chain => {
                let along = t * segments as f64;
                let segment = (along.floor() as usize).min(segments - 1);
                let within = along - segment as f64;
                shares[segment] = 1.0 - within;
                shares[segment + 1] = within;
            }
        }
        shares
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_leads_from_one_end_over_its_bend_to_the_other() {
        for (curve, t, wanted) in [
            (Curve::Bezier, 0.0, [1.0, 0.0, 0.0]),
            (Curve::Bezier, 0.25, [0.5625, 0.375, 0.0625]),
            (Curve::Bezier, 0.5, [0.25, 0.5, 0.25]),
            (Curve::Bezier, 1.0, [0.0, 0.0, 1.0]),
            (Curve::Chain, 0.0, [1.0, 0.0, 0.0]),
            (Curve::Chain, 0.25, [0.5, 0.5, 0.0]),
            (Curve::Chain, 0.5, [0.0, 1.0, 0.0]),
            (Curve::Chain, 0.75, [0.0, 0.5, 0.5]),
            (Curve::Chain, 1.0, [0.0, 0.0, 1.0]),
        ] {
            assert_eq!(curve.shares(t, 3), wanted, "{curve} {t}");
        }
    }

    #[test]
    fn shares_are_those_of_any_number_of_points() {
        let t: f64 = 0.3;
        let bernstein = [
            (1.0 - t).powi(3),
            3.0 * t * (1.0 - t).powi(2),
            3.0 * t * t * (1.0 - t),
            t * t * t,
        ];
        for (share, wanted) in Curve::Bezier.shares(t, 4).iter().zip(bernstein) {
            assert!((share - wanted).abs() < 1e-15);
        }
        for curve in [Curve::Bezier, Curve::Chain] {
            assert_eq!(curve.shares(0.5, 2), [0.5, 0.5]);
        }
    }
}
