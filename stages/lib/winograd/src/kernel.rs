use crate::{PANEL, Panel, Tile};

/// How a kernel of 3×3 weights for each output and input channel lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `[outputs, inputs, 3, 3]`, as PyTorch has it.
    ChannelsFirst,
    /// `[outputs, 3, 3, inputs]`.
    ChannelsLast,
}

/// G of F(2×2, 3×3).
const G2: [[f64; 3]; 4] = [
    [1.0, 0.0, 0.0],
    [0.5, 0.5, 0.5],
    [0.5, -0.5, 0.5],
    [0.0, 0.0, 1.0],
];
/// G of F(4×4, 3×3).
const G4: [[f64; 3]; 6] = [
    [1.0 / 4.0, 0.0, 0.0],
    [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
    [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
    [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
    [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
    [0.0, 0.0, 1.0],
];

/// The shape of a transformed kernel: frequencies, panels of output channels, input channels,
/// output channels of a panel.
pub fn kernel_shape(tile: Tile, inputs: usize, outputs: usize) -> [usize; 4] {
    [tile.frequencies(), outputs / PANEL, inputs, PANEL]
}

/// G g Gᵀ for all pairs of channels, computed in f64 and rounded once.
///
/// # Panics
/// Where the slices have other sizes than the channels say.
pub fn transform(
    tile: Tile,
    weight: &[f32],
    order: Order,
    inputs: usize,
    outputs: usize,
    to: &mut [f32],
) {
    assert_eq!(
        weight.len(),
        9 * inputs * outputs,
        "3×3 weights for each pair of channels"
    );
    let room = kernel_shape(tile, inputs, outputs)
        .iter()
        .product::<usize>();
    assert_eq!(to.len(), room, "room for the transformed kernel");
    match tile {
        Tile::Two => transform_by(&G2, weight, order, inputs, to),
        Tile::Four => transform_by(&G4, weight, order, inputs, to),
    }
}

fn transform_by<const SIDE: usize>(
    g: &[[f64; 3]; SIDE],
    weight: &[f32],
    order: Order,
    inputs: usize,
    to: &mut [f32],
) {
    let (to, _): (&mut [Panel], _) = to.as_chunks_mut();
    let frequency = to.len() / (SIDE * SIDE);
    let [place, channel] = match order {
        Order::ChannelsFirst => [1, 9],
        Order::ChannelsLast => [inputs, 1],
    };
    for (panel, weight) in weight.chunks_exact(PANEL * 9 * inputs).enumerate() {
        for input in 0..inputs {
            let mut taps = [[0.0; PANEL]; 9];
            for (lane, weight) in weight.chunks_exact(9 * inputs).enumerate() {
                for (tap, lanes) in taps.iter_mut().enumerate() {
                    lanes[lane] = f64::from(weight[tap * place + input * channel]);
                }
            }
            for (y, row) in g.iter().enumerate() {
                // a row of G g, then times Gᵀ
                let row: [[f64; PANEL]; 3] =
                    std::array::from_fn(|x| combine(row, [&taps[x], &taps[3 + x], &taps[6 + x]]));
                for (x, column) in g.iter().enumerate() {
                    let value = combine(column, row.each_ref());
                    to[(SIDE * y + x) * frequency + panel * inputs + input] =
                        value.map(|value| value as f32);
                }
            }
        }
    }
}

/// A sum of three vectors by factors.
fn combine(factors: &[f64; 3], [a, b, c]: [&[f64; PANEL]; 3]) -> [f64; PANEL] {
    std::array::from_fn(|lane| a[lane] * factors[0] + b[lane] * factors[1] + c[lane] * factors[2])
}
