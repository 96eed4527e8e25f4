//! What is wrong with a text that does not parse, in the words of somebody who writes plans.

use pest::error::{Error, ErrorVariant, InputLocation};

use super::ast::Name;
use super::parse::Rule;
use super::split::ITEM_KEYWORDS;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use crate::suggest::nearest;

/// An expression that no stage could walk through.
pub(super) fn too_deep(span: Span, place: &str) -> Diagnostic {
    Diagnostic::error("mls::nesting-too-deep", "this expression is nested too deep")
        .label(span, place)
        .help("give the inner parts names with `let`")
}

/// The diagnostic for a failed parse of `text`, which begins at `offset` of its file. `context` is the item's keyword
/// or the part that was being read.
pub(super) fn syntax(
    file: FileId,
    text: &str,
    offset: usize,
    context: &str,
    failure: &Error<Rule>,
) -> Diagnostic {
    if let ErrorVariant::CustomError { .. } = failure.variant {
        return too_deep(Span::new(file, offset, offset), "begins here");
    }
    let at = match failure.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at.min(text.len()),
    };
    // Blanks and comments before the place where it broke belong to it.
    let at = at + leading_blank(&text[at..]);
    let place = Place { file, text, offset, at, context };
    let known: [fn(&Place) -> Option<Diagnostic>; 7] = [
        reserved_word,
        foreign_operator,
        foreign_letter,
        wrong_mark,
        malformed_number,
        unit_on_next_line,
        misspelt_keyword,
    ];
    if let Some(diagnostic) = known.iter().find_map(|f| f(&place)) {
        return diagnostic;
    }
    let expected = match &failure.variant {
        ErrorVariant::ParsingError { positives, .. } => expectations(positives),
        // Told above.
        ErrorVariant::CustomError { .. } => vec![],
    };
    let found = match (place.token(), place.last_token()) {
        ("", "") => "found the end".to_string(),
        ("", last) => format!("but nothing follows `{last}`"),
        (token, _) => format!("found `{token}`"),
    };
    let message = match expected.as_slice() {
        [] => match place.token() {
            "" => "something is missing at the end".to_string(),
            token => format!("`{token}` does not belong here"),
        },
        [only] => format!("expected {only}, {found}"),
        [rest @ .., last] => format!("expected {} or {last}, {found}", rest.join(", ")),
    };
    let help = match context {
        "field" => Some("a field is `name: value`; fields are separated by commas or newlines"),
        "statement" => Some("a solver holds `let`, `out`, `require` and `note` statements"),
        "use" => Some("write `use std.hardware.nvidia.H100_SXM` or `use \"file.mls\"`"),
        "assert" | "warn" => Some("write `assert CONDITION` or `assert CONDITION, \"message\"`"),
        "param" => Some("write `param name: Type = default`"),
        "let" => Some("write `let name = value`"),
        "solve" => Some("write `solve NAME = SOLVER { input: value }`"),
        "sweep" => Some("write `sweep NAME = SOLVE over { field: [a, b, c] }`"),
        "plot" => Some(
            "write `plot GRID: Y against X by SERIES`, `plot roofline SOLVE` or `plot bars VALUE`; a title may follow after a comma",
        ),
        "scenario" => Some("write `scenario \"name\" { .. }`"),
        "type" => Some("write `type Name { field: Type = default }`"),
        "enum" => Some("write `enum Name { first, second }`"),
        "fn" => Some("write `fn name(x: Type) -> Type = value`"),
        "table" => Some("write `table name(x: Type) -> Type = [1: 2%, 16: 9%]`"),
        "unit" => Some("write `unit EUR = 1.08 USD`"),
        "dimension" => Some("write `dimension Name` or `dimension Name = Data / Time`"),
        "solver" => Some("write `solver name(input: Type) { out result = value }`"),
        "value" => Some("write one value, such as `25 ms`, `40%` or a name"),
        _ => Some("declare a value as `KIND NAME { field: value }`, or derive it: `KIND NAME = BASE { .. }`"),
    };
    let label = if place.token().is_empty() { "what comes after this?" } else { "here" };
    Diagnostic::error("mls::syntax", message).label(place.token_span(), label).maybe_help(help)
}

