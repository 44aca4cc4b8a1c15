use half::bf16;

#[cfg(target_arch = "x86_64")]
use crate::vector::Vector;

/// An element type of images.
///
/// # Safety
/// It is no larger than f32, and its zero is all bits 0. Both methods want a processor that has the
/// register, and a pointer to [`Vector::LANES`] elements.
pub(crate) unsafe trait Element: Copy {
    #[cfg(target_arch = "x86_64")]
    unsafe fn load<V: Vector>(from: *const Self) -> V;
    #[cfg(target_arch = "x86_64")]
    unsafe fn store<V: Vector>(value: V, to: *mut Self);
}

// SAFETY: it is f32
unsafe impl Element for f32 {
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

// SAFETY: it is the upper half of f32
unsafe impl Element for bf16 {
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn load<V: Vector>(from: *const Self) -> V {
        unsafe { V::load_bf16(from) }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn store<V: Vector>(value: V, to: *mut Self) {
        unsafe { value.store_bf16(to) }
    }
}
