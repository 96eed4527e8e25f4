//! Syntax trees as bytes. `build.rs` parses the library when the program is built: parsing what a plan uses of it would
//! be most of the time that checking the plan takes.

use serde::{Deserialize, Serialize};

use crate::source::FileId;
use crate::syntax::ast::Item;
use crate::syntax::split::{ITEM_KEYWORDS, Slice};

/// One item of a text that was parsed before.
#[derive(Serialize, Deserialize)]
pub struct StoredItem<'a> {
    pub keyword: &'a str,
    pub name: &'a str,
    pub start: u32,
    pub body: u32,
    pub end: u32,
    /// The item, for [`read_tree`]. None where something is wrong with it: whoever needs it parses it, and says what.
    #[serde(borrow)]
    pub tree: Option<&'a [u8]>,
}

impl StoredItem<'_> {
    pub fn slice(&self) -> Slice {
        Slice {
            keyword: ITEM_KEYWORDS.iter().find(|k| **k == self.keyword).unwrap_or(&""),
            name: self.name.into(),
            start: self.start as usize,
            body: self.body as usize,
            end: self.end as usize,
        }
    }
}

/// The items of one file.
pub fn read_items(bytes: &[u8]) -> Vec<StoredItem<'_>> {
    postcard::from_bytes(bytes).expect("written by this build")
}

/// The tree of one item, as one of `file`.
pub fn read_tree(file: FileId, bytes: &[u8]) -> Item {
    file.read_as(|| postcard::from_bytes(bytes)).expect("written by this build")
}