/// Two parts follow each other with nothing between them.
pub(super) fn expected_separator(at: Span, what: &str) -> Diagnostic {
    Diagnostic::error("mls::syntax", format!("this {what} ends too early"))
        .label(at, "something is left over after it")
        .help("separate fields by commas or newlines; check the brackets of the value")
}

/// A `sweep` that has a goal.
pub(super) fn sweep_with_goal(item: Span) -> Diagnostic {
    Diagnostic::error("mls::syntax", "a `sweep` is all points; the best of them is asked for separately")
        .label(item.head(), "has a goal")
        .help("write `let best = GRID minimize EXPR`, or `optimize` in place of `sweep`")
}

/// An `optimize` that does not say what for.
pub(super) fn no_goal(item: Span) -> Diagnostic {
    Diagnostic::error("mls::syntax", "an `optimize` needs a goal")
        .label(item.head(), "what is best?")
        .help("end it with `minimize EXPR` or `maximize EXPR`")
}

/// A `zip` inside another.
pub(super) fn nested_zip(inner: Span, outer: Span) -> Diagnostic {
    Diagnostic::error("mls::syntax", "a `zip` inside a `zip` says nothing new")
        .label(inner.head(), "remove this `zip` and its braces")
        .label(outer.head(), "its axes advance together already")
        .help("write all axes that advance together in one `zip { .. }`")
}

/// Where a parse broke.
struct Place<'a> {
    file: FileId,
    text: &'a str,
    offset: usize,
    at: usize,
    context: &'a str,
}

impl Place<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.offset + start, self.offset + end)
    }

    /// The token at the place: a word, a number, a string, or one character.
    fn token(&self) -> &str {
        let rest = self.rest();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = match rest.chars().next() {
            None => 0,
            Some('"') => rest[1..].find(['"', '\n']).map_or(rest.len(), |i| i + 2),
            Some(c) if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            Some(c) => c.len_utf8(),
        };
        &rest[..end.min(rest.len())]
    }

    /// Where to point: at the token, or where there is none at the last one before.
    fn token_span(&self) -> Span {
        let (end, last) = (self.before().len(), self.last_token().len());
        match self.token() {
            "" => self.span(end - last, end),
            token => self.span(self.at, self.at + token.len()),
        }
    }

    /// The token that stands before the place.
    fn last_token(&self) -> &str {
        let before = self.before();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let start = match before.chars().next_back() {
            None => 0,
            Some(c) if word(c) => {
                before.char_indices().rev().take_while(|(_, c)| word(*c)).last().map_or(0, |(i, _)| i)
            }
            Some(c) => before.len() - c.len_utf8(),
        };
        &before[start..]
    }

    /// What stands before the place, without blanks and comments.
    fn before(&self) -> &str {
        let mut before = self.text[..self.at].trim_end();
        loop {
            let line = before.rfind('\n').map_or(0, |i| i + 1);
            match comment_start(&before[line..]) {
                Some(comment) => before = before[..line + comment].trim_end(),
                None => return before,
            }
        }
    }

    fn error(&self, code: &'static str, message: impl Into<String>, label: &str, help: String) -> Diagnostic {
        Diagnostic::error(code, message).label(self.token_span(), label).help(help)
    }
}

/// Where the comment of a line begins: at a `#` outside of quotes.
fn comment_start(line: &str) -> Option<usize> {
    let mut quoted = false;
    line.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == '#' && !quoted).then_some(at)
    })
}

/// Length of the blanks and comments that a text begins with.
fn leading_blank(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.find('\n').map_or("", |i| &comment[i..]),
            None => return text.len() - rest.len(),
        }
    }
}

