//! The transformations in one dimension (Lavin and Gray, §4.1 and §4.3).

use crate::vector::Vector;

/// Minimal filtering F(RESULTS, 3) of SIDE = RESULTS + 2 values.
///
/// # Safety
/// Both methods want a processor that has the register.
pub(crate) trait Filter<const SIDE: usize, const RESULTS: usize> {
    /// Bᵀ applied to values.
    unsafe fn spread<V: Vector>(values: [V; SIDE]) -> [V; SIDE];
    /// Aᵀ applied to products.
    unsafe fn collect<V: Vector>(products: [V; SIDE]) -> [V; RESULTS];
}

/// F(2, 3), at the points 0, 1, −1, ∞.
pub(crate) struct F2;
/// F(4, 3), at the points 0, 1, −1, 2, −2, ∞.
pub(crate) struct F4;

impl Filter<4, 2> for F2 {
    #[inline(always)]
    unsafe fn spread<V: Vector>([a, b, c, d]: [V; 4]) -> [V; 4] {
        // SAFETY: the processor has the registers, here and below
        unsafe { [a.minus(c), b.plus(c), c.minus(b), b.minus(d)] }
    }

    #[inline(always)]
    unsafe fn collect<V: Vector>([a, b, c, d]: [V; 4]) -> [V; 2] {
        unsafe { [a.plus(b).plus(c), b.minus(c).minus(d)] }
    }
}

impl Filter<6, 4> for F4 {
    #[inline(always)]
    unsafe fn spread<V: Vector>([a, b, c, d, e, f]: [V; 6]) -> [V; 6] {
        unsafe {
            let (two, four, minus_four, minus_five) =
                (V::splat(2.0), V::splat(4.0), V::splat(-4.0), V::splat(-5.0));
            let (even, odd) = (c.times_plus(minus_four, e), b.times_plus(minus_four, d));
            let (right, left) = (e.minus(c), d.minus(b).times(two));
            [
                a.times_plus(four, c.times_plus(minus_five, e)),
                even.plus(odd),
                even.minus(odd),
                right.plus(left),
                right.minus(left),
                b.times_plus(four, d.times_plus(minus_five, f)),
            ]
        }
    }

    #[inline(always)]
    unsafe fn collect<V: Vector>([a, b, c, d, e, f]: [V; 6]) -> [V; 4] {
        unsafe {
            let (two, four, eight) = (V::splat(2.0), V::splat(4.0), V::splat(8.0));
            let (even, odd, wide_even, wide_odd) = (b.plus(c), b.minus(c), d.plus(e), d.minus(e));
            [
                a.plus(even).plus(wide_even),
                wide_odd.times_plus(two, odd),
                wide_even.times_plus(four, even),
                wide_odd.times_plus(eight, odd).plus(f),
            ]
        }
    }
}
