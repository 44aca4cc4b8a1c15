use crate::{Error, Result};

/// Bytes that are read from the front; nothing is taken that is not there.
pub(crate) struct Input<'a> {
    bytes: &'a [u8],
    /// Bytes read so far.
    pub(crate) at: usize,
}

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn left(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// So many bytes, as they stand in the file.
    pub(crate) fn take(&mut self, wanted: u64) -> Result<&'a [u8]> {
        let left = self.left();
        let taken = usize::try_from(wanted)
            .ok()
            .and_then(|count| left.get(..count));
        let taken = taken.ok_or(Error::Cut {
            at: self.at,
            wanted,
            left: left.len(),
        })?;
        self.at += taken.len();
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Bytes whose count stands before them in one byte, in four or in eight.
    pub(crate) fn counted(&mut self, width: Width) -> Result<&'a [u8]> {
        let count = match width {
            Width::One => self.u8()?.into(),
            Width::Four => self.u32()?.into(),
            Width::Eight => self.u64()?,
        };
        self.take(count)
    }

    /// A line of the text protocol, without its end.
    pub(crate) fn line(&mut self) -> Result<&'a [u8]> {
        let left = self.left();
        let end = left.iter().position(|byte| *byte == b'\n');
        let end = end.ok_or(Error::Cut {
            at: self.at,
            wanted: left.len() as u64 + 1,
            left: left.len(),
        })?;
        self.at += end + 1;
        Ok(&left[..end])
    }
}

/// Bytes of a count.
#[derive(Clone, Copy)]
pub(crate) enum Width {
    One,
    Four,
    Eight,
}
