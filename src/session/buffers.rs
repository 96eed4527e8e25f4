//! Texts that somebody is editing, in front of those on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use crate::source::{Library, ReadError, SourceProvider};

/// Unsaved texts by path.
pub(super) type Buffers = BTreeMap<String, String>;

/// A provider seen through the buffers, and which paths have been asked for.
pub(super) struct Shadowed<'s> {
    provider: &'s dyn SourceProvider,
    buffers: &'s Buffers,
    asked: Mutex<BTreeSet<String>>,
}

impl<'s> Shadowed<'s> {
    pub fn new(provider: &'s dyn SourceProvider, buffers: &'s Buffers) -> Self {
        Shadowed { provider, buffers, asked: Mutex::default() }
    }

    /// The paths that were read, or that there was nothing to read at.
    pub fn asked(self) -> BTreeSet<String> {
        self.asked.into_inner().unwrap_or_default()
    }
}

impl SourceProvider for Shadowed<'_> {
    fn read(&self, path: &str, limit: u64) -> Result<String, ReadError> {
        if let Ok(mut asked) = self.asked.lock() {
            asked.insert(path.to_string());
        }
        match self.buffers.get(path) {
            Some(text) if text.len() as u64 > limit => {
                Err(ReadError::TooLarge { bytes: text.len() as u64, limit })
            }
            Some(text) => Ok(text.clone()),
            None => self.provider.read(path, limit),
        }
    }

    fn resolve(&self, from: &str, target: &str) -> String {
        self.provider.resolve(from, target)
    }

    fn siblings(&self, path: &str) -> Vec<String> {
        let mut names = self.provider.siblings(path);
        names.extend(self.buffers.keys().cloned());
        names.sort();
        names.dedup();
        names
    }

    fn library(&self) -> Option<&Arc<Library>> {
        self.provider.library()
    }
}
