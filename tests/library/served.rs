//! The crate as a language server uses it: texts that change, questions about places in them, one process.

use std::sync::Arc;

use mlsys::disk::Disk;
use mlsys::outcome::Datum;
use mlsys::session::{Options, Session, Symbol};
use mlsys::source::{Library, Memory, Position, SourceProvider};

use crate::support::Folder;

const PLAN: &str = "\
use std.hardware.nvidia.H100_SXM
use std.models.meta.{llama3_8b as small}

unit team = 12 kW
type Rack { slots: Scalar = 8, card: Hardware }

## Share of the peak that kernels reach.
param efficiency: Scalar = 50%
fn twice(x: Time) -> Time = 2 * x
solver half(whole: Time) {
  let part = whole / 2
  out rest = part
}
rack row { card: H100_SXM }
system pod { hardware: row.card, devices: row.slots }
solve one = roofline { model: small, system: pod, batch: 4, precision: fp8, efficiency }
solve most = half { whole: twice(one.latency) }
sweep grid = one over { batch: [1, 2, 4] }
assert all grid where batch < 4: latency < 25 ms
let capacity = 80 GB
";

fn session<'a>() -> Session<'a> {
    let mut session = Session::new(Memory::default(), Options::default());
    session.open("plan.mls", PLAN);
    session
}

/// The symbol at the `nth` occurrence of `text` in the plan, at `within` bytes of it.
fn symbol(session: &mut Session, text: &str, nth: usize, within: usize) -> Symbol {
    let (start, _) = PLAN.match_indices(text).nth(nth).expect("the text occurs");
    let found = session.at("plan.mls", (start + within) as u32);
    found.unwrap_or_else(|| panic!("nothing at {nth} of `{text}`"))
}

/// What a symbol is, where it is declared, and the lines that use it.
fn summary(symbol: &Symbol) -> String {
    let Symbol { kind, name, declared, uses, .. } = symbol;
    let at = declared.as_ref().map_or(String::new(), |d| match d.path.starts_with("std/") {
        true => d.path.to_string(),
        false => format!("{}:{}", d.path, d.from.line),
    });
    let own = uses.iter().filter(|u| &*u.path == "plan.mls");
    let lines: Vec<String> = own.map(|u| format!("{}:{}", u.from.line, u.from.column)).collect();
    format!("{kind:?} {name} {} {at} [{}]", symbol.ty.as_deref().unwrap_or("-"), lines.join(" "))
}

#[test]
fn every_kind_of_name_is_found() {
    let mut session = session();
    assert_eq!(session.diagnostics("plan.mls"), []);
    let cases = [
        // An entry of the library: in its `use`, and where it is used.
        ("H100_SXM", 0, "Record H100_SXM Hardware std/hardware/nvidia.mls [1:25 14:18]"),
        ("H100_SXM", 1, "Record H100_SXM Hardware std/hardware/nvidia.mls [1:25 14:18]"),
        // An alias is the declaration that it stands for.
        ("small", 1, "Record llama3_8b Model std/models/meta.mls [2:22 2:35 16:31]"),
        ("std.models.meta", 0, "Module std/models/meta.mls - std/models/meta.mls [2:5]"),
        ("team", 0, "Unit team Power (Energy / Time) plan.mls:4 []"),
        ("Rack", 0, "Type Rack - plan.mls:5 [14:1]"),
        ("slots", 1, "Field slots Scalar plan.mls:5 [15:47]"),
        ("efficiency", 0, "Param efficiency Scalar plan.mls:8 [16:77]"),
        // `efficiency` alone in braces: what is given, not the input.
        ("efficiency", 1, "Param efficiency Scalar plan.mls:8 [16:77]"),
        ("twice", 1, "Function twice Time plan.mls:9 [17:28]"),
        ("x: Time", 0, "Parameter x Time plan.mls:9 [9:33]"),
        ("Time", 0, "Dimension Time Time std/units.mls [9:13 9:22 10:20]"),
        ("half", 1, "Solver half - plan.mls:10 [17:14]"),
        ("whole", 0, "Input whole Time plan.mls:10 [11:14 17:21]"),
        ("part", 1, "Local part Time plan.mls:11 [12:14]"),
        ("rest", 0, "Output rest Time plan.mls:12 []"),
        ("row", 2, "Record row Rack plan.mls:14 [15:24 15:43]"),
        ("one", 0, "Solve one a solve of roofline plan.mls:16 [17:34 18:14]"),
        ("fp8", 0, "Member fp8 Precision std/types.mls [16:72]"),
        ("latency", 1, "Output latency Time std/solvers/roofline.mls [17:38 19:34]"),
        // An axis is the input that it varies.
        ("batch", 1, "Input batch Scalar std/solvers/roofline.mls [16:51 18:25 19:23]"),
        ("grid", 1, "Sweep grid a grid of points plan.mls:18 [19:12]"),
        ("GB", 0, "Unit B Data std/units.mls [20:19]"),
        ("80 GB", 0, "Expression 80 GB Data  []"),
    ];
    let found: Vec<String> =
        cases.iter().map(|(text, nth, _)| summary(&symbol(&mut session, text, *nth, 1))).collect();
    let expected: Vec<&str> = cases.iter().map(|(.., expected)| *expected).collect();
    assert_eq!(found, expected);
    assert_eq!(session.diagnostics("plan.mls"), []);
    let found = symbol(&mut session, "efficiency", 0, 1);
    assert_eq!(found.documentation, "Share of the peak that kernels reach.");
    assert_eq!((found.place.from, found.place.to), (at(8, 7), at(8, 17)));
    assert_eq!(session.at("plan.mls", PLAN.len() as u32 + 9), None);
}