const RESERVED: &[&str] = &[
    "param",
    "let",
    "unit",
    "dimension",
    "type",
    "enum",
    "fn",
    "table",
    "solver",
    "solve",
    "assert",
    "warn",
    "show",
    "scenario",
    "require",
    "note",
    "out",
    "use",
    "as",
    "if",
    "then",
    "else",
    "match",
    "iterate",
    "from",
    "for",
    "in",
    "to",
    "within",
    "of",
    "and",
    "or",
    "not",
    "true",
    "false",
    "none",
    "sweep",
    "optimize",
    "plot",
    "over",
    "where",
    "minimize",
    "maximize",
    "largest",
    "smallest",
    "by",
    "all",
    "any",
    "import",
];

pub fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// True for what a declaration may bind.
pub fn is_name(word: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !word.starts_with(|c: char| c.is_ascii_digit())
        && !word.is_empty()
        && word.chars().all(letters)
        && !is_reserved(word)
}

/// A reserved word where a value is meant.
pub(super) fn reserved(name: &Name) -> Diagnostic {
    let word = &name.text;
    Diagnostic::error(
        "mls::reserved-word",
        format!("`{word}` is a word of the language and cannot be a value"),
    )
    .label(name.span, "reserved")
    .help("a value is missing here, or has the name of a keyword")
}

/// `let table = 3`
fn reserved_word(place: &Place) -> Option<Diagnostic> {
    let token = place.token();
    let before = place.before();
    let last = before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    let names_something = matches!(
        last,
        "let" | "param" | "solve" | "type" | "enum" | "fn" | "table" | "solver" | "out" | "dimension" | "as"
    );
    // `let x = 1` without the name is another mistake than `let let = 1`.
    let is_name = RESERVED.contains(&token) && names_something;
    is_name.then(|| {
        place.error(
            "mls::reserved-word",
            format!("`{token}` is a word of the language and cannot be a name"),
            "reserved",
            format!("choose another name: `{token}_`, `my_{token}`"),
        )
    })
}

/// `&&`, `||`, `!`, `;`, `//`, `/* */`, smart quotes, `≤`, `**`
fn foreign_operator(place: &Place) -> Option<Diagnostic> {
    let rest = place.rest();
    let earlier = |n: usize| place.at.checked_sub(n).and_then(|i| place.text.get(i..)).unwrap_or("");
    const FOREIGN: &[(&str, &str, &str)] = &[
        ("&&", "and", "write `and`"),
        ("||", "or", "write `or`"),
        ("!=", "!=", ""),
        ("!", "not", "write `not x`"),
        (";", "", "a newline ends an item: remove the `;`"),
        ("//", "#", "a comment begins with `#`"),
        ("/*", "#", "a comment begins with `#`, on every line"),
        ("**", "^", "a power is `x^2`"),
        ("=>", ">=", "write `>=`; an arm of a `match` is `member: value`"),
        ("=<", "<=", "write `<=`"),
        ("<>", "!=", "write `!=`"),
        ("≤", "<=", "write `<=`"),
        ("≥", ">=", "write `>=`"),
        ("≠", "!=", "write `!=`"),
        ("×", "*", "write `*`"),
        ("÷", "/", "write `/`"),
        ("“", "\"", "use straight quotes: `\"text\"`"),
        ("”", "\"", "use straight quotes: `\"text\"`"),
        ("‘", "\"", "use straight double quotes: `\"text\"`"),
        ("'", "\"", "texts are in double quotes: `\"text\"`"),
        ("`", "\"", "texts are in double quotes: `\"text\"`"),
        (":=", "=", "write `=`"),
        ("?:", "if", "write `if c then a else b`"),
    ];
    let written = |symbol: &str| {
        // The grammar may break in the middle of a two-character operator.
        let back = symbol.chars().count() > 1 && symbol.is_ascii() && earlier(1).starts_with(symbol);
        if back { Some(place.at - 1) } else { rest.starts_with(symbol).then_some(place.at) }
    };
    let (symbol, at, help) =
        FOREIGN.iter().filter(|f| !f.2.is_empty()).find_map(|(s, _, help)| Some((*s, written(s)?, *help)))?;
    if symbol == "!" && rest.starts_with("!=") {
        return None;
    }
    Some(
        Diagnostic::error("mls::foreign-syntax", format!("`{symbol}` is not written that way here"))
            .label(place.span(at, at + symbol.len()), "of another language")
            .help(help),
    )
}

