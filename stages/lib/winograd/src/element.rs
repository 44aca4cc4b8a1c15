use half::bf16;

#[cfg(target_arch = "x86_64")]
use crate::vector::Vector;

/// An element type of images, whose zero is all bits 0 and which is no larger than f32.
///
/// # Safety
/// Both methods want a processor that has the register, and a pointer to [`Vector::LANES`] elements.
pub(crate) trait Element: Copy {
    #[cfg(target_arch = "x86_64")]
    unsafe fn load<V: Vector>(from: *const Self) -> V;
    #[cfg(target_arch = "x86_64")]
    unsafe fn store<V: Vector>(value: V, to: *mut Self);
}

impl Element for f32 {
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn load<V: Vector>(from: *const Self) -> V {
        // SAFETY: the caller's, here and below
        unsafe { V::load(from) }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn store<V: Vector>(value: V, to: *mut Self) {
        unsafe { value.store(to) }
    }
}

impl Element for bf16 {
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn load<V: Vector>(from: *const Self) -> V {
        unsafe { V::load_half(from) }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn store<V: Vector>(value: V, to: *mut Self) {
        unsafe { value.store_half(to) }
    }
}
