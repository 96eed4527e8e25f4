//! Indentation, blanks and aligned columns.

use crate::syntax::format::token::{Kind, Token};

/// Blanks of one level.
const INDENT: usize = 2;
/// A column of trailing comments further right than this is not worth having.
const COMMENT_COLUMN: usize = 80;

/// One line of the output, in the making.
struct Line {
    /// An empty line comes before it.
    gap: bool,
    indent: usize,
    code: String,
    comment: Option<String>,
    /// Where the `=` of a definition stands in `code`, and whether the author put it in a column.
    equals: Option<(usize, bool)>,
    /// The keyword that a column of definitions has in common.
    keyword: String,
}

/// An open bracket.
struct Bracket {
    /// Of the line that it stands on.
    indent: usize,
    brace: bool,
    /// `.{a, b}` of a `use`.
    group: bool,
}

/// Tokens as text.
pub fn lay_out(tokens: &[Token]) -> String {
    let mut lines = lines(tokens);
    align_definitions(&mut lines);
    align_comments(&mut lines);
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        if line.gap && index > 0 {
            out.push('\n');
        }
        let mut text = format!("{}{}", " ".repeat(line.indent * INDENT), line.code);
        if let Some(comment) = &line.comment {
            text.push_str(comment);
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

fn lines(tokens: &[Token]) -> Vec<Line> {
    let mut lines: Vec<Line> = vec![];
    let mut open: Vec<Bracket> = vec![];
    let mut start = 0;
    while start < tokens.len() {
        let end = (start + 1..tokens.len()).find(|i| tokens[*i].breaks > 0).unwrap_or(tokens.len());
        let indent = indent_of(tokens, start, &open);
        let line = line(tokens, start, end, indent, &mut open, lines.last());
        lines.push(line);
        start = end;
    }
    lines
}

/// The level of the line that begins with token `at`.
fn indent_of(tokens: &[Token], at: usize, open: &[Bracket]) -> usize {
    let inside = open.last().map_or(0, |o| o.indent + 1);
    // A comment belongs to what comes after it.
    let Some(first) = tokens[at..].iter().find(|t| t.kind != Kind::Comment) else { return inside };
    if closes(first) {
        let own = if tokens[at].kind == Kind::Comment { 1 } else { 0 };
        return open.last().map_or(0, |o| o.indent + own);
    }
    let before = tokens[..at].iter().rev().find(|t| t.kind != Kind::Comment);
    // Statements and fields between braces are marked; a comma there goes on with one of them.
    let listed = open.last().is_some_and(|o| !o.brace);
    let fresh = before.is_none_or(|t| listed && t.is(",") || opens(t));
    if first.begins || fresh { inside } else { inside + 1 }
}

fn opens(token: &Token) -> bool {
    ["(", "[", "{"].iter().any(|mark| token.is(mark))
}

fn closes(token: &Token) -> bool {
    [")", "]", "}"].iter().any(|mark| token.is(mark))
}

fn line(
    tokens: &[Token],
    start: usize,
    end: usize,
    indent: usize,
    open: &mut Vec<Bracket>,
    last: Option<&Line>,
) -> Line {
    let opened = last.is_some_and(|l| l.code.ends_with(['{', '(', '[']));
    let gap = tokens[start].breaks > 1 && !closes(&tokens[start]) && !opened;
    let keyword = if tokens[start].begins { tokens[start].text.clone() } else { String::new() };
    let mut line = Line { gap, indent, code: String::new(), comment: None, equals: None, keyword };
    let depth = open.len();
    for at in start..end {
        let token = &tokens[at];
        if token.kind == Kind::Comment {
            line.comment = Some(token.text.clone());
            continue;
        }
        if at > start && blank_before(tokens, at, open) {
            line.code.push(' ');
            // One blank would make what follows a unit of this number.
            let number = |t: &Token| t.kind == Kind::Atom && t.text.ends_with(|c: char| c.is_ascii_digit());
            if token.begins && number(&tokens[at - 1]) && token.kind == Kind::Word {
                line.code.push(' ');
            }
        }
        if token.is("=") && open.len() == depth && line.equals.is_none() {
            line.equals = Some((line.code.chars().count(), token.blanks > 1));
        }
        line.code.push_str(&token.text);
        if opens(token) {
            let group = at > 0 && tokens[at - 1].is(".") && token.is("{");
            open.push(Bracket { indent, brace: token.is("{"), group });
        } else if closes(token) {
            open.pop();
        }
    }
    line
}

/// Words after which a `-` has no left side, and a bracket is no argument list.
const OPERATOR_WORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "if",
    "then",
    "else",
    "in",
    "of",
    "to",
    "within",
    "from",
    "where",
    "minimize",
    "maximize",
    "by",
    "over",
    "match",
    "assert",
    "warn",
    "show",
    "plot",
    "against",
    "bars",
    "roofline",
    "require",
    "note",
    "infeasible",
    "all",
    "any",
    "for",
    "param",
    "let",
    "out",
];

fn is_operator_word(token: &Token) -> bool {
    token.kind == Kind::Word && OPERATOR_WORDS.contains(&token.text.as_str())
}

/// A value ends with this token, so that an operator may follow.
fn ends_value(token: &Token) -> bool {
    match token.kind {
        Kind::Word => !is_operator_word(token),
        Kind::Atom => true,
        Kind::Mark => closes(token) || token.is("?"),
        Kind::Comment => false,
    }
}

fn is_sign(tokens: &[Token], at: usize) -> bool {
    tokens[at].is("-") && !tokens[..at].iter().rev().find(|t| t.kind != Kind::Comment).is_some_and(ends_value)
}

fn blank_before(tokens: &[Token], at: usize, open: &[Bracket]) -> bool {
    let (left, right) = (&tokens[at - 1], &tokens[at]);
    let adjacent = right.blanks == 0;
    let group = open.last().is_some_and(|o| o.group);
    if is_sign(tokens, at - 1)
        || left.is("(")
        || left.is("[")
        || [")", "]", ",", ":", "?"].iter().any(|m| right.is(m))
    {
        return false;
    }
    if left.is("{") || right.is("}") {
        let brace = open.last().is_some_and(|o| o.brace);
        return brace && !group && !(left.is("{") && right.is("}"));
    }
    if [".", "..", "^"].iter().any(|m| left.is(m) || right.is(m)) || left.is("...") {
        return false;
    }
    if right.is("...") {
        return !(adjacent && ends_value(left));
    }
    if right.is("(") || right.is("[") {
        let declares = at > 1 && ["fn", "solver", "table"].iter().any(|k| tokens[at - 2].is(k));
        let generics = left.kind == Kind::Atom && left.text.starts_with('<');
        return !(right.is("(") && (declares || generics) || adjacent && ends_value(left));
    }
    // `max<D>`
    !(right.kind == Kind::Atom && right.text.starts_with('<'))
}

/// `=` in a column, where the author began one: consecutive definitions of one kind.
fn align_definitions(lines: &mut [Line]) {
    let mut start = 0;
    while start < lines.len() {
        let end = run_of(lines, start);
        let members: Vec<usize> = (start..end).filter(|i| lines[*i].equals.is_some()).collect();
        if members.len() > 1 && members.iter().any(|i| lines[*i].equals.is_some_and(|(_, column)| column)) {
            let column = members.iter().filter_map(|i| lines[*i].equals).map(|(at, _)| at).max().unwrap_or(0);
            for index in members {
                let line = &mut lines[index];
                if let Some((at, _)) = line.equals {
                    let byte = line.code.char_indices().nth(at).map_or(line.code.len(), |(byte, _)| byte);
                    line.code.insert_str(byte, &" ".repeat(column - at));
                }
            }
        }
        start = end.max(start + 1);
    }
}

/// The end of the column of definitions that begins at `start`; comments between them belong to it.
fn run_of(lines: &[Line], start: usize) -> usize {
    let first = &lines[start];
    if first.equals.is_none() || !matches!(first.keyword.as_str(), "let" | "out" | "solve" | "param" | "unit")
    {
        return start + 1;
    }
    let belongs = |line: &Line| {
        let comment = line.code.is_empty() && line.comment.is_some();
        !line.gap
            && line.indent == first.indent
            && (comment || line.equals.is_some() && line.keyword == first.keyword)
    };
    let more = lines[start + 1..].iter().take_while(|line| belongs(line)).count();
    start + 1 + more
}

/// Comments behind code in one column: consecutive lines that have one.
fn align_comments(lines: &mut [Line]) {
    let behind = |line: &Line| line.comment.is_some() && !line.code.is_empty();
    let width = |line: &Line| line.indent * INDENT + line.code.chars().count();
    let mut start = 0;
    while start < lines.len() {
        let more =
            lines[start..].iter().enumerate().take_while(|(i, l)| behind(l) && (*i == 0 || !l.gap)).count();
        let widest = lines[start..start + more].iter().map(width).max().unwrap_or(0);
        for line in &mut lines[start..start + more] {
            let own = width(line);
            let column = if widest > COMMENT_COLUMN { own } else { widest };
            if let Some(comment) = &mut line.comment {
                comment.insert_str(0, &" ".repeat(column - own + 2));
            }
        }
        start += more.max(1);
    }
}
