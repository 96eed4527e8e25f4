//! `mlsys init`: a scenario to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use clap::Args;

use super::output::{complain, print};

/// Write a small commented scenario to start from
#[derive(Args)]
pub struct Init {
    /// The file to write
    #[arg(default_value = "capacity.mls")]
    path: String,
}

const TEMPLATE: &str = include_str!("init.mls");

impl Init {
    pub fn execute(self) -> u8 {
        let file = OpenOptions::new().write(true).create_new(true).open(&self.path);
        match file.and_then(|mut f| f.write_all(TEMPLATE.as_bytes())) {
            Ok(()) => {
                let path = &self.path;
                print(&format!(
                    "wrote {path}\n\n  mlsys run {path}                         check the plan\n  \
                     mlsys run {path} --set \"efficiency=30%\"   try another value\n  \
                     mlsys list hardware                      what the library knows\n"
                ));
                0
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                complain(&format!("error: `{}` exists and is left as it is; name another file\n", self.path));
                2
            }
            Err(error) => {
                complain(&format!("error: `{}` cannot be written: {error}\n", self.path));
                2
            }
        }
    }
}
