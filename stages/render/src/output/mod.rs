//! The bytes of what was drawn. Nothing here knows what it shows.

pub(crate) mod animation;
mod dither;
pub(crate) mod page;
pub(crate) mod picture;
