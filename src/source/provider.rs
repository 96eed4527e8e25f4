//! The one trait through which any text is read, the library's included.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Library;

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is no such file.
    NotFound,
    /// It is no text.
    NotUtf8 {
        /// The first byte that is no part of a character.
        offset: usize,
    },
    /// It is larger than is read.
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The most that is read, in bytes.
        limit: u64,
    },
    /// A directory, a permission, a device: the operating system's own words.
    Other(String),
}

/// Where texts come from: disk, memory, standard input, an editor's buffers.
pub trait SourceProvider: Send + Sync {
    /// The whole text at `path`, at most `limit` bytes.
    ///
    /// # Errors
    /// Why there is no such text; it becomes a diagnostic at the `use` that names the path.
    fn read(&self, path: &str, limit: u64) -> Result<String, ReadError>;

    /// The path of `target` as written in a `use` of the file at `from`.
    fn resolve(&self, from: &str, target: &str) -> String;

    /// Names beside `path` that a misspelt one may have meant.
    fn siblings(&self, path: &str) -> Vec<String>;

    /// The library that `use std.hardware.nvidia` reads. `None` is the one that is built in.
    fn library(&self) -> Option<&Arc<Library>> {
        None
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<T: SourceProvider + ?Sized> SourceProvider for $pointer {
            fn read(&self, path: &str, limit: u64) -> Result<String, ReadError> {
                (**self).read(path, limit)
            }

            fn resolve(&self, from: &str, target: &str) -> String {
                (**self).resolve(from, target)
            }

            fn siblings(&self, path: &str) -> Vec<String> {
                (**self).siblings(path)
            }

            fn library(&self) -> Option<&Arc<Library>> {
                (**self).library()
            }
        }
    )*};
}

forward!(&T, Box<T>, Arc<T>);

/// Texts in memory, by path: for tests, editors and callers that make their own.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<String, String>,
    library: Option<Arc<Library>>,
}

impl Memory {
    /// One text at one path.
    pub fn with(path: &str, text: impl Into<String>) -> Self {
        let mut memory = Memory::default();
        memory.add(path, text);
        memory
    }

    /// Puts a text at a path, in place of what is there.
    pub fn add(&mut self, path: &str, text: impl Into<String>) {
        self.files.insert(path.to_string(), text.into());
    }

    /// The same texts with another library; `None` is the one that is built in.
    pub fn on_library(mut self, library: Option<Arc<Library>>) -> Self {
        self.library = library;
        self
    }
}

impl SourceProvider for Memory {
    fn read(&self, path: &str, limit: u64) -> Result<String, ReadError> {
        let text = self.files.get(path).ok_or(ReadError::NotFound)?;
        let bytes = text.len() as u64;
        if bytes > limit { Err(ReadError::TooLarge { bytes, limit }) } else { Ok(text.clone()) }
    }

    fn resolve(&self, from: &str, target: &str) -> String {
        match from.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{target}"),
            None => target.to_string(),
        }
    }

    fn siblings(&self, _: &str) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    fn library(&self) -> Option<&Arc<Library>> {
        self.library.as_ref()
    }
}
