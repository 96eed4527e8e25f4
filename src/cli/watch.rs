//! `mlsys run --watch`: again whenever a file changes that the last run has read.
//!
//! It looks at the files' times: they are few, and looking works in containers and on network drives where
//! notifications do not.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use super::output::complain;

const PERIOD: Duration = Duration::from_millis(200);

/// Runs, and runs again after every change. `run` answers the files that it has read. Ends with the process.
pub fn watch(mut run: impl FnMut() -> Vec<String>) -> ! {
    loop {
        let files = run();
        complain("watching for changes; Ctrl-C ends\n");
        let seen = state(&files);
        while state(&files) == seen {
            sleep(PERIOD);
        }
        // An editor that writes in two steps is done by now.
        sleep(PERIOD / 4);
        complain("\n");
    }
}

/// Time and size of each file; nothing for one that is away, as it is for a moment when an editor renames.
fn state(files: &[String]) -> Vec<Option<(SystemTime, u64)>> {
    let of = |path: &String| {
        let meta = Path::new(path).metadata().ok()?;
        Some((meta.modified().ok()?, meta.len()))
    };
    files.iter().map(of).collect()
}