/// `größe`: names are ASCII.
fn foreign_letter(place: &Place) -> Option<Diagnostic> {
    let letter = place.rest().chars().next().filter(|c| !c.is_ascii() && c.is_alphanumeric())?;
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let start = place.text[..place.at]
        .rfind(|c| !word(c))
        .map_or(0, |i| i + place.text[i..].chars().next().map_or(1, char::len_utf8));
    let end = place.at + place.rest().find(|c| !word(c)).unwrap_or(place.rest().len());
    Some(
        Diagnostic::error("mls::name-letters", format!("a name cannot have the letter `{letter}`"))
            .label(place.span(start, end), "not a name")
            .help(
                "names are made of the letters a to z and A to Z, digits and `_`; any text is fine in quotes",
            ),
    )
}

/// `80` and `GB` on two lines.
fn unit_on_next_line(place: &Place) -> Option<Diagnostic> {
    let number = place.last_token().starts_with(|c: char| c.is_ascii_digit());
    let newline = place.text[place.before().len()..place.at].contains('\n');
    let unit = place.token();
    if !number || !newline || !unit.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let help = format!("write `{} {unit}` on one line", place.last_token());
    Some(place.error("mls::syntax", format!("`{unit}` does not belong to the number above it"), "here", help))
}

/// `=` for `:`, `:` for `=`, `=` for `==`, `if` without `then` or `else`
fn wrong_mark(place: &Place) -> Option<Diagnostic> {
    let token = place.token();
    let before = place.before();
    let previous =
        before.rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).next().unwrap_or("");
    match (token, place.context) {
        ("=", "field") => Some(place.error(
            "mls::equals-for-colon",
            "a field takes `:` before its value, not `=`",
            "expected `:`",
            format!("write `{previous}: {}`", first_line(&place.rest()[1..])),
        )),
        ("=", "assert" | "warn" | "statement") if !place.rest().starts_with("==") => Some(place.error(
            "mls::equals-for-comparison",
            "`=` declares; a comparison is `==`",
            "expected a comparison",
            "write `==`, or for computed numbers `x within 1% of y`".into(),
        )),
        (":", "let" | "solve" | "") if !previous.is_empty() && before.split_whitespace().count() == 2 => {
            Some(place.error(
                "mls::colon-for-equals",
                "a declaration takes `=` before its value, not `:`",
                "expected `=`",
                format!("write `{before} = {}`", first_line(&place.rest()[1..])),
            ))
        }
        (value, "let" | "solve") if before.ends_with(':') && !value.starts_with(char::is_alphabetic) => {
            let colon = place.span(before.len() - 1, before.len());
            let name = before.trim_end_matches(':').trim_end();
            Some(
                Diagnostic::error(
                    "mls::colon-for-equals",
                    "a declaration takes `=` before its value, not `:`",
                )
                .label(colon, "expected `=`")
                .help(format!("write `{name} = {}`", first_line(place.rest()))),
            )
        }
        (name, "scenario") if before == "scenario" && !name.is_empty() => Some(place.error(
            "mls::syntax",
            "the name of a scenario is a text in quotes",
            "not in quotes",
            format!("write `scenario \"{name}\" {{ .. }}`"),
        )),
        _ => if_without_else(place),
    }
}

