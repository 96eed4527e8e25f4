//! The library itself: everything checks and evaluates.

use mlsys::catalogue::problems;
use mlsys::report::terminal::{Style, render};

#[test]
fn nothing_is_wrong_with_the_library() {
    let (sources, problems) = problems();
    let text: Vec<String> = problems.iter().map(|d| render(d, &sources, Style::default())).collect();
    assert!(problems.is_empty(), "{}", text.join("\n"));
}
