//! `run --out DIR`: each sweep in a file, under its name only once it is whole.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::ValueEnum;

use crate::cli::csv::Csv;
use crate::run::data::export::{Head, Table, Tables};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// Comma-separated text; units in the header, as in `latency [s]`
    Csv,
    /// Columns with units in their metadata, for DuckDB, Spark, pandas (needs the cargo feature `parquet`)
    Parquet,
}

/// The folder that sweeps are written to.
pub struct Folder {
    path: PathBuf,
    format: TableFormat,
    /// Several files are run: their names tell their sweeps apart.
    several: bool,
    written: Mutex<HashSet<PathBuf>>,
}

impl Folder {
    pub fn new(path: &str, format: TableFormat, several: bool) -> Result<Self, String> {
        if format == TableFormat::Parquet && !cfg!(feature = "parquet") {
            return Err("this mlsys was built without Parquet; build it with `cargo install --path . \
                        --features parquet`, or write `--table csv`"
                .into());
        }
        fs::create_dir_all(path).map_err(|e| format!("cannot make the folder `{path}`: {e}"))?;
        Ok(Folder { path: path.into(), format, several, written: Mutex::default() })
    }

    /// `grid.csv`, `night.grid.csv`, `capacity.grid.03-of-16.csv`
    fn name(&self, head: &Head) -> String {
        let stem = Path::new(&head.path).file_stem().map(|s| s.to_string_lossy().into_owned());
        let mut parts: Vec<String> = stem.filter(|_| self.several).into_iter().collect();
        parts.extend(head.scenario.as_deref().map(plain));
        parts.push(head.name.clone());
        if let Some(shard) = head.shard {
            let width = shard.count.to_string().len();
            parts.push(format!("{:0width$}-of-{}", shard.index, shard.count));
        }
        parts.push(if self.format == TableFormat::Csv { "csv".into() } else { "parquet".into() });
        parts.join(".")
    }
}

/// A name as it can stand in a file's name on every system.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "-_".contains(c) { c } else { '-' }).collect()
}

impl Tables for Folder {
    fn open(&self, head: Head) -> Result<Box<dyn Table>, String> {
        let path = self.path.join(self.name(&head));
        if !self.written.lock().map_err(|e| e.to_string())?.insert(path.clone()) {
            return Err(format!("another sweep of this run is written to `{}`", path.display()));
        }
        let draft = Draft::new(path)?;
        match self.format {
            TableFormat::Csv => Ok(Box::new(Csv::new(head, draft)?)),
            #[cfg(feature = "parquet")]
            TableFormat::Parquet => Ok(Box::new(crate::cli::parquet::Parquet::new(head, draft)?)),
            #[cfg(not(feature = "parquet"))]
            TableFormat::Parquet => Err("this mlsys was built without Parquet".into()),
        }
    }
}

/// A file under a temporary name. Renamed when it is whole; removed when it is dropped before.
pub struct Draft {
    path: PathBuf,
    beside: PathBuf,
    file: Option<fs::File>,
}

impl Draft {
    fn new(path: PathBuf) -> Result<Self, String> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // A dot before it: readers of `DIR/*.csv` do not see it.
        let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        let file = fs::File::create(&beside).map_err(|e| format!("`{}`: {e}", beside.display()))?;
        Ok(Draft { path, beside, file: Some(file) })
    }

    pub fn commit(mut self) -> Result<(), String> {
        let failed = |e: std::io::Error| format!("`{}`: {e}", self.path.display());
        if let Some(file) = self.file.take() {
            file.sync_all().map_err(failed)?;
        }
        fs::rename(&self.beside, &self.path).map_err(failed)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After the rename there is nothing under this name.
        let _ = fs::remove_file(&self.beside);
    }
}
