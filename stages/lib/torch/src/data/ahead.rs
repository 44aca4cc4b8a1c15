//! Reads ahead: while the network works on a chunk of examples, a thread reads the next one.

use std::{
    ops::Range,
    sync::{Arc, mpsc},
    thread,
};

use files::Examples;

use super::{chunk::Chunk, feed::Feed};
use crate::{Error, one_thread};

/// Reads these examples of a data set.
pub type Read = Arc<dyn Fn(Range<usize>) -> Result<Examples, files::Error> + Send + Sync>;

/// Examples that are read anew for every pass.
#[derive(Clone)]
pub(super) struct Stream {
    pub(super) read: Read,
    /// Number of examples.
    pub(super) count: usize,
    /// Examples per chunk.
    pub(super) chunk: usize,
}

impl Stream {
    /// The first `count` examples, or all where there are fewer.
    pub(super) fn first(&self, count: usize) -> Result<Examples, Error> {
        Ok((self.read)(0..count.min(self.count))?)
    }
}

/// Chunks of examples, in their order.
pub(super) struct Ahead {
    chunks: mpsc::Receiver<Result<Chunk, Error>>,
    /// Examples that have not come yet.
    missing: i64,
}

impl Ahead {
    /// Starts to read some examples of a stream, in chunks of whole batches of this size.
    pub(super) fn start(stream: &Stream, feed: Feed, batch: usize, examples: Range<usize>) -> Self {
        let missing = examples.len() as i64;
        // handed over, not stored: one is worked on while the next one is read
        let (sender, chunks) = mpsc::sync_channel(0);
        let reader = Reader {
            read: Arc::clone(&stream.read),
            feed,
            chunk: stream.chunk.next_multiple_of(batch),
            sender,
        };
        thread::spawn(move || reader.run(examples));
        Self { chunks, missing }
    }
}

impl Iterator for Ahead {
    type Item = Result<Chunk, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.chunks.recv() {
            Ok(Ok(chunk)) => {
                self.missing -= chunk.examples();
                Some(Ok(chunk))
            }
            Ok(Err(error)) => {
                self.missing = 0;
                Some(Err(error))
            }
            // a reader that panicked sends nothing, and what it read before is not all
            Err(_) if self.missing > 0 => {
                let examples = self.missing;
                self.missing = 0;
                Some(Err(Error::Unread { examples }))
            }
            Err(_) => None,
        }
    }
}

/// What the thread that reads needs.
struct Reader {
    read: Read,
    feed: Feed,
    /// Examples per chunk.
    chunk: usize,
    sender: mpsc::SyncSender<Result<Chunk, Error>>,
}

impl Reader {
    fn run(&self, examples: Range<usize>) {
        one_thread();
        for start in examples.clone().step_by(self.chunk) {
            let end = examples.end.min(start + self.chunk);
            // whoever stopped listening wants no more
            if self.sender.send(self.chunk(start..end)).is_err() {
                return;
            }
        }
    }

    fn chunk(&self, examples: Range<usize>) -> Result<Chunk, Error> {
        self.feed.chunk(&(self.read)(examples)?)
    }
}
