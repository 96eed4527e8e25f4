//! `plot`: what is drawn, what is refused, and that the frontier is exact.
#![cfg(feature = "cli")]

use mlsys::outcome::Outcome;
use mlsys::outcome::figure::{Figure, Mark, Plane};
use mlsys::report::chart::{preview, svg};
use mlsys::report::terminal::Style;

use crate::support::{codes, run};

const PLAN: &str = include_str!("../data/reports/chat.mls");
const CHARTS: &str = include_str!("../data/reports/charts.mls");

fn plotted(text: &str) -> Outcome {
    run(&format!("{PLAN}\n{text}\n"))
}

fn plane(outcome: &Outcome) -> &Plane {
    let plot = outcome.files[0].plots.first().unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics));
    let Figure::Plane(plane) = &plot.figure else { panic!("bars") };
    plane
}

#[test]
fn previews_are_as_expected() {
    let outcome = plotted(CHARTS);
    let all: Vec<String> =
        outcome.files[0].plots.iter().map(|p| preview::render(p, Style::default())).collect();
    assert_eq!(all.len(), 7, "{:#?}", outcome.diagnostics);
    let text = all.join("\n");
    assert!(text.lines().all(|l| l.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
    let ascii = Style { unicode: false, ..Style::default() };
    assert!(outcome.files[0].plots.iter().all(|p| preview::render(p, ascii).is_ascii()));
}

#[test]
fn a_file_is_as_expected() {
    let outcome = plotted("plot roofline one, roomy");
    let file = svg::file(&outcome.files[0].plots[0]);
    let document = roxmltree::Document::parse(&file).expect("XML");
    assert_eq!(document.root_element().tag_name().name(), "svg");
    insta::assert_snapshot!(file);
}

#[test]
fn series_and_units() {
    let outcome = plotted("plot grid: throughput against latency to us by system.hardware");
    let plane = plane(&outcome);
    let names: Vec<&str> = plane.series.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["Card 80", "Card 141"]);
    assert_eq!((plane.x.unit.as_str(), plane.x.base.as_str()), ("us", "s"));
    assert!((plane.x.factor - 1e6).abs() < 1e-3);
    assert_eq!(plane.series[0].points.len(), 6);
    assert_eq!(plane.series[0].points[0].text, "batch 1, system.hardware Card 80");
    // Along an axis of the sweep points follow each other; otherwise they only lie there.
    assert_eq!(plane.series[0].mark, Mark::Points);
    let line = plotted("plot grid: latency against batch by system.hardware");
    assert!(self::plane(&line).series.iter().all(|s| s.mark == Mark::Line));
}

/// A sweep of more points than are drawn: the raster has a bounded number of them, the frontier is that of all points.
#[test]
fn a_large_sweep_keeps_its_frontier() {
    let text = |points: u32| {
        format!(
            "type Choice {{ a: Scalar = 0, b: Scalar = 0, cost: Scalar = (a - 0.3) ^ 2 + b, gain: Scalar = b * (1 - a) }}\n\
             choice c {{}}\nsweep grid = c over {{ a: [x / {points} for x in 0..{points}], b: [x / 100 for x in 0..100] }}\n\
             plot grid: maximize gain against minimize cost\n"
        )
    };
    let (small, large) = (run(&text(10)), run(&text(999)));
    let small = plane(&small);
    let cloud = small.series.iter().find(|s| s.mark == Mark::Faint).expect("a cloud");
    assert_eq!(cloud.points.len(), 11 * 101);
    let front = small.series.iter().find(|s| s.mark == Mark::Steps).expect("a frontier");
    for point in &front.points {
        let beaten =
            cloud.points.iter().any(|o| o.x <= point.x && o.y >= point.y && (o.x, o.y) != (point.x, point.y));
        assert!(!beaten, "{point:?}");
    }
    let plot = &large.files[0].plots[0];
    assert!(plot.notes[0].starts_with("101000 points"), "{:?}", plot.notes);
    let large = plane(&large);
    let cells = large.series.iter().find(|s| s.mark == Mark::Faint).expect("a cloud").points.len();
    assert!(cells > 1_000 && cells <= 160 * 90, "{cells}");
    let front = large.series.iter().find(|s| s.mark == Mark::Steps).expect("a frontier");
    // The best gain is that of a = 0, b = 1, exactly: no cell's middle.
    assert!(front.points.iter().any(|p| p.y == 1.0), "{:?}", front.points.last());
    assert!(front.points.windows(2).all(|w| w[0].x < w[1].x && w[0].y < w[1].y));
}

#[test]
fn what_a_log_axis_has_no_place_for_is_told() {
    let text = "type C { a: Scalar = 0 }\nc base {}\nsweep g = base over { a: [0, 1, 10] }\nplot g: a against log a\n";
    let outcome = run(text);
    assert_eq!(plane(&outcome).series[0].points.len(), 2);
    assert!(outcome.files[0].plots[0].notes[0].ends_with("1 point"), "{:?}", outcome.files[0].plots[0].notes);
}

#[test]
fn mistakes_are_diagnosed() {
    let cases = [
        ("plot grid: throughputt against latency", "mls::unknown-name"),
        ("plot grid: throughput against bottleneck", "mls::type-mismatch"),
        ("plot one: throughput against latency", "mls::not-a-grid"),
        ("plot grid: throughput", "mls::syntax"),
        ("plot grid: maximize throughput against latency", "mls::half-frontier"),
        ("plot grid: throughput against latency by system", "mls::not-a-series"),
        ("plot roofline 3 ms", "mls::not-on-a-roofline"),
        ("plot bars one.latency, one.energy", "mls::dimension-mismatch"),
        ("solver s(x: Scalar = 1) { out y = x }\nsolve t = s {}\nplot roofline t", "mls::no-roofline"),
        (
            "sweep many = one over { batch: [1.0 * n for n in 1..100] }\nplot many: latency against batch by batch",
            "mls::too-many-series",
        ),
    ];
    for (text, code) in cases {
        let outcome = plotted(text);
        assert!(codes(&outcome).contains(&code), "{text}: {:#?}", outcome.diagnostics);
        let found = outcome.diagnostics.iter().find(|d| d.code == code);
        assert!(found.is_some_and(|d| d.help.is_some()), "{text}");
        assert_eq!(outcome.exit_code(false), 2, "{text}");
    }
    let near = plotted("plot grid: throughputt against latency");
    assert!(
        near.diagnostics.iter().any(|d| format!("{d:?}").contains("`throughput`")),
        "{:?}",
        near.diagnostics
    );
}

/// A number before `against` is no quantity in a unit of that name.
#[test]
fn a_number_may_stand_before_a_word_of_plot() {
    let outcome =
        plotted("plot grid: throughput / 8 against log batch / 2 by system.hardware, \"in eighths\"");
    assert_eq!(plane(&outcome).series[0].points.len(), 6);
}

/// A part that one bar has and another has not.
#[test]
fn a_part_that_is_not_there_is_nothing() {
    let outcome = plotted("plot bars one.latency, one.latency_memory");
    let text = preview::render(&outcome.files[0].plots[0], Style::default());
    assert!(text.contains("latency_memory  100 %, 0 %"), "{text}");
}

/// The numbers of an axis and its name are side by side, however long the numbers are.
#[test]
fn wide_numbers_have_room() {
    let outcome = plotted("plot grid: (latency * 1e30) against batch");
    let file = svg::file(&outcome.files[0].plots[0]);
    let document = roxmltree::Document::parse(&file).expect("XML");
    let ticks = document.descendants().filter(|n| n.attribute("text-anchor") == Some("end"));
    let left = ticks.map(|n| {
        let end: f64 = n.attribute("x").and_then(|x| x.parse().ok()).expect("a place");
        end - svg::width(n.text().unwrap_or(""), svg::SIZE)
    });
    let least = left.fold(f64::INFINITY, f64::min);
    assert!(least > 20.0, "the name of the axis ends there: {least}");
}
