//! `mlsys run --watch`: again whenever a file changes that the last run has read, or would have.
//!
//! It looks at the files' times: they are few, and looking works in containers and on network drives where
//! notifications do not. A time is taken before the file is read, so that what is saved during a run is seen.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use indexmap::IndexMap;

use crate::cli::output::complain;
use crate::cli::progress::INTERRUPTED_CODE;
use crate::disk::{Disk, expand};
use crate::source::{Library, ReadError, SourceProvider};

const PERIOD: Duration = Duration::from_millis(200);
/// An editor that writes in two steps, or renames, is done after so long.
const SETTLES: Duration = Duration::from_millis(50);
const PATIENCE: usize = 8;

/// Runs, and runs again after every change. `run` reads through the disk that it is given, and answers an exit code.
/// Ends with the process, or with a run that is interrupted.
pub fn watch(disk: &Disk, paths: &[String], mut run: impl FnMut(&Watched) -> u8) -> u8 {
    loop {
        let listed = expand(paths);
        let disk = Watched { disk, seen: Mutex::default() };
        if run(&disk) == INTERRUPTED_CODE {
            return INTERRUPTED_CODE;
        }
        complain("watching for changes; Ctrl-C ends\n");
        // What was named and could not be read is waited for.
        paths.iter().for_each(|path| disk.note(path));
        let seen = disk.seen.into_inner().unwrap_or_default();
        while seen.iter().all(|(path, state)| state_of(path) == *state) && expand(paths) == listed {
            sleep(PERIOD);
        }
        sleep(SETTLES);
        for _ in 0..PATIENCE {
            let gone = |(path, state): (&String, &State)| state.is_some() && state_of(path).is_none();
            if !seen.iter().any(gone) {
                break;
            }
            sleep(SETTLES);
        }
        complain("\n");
    }
}

/// Time and size of a file; nothing for one that is away, and for a folder, of which the list of files is told.
type State = Option<(SystemTime, u64)>;

fn state_of(path: &str) -> State {
    let meta = Path::new(path).metadata().ok().filter(|m| !m.is_dir())?;
    Some((meta.modified().ok()?, meta.len()))
}

/// The disk, and what has been read from it, or looked for.
pub struct Watched<'d> {
    disk: &'d Disk,
    seen: Mutex<IndexMap<String, State>>,
}

impl Watched<'_> {
    fn note(&self, path: &str) {
        if let Ok(mut seen) = self.seen.lock() {
            seen.entry(path.to_string()).or_insert_with(|| state_of(path));
        }
    }
}

impl SourceProvider for Watched<'_> {
    fn read(&self, path: &str, limit: u64) -> Result<String, ReadError> {
        self.note(path);
        self.disk.read(path, limit)
    }

    fn resolve(&self, from: &str, target: &str) -> String {
        self.disk.resolve(from, target)
    }

    fn library(&self) -> Option<&Arc<Library>> {
        self.disk.library()
    }

    fn siblings(&self, path: &str) -> Vec<String> {
        self.disk.siblings(path)
    }
}
