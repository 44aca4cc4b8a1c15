//! Registers of f32: what the arithmetic is written in, once for all widths.

use std::arch::x86_64::{
    __m256, __m512, _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_max_ps, _mm256_set1_ps, _mm256_storeu_ps,
    _mm256_sub_ps, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_max_ps, _mm512_set1_ps, _mm512_storeu_ps,
    _mm512_sub_ps,
};

/// The widest registers of a processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// 8 numbers: AVX2 with FMA.
    Eight,
    /// 16 numbers: AVX-512.
    Sixteen,
}

impl Width {
    pub(crate) fn of_this_processor() -> Option<Self> {
        if std::is_x86_feature_detected!("avx512f") {
            return Some(Self::Sixteen);
        }
        (std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma")).then_some(Self::Eight)
    }
}

/// A register.
///
/// # Safety
/// All methods want a processor that has it; `load` and `store` want a pointer to [`Vector::LANES`] numbers.
pub(crate) trait Vector: Copy {
    /// Numbers in it.
    const LANES: usize;

    unsafe fn splat(value: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    unsafe fn plus(self, other: Self) -> Self;
    unsafe fn minus(self, other: Self) -> Self;
    /// `self · factor + addend`, rounded once.
    unsafe fn times_plus(self, factor: Self, addend: Self) -> Self;
    /// The larger of both; `other` where one is NaN.
    unsafe fn larger(self, other: Self) -> Self;
}

macro_rules! vector {
    ($register:ty, $lanes:literal, $set:ident, $load:ident, $store:ident, $add:ident, $sub:ident, $fma:ident, $max:ident) => {
        impl Vector for $register {
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn splat(value: f32) -> Self {
                // SAFETY: the processor has the instruction, here and below
                unsafe { $set(value) }
            }

            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                // SAFETY: so many numbers are there
                unsafe { $load(from) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                // SAFETY: there is room for so many
                unsafe { $store(to, self) }
            }

            #[inline(always)]
            unsafe fn plus(self, other: Self) -> Self {
                unsafe { $add(self, other) }
            }

            #[inline(always)]
            unsafe fn minus(self, other: Self) -> Self {
                unsafe { $sub(self, other) }
            }

            #[inline(always)]
            unsafe fn times_plus(self, factor: Self, addend: Self) -> Self {
                unsafe { $fma(self, factor, addend) }
            }

            #[inline(always)]
            unsafe fn larger(self, other: Self) -> Self {
                unsafe { $max(self, other) }
            }
        }
    };
}

vector! {
    __m256, 8, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_add_ps, _mm256_sub_ps, _mm256_fmadd_ps,
    _mm256_max_ps
}
vector! {
    __m512, 16, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_add_ps, _mm512_sub_ps, _mm512_fmadd_ps,
    _mm512_max_ps
}