fn at(line: usize, column: usize) -> Position {
    Position { line, column }
}

#[test]
fn values_are_there_after_a_run() {
    let mut session = session();
    assert_eq!(symbol(&mut session, "capacity", 0, 1).value, None);
    assert!(session.evaluated("plan.mls").ok());
    let shown = |session: &mut Session, text, nth| match symbol(session, text, nth, 1).value {
        Some(Datum::Quantity { text, .. }) => text,
        other => format!("{other:?}"),
    };
    assert_eq!(shown(&mut session, "capacity", 0), "80 GB");
    assert_eq!(shown(&mut session, "slots", 1), "8");
    assert_eq!(shown(&mut session, "efficiency", 1), "50%");
    let latency = symbol(&mut session, "latency", 0, 1).value;
    let outcome = session.evaluated("plan.mls");
    let solved = outcome.files[0].solves[0].outputs.iter().find(|(name, _)| name == "latency");
    assert_eq!(latency.as_ref(), solved.map(|(_, value)| value));
    let Some(Datum::Record { type_name, .. }) = symbol(&mut session, "one", 1, 1).value else { panic!() };
    assert_eq!(type_name, "roofline");
    // At a point of a sweep, or in a solver, a name has no value of its own.
    assert_eq!(symbol(&mut session, "latency", 1, 1).value, None);
    assert_eq!(symbol(&mut session, "part", 1, 1).value, None);
    session.change("plan.mls", PLAN.replace("80 GB", "81 GB"));
    assert_eq!(symbol(&mut session, "capacity", 0, 1).value, None);
    session.evaluated("plan.mls");
    assert_eq!(shown(&mut session, "capacity", 0), "81 GB");
}

#[test]
fn a_change_is_seen_in_every_file_that_reads_it() {
    let mut memory = Memory::with("shared.mls", "let limit = 3\n");
    memory.add("plan.mls", "use \"shared.mls\"\nassert limit < 4\nshow limit\n");
    let mut session = Session::new(memory, Options::default());
    assert!(session.evaluated("plan.mls").ok());
    session.open("shared.mls", "## What we have.\nlet limit = 5\n");
    assert!(!session.evaluated("plan.mls").ok());
    let used = session.at("plan.mls", 24).expect("a name");
    let declared = used.declared.expect("is declared");
    assert_eq!((&*declared.path, declared.from), ("shared.mls", at(2, 5)));
    assert_eq!(used.value.map(|v| format!("{v:?}").contains("5")), Some(true));
    let lines = |session: &mut Session| -> Vec<(String, usize)> {
        let uses = session.uses("shared.mls", 22);
        uses.iter().map(|u| (u.path.to_string(), u.from.line)).collect()
    };
    assert_eq!(lines(&mut session), [("plan.mls".into(), 2), ("plan.mls".into(), 3)]);
    session.change("shared.mls", "## What we have.\nlet bound = 5\n");
    assert_eq!(
        session.diagnostics("plan.mls").iter().map(|d| d.code).collect::<Vec<_>>(),
        ["mls::unknown-name"; 1]
    );
    session.close("shared.mls");
    assert!(session.evaluated("plan.mls").ok());
}

#[test]
fn buffers_shadow_the_disk() {
    let folder = Folder::new("served");
    let path = folder.path().join("a.mls").to_string_lossy().into_owned();
    std::fs::write(&path, "let x = 1\n").expect("a file");
    let mut session = Session::new(Disk::default(), Options::default());
    assert_eq!(session.diagnostics(&path).len(), 0);
    session.open(&path, "let x = \n");
    assert_ne!(session.diagnostics(&path).len(), 0);
    std::fs::write(&path, "let x = y\n").expect("a file");
    session.close(&path);
    assert_eq!(session.diagnostics(&path)[0].code, "mls::unknown-name");
    std::fs::write(&path, "let x = 2\n").expect("a file");
    session.refresh(&path);
    assert_eq!(session.diagnostics(&path).len(), 0);
}

