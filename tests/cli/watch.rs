//! `run --watch`: again after every change of what was read, or would have been.
#![cfg(feature = "cli")]

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::Folder;

struct Watcher {
    child: Child,
    seen: Arc<Mutex<String>>,
    read: usize,
}

impl Watcher {
    fn new(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mlsys"));
        command.current_dir(folder.path()).args(["run", "--watch"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("mlsys runs");
        let seen = Arc::new(Mutex::new(String::new()));
        let (mut out, into) = (child.stdout.take().expect("it is piped"), seen.clone());
        std::thread::spawn(move || {
            let mut block = [0; 4096];
            while let Ok(count) = out.read(&mut block) {
                if count == 0 {
                    return;
                }
                into.lock().expect("no panic").push_str(&String::from_utf8_lossy(&block[..count]));
            }
        });
        Watcher { child, seen, read: 0 }
    }

    /// Waits until the next run has said this; what it says before is skipped.
    fn says(&mut self, text: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            let seen = self.seen.lock().expect("no panic").clone();
            if let Some(at) = seen[self.read..].find(text) {
                self.read += at + text.len();
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("never said `{text}`:\n{}", self.seen.lock().expect("no panic"));
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(folder: &Folder, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).expect("a file");
}

#[test]
fn files_and_what_they_use() {
    let folder = Folder::new("watch-files");
    write(&folder, "plan.mls", "use \"fleet.mls\"\nassert rate < 10\n");
    write(&folder, "fleet.mls", "let rate = 3\n");
    let mut watcher = Watcher::new(&folder, &["plan.mls"]);
    watcher.says("plan.mls: 1 passed");
    write(&folder, "fleet.mls", "let rate = 30\n");
    watcher.says("plan.mls: 1 failed");
    // As editors do: a new file takes the name.
    write(&folder, "plan.new", "use \"fleet.mls\"\nassert rate < 100\n");
    std::fs::rename(folder.path().join("plan.new"), folder.path().join("plan.mls")).expect("a file");
    watcher.says("plan.mls: 1 passed");
    // Gone, there again but wrong, and right.
    std::fs::remove_file(folder.path().join("fleet.mls")).expect("a file");
    watcher.says("plan.mls: 1 error");
    write(&folder, "fleet.mls", "let rate = = 30\n");
    watcher.says("plan.mls: 1 error");
    write(&folder, "fleet.mls", "let rate = 300\n");
    watcher.says("plan.mls: 1 failed");
    std::fs::rename(folder.path().join("plan.mls"), folder.path().join("away")).expect("a file");
    watcher.says("plan.mls: 1 error");
    std::fs::rename(folder.path().join("away"), folder.path().join("plan.mls")).expect("a file");
    watcher.says("plan.mls: 1 failed");
}

#[test]
fn folders_and_what_comes_into_them() {
    let folder = Folder::new("watch-folders");
    std::fs::create_dir_all(folder.path().join("plans/night")).expect("a folder");
    write(&folder, "plans/a.mls", "assert 1 < 2\n");
    // A report beside the plans is no change of theirs.
    let mut watcher = Watcher::new(&folder, &["plans", "--format", "html=plans/report.html", "--quiet"]);
    watcher.says("plans/a.mls: 1 passed");
    write(&folder, "plans/night/b.mls", "assert 3 < 2\n");
    watcher.says("2 files: 1 failed, 1 passed");
    std::fs::remove_file(folder.path().join("plans/night/b.mls")).expect("a file");
    watcher.says("plans/a.mls: 1 passed");
    std::thread::sleep(Duration::from_millis(700));
    let runs = watcher.seen.lock().expect("no panic").matches("passed").count();
    assert_eq!(runs, 3);
}
