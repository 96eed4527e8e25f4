//! Words in lines.

/// Lines of at most `width` characters: the text as it is where it fits one. They break at blanks, but neither inside backticks that fit a line nor before a
/// `%`.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    match text.chars().count() <= width {
        true => vec![text.to_string()],
        false => pack(&pieces(text, width), " ", width),
    }
}

/// Pieces in as few lines as they take, each whole unless it is longer than a line.
pub fn pack<S: AsRef<str>>(pieces: &[S], separator: &str, width: usize) -> Vec<String> {
    let mut lines = vec![];
    let mut line = String::new();
    let mut used = 0;
    for (index, piece) in pieces.iter().enumerate() {
        let piece = piece.as_ref();
        // What ends a line that others follow stands behind it.
        let behind = if index + 1 < pieces.len() { separator.trim_end().len() } else { 0 };
        let length = piece.chars().count() + behind;
        if !line.is_empty() && used + separator.len() + length > width {
            // The separator's comma stays, its blank goes.
            line.push_str(separator.trim_end());
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if !line.is_empty() {
            line.push_str(separator);
            used += separator.len();
        }
        line.push_str(piece);
        used += length - behind;
    }
    lines.push(line);
    lines
}

/// Words, those that belong together as one.
fn pieces(text: &str, width: usize) -> Vec<String> {
    let mut pieces: Vec<String> = vec![];
    let mut open = false;
    for word in text.split_whitespace() {
        let joins = open || word.trim_end_matches([',', ')', '.', ';']) == "%";
        match pieces.last_mut() {
            Some(last) if joins && last.chars().count() + 1 + word.chars().count() <= width => {
                last.push(' ');
                last.push_str(word);
            }
            _ => pieces.push(word.to_string()),
        }
        open ^= word.matches('`').count() % 2 == 1;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_percentages_stay_whole() {
        let text = "write `let x: Curve = { .. }` now (-78.3 %)";
        assert_eq!(wrap(text, 24), ["write", "`let x: Curve = { .. }`", "now (-78.3 %)"]);
    }

    #[test]
    fn code_longer_than_a_line_breaks() {
        assert_eq!(wrap("`a bb ccc dddd`", 8), ["`a bb", "ccc", "dddd`"]);
    }

    #[test]
    fn items_stay_whole() {
        assert_eq!(
            pack(&["latency 21 ms", "intensity 64 flop/B"], ", ", 20),
            ["latency 21 ms,", "intensity 64 flop/B"]
        );
    }
}
