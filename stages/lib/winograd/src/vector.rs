//! Registers of f32: what the arithmetic is written in, once for all widths.

use std::arch::x86_64::*;

use half::bf16;

/// Half of the last place of bfloat16, less one.
const ROUND: i32 = 0x7FFF;
/// A NaN, as f32.
const NAN: i32 = 0x7FC0_0000;

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
        (std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma"))
            .then_some(Self::Eight)
    }
}

/// A register.
///
/// # Safety
/// All methods want a processor that has it; `load` and `store` want a pointer to [`Vector::LANES`]
/// numbers.
pub(crate) trait Vector: Copy {
    /// Numbers in it.
    const LANES: usize;

    unsafe fn splat(value: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    unsafe fn plus(self, other: Self) -> Self;
    unsafe fn minus(self, other: Self) -> Self;
    unsafe fn times(self, factor: Self) -> Self;
    /// `self · factor + addend`, rounded once.
    unsafe fn times_plus(self, factor: Self, addend: Self) -> Self;
    /// The larger of both; `other` where one is NaN.
    unsafe fn larger(self, other: Self) -> Self;
    /// From bfloat16.
    unsafe fn load_bf16(from: *const bf16) -> Self;
    /// To bfloat16, rounded to nearest even; NaN stays such.
    unsafe fn store_bf16(self, to: *mut bf16);
}

macro_rules! vector {
    ($register:ty, $lanes:literal, $set:ident, $load:ident, $store:ident, $add:ident, $sub:ident,
     $mul:ident, $fma:ident, $max:ident,
     $load_bf16:ident, $store_bf16:ident) => {
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
            unsafe fn times(self, factor: Self) -> Self {
                unsafe { $mul(self, factor) }
            }

            #[inline(always)]
            unsafe fn times_plus(self, factor: Self, addend: Self) -> Self {
                unsafe { $fma(self, factor, addend) }
            }

            #[inline(always)]
            unsafe fn larger(self, other: Self) -> Self {
                unsafe { $max(self, other) }
            }

            #[inline(always)]
            unsafe fn load_bf16(from: *const bf16) -> Self {
                unsafe { $load_bf16(from) }
            }

            #[inline(always)]
            unsafe fn store_bf16(self, to: *mut bf16) {
                unsafe { $store_bf16(self, to) }
            }
        }
    };
}

vector! {
    __m256, 8, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_add_ps, _mm256_sub_ps,
    _mm256_mul_ps,
    _mm256_fmadd_ps, _mm256_max_ps, load_eight, store_eight
}
vector! {
    __m512, 16, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_add_ps, _mm512_sub_ps,
    _mm512_mul_ps,
    _mm512_fmadd_ps, _mm512_max_ps, load_sixteen, store_sixteen
}

// bfloat16 is the upper half of f32. Half of a unit in its last place, less one bit where that
// place is 0, carries into it what must be rounded up; the bits of a NaN may all carry away, so
// each becomes the usual one.

#[inline(always)]
unsafe fn load_eight(from: *const bf16) -> __m256 {
    // SAFETY: the caller's, here and below
    unsafe {
        _mm256_castsi256_ps(_mm256_slli_epi32(
            _mm256_cvtepu16_epi32(_mm_loadu_si128(from.cast())),
            16,
        ))
    }
}

#[inline(always)]
unsafe fn store_eight(value: __m256, to: *mut bf16) {
    unsafe {
        let bits = _mm256_castps_si256(value);
        let last = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
        let rounded = _mm256_add_epi32(bits, _mm256_add_epi32(last, _mm256_set1_epi32(ROUND)));
        let is_number = _mm256_castps_si256(_mm256_cmp_ps(value, value, _CMP_ORD_Q));
        let upper = _mm256_srli_epi32(
            _mm256_blendv_epi8(_mm256_set1_epi32(NAN), rounded, is_number),
            16,
        );
        let packed = _mm256_packus_epi32(upper, upper);
        _mm_storeu_si128(
            to.cast(),
            _mm256_castsi256_si128(_mm256_permute4x64_epi64(packed, 0b1000)),
        );
    }
}

#[inline(always)]
unsafe fn load_sixteen(from: *const bf16) -> __m512 {
    unsafe {
        _mm512_castsi512_ps(_mm512_slli_epi32(
            _mm512_cvtepu16_epi32(_mm256_loadu_si256(from.cast())),
            16,
        ))
    }
}

#[inline(always)]
unsafe fn store_sixteen(value: __m512, to: *mut bf16) {
    unsafe {
        let bits = _mm512_castps_si512(value);
        let last = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
        let rounded = _mm512_add_epi32(bits, _mm512_add_epi32(last, _mm512_set1_epi32(ROUND)));
        let is_number = _mm512_cmp_ps_mask(value, value, _CMP_ORD_Q);
        let upper = _mm512_srli_epi32(
            _mm512_mask_mov_epi32(_mm512_set1_epi32(NAN), is_number, rounded),
            16,
        );
        _mm256_storeu_si256(to.cast(), _mm512_cvtepi32_epi16(upper));
    }
}
