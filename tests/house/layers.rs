//! Imports between rooms (folders of `src`) point one way, and only where the table lets them.
//!
//! A room's own files and its sub-rooms are one: they may import each other. Two sub-rooms may not, in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A room, and what it may import: the rooms named and what those may. `room/part` is that part alone.
struct Room(&'static str, &'static [&'static str]);

/// Each may import only what stands before it.
const HOUSE: &[Room] = &[
    Room("source", &[]),
    Room("disk", &["source"]),
    Room("diagnostic", &["source"]),
    Room("suggest", &[]),
    Room("native", &[]),
    Room("codes", &["suggest"]),
    Room("syntax", &["diagnostic", "codes"]),
    Room("outcome", &["diagnostic"]),
    Room("library", &["syntax"]),
    Room("import", &["syntax"]),
    Room("units", &["syntax"]),
    Room("check", &["units", "import", "library", "native"]),
    Room("columns", &["source", "native", "check/program"]),
    Room("lower", &["check", "columns", "outcome/plan"]),
    Room("run", &["lower", "outcome"]),
    Room("explain", &["run"]),
    Room("whatif", &["explain"]),
    Room("diff", &["run"]),
    Room("catalogue", &["run"]),
    Room("session", &["whatif", "diff"]),
    Room("facade", &["session"]),
    Room("report", &["outcome", "codes"]),
    Room("cli", &["report", "session", "catalogue", "facade", "disk"]),
];

/// What the table or a circle forbids and is there today: from, to. One that is gone must leave this list.
const LEFT: &[(&str, &str)] = &[];

/// A file that imports a module: both by their path below `src`.
struct Import {
    file: String,
    module: String,
}

pub fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The paths that a text names after `crate::`, with those of `crate::a::{b, c::d}` one by one.
fn paths(text: &str) -> Vec<String> {
    let mut found = vec![];
    for used in text.split("crate::").skip(1) {
        let end = used.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(used.len());
        let (path, rest) = used.split_at(end);
        let path = path.trim_end_matches(':').replace("::", "/");
        let Some(group) = rest.strip_prefix('{') else {
            found.push(path);
            continue;
        };
        let mut depth = 1;
        let end = group.find(|c| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            depth == 0
        });
        for name in group[..end.unwrap_or(0)].split([',', '{', '}']) {
            let name = name.trim().replace("::", "/");
            found.push(format!("{path}/{name}").trim_matches('/').to_string());
        }
    }
    found
}

/// The room of a file or module: its first part.
fn top(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// All rooms and parts that `room` may import.
fn allowed<'r>(house: &'r [Room], room: &str, found: &mut BTreeSet<&'r str>) {
    for may in house.iter().filter(|r| r.0 == room).flat_map(|r| r.1) {
        if found.insert(may) && !may.contains('/') {
            allowed(house, may, found);
        }
    }
}

/// What is wrong with imports, or with the list of those that are left.
fn faults(
    house: &[Room],
    left: &[(&str, &str)],
    folders: &BTreeSet<String>,
    imports: &[Import],
) -> Vec<String> {
    let mut faults = vec![];
    let mut excused: BTreeSet<(&str, &str)> = BTreeSet::new();
    // Imports between folders side by side: from each, to which, and a file that does.
    let mut beside: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for Import { file, module } in imports {
        let (from, to) = (top(file), top(module));
        if from != to && house.iter().any(|r| r.0 == to) {
            let mut may = BTreeSet::new();
            allowed(house, from, &mut may);
            let fits = |m: &&str| module == *m || module.starts_with(&format!("{m}/"));
            if !may.iter().any(fits) {
                match left.iter().find(|l| **l == (from, to)) {
                    Some(one) => drop(excused.insert(*one)),
                    None => faults.push(format!("{file}: `{from}` may not import `{module}`")),
                }
            }
            continue;
        }
        let pairs =
            file.match_indices('/').zip(module.match_indices('/').map(|(i, _)| i).chain([module.len()]));
        // The first folders in which they differ, if both are folders.
        for ((a, _), b) in pairs {
            let (from, to) = (&file[..a], &module[..b]);
            if from != to {
                if folders.contains(to) {
                    beside.entry(from).or_default().insert(to, file);
                }
                break;
            }
        }
    }
    for (from, to) in left.iter().filter(|(from, _)| from.contains('/')) {
        let gone = beside.get_mut(from).and_then(|tos| tos.remove(to));
        if gone.is_some() {
            // It is excused only if there is a circle without the excuse.
            let circle = reaches(&beside, to, from);
            excused.extend(circle.then_some((*from, *to)));
        }
    }
    for (from, tos) in &beside {
        for (to, file) in tos {
            if reaches(&beside, to, from) {
                faults.push(format!("{file}: a circle, `{to}` imports `{from}` too"));
            }
        }
    }
    let stale = left.iter().filter(|l| !excused.contains(*l));
    faults.extend(stale.map(|(from, to)| format!("`{from}` no longer imports `{to}`: take it off the list")));
    faults
}

fn reaches<'i>(beside: &BTreeMap<&'i str, BTreeMap<&'i str, &'i str>>, from: &str, to: &str) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(room) = next.pop() {
        if room == to {
            return true;
        }
        if seen.insert(room) {
            next.extend(beside.get(room).into_iter().flat_map(|tos| tos.keys()));
        }
    }
    false
}

