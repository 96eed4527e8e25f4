//! Hostile and enormous input: each limit has its diagnostic, and nothing hangs or panics.
#![cfg(feature = "cli")]

use std::fs;

use mlsys::outcome::Outcome;
use mlsys::session::{Options, Session};
use mlsys::source::Memory;

use crate::cli::golden::mlsys;
use crate::support::{Folder, codes, run};

fn first_code(text: &str) -> Option<&'static str> {
    codes(&run(text)).first().copied()
}

#[test]
fn every_bracket_nests_so_deep_and_no_deeper() {
    for (open, close) in [("(", ")"), ("[", "]"), ("-(", ")"), ("max(1, ", ")"), ("{ let a = ", "\n a }")] {
        let nested = |depth: usize| format!("let a = {}1{}\n", open.repeat(depth), close.repeat(depth));
        assert!(!codes(&run(&nested(20))).contains(&"mls::nesting-too-deep"), "{open}");
        for depth in [200, 50_000] {
            assert_eq!(first_code(&nested(depth)), Some("mls::nesting-too-deep"), "{depth} times {open}");
        }
        // Never closed.
        let open_only = format!("let a = {}", open.repeat(100_000));
        assert!(first_code(&open_only).is_some(), "{open}");
    }
    let types = format!("let a: {}Time{} = 3 s\n", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(first_code(&types), Some("mls::nesting-too-deep"));
}

#[test]
fn words_nest_so_deep_and_no_deeper() {
    let words = [
        ("if true then 1 else ", "2"),
        ("if ", "true then 1 else 2"),
        ("iterate 2 from x = 1: ", "x"),
        ("smallest n in 1..3 where n >= ", "1"),
        ("1 within ", "1"),
    ];
    for (word, inner) in words {
        for times in [200, 1_000, 5_000, 100_000] {
            let text = format!("let a = {}{inner}\n", word.repeat(times));
            let code = first_code(&text);
            // What is not closed is no expression at all, where the parser went so far as to see it.
            let open = matches!(word, "if " | "1 within ") && code == Some("mls::syntax") && times < 5_000;
            assert!(open || code == Some("mls::nesting-too-deep"), "{times} times {word}: {code:?}");
        }
    }
    let chain = |links: usize| format!("let a = {}2\nassert a == 2\n", "if false then 1 else ".repeat(links));
    assert!(run(&chain(100)).ok());
    // Many in a row do not nest, whatever they are called.
    let many = format!("let a = [{}1]\nlet iffy = 1\n", "if true then iffy else iffy, ".repeat(3_000));
    assert!(run(&many).ok());
    let names = format!("let latency = 1 s\nlet a = [{}2 s]\n", "latency, ".repeat(6_000));
    assert!(run(&names).ok());
}

#[test]
fn operators_in_a_row_are_limited() {
    let sum = |n: usize| format!("let a = 1{}\nassert a > 0\n", " + 1".repeat(n));
    assert!(run(&sum(1_000)).ok());
    assert_eq!(first_code(&sum(5_000)), Some("mls::expression-too-long"));
    assert_eq!(first_code(&format!("let a = {}1\n", "-".repeat(1_000))), Some("mls::expression-too-long"));
    let negated = format!("let a = 1{}\nassert a > 0\n", " - -1".repeat(100));
    assert!(run(&negated).ok());
    let powers = format!("let a = 2{}\n", " ^ 1".repeat(1_500));
    assert!(run(&powers).ok());
}

#[test]
fn lists_are_limited() {
    assert!(run("assert len(1..100000) == 100000\n").ok());
    for text in ["show sum(1..1000000)\n", "show [x for x in 0..1e9]\n", "show 0 s..1 s by 1 ns\n"] {
        assert_eq!(first_code(text), Some("mls::list-too-long"), "{text}");
    }
    let written = format!("let a = [{}1]\nassert len(a) == 20001\n", "1, ".repeat(20_000));
    assert!(run(&written).ok());
}

#[test]
fn operations_are_limited() {
    let squares = "let a = [x * y for x in 1..50000]\nlet y = 3\nlet b = [sum([z * w for z in a]) for w in a]\nshow sum(b)\n";
    assert_eq!(first_code(squares), Some("mls::too-many-operations"));
}

#[test]
fn doubling_by_functions_ends() {
    let mut text = String::from("fn f0(x: Scalar) -> Scalar = x + 1\n");
    for n in 1..60 {
        text.push_str(&format!("fn f{n}(x: Scalar) -> Scalar = f{}(x) + f{}(x + 1)\n", n - 1, n - 1));
    }
    text.push_str("show f59(1)\n");
    assert_eq!(first_code(&text), Some("mls::too-many-operations"));
}

#[test]
fn sweep_points_are_limited() {
    let mut text =
        String::from("solver s(a: Scalar, b: Scalar, c: Scalar, d: Scalar) {\n  out x = a + b + c + d\n}\n");
    text.push_str("solve base = s { a: 1, b: 1, c: 1, d: 1 }\nsweep g = base over {\n");
    for axis in ["a", "b", "c", "d"] {
        text.push_str(&format!("  {axis}: 1..90000\n"));
    }
    text.push_str("}\nassert any g: x > 1\n");
    assert!(first_code(&text).is_some());
}

#[test]
fn imports_are_limited_in_depth() {
    let mut memory = Memory::default();
    for n in 0..200 {
        memory.add(&format!("f{n}.mls"), format!("use \"f{}.mls\"\nlet a{n} = 1\n", n + 1));
    }
    memory.add("f200.mls", "let last = 1\n");
    let outcome = Session::new(&memory, Options::default()).run(&["f0.mls".into()]);
    assert_eq!(codes(&outcome), ["mls::import-too-deep"]);
}

#[test]
fn chains_of_declarations_are_limited() {
    let chain = |n: usize| {
        (0..n).map(|i| format!("let a{i} = a{} + 1\n", i + 1)).collect::<String>()
            + &format!("let a{n} = 1\n")
    };
    assert!(run(&chain(1_000)).ok());
    assert_eq!(first_code(&chain(20_000)), Some("mls::chain-too-long"));
}

#[test]
fn numbers_that_are_none_are_told() {
    let text = [
        "show 1e308 * 10",
        "show 0 / 0",
        "show 1 / 0",
        "show exp(1000)",
        "show 10 ^ 1e9",
        "show (0 - 1) ^ 0.5",
        "show 1e300 s * 1e300 s",
        "show ln(0 - 1)",
        "show 0 s / 0 s",
        "show 1e308 + 1e308",
        "show sqrt(0 - 1)",
        "assert 0 / 0 < 1",
        "assert not (0 / 0 < 1)",
        "show [1 / x for x in [1, 0]]",
        "show 5 to EB/s",
    ];
    for text in text {
        assert_eq!(run(&format!("{text}\n")).exit_code(false), 2, "{text}");
    }
    assert_eq!(first_code("let a = 3 s^9999\n"), Some("mls::exponent"));
    assert_eq!(first_code("let a = 3 s^99999999999999999999\n"), Some("mls::exponent"));
}

#[test]
fn files_that_are_no_texts_are_told() {
    let folder = Folder::new("no-texts");
    let file = |name: &str| folder.path().join(name);
    fs::write(file("binary.mls"), [b'l', b'e', 0xff, 0xfe, 0x00]).expect("a temporary file");
    fs::File::create(file("large.mls")).and_then(|f| f.set_len(1 << 30)).expect("a temporary file");
    fs::create_dir(file("folder.mls")).expect("a temporary folder");
    fs::write(file("uses.mls"), "use \"folder.mls\"\nuse \"binary.mls\"\n").expect("a temporary file");
    for (name, wanted) in [
        ("binary.mls", "mls::not-utf8"),
        ("large.mls", "mls::file-too-large"),
        ("nowhere.mls", "mls::file-not-found"),
        ("uses.mls", "mls::file-unreadable"),
    ] {
        let output = mlsys(folder.path(), &["run", name]).output().expect("the program runs");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name}: {told}");
        assert!(told.contains(wanted), "{name}: {told}");
    }
    let nothing: Outcome = run("\u{feff}");
    assert!(nothing.ok());
}
