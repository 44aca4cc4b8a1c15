//! What the targets share: the bounds that every file must keep ([`within`]), files that are changed without losing
//! their form ([`mutate`]), and a folder in memory for readers that take paths ([`Folder`]).

mod folder;
pub mod mutate;

#[path = "../../../stages/lib/program/tests/rewritten/mod.rs"]
pub mod rewritten;

#[path = "../../../stages/lib/checkpoint/tests/measured/mod.rs"]
mod measured;

pub use folder::Folder;

/// Memory that reading a checkpoint of so many bytes may take.
pub fn of_checkpoint(len: usize) -> usize {
    measured::allowed(len)
}

/// Reads something: no panic, an error that is fit to print, and no more than `most` bytes of memory.
pub fn within(most: usize, read: impl FnOnce() -> anyhow::Result<()>) {
    let (result, taken) = measured::most(read);
    assert!(taken <= most, "{taken} bytes of memory, {most} are allowed");
    if let Err(error) = result {
        let error = stage::message(&error).replace("\n  ", "");
        assert!(
            !error.contains(char::is_control) && error.len() < 20_000,
            "{error:?}"
        );
    }
}

/// Reads all weights of a checkpoint, and asks the zoo which network has them.
pub fn weights(bytes: &[u8]) {
    within(of_checkpoint(bytes.len()), || {
        let state = checkpoint::read(bytes, None)?;
        for (_, tensor) in state.tensors() {
            tensor.norm()?;
            tensor.values()?;
        }
        for arch in ["resnet20", "vgg9", "densenet121", "wrn56_k2"] {
            let shape = |key: &str| state.tensor(key).map(|tensor| tensor.shape.clone());
            zoo::for_checkpoint(arch, shape).ok();
        }
        Ok(())
    });
}
