//! Source texts, places in them, and the one trait through which any text is read.
//!
//! Everything right of this module speaks of places as [`Span`]s; lines and columns exist only in output.

mod provider;
mod texts;

pub use provider::{Memory, ReadError, SourceProvider};
pub use texts::{Library, LibraryFile};

use std::cell::Cell;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

/// A text's index in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

thread_local! {
    static BEING_READ: Cell<FileId> = const { Cell::new(FileId(0)) };
}

impl FileId {
    /// Calls `read`, in which every [`Span`] that is deserialized lies in this file.
    pub fn read_as<T>(self, read: impl FnOnce() -> T) -> T {
        BEING_READ.set(self);
        read()
    }

    fn being_read() -> FileId {
        BEING_READ.get()
    }
}

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// A stored tree does not say which file it is of: whoever reads it does, by [`FileId::read_as`].
    #[serde(skip, default = "FileId::being_read")]
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// Just past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` to before `end`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        Span { file, start: start as u32, end: end as u32 }
    }

    /// The smallest span that covers both; `self` when they lie in different files.
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// True when `other` lies within this.
    pub fn covers(self, other: Span) -> bool {
        self.file == other.file && self.to(other) == self
    }

    /// The empty span at the start of this one.
    pub fn head(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// The empty span just past the end of this one.
    pub fn tail(self) -> Span {
        Span { start: self.end, ..self }
    }

    /// Bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Of no bytes: a point between two.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// As a range of bytes.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Whose text it is: diagnostics lead with the user's, `list` shows the library's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Of a plan, or of a file that one uses.
    User,
    /// Of the library.
    Library,
    /// Given on the command line (`--set`).
    Argument,
}

#[derive(Clone, Debug)]
/// A text that has been read.
pub struct SourceFile {
    /// As the user wrote it; library files are named `std/units.mls`.
    pub path: Arc<str>,
    /// Whose text it is.
    pub origin: Origin,
    /// All of it.
    pub text: Arc<str>,
    /// Found when a place is first shown: a plan that holds shows none of the library.
    line_starts: OnceLock<Box<[u32]>>,
}

impl SourceFile {
    fn new(path: Arc<str>, origin: Origin, text: Arc<str>) -> Self {
        SourceFile { path, origin, text, line_starts: OnceLock::new() }
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            std::iter::once(0).chain(breaks.map(|(i, _)| i as u32 + 1)).collect()
        })
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        let (line, column) = self.line_column(offset);
        Position { line, column }
    }

    /// The byte offset of a line and column; `None` beyond the end of the line or of the text.
    pub fn offset(&self, position: Position) -> Option<u32> {
        let starts = self.line_starts();
        let line = position.line.checked_sub(1)?;
        let start = *starts.get(line)? as usize;
        let end = starts.get(line + 1).map_or(self.text.len(), |next| *next as usize - 1);
        let text = self.text.get(start..end)?;
        let mut ends = text.char_indices().map(|(i, _)| i).chain([text.len()]);
        ends.nth(position.column.checked_sub(1)?).map(|within| (start + within) as u32)
    }

    /// Line and column of a byte offset, both from 1, the column in characters.
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset) - 1;
        let start = starts[line] as usize;
        let end = (offset as usize).min(self.text.len());
        (line + 1, self.text.get(start..end).map_or(0, |s| s.chars().count()) + 1)
    }
}

/// A line and a column, both from 1; the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// A stretch of a text, by the text's path: what an editor goes to. It outlives the [`Sources`] that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// As in [`SourceFile::path`].
    pub path: Arc<str>,
    /// In bytes.
    pub range: std::ops::Range<usize>,
    /// Where it begins.
    pub from: Position,
    /// Just past its end.
    pub to: Position,
}

/// Every text that a session has read, by [`FileId`].
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Takes a text, and answers its number.
    pub fn add(&mut self, path: &str, origin: Origin, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(SourceFile::new(path.into(), origin, text.into()));
        id
    }

    /// The text of this number.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// What a span covers.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.range()).unwrap_or("")
    }

    /// Does a span lie in the library?
    pub fn is_library(&self, span: Span) -> bool {
        self.file(span.file).origin == Origin::Library
    }

    /// Line and column where a span begins, both from 1.
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        self.file(span.file).line_column(span.start)
    }

    /// Length of a span in characters.
    pub fn characters(&self, span: Span) -> usize {
        self.text(span).chars().count()
    }

    /// The file at this path, if it has been read.
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.iter().find(|(_, file)| *file.path == *path).map(|(id, _)| id)
    }

    /// A span as somebody outside would name it.
    pub fn locate(&self, span: Span) -> Location {
        let file = self.file(span.file);
        Location {
            path: file.path.clone(),
            range: span.range(),
            from: file.position(span.start),
            to: file.position(span.end),
        }
    }

    /// Every text with its number, in the order in which they were read.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }
}
