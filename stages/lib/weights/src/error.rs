/// Models or directions that do not fit each other, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What does not fit, with both files and both values.
    #[error("{0}")]
    Misfit(String),
    /// A pattern that is none, or that matches nothing.
    #[error("{0}")]
    Pattern(String),
    /// A file that cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
}

/// The result of something that can fail so.
pub type Result<T> = std::result::Result<T, Error>;
