//! Where numbers stand: the texts of a scenario and of the library.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::explain::calculator::{Worth, quantity};

/// The text of a scenario and of the library, and the members of all enums.
#[derive(Clone)]
pub struct Texts {
    pub files: HashMap<String, Vec<String>>,
    pub members: HashSet<String>,
}

impl Texts {
    pub fn of(path: &str, text: &str) -> Texts {
        let mut texts = Texts { files: HashMap::new(), members: HashSet::new() };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/std");
        let mut left = vec![root.clone()];
        while let Some(folder) = left.pop() {
            for entry in std::fs::read_dir(folder).expect("the library").flatten() {
                let found = entry.path();
                if found.is_dir() {
                    left.push(found);
                } else if let Ok(text) = std::fs::read_to_string(&found) {
                    let below = found.strip_prefix(&root).expect("inside").to_string_lossy().into_owned();
                    texts.add(&format!("std/{below}"), &text);
                }
            }
        }
        texts.add(path, text);
        texts
    }

    pub fn add(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_string(), text.lines().map(str::to_string).collect());
        let code: Vec<&str> = text.lines().map(|l| l.split('#').next().unwrap_or("")).collect();
        for part in code.join("\n").split("enum ").skip(1) {
            let body = part.split('{').nth(1).and_then(|b| b.split('}').next()).unwrap_or("");
            self.members.extend(body.split([',', ' ', '\n']).filter(|w| !w.is_empty()).map(str::to_string));
        }
    }

    /// Does the line of `path:line`, or one of those after it, say this value?
    pub fn say(&self, place: &str, lines: usize, worth: &Worth) -> bool {
        let (path, line) = place.rsplit_once(':').unwrap_or((place, "1"));
        let from = line.parse::<usize>().unwrap_or(0);
        (from..from + lines).any(|line| self.line_says(path, line, worth))
    }

    fn line_says(&self, path: &str, line: usize, worth: &Worth) -> bool {
        let line = self.files.get(path).and_then(|lines| lines.get(line.checked_sub(1)?));
        let Some(line) = line else { return false };
        let words = || line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        match worth {
            // A record without a name is shown by what it was given, or by its type.
            Worth::Text(text) => {
                let record = line.contains('{') && text.starts_with(|c: char| c.is_uppercase() || c == '{');
                words().any(|w| w == text) || line.contains(&format!("\"{text}")) || record
            }
            Worth::Bool(truth) => words().any(|w| w == truth.to_string()),
            Worth::None => words().any(|w| w == "none"),
            Worth::Number(number) => {
                let starts = line.char_indices().filter(|(i, c)| {
                    let before = line[..*i].chars().next_back();
                    c.is_ascii_digit() && !before.is_some_and(|b| b.is_alphanumeric() || b == '_' || b == '.')
                });
                let mut said = starts.filter_map(|(i, _)| quantity(&line[i..]));
                said.any(|said| Worth::Number(said).agrees(&Worth::Number(number.abs())))
            }
            _ => true,
        }
    }
}
