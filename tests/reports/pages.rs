//! `--format html`: its structure, and the page in a real browser where there is one (`chromium` in the path, as in
//! Debian's package of that name).
#![cfg(feature = "cli")]

use std::process::Command;

use mlsys::outcome::Outcome;
use mlsys::report::html;
use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use serde_json::Value;

use crate::support::Folder;

const PLAN: &str = include_str!("../data/reports/chat.mls");
const CHARTS: &str = include_str!("../data/reports/charts.mls");
const PROBE: &str = include_str!("../data/html/probe.js");

fn outcome(path: &str, text: &str) -> Outcome {
    let memory = Memory::with(path, text);
    Session::new(&memory, Options::default()).deriving(true).run(&[path.into()])
}

fn page() -> String {
    html::render(&outcome("plans/chat.mls", &format!("{PLAN}{CHARTS}")))
}

#[test]
fn a_page_needs_nothing_else() {
    let page = page();
    for outside in ["http://", "https://", "@import", "url(", "<link rel=\"stylesheet\"", "src="] {
        let found = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!found.contains(outside), "{outside}");
    }
    assert!(page.starts_with("<!doctype html>"));
    assert!(page.contains("<meta name=\"viewport\""));
}

#[test]
fn a_page_has_all_of_a_run() {
    let outcome = outcome("plans/chat.mls", &format!("{PLAN}{CHARTS}"));
    let page = html::render(&outcome);
    let count = |what: &str| page.matches(what).count();
    assert_eq!(count("<td class=\"mark "), outcome.files[0].assertions.len());
    assert_eq!(count("<figure>"), outcome.files[0].plots.len() + outcome.files[0].charts.len());
    assert_eq!(count("role=\"img\" aria-labelledby="), count("<figure>"));
    assert_eq!(count("<details"), count("</details>"));
    assert!(page.contains("std/solvers/roofline.mls:"), "equations say where they stand");
    assert!(page.contains("<code>latency = max(latency_compute, latency_memory) + latency_overhead</code>"));
    // What the tree of `explain` says: shares, what does not decide, whose figures, and papers.
    for said in [">does not decide<", ">100 %<", "[Card 80, plans/chat.mls:", "Source: Williams"] {
        assert!(page.contains(said), "{said}");
    }
    // Every link leads somewhere.
    let links: Vec<&str> = page.split("href=\"#").skip(1).filter_map(|p| p.split('"').next()).collect();
    assert!(
        !links.is_empty() && links.iter().all(|link| page.contains(&format!(" id=\"{link}\""))),
        "{links:?}"
    );
    // Every id is its own.
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|p| p.split('"').next()).collect();
    assert!(ids.iter().all(|id| ids.iter().filter(|o| *o == id).count() == 1), "{ids:?}");
}

/// Each chart of the page is XML by itself, and each of its texts stands inside it.
#[test]
fn charts_are_whole() {
    let page = page();
    let mut seen = 0;
    for part in page.split("<svg").skip(1) {
        let svg = format!("<svg{}</svg>", part.split("</svg>").next().unwrap_or(""));
        let document = roxmltree::Document::parse(&svg).expect("XML");
        let view = document.root_element().attribute("viewBox").expect("a size");
        let size: Vec<f64> = view.split(' ').filter_map(|n| n.parse().ok()).collect();
        let [_, _, width, height] = size.as_slice() else { panic!("{view}") };
        for node in document.descendants().filter(|n| n.attribute("x").is_some()) {
            let at = |name: &str| node.attribute(name).and_then(|v| v.parse::<f64>().ok());
            let (x, y) = (at("x").expect("a number"), at("y").expect("a number"));
            assert!((0.0..=*width).contains(&x) && (0.0..=*height).contains(&y), "{x} {y} in {view}\n{svg}");
        }
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        seen += 1;
    }
    assert!(seen >= 6, "{seen}");
}

#[test]
fn nothing_of_a_plan_is_taken_for_markup() {
    let text = "solve x = roofline { model: m, system: s }\nmodel m { parameters: 1 param }\n\
                hardware h { name: \"<script>alert(1)</script>\", peak_flops: 1 FLOP/s, memory_bw: 1 B/s, memory_capacity: 1 GB }\n\
                system s { hardware: h }\nassert 2 < 1, \"</pre><script>alert(2)</script> & \u{1b}[31m\"\n\
                plot bars x.latency, \"<script>alert(3)</script>\"\nshow h.name\n";
    let outcome = outcome("a&b<i>.mls", text);
    let page = html::render(&outcome);
    assert!(!page.contains("<script>alert") && !page.contains("<i>"), "{page}");
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(page.chars().all(|c| matches!(c, '\n' | '\t') || !c.is_control()));
}