/// A library in which a card has this bandwidth.
fn library(bandwidth: &str) -> Arc<Library> {
    let text = |file: &str, text: String| (file.to_string(), text);
    Arc::new(Library::new([
        text(
            "units.mls",
            "dimension Data\nunit B: Data { prefixes: si }\ndimension Time\nunit s: Time\n".into(),
        ),
        text("types.mls", "type Card { bandwidth: Data / Time }\n".into()),
        text(
            "cards.mls",
            format!("use std.types.Card\n## The card.\ncard Fast {{ bandwidth: {bandwidth} }}\n"),
        ),
    ]))
}

#[test]
fn two_libraries_stand_side_by_side() {
    let plan = "use std.cards.Fast\nlet rate = Fast.bandwidth\nshow rate\n";
    let served = |bandwidth| {
        let memory = Memory::with("plan.mls", plan).on_library(Some(library(bandwidth)));
        Session::new(memory, Options::default())
    };
    let (mut first, mut second) = (served("2 GB/s"), served("3 GB/s"));
    let mut embedded = Session::new(Memory::with("plan.mls", PLAN), Options::default());
    for _ in 0..3 {
        for (session, expected) in [(&mut first, 2e9), (&mut second, 3e9)] {
            let outcome = session.evaluated("plan.mls");
            assert!(outcome.ok(), "{:#?}", outcome.diagnostics);
            let symbol = session.at("plan.mls", 25).expect("rate");
            let Some(Datum::Quantity { value, .. }) = symbol.value else { panic!("{symbol:?}") };
            assert_eq!(value, expected);
            let card = session.at("plan.mls", 31).expect("Fast");
            assert_eq!(card.documentation, "The card.");
            // The library's own text answers too.
            let declared = card.declared.expect("is declared");
            let there = session.at(&declared.path, declared.range.start as u32).expect("a name");
            assert_eq!(there.name, "Fast");
        }
        assert!(embedded.evaluated("plan.mls").ok());
    }
    first.change("plan.mls", "use std.hardware.nvidia.H100_SXM\n");
    assert_eq!(first.diagnostics("plan.mls")[0].code, "mls::unknown-module");
    assert!(second.evaluated("plan.mls").ok());
}

#[test]
fn a_library_may_be_empty() {
    let memory = Memory::with("plan.mls", "let x = 3 GB\n").on_library(Some(Arc::default()));
    let mut session = Session::new(memory, Options::default());
    assert_eq!(session.diagnostics("plan.mls")[0].code, "mls::unknown-unit");
}

#[test]
fn what_is_broken_is_still_answered() {
    let mut session = Session::new(Memory::default(), Options::default());
    for end in (0..PLAN.len()).step_by(31) {
        session.change("plan.mls", &PLAN[..end]);
        session.diagnostics("plan.mls");
        for offset in [0, end / 2, end.saturating_sub(1), end] {
            session.at("plan.mls", offset as u32);
        }
        session.evaluated("plan.mls");
    }
    assert_eq!(session.offset("plan.mls", at(1, 5)), Some(4));
    assert_eq!(session.offset("plan.mls", at(99, 1)), None);
    assert_eq!(session.offset("plan.mls", at(1, 99)), None);
}

#[test]
fn a_thousand_edits_keep_no_more_than_one() {
    let mut session = Session::new(Memory::default(), Options::default());
    let mut resident = vec![];
    for edit in 0..1_000 {
        let text = format!("let capacity = {} GB\nlet half = capacity / 2\n", 100 + edit % 900);
        session.change("plan.mls", text);
        assert_eq!(session.diagnostics("plan.mls"), []);
        assert_eq!(session.uses("plan.mls", 5).len(), 1);
        if edit % 100 == 99 {
            resident.push(resident_bytes());
        }
    }
    // Other tests run in this process: growth that edits cause shows in every hundred of them.
    let grown = resident.windows(2).filter(|w| w[1] > w[0] + (1 << 20)).count();
    assert!(grown < resident.len() - 1, "{resident:?}");
}

/// Memory of this process, where the system says so.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

#[test]
fn sessions_go_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let session = session();
    is_send(&session);
    let provider: Box<dyn SourceProvider> = Box::new(Memory::with("a.mls", "let x = 1\n"));
    let mut boxed = Session::new(provider, Options::default());
    assert_eq!(boxed.diagnostics("a.mls"), []);
}
