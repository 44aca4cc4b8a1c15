/// A mean of independent draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub value: f64,
    /// Its standard error; NaN for fewer than two draws.
    pub stderr: f64,
}

impl Estimate {
    /// What is known without doubt.
    pub fn exact(value: f64) -> Self {
        Self { value, stderr: 0.0 }
    }

    /// The mean of draws with its standard error.
    pub(crate) fn of(draws: &[f64]) -> Self {
        let count = draws.len() as f64;
        let value = draws.iter().sum::<f64>() / count;
        let mut squares = 0.0;
        for draw in draws {
            squares += (draw - value).powi(2);
        }
        let stderr = match draws.len() {
            0 | 1 => f64::NAN,
            _ => (squares / (count - 1.0) / count).sqrt(),
        };
        Self { value, stderr }
    }
}
