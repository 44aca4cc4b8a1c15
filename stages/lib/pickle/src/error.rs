/// Why bytes are no pickle that is read here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It ends within an instruction, or promises more bytes than there are.
    #[error("the pickle is cut short: at byte {at} {wanted} bytes are wanted and {left} are left")]
    Cut {
        /// Where.
        at: usize,
        /// Bytes wanted.
        wanted: u64,
        /// Bytes left.
        left: usize,
    },
    /// It refers to a class or function that is not on the caller's list.
    #[error(
        "the pickle refers to {module}.{name}, which is not among the few names that are read as \
         data"
    )]
    Refused {
        /// Its module.
        module: String,
        /// Its name.
        name: String,
    },
    /// An instruction that no pickle of data has.
    #[error("the pickle has the instruction {code:#04x} at byte {at}, which is not read here")]
    Opcode {
        /// The instruction.
        code: u8,
        /// Where.
        at: usize,
    },
    /// An instruction that makes no sense where it stands.
    #[error("the pickle makes no sense at byte {at}: {what}")]
    Senseless {
        /// Behind the instruction.
        at: usize,
        /// What is wrong.
        what: String,
    },
    /// It asks for more memory than the caller gives it.
    #[error("the pickle asks for more than {0} bytes of memory")]
    TooLarge(usize),
}

/// The result of reading a pickle.
pub type Result<T> = std::result::Result<T, Error>;