/// An `if` that lacks its `then` or `else`.
fn if_without_else(place: &Place) -> Option<Diagnostic> {
    let words: Vec<&str> = place
        .before()
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|w| matches!(*w, "if" | "then" | "else"))
        .collect();
    let count = |w: &str| words.iter().filter(|x| **x == w).count();
    let (ifs, thens, elses) = (count("if"), count("then"), count("else"));
    let ended = matches!(place.token(), "" | "}" | ")" | "]" | "," | "{");
    if ifs > thens && words.last() == Some(&"if") {
        return Some(place.error(
            "mls::if-without-then",
            "an `if` needs a `then`",
            "expected `then`",
            "write `if condition then a else b`".into(),
        ));
    }
    (ended && thens > elses && words.last() == Some(&"then")).then(|| {
        place.error(
            "mls::if-without-else",
            "an `if` needs an `else`: every expression has a value",
            "expected `else`",
            "write `if condition then a else b`".into(),
        )
    })
}

/// `1.2.3`, `1,000`, `.5`
fn malformed_number(place: &Place) -> Option<Diagnostic> {
    let rest = place.rest();
    let digit_after = rest[place.token().len().min(rest.len())..].starts_with(|c: char| c.is_ascii_digit());
    let digit_before = place.before().ends_with(|c: char| c.is_ascii_digit());
    if place.token().starts_with(|c: char| c.is_ascii_digit())
        && place.before().len() == place.at
        && let Some(start) = place
            .before()
            .strip_suffix('.')
            .map(|b| b.rfind(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).map_or(0, |i| i + 1))
    {
        return Some(
            Diagnostic::error("mls::malformed-number", "this is not a number")
                .label(place.span(start, place.at + place.token().len()), "two decimal points")
                .help("a number has one decimal point; a range is `1..64`"),
        );
    }
    let help = match (place.token(), digit_before) {
        (".", true) if digit_after => "a number has one decimal point; a range is `1..64`".to_string(),
        (".", false) if digit_after => format!("write the zero: `0{}`", first_line(rest)),
        (",", true) if digit_after => "group digits with `_`: `1_000`".to_string(),
        _ => return None,
    };
    Some(place.error("mls::malformed-number", "this is not a number", "here", help))
}

/// `asert x < 3`
fn misspelt_keyword(place: &Place) -> Option<Diagnostic> {
    if !place.context.is_empty() {
        return None;
    }
    let first = place.text.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    let span = place.span(0, first.len());
    if let Some(keyword) = keyword_of_habit(first) {
        return Some(
            Diagnostic::error("mls::unknown-keyword", format!("no item begins with `{first}`"))
                .label(span, format!("here that is `{keyword}`"))
                .help(format!("write `{keyword}`")),
        );
    }
    if place.token() == "=" && place.before() == first {
        return Some(
            Diagnostic::error("mls::unknown-keyword", format!("no item begins with `{first}`"))
                .label(span, "a declaration needs its keyword")
                .help(format!("write `let {first} = {}`", first_line(&place.rest()[1..]))),
        );
    }
    let near = nearest(first, ITEM_KEYWORDS.iter().copied());
    // `hardwre x { .. }` has the form of a declaration: its kind is for the checker to judge.
    if let Some(near) = near {
        return Some(
            Diagnostic::error("mls::unknown-keyword", format!("no item begins with `{first}`"))
                .label(span, format!("did you mean `{near}`?"))
                .help(format!("write `{near}`")),
        );
    }
    (place.at <= first.len() + 1 || !first.is_empty() && place.before().split_whitespace().count() <= 1).then(|| {
        let (label, span) = if first.is_empty() { ("not an item", place.token_span()) } else { ("not an item", span) };
        let what = if first.is_empty() { place.token() } else { first };
        Diagnostic::error("mls::unknown-keyword", format!("no item begins with `{what}`")).label(span, label).help(
            "items are `let`, `param`, `solve`, `assert`, `warn`, `show`, `plot`, `scenario`, `use`, or `KIND NAME { .. }`",
        )
    })
}

