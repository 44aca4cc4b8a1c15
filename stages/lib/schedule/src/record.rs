//! Records of a journal, of any length: a head that says which point follows and how many values,
//! then the values. Both end with a check that binds them to the first line of their journal, so
//! that a damaged record and one of another journal are told from one that is whole.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
};

use crc32fast::Hasher;

/// What each record begins with, so that the next one is found behind a damaged one.
const MARK: [u8; 4] = *b"\xffpnt";
/// Mark, point (u64), number of values (u32), check (u32), little-endian.
const HEAD: usize = 20;
/// The check after the values.
const CHECK: usize = 4;
/// Bytes of values that are checked at once.
const PIECE: usize = 1 << 16;

/// A record in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) point: usize,
    /// Where its values begin in the file.
    at: u64,
    values: usize,
}

/// A check that was begun with the first line of a journal.
pub(crate) fn check_of(line: &str) -> Hasher {
    let mut check = Hasher::new();
    check.update(line.as_bytes());
    check
}

/// A point and its values as they are appended to a journal.
pub(crate) fn encode(check: &Hasher, point: usize, values: &[f64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + 8 * values.len() + CHECK);
    bytes.extend(MARK);
    bytes.extend((point as u64).to_le_bytes());
    bytes.extend((values.len() as u32).to_le_bytes());
    bytes.extend(checked(check, &bytes));
    for value in values {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(checked(check, &bytes));
    bytes
}

fn checked(check: &Hasher, bytes: &[u8]) -> [u8; CHECK] {
    let mut check = check.clone();
    check.update(bytes);
    check.finalize().to_le_bytes()
}

impl Record {
    /// The record that begins at this place of a journal.
    pub(crate) fn at(place: u64, point: usize, values: usize) -> Self {
        Self {
            point,
            at: place + HEAD as u64,
            values,
        }
    }

    /// Its values, read from the journal.
    pub(crate) fn values(&self, file: &File) -> io::Result<Vec<f64>> {
        let mut bytes = vec![0; 8 * self.values];
        file.read_exact_at(&mut bytes, self.at)?;
        let (values, _) = bytes.as_chunks::<8>();
        Ok(values.iter().copied().map(f64::from_le_bytes).collect())
    }
}

/// What is found in a journal, one after the other.
pub(crate) enum Found {
    Record(Record),
    /// This many bytes that are no record of this journal.
    Damaged(u64),
    /// A record that the end of the file cuts off: this many bytes.
    Torn(u64),
}

/// The records of a journal, read without holding more than a piece of one.
pub(crate) struct Records<'a> {
    reader: BufReader<&'a File>,
    check: &'a Hasher,
    at: u64,
    end: u64,
}

impl<'a> Records<'a> {
    /// Those from a place on to the end of the file.
    pub(crate) fn from(file: &'a File, check: &'a Hasher, at: u64) -> io::Result<Self> {
        let end = file.metadata()?.len();
        let mut reader = BufReader::new(file);
        reader.seek(SeekFrom::Start(at))?;
        Ok(Self {
            reader,
            check,
            at,
            end,
        })
    }

    /// The next one; `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Found>> {
        let left = self.end - self.at;
        if left == 0 {
            return Ok(None);
        }
        let mut head = [0; HEAD];
        let there = self.read_up_to(&mut head)?;
        if there < HEAD {
            self.at = self.end;
            return Ok(Some(Found::Torn(left)));
        }
        let Some((point, values)) = self.decoded(&head) else {
            return self.skip_to_mark().map(Some);
        };
        let record = Record::at(self.at, point, values);
        let length = (HEAD + 8 * values + CHECK) as u64;
        if length > left {
            self.at = self.end;
            return Ok(Some(Found::Torn(left)));
        }
        let whole = self.values_are_whole(&head, values)?;
        self.at += length;
        Ok(Some(if whole {
            Found::Record(record)
        } else {
            Found::Damaged(length)
        }))
    }

    /// Point and number of values, where the head is whole.
    fn decoded(&self, head: &[u8; HEAD]) -> Option<(usize, usize)> {
        let (said, check) = head.split_last_chunk::<CHECK>()?;
        let (mark, numbers) = said.split_first_chunk::<4>()?;
        let (point, values) = numbers.split_first_chunk::<8>()?;
        let values: [u8; 4] = values.try_into().ok()?;
        let whole = *mark == MARK && *check == checked(self.check, said);
        let numbers = (
            u64::from_le_bytes(*point) as usize,
            u32::from_le_bytes(values) as usize,
        );
        whole.then_some(numbers)
    }

    fn values_are_whole(&mut self, head: &[u8], values: usize) -> io::Result<bool> {
        let mut check = self.check.clone();
        check.update(head);
        let mut left = 8 * values;
        let mut piece = vec![0; left.min(PIECE)];
        while left > 0 {
            let read = left.min(PIECE);
            self.reader.read_exact(&mut piece[..read])?;
            check.update(&piece[..read]);
            left -= read;
        }
        let mut recorded = [0; CHECK];
        self.reader.read_exact(&mut recorded)?;
        Ok(check.finalize().to_le_bytes() == recorded)
    }

    /// Passes over a head that is not whole, up to the next byte that may begin one.
    fn skip_to_mark(&mut self) -> io::Result<Found> {
        let start = self.at;
        self.reader.seek_relative(1 - HEAD as i64)?;
        let skipped = self.reader.skip_until(MARK[0])? as u64;
        self.at = self.end.min(start + 1 + skipped);
        if self.at < self.end {
            self.at -= 1;
            self.reader.seek_relative(-1)?;
        }
        Ok(Found::Damaged(self.at - start))
    }

    /// Fills a buffer as far as the file goes.
    fn read_up_to(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.reader.read(&mut buffer[filled..])? {
                0 => break,
                read => filled += read,
            }
        }
        Ok(filled)
    }
}
