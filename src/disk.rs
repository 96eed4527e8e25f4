//! Files and standard input as sources, and folders of them.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::source::{Library, ReadError, SourceProvider};

/// Standard input by name.
pub const STDIN: &str = "-";

/// The file system; paths are as the user wrote them, and `-` is standard input.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    library: Option<Arc<Library>>,
}

impl Disk {
    /// The file system, with the library of this folder in place of the one that is built in: for whoever changes an
    /// equation and wants to try it without building.
    ///
    /// # Errors
    /// What is wrong with the folder: it cannot be read, or has no `units.mls`.
    pub fn with_library(folder: &str) -> Result<Self, String> {
        Ok(Disk { library: Some(Arc::new(open_library(folder)?)) })
    }
}

impl SourceProvider for Disk {
    fn read(&self, path: &str, limit: u64) -> Result<String, ReadError> {
        let bytes = if path == STDIN {
            let mut bytes = vec![];
            let read = std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes);
            read.map_err(|e| ReadError::Other(e.to_string()))?;
            bytes
        } else {
            let file = fs::File::open(path).map_err(|e| reason(&e))?;
            let meta = file.metadata().map_err(|e| reason(&e))?;
            if meta.is_dir() {
                return Err(ReadError::Other("it is a directory".into()));
            }
            if meta.len() > limit {
                return Err(ReadError::TooLarge { bytes: meta.len(), limit });
            }
            let mut bytes = Vec::with_capacity(meta.len() as usize);
            // A device or pipe has no length of its own: the limit holds while reading.
            file.take(limit + 1).read_to_end(&mut bytes).map_err(|e| reason(&e))?;
            bytes
        };
        if bytes.len() as u64 > limit {
            return Err(ReadError::TooLarge { bytes: bytes.len() as u64, limit });
        }
        String::from_utf8(bytes).map_err(|e| ReadError::NotUtf8 { offset: e.utf8_error().valid_up_to() })
    }

    fn resolve(&self, from: &str, target: &str) -> String {
        let folder =
            if from == STDIN { Path::new("") } else { Path::new(from).parent().unwrap_or(Path::new("")) };
        normal(&folder.join(target))
    }

    fn library(&self) -> Option<&Arc<Library>> {
        self.library.as_ref()
    }

    fn siblings(&self, path: &str) -> Vec<String> {
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        let readable = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let Ok(entries) = fs::read_dir(readable) else { return vec![] };
        let mut names: Vec<String> = entries
            .flatten()
            .map(|e| folder.join(e.file_name()))
            .filter(|p| p.extension().is_some_and(|e| e == "mls"))
            .map(|p| p.to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

/// `a/./b/../c` is `a/c`: one file is one module, however its path is written.
pub fn normal(path: &Path) -> String {
    let mut parts: Vec<std::path::Component> = vec![];
    for part in path.components() {
        match (part, parts.last()) {
            (std::path::Component::CurDir, _) => {}
            (std::path::Component::ParentDir, Some(std::path::Component::Normal(_))) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let path: PathBuf = parts.iter().collect();
    path.to_string_lossy().into_owned()
}

fn reason(error: &std::io::Error) -> ReadError {
    match error.kind() {
        ErrorKind::NotFound => ReadError::NotFound,
        ErrorKind::PermissionDenied => ReadError::Other("permission denied".into()),
        _ => ReadError::Other(error.to_string()),
    }
}

/// The files behind paths: a directory stands for every `.mls` below it. Each file once.
///
/// # Errors
/// A directory with no `.mls` file below it.
pub fn expand(paths: &[String]) -> Result<Vec<String>, String> {
    let mut files: Vec<String> = vec![];
    for path in paths {
        if path != STDIN && Path::new(path).is_dir() {
            let mut found = vec![];
            below(Path::new(path), &mut found, 0);
            if found.is_empty() {
                return Err(format!("there is no `.mls` file below `{path}`"));
            }
            found.sort();
            files.extend(found);
        } else {
            files.push(if path == STDIN { path.clone() } else { normal(Path::new(path)) });
        }
    }
    let mut seen = std::collections::HashSet::new();
    files.retain(|f| seen.insert(f.clone()));
    Ok(files)
}

/// Links are not followed, so a circle of them cannot trap the walk.
fn below(folder: &Path, found: &mut Vec<String>, depth: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !hidden && depth < 32 => below(&path, found, depth + 1),
            Ok(kind) if kind.is_file() && path.extension().is_some_and(|e| e == "mls") => {
                found.push(normal(&path));
            }
            _ => {}
        }
    }
}

/// The library in a folder.
fn open_library(folder: &str) -> Result<Library, String> {
    let mut files = vec![];
    for path in expand(&[folder.to_string()])? {
        let below = Path::new(&path).strip_prefix(normal(Path::new(folder))).map_err(|e| e.to_string())?;
        let text = fs::read_to_string(&path).map_err(|e| format!("cannot read `{path}`: {e}"))?;
        files.push((below.to_string_lossy().replace('\\', "/"), text));
    }
    if !files.iter().any(|(path, _)| path == "units.mls") {
        return Err(format!("`{folder}` is no library: it has no `units.mls`"));
    }
    Ok(Library::new(files))
}
