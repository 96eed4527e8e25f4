//! Puts the library into the program, parsed, so that no run has to; see `src/syntax/stored.rs`.
#![allow(dead_code, unused_imports)]

use std::fs;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

#[path = "src/codes.rs"]
mod codes;
#[path = "src/diagnostic.rs"]
mod diagnostic;
#[path = "src/source/mod.rs"]
mod source;
#[path = "src/suggest.rs"]
mod suggest;
#[path = "src/syntax/mod.rs"]
mod syntax;

use source::FileId;
use syntax::Slice;
use syntax::stored::StoredItem;

const LIBRARY: &str = "src/std";

fn main() -> Result<()> {
    for input in [
        "build.rs",
        "grammar",
        "src/codes.rs",
        "src/diagnostic.rs",
        "src/source",
        "src/suggest.rs",
        "src/syntax",
        LIBRARY,
    ] {
        println!("cargo::rerun-if-changed={input}");
    }
    let mut files = vec![];
    collect(Path::new(LIBRARY), &mut files)?;
    files.sort();
    let stored = files.iter().map(|file| {
        let path = file.strip_prefix(LIBRARY).map_err(Error::other)?.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(file)?;
        let items = store(&text)?;
        Ok((path, text, items))
    });
    let stored: Vec<(String, String, Vec<u8>)> = stored.collect::<Result<_>>()?;
    let folder = std::env::var_os("OUT_DIR").ok_or_else(|| Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&folder).join("library.bin"), postcard::to_allocvec(&stored).map_err(Error::other)?)
}

/// The items of `text`, each parsed by itself.
fn store(text: &str) -> Result<Vec<u8>> {
    let slices = syntax::outline(text);
    let trees: Vec<Option<Vec<u8>>> = slices.iter().map(|slice| tree(text, slice)).collect();
    let items: Vec<StoredItem> =
        slices.iter().zip(&trees).map(|(slice, tree)| stored(slice, tree.as_deref())).collect();
    postcard::to_allocvec(&items).map_err(Error::other)
}

fn stored<'a>(slice: &'a Slice, tree: Option<&'a [u8]>) -> StoredItem<'a> {
    StoredItem {
        keyword: slice.keyword,
        name: &slice.name,
        start: slice.start as u32,
        body: slice.body as u32,
        end: slice.end as u32,
        tree,
    }
}

/// None where the item is wrong; the program will say so.
fn tree(text: &str, slice: &Slice) -> Option<Vec<u8>> {
    match syntax::parse_item(FileId(0), text, slice) {
        (Some(item), problems) if problems.is_empty() => postcard::to_allocvec(&item).ok(),
        _ => None,
    }
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|e| e == "mls") {
            into.push(path);
        }
    }
    Ok(())
}
