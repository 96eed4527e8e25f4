//! Blocks and `match` on one line: `{ let a = 1  a + 1 }`, `match mode { eager: 1  graph: 2 }`.
//!
//! After a number a name is a unit, on its line. Between the parts of a block two blanks say that it is none: here they
//! become a line break, which never joins a number to a name, and every place stays where it was.

use std::borrow::Cow;

/// An open brace: where it stands, and whether it opens a block or the arms of a `match`.
struct Brace {
    parts: bool,
    breaks: bool,
    /// Blanks after numbers that would become breaks.
    gaps: Vec<usize>,
}

/// The text with a line break in place of a blank between the parts of one-line blocks.
pub(super) fn separated(text: &str) -> Cow<'_, str> {
    if !text.contains("  ") || !text.contains('{') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let (mut open, mut gaps): (Vec<Brace>, Vec<usize>) = (vec![], vec![]);
    let (mut at, mut is_match) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'#' => at = text[at..].find('\n').map_or(bytes.len(), |i| at + i - 1),
            b'"' => at = end_of_text(bytes, at),
            b'{' => {
                let rest = text[at + 1..].trim_start_matches([' ', '\t']);
                let lets = rest.strip_prefix("let").is_some_and(|r| r.starts_with([' ', '\t']));
                open.push(Brace { parts: lets || is_match, breaks: false, gaps: vec![] });
                is_match = false;
            }
            b'}' => {
                if let Some(brace) = open.pop()
                    && !brace.breaks
                {
                    gaps.extend(brace.gaps);
                }
            }
            b'\n' => open.iter_mut().for_each(|b| b.breaks = true),
            b' ' if text[at..].starts_with("  ") => {
                let number = at > 0 && bytes[at - 1].is_ascii_digit();
                let end = at + text[at..].len() - text[at..].trim_start_matches(' ').len();
                let name = bytes.get(end).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
                if let Some(brace) = open.last_mut().filter(|b| b.parts && number && name) {
                    brace.gaps.push(at);
                }
                at = end - 1;
            }
            b'm' if is_word_at(text, at, "match") => is_match = true,
            _ => {}
        }
        at += 1;
    }
    if gaps.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut separated = text.to_string();
    for gap in gaps {
        separated.replace_range(gap..=gap, "\n");
    }
    Cow::Owned(separated)
}

/// The quote that ends the text which begins at `at`, or the end of its line.
fn end_of_text(bytes: &[u8], mut at: usize) -> usize {
    at += 1;
    while at < bytes.len() && bytes[at] != b'"' && bytes[at] != b'\n' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

fn is_word_at(text: &str, at: usize, word: &str) -> bool {
    let letter = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let bytes = text.as_bytes();
    text[at..].starts_with(word)
        && !(at > 0 && letter(&bytes[at - 1]))
        && !bytes.get(at + word.len()).is_some_and(letter)
}

#[cfg(test)]
mod tests {
    use super::separated;

    #[test]
    fn parts_of_one_line_are_separated() {
        assert_eq!(separated("{ let a = 1  a + 1 }"), "{ let a = 1\n a + 1 }");
        assert_eq!(separated("match m { a: 1  b: 2   else: 3 }"), "match m { a: 1\n b: 2\n  else: 3 }");
        assert_eq!(
            separated("f({ let a = 1  { let b = 2  a + b } })"),
            "f({ let a = 1  { let b = 2\n a + b } })"
        );
    }

    #[test]
    fn everything_else_is_left_alone() {
        for text in [
            "let q = 80   GB",
            "x { a: 80   GB }",
            "{ let a = 80   GB\n  a }",
            "{ let a = \"1  b\"  a }",
            "{ let a = 1 # 2  b",
        ] {
            assert_eq!(separated(text), text);
        }
    }
}
