//! 3×3 convolutions of stride 1 by Winograd's minimal filtering, in f32: F(2×2, 3×3) takes 16
//! products for 4 results where 36 are usual, F(4×4, 3×3) 36 for 16 where 144 are (Lavin and Gray,
//! *Fast Algorithms for Convolutional Neural Networks*, CVPR 2016, §4.1 and §4.3). The latter has
//! errors some twenty times as large, still 10⁻⁵ of the largest input of a tile: it is for images
//! in bfloat16, which are rounded to 2⁻⁹.
//!
//! A kernel is transformed once for each point of a landscape ([`transform`]). A tile of inputs,
//! two larger than that of its results, gives Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A (eq. 8), where the
//! products ⊙ are summed over the input channels. Each result is computed by the same operations in
//! the same order whatever the width of the registers, so its bits depend on nothing but the inputs
//! of its tile: not on the batch, nor on the place of an example in it, nor on the processor. An
//! input that is infinite, or near it, may make all results of its tile NaN.

mod convolution;
mod element;
#[cfg(target_arch = "x86_64")]
mod filter;
mod kernel;
mod memory;
mod run;
#[cfg(target_arch = "x86_64")]
mod tiles;
#[cfg(target_arch = "x86_64")]
mod vector;

pub use convolution::Convolution;
pub use kernel::{Order, kernel_shape, transform};

/// Output channels whose weights lie beside one another.
const PANEL: usize = 16;
/// What one input channel adds to the output channels of a panel, at one of the frequencies.
type Panel = [f32; PANEL];

/// Results that are computed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tile {
    /// 2×2, of 16 products.
    Two,
    /// 4×4, of 36 products.
    Four,
}

impl Tile {
    /// Rows and columns of its results.
    pub(crate) fn results(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// That of a kernel with so many frequencies.
    pub fn with(frequencies: usize) -> Option<Self> {
        [Self::Two, Self::Four]
            .into_iter()
            .find(|tile| tile.frequencies() == frequencies)
    }

    /// Its products.
    pub(crate) fn frequencies(self) -> usize {
        (self.results() + 2).pow(2)
    }
}

/// Whether this processor has the instructions: AVX2 and FMA, or AVX-512.
pub fn available() -> bool {
    #[cfg(target_arch = "x86_64")]
    return vector::Width::of_this_processor().is_some();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Whether this processor has units that multiply matrices of bfloat16 (AMX), many times faster
/// than it multiplies f32.
pub fn beside_matrix_units() -> bool {
    /// Of `edx` of leaf 7.
    #[cfg(target_arch = "x86_64")]
    const AMX_BF16: u32 = 1 << 22;
    #[cfg(target_arch = "x86_64")]
    return std::arch::x86_64::__cpuid_count(7, 0).edx & AMX_BF16 != 0;
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Whether convolutions between so many channels can be computed: both in sixteens.
pub fn fits(inputs: usize, outputs: usize) -> bool {
    inputs > 0 && outputs > 0 && inputs.is_multiple_of(PANEL) && outputs.is_multiple_of(PANEL)
}