/// The keyword that a word of another language stands for.
pub fn keyword_of_habit(word: &str) -> Option<&'static str> {
    match word {
        "def" | "function" | "func" => Some("fn"),
        "const" | "var" | "val" | "set" => Some("let"),
        "import" | "include" | "from" | "require" => Some("use"),
        "class" | "struct" | "record" => Some("type"),
        "test" | "group" => Some("scenario"),
        "print" | "echo" => Some("show"),
        "chart" | "graph" | "draw" => Some("plot"),
        "check" | "expect" | "ensure" => Some("assert"),
        _ => None,
    }
}

/// The keyword that was meant by a misspelt one.
pub fn nearest_keyword(word: &str) -> Option<&'static str> {
    keyword_of_habit(word).or_else(|| nearest(word, ITEM_KEYWORDS.iter().copied()))
}

fn first_line(text: &str) -> &str {
    let line =
        text.trim_start().lines().next().unwrap_or("").trim_end().trim_end_matches([',', '}']).trim_end();
    if line.len() > 40 { ".." } else { line }
}

/// What the grammar would have taken, in a few words.
fn expectations(rules: &[Rule]) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    let mut operators = false;
    let (mut value, mut braces) = (false, false);
    for rule in rules {
        let word = match rule {
            Rule::r#where
            | Rule::minimize
            | Rule::maximize
            | Rule::within
            | Rule::and
            | Rule::or
            | Rule::else_value
            | Rule::less_equal
            | Rule::greater_equal
            | Rule::less
            | Rule::greater
            | Rule::equal
            | Rule::not_equal
            | Rule::range
            | Rule::step
            | Rule::add
            | Rule::subtract
            | Rule::multiply
            | Rule::divide
            | Rule::power
            | Rule::convert => {
                operators = true;
                continue;
            }
            Rule::expr
            | Rule::plot_value
            | Rule::postfix
            | Rule::atom
            | Rule::quantity
            | Rule::number
            | Rule::string
            | Rule::prefix
            | Rule::negate
            | Rule::not
            | Rule::call
            | Rule::list
            | Rule::record
            | Rule::block
            | Rule::parenthesized
            | Rule::if_expr
            | Rule::match_expr
            | Rule::iterate_expr
            | Rule::boolean
            | Rule::none => {
                value = true;
                continue;
            }
            Rule::ident | Rule::any_word | Rule::any_path => "a name",
            Rule::unit_name | Rule::unit_expr | Rule::unit_factor | Rule::unit_per => "a unit",
            Rule::ty | Rule::ty_factor | Rule::ty_one | Rule::ty_group | Rule::ty_list => "a type",
            Rule::colon => "`:`",
            Rule::equals => "`=`",
            Rule::comma => "`,`",
            Rule::arrow => "`->`",
            Rule::open => "`{`",
            // Any value may have braces behind it.
            Rule::record_body => {
                braces = true;
                continue;
            }
            Rule::close => "`}`",
            Rule::close_paren => "`)`",
            Rule::close_bracket => "`]`",
            Rule::kw_against => "`against`",
            Rule::kw_then => "`then`",
            Rule::kw_else => "`else`",
            Rule::kw_from => "`from`",
            Rule::kw_in => "`in`",
            Rule::kw_of => "`of`",
            Rule::arm => "an arm `member: value`",
            Rule::parameters => "`(`",
            Rule::parameter => "a parameter",
            Rule::argument => "an argument",
            Rule::module => "a module such as `std.hardware.nvidia`",
            Rule::table_rows => "`[`",
            Rule::item => "an item",
            // Comes with any of the others, and says nothing new.
            _ => continue,
        };
        if !words.iter().any(|w| w == word) {
            words.push(word.into());
        }
    }
    if value {
        words.insert(0, "a value".into());
    }
    if braces && !operators && words.is_empty() {
        words.push(if rules.len() > 1 { "an operator or the end".into() } else { "`{`".into() });
    }
    if operators && words.is_empty() {
        words.push("an operator or the end".into());
    }
    words.truncate(4);
    words
}
