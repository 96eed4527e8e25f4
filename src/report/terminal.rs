//! Diagnostics on a terminal. The only module that knows miette.

use std::fmt::Write;
use std::sync::Arc;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::report::wrap::wrap;
use crate::source::{FileId, Sources};

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal.
    pub width: usize,
    /// Colours and weights may be used.
    pub color: bool,
    /// Characters beyond ASCII may be used.
    pub unicode: bool,
}

impl Default for Style {
    fn default() -> Self {
        Style { width: 80, color: false, unicode: true }
    }
}

/// A line longer than this is generated text: showing it would bury the message.
const LINE_LIMIT: usize = 400;

/// One diagnostic with its source lines, notes and help.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let mut out = String::new();
    // One snippet a file; the first label's file leads.
    let mut files: Vec<(FileId, Vec<&Label>)> = vec![];
    for label in &diagnostic.labels {
        match files.iter_mut().find(|(file, _)| *file == label.span.file) {
            Some((_, labels)) => labels.push(label),
            None => files.push((label.span.file, vec![label])),
        }
    }
    let head = Snippet::new(diagnostic, diagnostic.message.clone(), sources, files.first(), true);
    head.render(&mut out, style);
    for file in files.iter().skip(1) {
        let message = file.1.iter().map(|l| l.text.as_str()).collect::<Vec<_>>().join("; ");
        let mut snippet = Snippet::new(diagnostic, message, sources, Some(file), false);
        snippet.severity = miette::Severity::Advice;
        // The text is the headline; the label only underlines.
        for label in &mut snippet.labels {
            label.set_label(None);
        }
        let mut part = String::new();
        snippet.render(&mut part, style);
        out.push_str(part.trim_start_matches('\n'));
    }
    for note in &diagnostic.notes {
        paragraph(&mut out, "note", note, style);
    }
    if let Some(help) = &diagnostic.help {
        paragraph(&mut out, "help", help, style);
    }
    out
}

/// `  help: text`, wrapped under itself.
fn paragraph(out: &mut String, head: &str, text: &str, style: Style) {
    let shown = match (style.color, head) {
        (true, "help") => format!("\x1b[36m{head}\x1b[0m"),
        (true, _) => format!("\x1b[1m{head}\x1b[0m"),
        (false, _) => head.to_string(),
    };
    let indent = head.len() + 4;
    let room = style.width.saturating_sub(indent).max(20);
    let lines = text.lines().flat_map(|line| wrap(line, room));
    for (index, line) in lines.enumerate() {
        if index == 0 {
            let _ = writeln!(out, "  {shown}: {line}");
        } else {
            let _ = writeln!(out, "{:indent$}{line}", "");
        }
    }
}

/// A headline and the lines of one file, as miette takes them.
#[derive(Debug)]
struct Snippet {
    message: String,
    code: Option<&'static str>,
    severity: miette::Severity,
    labels: Vec<LabeledSpan>,
    source: Option<WholeLines>,
    /// `path:line:column` instead of a snippet that could not be shown.
    place: Option<String>,
}

impl Snippet {
    fn new(
        diagnostic: &Diagnostic,
        message: String,
        sources: &Sources,
        file: Option<&(FileId, Vec<&Label>)>,
        leads: bool,
    ) -> Self {
        let severity = match diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        };
        let code = leads.then_some(diagnostic.code);
        let mut snippet = Snippet { message, code, severity, labels: vec![], source: None, place: None };
        let Some((id, labels)) = file else { return snippet };
        let source = sources.file(*id);
        let text = &source.text;
        let longest = labels.iter().map(|l| line_length(text, l.span.start as usize)).max().unwrap_or(0);
        if longest > LINE_LIMIT || text.is_empty() {
            let (line, column) = sources.line_column(labels[0].span);
            snippet.place = Some(format!("{}:{line}:{column}: {}", source.path, labels[0].text));
            return snippet;
        }
        // A label past the last line would show nothing: it moves to the end of what is there.
        let last = text.trim_end().len();
        for (index, label) in labels.iter().enumerate() {
            let start = (label.span.start as usize).min(last);
            let end = (label.span.end as usize).min(text.len()).max(start);
            let text = Some(label.text.clone());
            let labelled = match (index, leads) {
                (0, true) => LabeledSpan::new_primary_with_span(text, (start, end - start)),
                _ => LabeledSpan::new_with_span(text, (start, end - start)),
            };
            snippet.labels.push(labelled);
        }
        snippet.source = Some(WholeLines { name: source.path.to_string(), text: text.clone() });
        snippet
    }

    fn render(&self, out: &mut String, style: Style) {
        let theme = GraphicalTheme {
            characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
            styles: if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(style.width).with_context_lines(1);
        if handler.render_report(out, self).is_err() {
            let _ = writeln!(out, "{}", self.message);
        }
        if let Some(place) = &self.place {
            let _ = writeln!(out, "   at {place}");
        }
    }
}

/// A text of which miette gets the lines of a span, whole, and none around them.
#[derive(Debug)]
struct WholeLines {
    name: String,
    text: Arc<str>,
}

impl SourceCode for WholeLines {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        if end > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let bytes = self.text.as_bytes();
        let first = bytes[..start].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let last = bytes[end..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |i| end + i);
        let last = if last > first && bytes[last - 1] == b'\r' { last - 1 } else { last };
        let line = bytes[..first].iter().filter(|b| **b == b'\n').count();
        // miette asks without context to learn where a span begins, and with it to draw.
        let column = if before == 0 { self.text[first..start].chars().count() } else { 0 };
        let count = bytes[first..last].iter().filter(|b| **b == b'\n').count() + 1;
        let contents = &bytes[first..last];
        let shown = SourceSpan::from((first, last - first));
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), contents, shown, line, column, count)))
    }
}

fn line_length(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    let before = text.as_bytes()[..offset].iter().rev().take_while(|b| **b != b'\n').count();
    let after = text.as_bytes()[offset..].iter().take_while(|b| **b != b'\n').count();
    before + after
}

impl std::fmt::Display for Snippet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Snippet {}

impl miette::Diagnostic for Snippet {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.code.map(|c| Box::new(c) as Box<dyn std::fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|s| s as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        match self.labels.is_empty() {
            true => None,
            false => Some(Box::new(self.labels.iter().cloned())),
        }
    }
}
