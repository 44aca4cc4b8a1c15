//! Reads Python pickles (protocols 0 to 5, as Python, numpy and PyTorch write them) and never
//! executes anything.
//!
//! A pickle is a program for a stack machine. Here its calls stay what they are, a callable's name
//! and its arguments ([`Value::Reduced`]), and only names on the caller's list may occur at all.
//! All values lie in one list and refer to each other by their places in it, so that neither values
//! that are shared a billion times nor cycles nor lists in lists in lists cost more than their
//! bytes in the file, and nothing here recurses.

mod error;
mod input;
mod machine;
mod opcode;
mod text;
mod value;
mod view;

pub use error::{Error, Result};
pub use value::{Id, Names, Object, Pickle, Value};
pub use view::View;