#[test]
fn imports_point_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    rust_files(&root, &mut files);
    let (mut imports, mut folders) = (vec![], BTreeSet::new());
    for path in files {
        let below = path.strip_prefix(&root).expect("a file of the sources");
        let file = below.to_string_lossy().replace('\\', "/");
        if matches!(&*file, "lib.rs" | "main.rs") {
            continue;
        }
        assert!(HOUSE.iter().any(|r| r.0 == top(&file)), "`{}` has no place in the table", top(&file));
        folders.extend(file.match_indices('/').map(|(at, _)| file[..at].to_string()));
        let text = fs::read_to_string(&path).expect("UTF-8");
        imports.extend(paths(&text).into_iter().map(|module| Import { file: file.clone(), module }));
    }
    assert!(imports.len() > 600, "only {} imports found", imports.len());
    let faults = faults(HOUSE, LEFT, &folders, &imports);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_table_has_an_order() {
    for (index, Room(name, may)) in HOUSE.iter().enumerate() {
        for may in *may {
            assert!(HOUSE[..index].iter().any(|r| r.0 == top(may)), "`{name}` stands before `{may}`");
        }
    }
}

#[test]
fn what_is_forbidden_is_found() {
    let house =
        [Room("text", &[]), Room("tree", &["text"]), Room("run", &["tree"]), Room("show", &["tree/types"])];
    let folders = ["tree", "run", "run/a", "run/b", "run/c", "show"].map(str::to_string).into();
    let found = |left: &[(&str, &str)], imports: &[(&str, &str)]| {
        let import =
            |(file, module): &(&str, &str)| Import { file: file.to_string(), module: module.to_string() };
        faults(&house, left, &folders, &imports.iter().map(import).collect::<Vec<_>>())
    };
    let none: [String; 0] = [];
    // What the table lets, directly and through another; a room's own files, both ways.
    assert_eq!(found(&[], &[("run/a/x.rs", "tree/node"), ("run/mod.rs", "text/Text")]), none);
    assert_eq!(
        found(&[], &[("run/mod.rs", "run/a/x"), ("run/a/x.rs", "run/Run"), ("show/x.rs", "tree/types")]),
        none
    );
    assert_eq!(
        found(&[], &[("run/a/x.rs", "run/b/y"), ("run/b/y.rs", "run/c"), ("text.rs", "std/fmt")]),
        none
    );
    // To the right; past the table; not the part that is open.
    assert_eq!(found(&[], &[("text.rs", "tree/Tree")]), ["text.rs: `text` may not import `tree/Tree`"]);
    assert_eq!(found(&[], &[("show/x.rs", "run/a/x")]), ["show/x.rs: `show` may not import `run/a/x`"]);
    assert_eq!(found(&[], &[("show/x.rs", "tree/typesetting")]).len(), 1);
    // Circles of two and of three.
    assert_eq!(found(&[], &[("run/a/x.rs", "run/b/y"), ("run/b/y.rs", "run/a/x")]).len(), 2);
    let three = [("run/a/x.rs", "run/b/y"), ("run/b/y.rs", "run/c/z"), ("run/c/z.rs", "run/a/Type")];
    assert_eq!(found(&[], &three).len(), 3);
    // An excuse serves as long as there is something to excuse.
    assert_eq!(found(&[("run/c", "run/a")], &three), none);
    assert_eq!(found(&[("run/c", "run/a")], &three[1..]).len(), 1);
    assert_eq!(found(&[("text", "tree")], &[("text.rs", "tree/Tree")]), none);
    assert_eq!(found(&[("text", "tree")], &[]).len(), 1);
    // Names in groups count.
    let text = "use crate::run::a::{self, X};\nuse crate::{tree::Node, text};\n";
    assert_eq!(paths(text), ["run/a/self", "run/a/X", "tree/Node", "text"]);
}
