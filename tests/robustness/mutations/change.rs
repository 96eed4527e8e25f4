//! The mistakes: what is changed, and where.

use crate::support::Random;

/// A mutated text, the line that was touched (from 1), and what was done.
pub struct Mutation {
    pub text: String,
    pub line: usize,
    /// The whole line is gone: what lacks it stands elsewhere.
    pub gone: bool,
    pub what: String,
}

/// A stretch of a text.
type Range = (usize, usize);

/// How many kinds of mistakes there are.
pub const KINDS: usize = 25;

const DECLARING: &[&str] = &[
    "let", "param", "solve", "fn", "table", "sweep", "enum", "type", "solver", "hardware", "system", "model",
    "out",
];
const KEYWORDS: &[&str] = &[
    "let", "param", "solve", "assert", "warn", "show", "use", "sweep", "scenario", "fn", "table", "type",
    "enum", "solver", "out", "require", "over", "where", "within", "then", "else", "minimize", "maximize",
];
const DIMENSIONS: &[&str] =
    &["Scalar", "Time", "Data", "Money", "Power", "Energy", "Token", "Request", "Compute", "Param"];
const MEMBERS: &[&str] = &[
    "fp16",
    "bf16",
    "fp8",
    "fp4",
    "int8",
    "int4",
    "compute",
    "memory",
    "full",
    "selective",
    "decode",
    "prefill",
];

/// The words, numbers and marks of a text that are not in a comment.
fn tokens(text: &str) -> Vec<Range> {
    let mut tokens = vec![];
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = match c {
            '#' => at + text[at..].find('\n').unwrap_or(text.len() - at),
            '"' => at + 1 + text[at + 1..].find(['"', '\n']).map_or(text.len() - at - 1, |i| i + 1),
            c if word(c) => at + text[at..].find(|c| !word(c)).unwrap_or(text.len() - at),
            c => at + c.len_utf8(),
        };
        if !c.is_whitespace() && c != '#' {
            tokens.push((at, end));
        }
        at = end;
    }
    tokens
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn replaced(text: &str, start: usize, end: usize, by: &str, what: &str) -> Mutation {
    let mutated = format!("{}{by}{}", &text[..start], &text[end..]);
    Mutation {
        text: mutated,
        line: line_of(text, start),
        gone: false,
        what: format!("{what} `{}`", &text[start..end]),
    }
}

