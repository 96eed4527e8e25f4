//! Files as they were at a revision, read with the `git` that is installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use crate::disk::{Disk, normal};
use crate::source::{Library, ReadError, SourceProvider};

/// The files of a repository at one commit. What a file imports comes from the same commit.
#[derive(Debug)]
pub struct Revision {
    /// As the user named it: paths are `NAME:FILE`, with the file from the top of the repository.
    name: String,
    commit: String,
    repository: Repository,
}

/// A repository, seen from a folder in it.
#[derive(Clone, Debug)]
pub struct Repository {
    top: PathBuf,
    /// From the top to the folder.
    prefix: String,
}

impl Repository {
    /// The repository that a folder is part of.
    pub fn around(folder: &Path) -> Result<Self, String> {
        let found = git(folder, &["rev-parse", "--show-toplevel", "--show-prefix"])?;
        let text = String::from_utf8_lossy(&found.stdout).into_owned();
        let mut lines = text.lines();
        match lines.next().filter(|_| found.status.success()) {
            Some(top) => Ok(Repository {
                top: PathBuf::from(top),
                prefix: lines.next().unwrap_or_default().to_string(),
            }),
            None => Err(format!("`{}` is in no git repository", shown(folder))),
        }
    }

    /// The repository around a file, and the file from its top.
    pub fn of_file(path: &str) -> Result<(Self, String), String> {
        let path = Path::new(path);
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // A folder that is gone may have been there.
        let (folder, rest) = match folder.is_dir() {
            true => (folder, path.file_name().map(Path::new).unwrap_or(path)),
            false => (Path::new("."), path),
        };
        let repository = Self::around(folder)?;
        let inside = repository.inside(&rest.to_string_lossy());
        Ok((repository, inside))
    }

    /// The way from the folder to the top, as `../../`.
    pub fn way_up(&self) -> String {
        "../".repeat(self.prefix.matches('/').count())
    }

    /// A path from the folder as one from the top.
    pub fn inside(&self, path: &str) -> String {
        normal(&Path::new(&self.prefix).join(path)).replace('\\', "/")
    }

    /// A path from the top as one on disk.
    pub fn on_disk(&self, path: &str) -> String {
        normal(&self.top.join(path))
    }

    pub fn revision(&self, name: &str) -> Result<Revision, String> {
        let commit = format!("{name}^{{commit}}");
        let found = self.git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
        if !found.status.success() {
            return Err(format!("there is no revision `{name}`"));
        }
        Ok(self.at(name, &found))
    }

    /// Where two revisions parted, for `A...B`.
    pub fn fork(&self, a: &str, b: &str) -> Result<Revision, String> {
        let (first, second) = (self.revision(a)?, self.revision(b)?);
        let found = self.git(&["merge-base", &first.commit, &second.commit])?;
        if !found.status.success() {
            return Err(format!("`{a}` and `{b}` have no commit in common"));
        }
        Ok(self.at(&format!("{a}...{b}"), &found))
    }

    fn at(&self, name: &str, found: &Output) -> Revision {
        let commit = String::from_utf8_lossy(&found.stdout).trim().to_string();
        Revision { name: name.into(), commit, repository: self.clone() }
    }

    fn git(&self, arguments: &[&str]) -> Result<Output, String> {
        git(&self.top, arguments)
    }
}

impl Revision {
    /// As the user named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of a file from the top, at this revision.
    pub fn path(&self, file: &str) -> String {
        format!("{}:{file}", self.name)
    }

    fn file<'a>(&self, path: &'a str) -> &'a str {
        path.strip_prefix(&self.name).and_then(|rest| rest.strip_prefix(':')).unwrap_or(path)
    }
}

/// The files of a revision, with the library that the disk is read with.
pub struct At<'a> {
    pub revision: &'a Revision,
    pub disk: &'a Disk,
}

impl SourceProvider for At<'_> {
    fn read(&self, path: &str, limit: u64) -> Result<String, ReadError> {
        let Revision { commit, repository, .. } = self.revision;
        let object = format!("{commit}:{}", self.revision.file(path));
        let found = repository.git(&["cat-file", "blob", &object]).map_err(ReadError::Other)?;
        if !found.status.success() {
            return Err(ReadError::NotFound);
        }
        let bytes = found.stdout.len() as u64;
        if bytes > limit {
            return Err(ReadError::TooLarge { bytes, limit });
        }
        String::from_utf8(found.stdout)
            .map_err(|e| ReadError::NotUtf8 { offset: e.utf8_error().valid_up_to() })
    }

    fn resolve(&self, from: &str, target: &str) -> String {
        let folder = Path::new(self.revision.file(from)).parent().unwrap_or(Path::new(""));
        self.revision.path(&normal(&folder.join(target)).replace('\\', "/"))
    }

    fn library(&self) -> Option<&Arc<Library>> {
        self.disk.library()
    }

    fn siblings(&self, path: &str) -> Vec<String> {
        let Revision { commit, repository, .. } = self.revision;
        let file = self.revision.file(path);
        let folder = file.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let tree = format!("{commit}:{}", folder.trim_end_matches('/'));
        let Ok(found) = repository.git(&["ls-tree", "--name-only", &tree]) else { return vec![] };
        let names = String::from_utf8_lossy(&found.stdout).into_owned();
        names
            .lines()
            .filter(|n| n.ends_with(".mls"))
            .map(|n| self.revision.path(&format!("{folder}{n}")))
            .collect()
    }
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Output, String> {
    let run = Command::new("git").arg("-C").arg(folder).args(arguments).output();
    run.map_err(|e| format!("`git` cannot be run: {e}"))
}

fn shown(folder: &Path) -> String {
    if folder == Path::new(".") { "this folder".into() } else { folder.display().to_string() }
}
