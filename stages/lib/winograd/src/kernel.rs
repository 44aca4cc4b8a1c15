use crate::{PANEL, Panel};

/// How a kernel of 3×3 weights for each output and input channel lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `[outputs, inputs, 3, 3]`, as PyTorch has it.
    ChannelsFirst,
    /// `[outputs, 3, 3, inputs]`.
    ChannelsLast,
}

/// G of Lavin and Gray, §4.1.
const G: [[f64; 3]; 4] = [[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]];

/// The shape of a transformed kernel: frequencies, panels of output channels, input channels, output channels of a panel.
pub fn kernel_shape(inputs: usize, outputs: usize) -> [usize; 4] {
    [16, outputs / PANEL, inputs, PANEL]
}

/// G g Gᵀ for all pairs of channels, computed in f64 and rounded once.
///
/// # Panics
/// Where the slices have other sizes than the channels say.
pub fn transform(weight: &[f32], order: Order, inputs: usize, outputs: usize, to: &mut [f32]) {
    assert_eq!(weight.len(), 9 * inputs * outputs, "3×3 weights for each pair of channels");
    assert_eq!(to.len(), kernel_shape(inputs, outputs).iter().product::<usize>(), "room for the transformed kernel");
    let (to, _): (&mut [Panel], _) = to.as_chunks_mut();
    let frequency = to.len() / 16;
    let [place, channel] = match order {
        Order::ChannelsFirst => [1, 9],
        Order::ChannelsLast => [inputs, 1],
    };
    for (output, weight) in weight.chunks_exact(9 * inputs).enumerate() {
        let (panel, lane) = (output / PANEL * inputs, output % PANEL);
        for input in 0..inputs {
            let g = |y: usize, x: usize| f64::from(weight[(3 * y + x) * place + input * channel]);
            // G g, then times Gᵀ
            let rows = G.map(|row| [0, 1, 2].map(|x| row[0] * g(0, x) + row[1] * g(1, x) + row[2] * g(2, x)));
            for (y, row) in rows.iter().enumerate() {
                for (x, column) in G.iter().enumerate() {
                    let value = row[0] * column[0] + row[1] * column[1] + row[2] * column[2];
                    to[(4 * y + x) * frequency + panel + input][lane] = value as f32;
                }
            }
        }
    }
}