/// A `pareto` of two goals is drawn without a `plot`, and once.
#[test]
fn a_frontier_that_is_asked_for_is_drawn() {
    let text = "solver s(x: Scalar) {\nout cost = x\nout speed = 1 - (x - 3)^2\n}\nsolve one = s { x: 1 }\n\
                sweep grid = one over { x: 1..6 }\n\
                let front = grid pareto(minimize cost, maximize speed)\n";
    let drawn =
        |text: &str| html::render(&outcome("a.mls", text)).matches("grid: speed against cost").count();
    assert!(drawn(text) > 0, "{}", html::render(&outcome("a.mls", text)));
    let own = format!("{text}plot grid: maximize speed against minimize cost\n");
    assert_eq!(drawn(&own), drawn(text));
    // Wherever it stands.
    for asked in [
        "show grid pareto(minimize cost, maximize speed)",
        "assert all grid pareto(minimize cost, maximize speed): cost > 0",
    ] {
        assert_eq!(
            drawn(&text.replace("let front = grid pareto(minimize cost, maximize speed)", asked)),
            drawn(text),
            "{asked}"
        );
    }
}

#[test]
fn an_invalid_file_has_a_page() {
    let page = html::render(&outcome("bad.mls", "assert latency < 1 s\n"));
    assert!(page.contains("1 error") && page.contains("mls::unknown-name"), "{page}");
}

/// As a reader with a phone: the page fits, folds, switches its colours, and nothing goes wrong on its console.
#[test]
fn a_browser_shows_the_page() {
    let Ok(version) = Command::new("chromium").arg("--version").output() else {
        eprintln!("no chromium here: the page is only looked at as text");
        return;
    };
    assert!(version.status.success());
    let folder = Folder::new("pages");
    let path = |name: &str| folder.path().join(name);
    // A path as long as they come, and a solver whose derivations are deep.
    let plan = "infrastructure/capacity-planning/2026/northern-data-centre/chat-service.mls";
    let deep = include_str!("../../scenarios/serving_slo.mls");
    let mut memory = Memory::with(plan, format!("{PLAN}{CHARTS}"));
    memory.add("serving.mls", deep);
    let session = Session::new(&memory, Options { no_suggest: true, ..Options::default() }).deriving(true);
    let page = html::render(&session.run(&[plan.into(), "serving.mls".into()]));
    let probed = page.replace("</head>", &format!("<script>{PROBE}</script></head>"));
    std::fs::write(path("page.html"), probed).expect("a page");
    for width in [360, 1200] {
        let frame = format!(
            "<!doctype html><body><iframe src=\"page.html\" style=\"width:{width}px;height:800px;border:0\"></iframe>\
             <pre id=\"found\"></pre><script>addEventListener('message', function (e) {{ \
             document.getElementById('found').textContent = e.data; }});</script></body>"
        );
        std::fs::write(path("frame.html"), frame).expect("a page");
        let out = Command::new("chromium")
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"])
            .args(["--window-size=1300,900", "--virtual-time-budget=5000", "--dump-dom"])
            .arg(format!("--user-data-dir={}", path("profile").display()))
            .arg(format!("file://{}", path("frame.html").display()))
            .output()
            .expect("chromium runs");
        let dom = String::from_utf8_lossy(&out.stdout).into_owned();
        let log = String::from_utf8_lossy(&out.stderr).into_owned();
        let found = dom.split("<pre id=\"found\">").nth(1).and_then(|p| p.split("</pre>").next());
        let found = found.unwrap_or("").replace("&quot;", "\"");
        let found: Value = serde_json::from_str(&found).unwrap_or_else(|e| panic!("{e}: {dom}\n{log}"));
        assert_eq!(found["problems"], Value::Array(vec![]));
        assert!(!log.contains("CONSOLE"), "{log}");
        assert_eq!(found["overflows"], false, "{width}: {found}");
        assert_eq!(found["overflowsUnfolded"], false, "{width}: {found}");
        assert_eq!(found["unfolds"], true, "{found}");
        assert_eq!(found["buttonHidden"], false);
        assert_eq!(found["charts"], found["figures"], "{width}: {found}");
        assert_ne!(found["light"], found["dark"], "{found}");
        assert_eq!(found["light"], found["again"], "{found}");
    }
}
