//! Any text parses or is diagnosed; what is laid out is stable.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mlsys::session::{Options, Session};
use mlsys::source::Memory;

fn format(text: &str) -> Option<String> {
    let memory = Memory::with("main.mls", text);
    Session::new(&memory, Options::default()).format("main.mls").ok().map(|f| f.after)
}

fuzz_target!(|text: &str| {
    if let Some(once) = format(text) {
        assert_eq!(format(&once).as_ref(), Some(&once), "layout is not stable");
    }
});
