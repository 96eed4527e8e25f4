//! What several test modules share.
#![cfg_attr(not(feature = "cli"), allow(dead_code))]

use std::path::{Path, PathBuf};

use mlsys::outcome::{Datum, Outcome};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use serde_json::Value;

/// Runs one text as `main.mls`.
pub fn run(text: &str) -> Outcome {
    run_with(text, &[])
}

/// The same with `--set`.
pub fn run_with(text: &str, set: &[(&str, &str)]) -> Outcome {
    let memory = Memory::with("main.mls", text);
    let set = set.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    Session::new(&memory, Options { set, ..Options::default() }).run(&["main.mls".into()])
}

/// Runs one text without a search for what would make its assertions hold.
pub fn run_plainly(text: &str) -> Outcome {
    let memory = Memory::with("main.mls", text);
    Session::new(&memory, Options { no_suggest: true, ..Options::default() }).run(&["main.mls".into()])
}

/// The value of an output of a solve, in base units.
pub fn output(outcome: &Outcome, solve: &str, name: &str) -> Datum {
    let solves = outcome.files.iter().flat_map(|f| &f.solves);
    let found = solves.filter(|s| s.name == solve).flat_map(|s| &s.outputs).find(|(n, _)| n == name);
    found.unwrap_or_else(|| panic!("no {solve}.{name}: {:#?}", outcome.diagnostics)).1.clone()
}

/// Each change of `plan` is refused by a `require` whose message says so.
pub fn refuses(plan: &str, cases: &[(&str, &str)]) {
    for (change, message) in cases {
        let outcome = run(&format!("{plan}solve broken = plan {{ {change} }}"));
        assert_eq!(outcome.exit_code(false), 2, "{change}");
        let told = format!("{:#?}", outcome.diagnostics);
        assert!(told.contains(message), "{change}: {told}");
        assert!(codes(&outcome).contains(&"mls::require-failed"), "{:?}", codes(&outcome));
    }
}

/// The codes of all diagnostics.
pub fn codes(outcome: &Outcome) -> Vec<&'static str> {
    outcome.diagnostics.iter().map(|d| d.code).collect()
}

/// A folder of a test's own, gone when the test is over.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        // Tests of one process run side by side.
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("mlsys-{name}-{}-{count}", std::process::id()));
        // Left by a run that was killed, with the same process number.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Holds a document against a schema of `tests/data/schemas`.
pub fn schema(name: &str, document: &Value) {
    schema_at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schemas").join(name), document);
}

/// Holds a document against the schema in a file.
pub fn schema_at(path: &Path, document: &Value) {
    let name = "schema.json";
    let text = std::fs::read_to_string(path).expect("the schema is committed");
    let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource(name, schema).expect("a schema");
    let index = compiler.compile(name, &mut schemas).expect("a schema that compiles");
    if let Err(error) = schemas.validate(document, index) {
        panic!("{error}\n{document:#}");
    }
}

/// Numbers that look random and are the same in every run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }

    pub fn choose<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

/// A rendering without the line numbers of the library, which change with it.
pub fn without_library_lines(rendered: &str) -> String {
    let mut library = false;
    let mut lines = vec![];
    for line in rendered.lines() {
        if let Some((before, place)) = line.split_once("─[") {
            library = place.starts_with("std/");
            if library {
                let file = place.split(':').next().unwrap_or(place);
                lines.push(format!("{}─[{file}]", before.trim_start()));
                continue;
            }
        }
        lines.push(if library {
            line.trim_start_matches([' ', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']).to_string()
        } else {
            line.to_string()
        });
        library &= !line.contains('╰');
    }
    lines.join("\n") + "\n"
}
