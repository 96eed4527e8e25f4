//! `--format junit`: a test case an assertion, for whatever shows test results in CI.
//!
//! A suite is a scenario of a file. Each error of an invalid file is a test case of its own, so that a file that could
//! not be run is never green.

use indexmap::IndexMap;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite, XmlString};

use crate::diagnostic::{Diagnostic, Severity};
use crate::outcome::{AssertionOutcome, FileOutcome, Outcome, Status};
use crate::report::groups::{one_line, printable, scenarios};
use crate::report::terminal;
use crate::report::terminal::Style;
use crate::source::{Sources, Span};

/// The report as XML. With `fail_on_warn` a `warn` that does not hold is a failure, as it is for the exit code.
pub fn render(outcome: &Outcome, fail_on_warn: bool) -> String {
    let mut report = Report::new("mlsys");
    for file in &outcome.files {
        for scenario in scenarios(file) {
            let mut suite = TestSuite::new(suite_name(file, scenario));
            if scenario.is_none() {
                let errors = file.diagnostics.iter().filter(|d| d.severity == Severity::Error);
                suite.add_test_cases(errors.map(|d| error_case(d, file, &outcome.sources)));
            }
            let assertions = file.assertions.iter().filter(|a| a.scenario.as_deref() == scenario);
            suite.add_test_cases(assertions.map(|a| assertion_case(a, file, &outcome.sources, fail_on_warn)));
            tell_apart(&mut suite);
            if scenario.is_none() || !suite.test_cases.is_empty() {
                report.add_test_suite(suite);
            }
        }
    }
    report.to_string().expect("writing to memory does not fail")
}

fn suite_name(file: &FileOutcome, scenario: Option<&str>) -> String {
    match scenario {
        Some(scenario) => one_line(&format!("{}: {scenario}", file.path)),
        None => one_line(&file.path),
    }
}

fn assertion_case(
    assertion: &AssertionOutcome,
    file: &FileOutcome,
    sources: &Sources,
    fail_on_warn: bool,
) -> TestCase {
    let fails = assertion.severity == Severity::Error || fail_on_warn;
    let explained = |status: &mut TestCaseStatus| {
        if let Some(failure) = &assertion.failure {
            describe(status, failure, sources);
        }
    };
    let mut status = match assertion.status {
        decided if decided.fails() && fails => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Status::Invalid => TestCaseStatus::non_success(NonSuccessKind::Error),
        _ => TestCaseStatus::success(),
    };
    match assertion.status {
        decided if decided.fails() && fails => explained(&mut status),
        Status::Invalid => {
            status.set_message("cannot be decided").set_type("mls::undecided");
        }
        _ => {}
    }
    let name = match &assertion.message {
        Some(message) => format!("{} ({message})", assertion.text),
        None => assertion.text.clone(),
    };
    let mut case = TestCase::new(one_line(&name), status);
    if let (true, false, Some(failure)) = (assertion.status.fails(), fails, &assertion.failure) {
        case.set_system_out(whole(failure, sources));
    }
    place(&mut case, file, assertion.scenario.as_deref(), Some(assertion.span), sources);
    case
}

fn error_case(diagnostic: &Diagnostic, file: &FileOutcome, sources: &Sources) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    describe(&mut status, diagnostic, sources);
    let mut case = TestCase::new(one_line(&format!("{}: {}", diagnostic.code, diagnostic.message)), status);
    place(&mut case, file, None, diagnostic.span(), sources);
    case
}

/// The message in one line, and the whole of it as a terminal shows it.
fn describe(status: &mut TestCaseStatus, diagnostic: &Diagnostic, sources: &Sources) {
    status.set_message(one_line(&diagnostic.message));
    status.set_type(diagnostic.code);
    status.set_description(whole(diagnostic, sources));
}

fn whole(diagnostic: &Diagnostic, sources: &Sources) -> String {
    printable(&terminal::render(diagnostic, sources, Style::default()))
}

/// Where it stands: the class name that tools group by, and the file and line that some of them link to.
fn place(
    case: &mut TestCase,
    file: &FileOutcome,
    scenario: Option<&str>,
    span: Option<Span>,
    sources: &Sources,
) {
    case.set_classname(suite_name(file, scenario));
    let mut extra: IndexMap<XmlString, XmlString> = IndexMap::new();
    let path = span.map_or(file.path.as_str(), |s| &*sources.file(s.file).path);
    extra.insert("file".into(), one_line(path).into());
    if let Some(span) = span {
        extra.insert("line".into(), sources.line_column(span).0.to_string().into());
    }
    case.extra = extra;
}

/// Tools know a test by its name: one that is asserted twice gets its line added.
fn tell_apart(suite: &mut TestSuite) {
    let names: Vec<XmlString> = suite.test_cases.iter().map(|c| c.name.clone()).collect();
    for case in &mut suite.test_cases {
        let same = names.iter().filter(|n| **n == case.name).count();
        if let (true, Some(line)) = (same > 1, case.extra.get("line")) {
            case.name = format!("{} (line {})", case.name.as_str(), line.as_str()).into();
        }
    }
}