/// One mutation of a kind, if the text offers a place for it.
pub fn mutate(text: &str, kind: usize, random: &mut Random) -> Option<Mutation> {
    let tokens = tokens(text);
    let (kinds, what) = match kind {
        0..9 => by_word(text, kind, &tokens),
        9..14 => return line_mutation(text, kind, random),
        17 => return doubled(text, random),
        _ => by_neighbour(text, kind, &tokens),
    };
    let (start, end) = *random.choose(&kinds)?;
    let token = &text[start..end];
    let middle = 1 + random.below(token.len().saturating_sub(2).max(1));
    let other = |choices: &[&'static str], random: &mut Random| -> Option<&'static str> {
        let others: Vec<&str> = choices.iter().copied().filter(|c| *c != token).collect();
        random.choose(&others).copied()
    };
    let by = match kind {
        1 | 19 => {
            let mut mutation = replaced(text, start + middle, start + middle + 1, "", what);
            mutation.what = format!("{what} `{token}`");
            return Some(mutation);
        }
        2 => {
            let mut letters: Vec<char> = token.chars().collect();
            letters.swap(middle - 1, middle);
            letters.into_iter().collect()
        }
        4 => token[..token.len() - 1].to_string(),
        5 => other(&["gb", "Gib/s", "km", "flop", "xyz"], random)?.into(),
        6 => other(&["=", ":", ";", "==", "&&", "%", "-", "->"], random)?.into(),
        7 => "\"much\"".into(),
        8 => other(&["Length", "String", "Hardware", "Tiem"], random)?.into(),
        14 => match random.below(3) {
            0 => format!("{token}_old"),
            1 => format!("{}{}", &token[..middle], &token[middle + 1..]),
            _ => "renamed".into(),
        },
        15 => {
            let comma = token.find(',')?;
            format!("{}, {}", token[comma + 1..].trim(), &token[..comma])
        }
        16 => other(DIMENSIONS, random)?.into(),
        20 => other(&["fast", "fp7", "Compute", "none", "\"fp8\""], random)?.into(),
        21 => other(&["GB", "s", "USD", "W", "tok"], random)?.into(),
        22 => other(&["+", "*", "/", "<", "**", "==", "&", "and"], random)?.into(),
        24 => {
            let names = by_word(text, 1, &tokens).0;
            let names: Vec<&str> =
                names.into_iter().map(|(s, e)| &text[s..e]).filter(|n| *n != token).collect();
            random.choose(&names)?.to_string()
        }
        _ => String::new(),
    };
    Some(replaced(text, start, end, &by, what))
}

/// Tokens that are told by themselves.
fn by_word(text: &str, kind: usize, tokens: &[Range]) -> (Vec<Range>, &'static str) {
    let is = |f: &dyn Fn(&str) -> bool| -> Vec<Range> {
        tokens.iter().copied().filter(|(s, e)| f(&text[*s..*e])).collect()
    };
    let name = |t: &str| t.len() > 3 && t.is_ascii() && t.starts_with(|c: char| c.is_alphabetic());
    match kind {
        0 => (is(&|_| true), "without token"),
        1 => (is(&name), "without a letter of"),
        2 => (is(&name), "two letters swapped in"),
        3 => (is(&|t| matches!(t, "{" | "}" | "(" | ")" | "[" | "]")), "without bracket"),
        4 => (is(&|t| t.starts_with('"')), "without the last quote of"),
        5 => (
            is(&|t| matches!(t, "s" | "ms" | "GB" | "B" | "TB" | "W" | "kW" | "USD" | "h")),
            "other unit for",
        ),
        6 => (is(&|t| matches!(t, ":" | "=" | "<" | ">" | "+" | "*" | "/" | ",")), "other mark for"),
        7 => (is(&|t| t.starts_with(|c: char| c.is_ascii_digit())), "text for"),
        _ => (is(&|t| matches!(t, "Scalar" | "Time" | "Data" | "Money" | "Power")), "other type for"),
    }
}

/// Tokens that are told by what stands before and behind them.
fn by_neighbour(text: &str, kind: usize, tokens: &[Range]) -> (Vec<Range>, &'static str) {
    let token = |i: usize| tokens.get(i).map_or("", |(s, e)| &text[*s..*e]);
    let word = |t: &str| t.starts_with(|c: char| c.is_ascii_alphanumeric());
    let name = |t: &str| t.len() > 3 && t.is_ascii() && t.starts_with(|c: char| c.is_alphabetic());
    let number = |t: &str| t.starts_with(|c: char| c.is_ascii_digit());
    let where_ = |f: &dyn Fn(usize) -> bool| -> Vec<Range> {
        (1..tokens.len()).filter(|i| f(*i)).map(|i| tokens[i]).collect()
    };
    match kind {
        14 => (where_(&|i| DECLARING.contains(&token(i - 1)) && name(token(i))), "other name for declared"),
        15 => {
            let commas = (2..tokens.len()).filter(|i| {
                let plain = matches!(token(i - 2), "(" | ",") && matches!(token(i + 2), ")" | ",");
                token(*i) == "," && plain && word(token(i - 1)) && word(token(i + 1))
            });
            (commas.map(|i| (tokens[i - 1].0, tokens[i + 1].1)).collect(), "swapped arguments")
        }
        16 => (where_(&|i| token(i - 1) == ":" && DIMENSIONS.contains(&token(i))), "other type for declared"),
        18 => (where_(&|i| token(i) == ","), "missing comma"),
        19 => (where_(&|i| KEYWORDS.contains(&token(i))), "without a letter of keyword"),
        20 => (where_(&|i| MEMBERS.contains(&token(i))), "other member for"),
        21 => (where_(&|i| token(i - 1) == "to"), "other unit shown for"),
        22 => (
            where_(&|i| matches!(token(i), "+" | "*" | "/" | "<" | ">" | "and" | "or")),
            "other operator for",
        ),
        23 => (
            where_(&|i| {
                let (start, end) = (tokens[i].0, tokens[i - 1].1);
                number(token(i - 1)) && text[end..start] == *" " && word(token(i)) && token(i + 1) != "/"
            }),
            "no unit where there was",
        ),
        24 => (where_(&|i| name(token(i)) && !KEYWORDS.contains(&token(i))), "other name for"),
        _ => (vec![], ""),
    }
}

/// Kind 9: a line less. Kind 10: a line twice. Kind 11: a field renamed. Kind 12: a stray character. Kind 13: a field
/// less.
fn line_mutation(text: &str, kind: usize, random: &mut Random) -> Option<Mutation> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let wanted = |l: &&str| {
        let code = l.trim();
        let field =
            code.split_once(':').is_some_and(|(n, _)| n.chars().all(|c| c.is_alphanumeric() || c == '_'));
        !code.is_empty() && !code.starts_with('#') && (!matches!(kind, 11 | 13) || field)
    };
    let choices: Vec<usize> = (0..lines.len()).filter(|i| wanted(&lines[*i])).collect();
    let index = *random.choose(&choices)?;
    let start: usize = lines[..index].iter().map(|l| l.len()).sum();
    let (line, end) = (lines[index], start + lines[index].len());
    Some(match kind {
        9 => Mutation { gone: true, ..replaced(text, start, end, "", "without line") },
        10 => replaced(text, start, end, &format!("{line}{line}"), "twice line"),
        11 => {
            let name = start + line.len() - line.trim_start().len();
            replaced(text, name, name + 1, "q", "other field in line of")
        }
        12 => {
            let columns: Vec<usize> = line.char_indices().map(|(i, _)| start + i).collect();
            let at = *random.choose(&columns)?;
            let stray = random.choose(&["@", "$", "~", ";", "?", "\\", "é"])?;
            replaced(text, at, at, stray, "stray character before")
        }
        13 => Mutation { gone: true, ..replaced(text, start, end, "", "without field") },
        _ => return None,
    })
}

/// A declaration of several lines, written twice: the line of the second.
fn doubled(text: &str, random: &mut Random) -> Option<Mutation> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let declares = |l: &&str| DECLARING.iter().any(|k| l.strip_prefix(k).is_some_and(|r| r.starts_with(' ')));
    let choices: Vec<usize> = (0..lines.len()).filter(|i| declares(&lines[*i])).collect();
    let first = *random.choose(&choices)?;
    let inside = |l: &&&str| l.starts_with([' ', '\t', '}', ')', ']']);
    let count = 1 + lines[first + 1..].iter().take_while(inside).count();
    let start: usize = lines[..first].iter().map(|l| l.len()).sum();
    let end = start + lines[first..first + count].iter().map(|l| l.len()).sum::<usize>();
    let block = &text[start..end];
    let mutated = format!("{}\n{block}{}", &text[..end], &text[end..]);
    Some(Mutation {
        text: mutated,
        line: line_of(text, end) + 1,
        gone: false,
        what: format!("declared twice `{block}`"),
    })
}
