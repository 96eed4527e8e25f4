//! Did-you-mean: the candidate nearest to what was written.

/// The best candidate for a misspelt `name`: one that differs only in case, at any length; else the nearest by
/// Damerau-Levenshtein distance within a third of the length. Ties go to the candidate named first.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    let folded = fold(name);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        let distance = if fold(candidate) == folded {
            0
        } else {
            // One edit of a one- or two-letter name is another name, not a slip.
            if name.chars().count() < 3 {
                continue;
            }
            strsim::damerau_levenshtein(name, candidate)
        };
        if distance <= limit && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Case and separators do not tell names apart when guessing: `H100-SXM` is `H100_SXM`.
fn fold(name: &str) -> String {
    name.chars().filter(|c| *c != '_' && *c != '-').flat_map(char::to_lowercase).collect()
}

/// `a`, `b` and `c`, shortened to `limit` names.
pub fn enumerate<'a>(names: impl IntoIterator<Item = &'a str>, limit: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<String> = names.iter().take(limit).map(|n| format!("`{n}`")).collect();
    match (shown.as_slice(), names.len()) {
        ([], _) => String::new(),
        ([one], 1) => one.clone(),
        (_, total) if total > limit => format!("{} and {} more", shown.join(", "), total - limit),
        ([rest @ .., last], _) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_wins_over_distance() {
        assert_eq!(nearest("gb", ["Gb", "GB", "kb"]), Some("Gb"));
        assert_eq!(nearest("h100-sxm", ["H200_SXM", "H100_SXM"]), Some("H100_SXM"));
        assert_eq!(nearest("latncy", ["latency", "batch"]), Some("latency"));
        assert_eq!(nearest("zebra", ["latency", "batch"]), None);
    }

    #[test]
    fn lists_are_shortened() {
        assert_eq!(enumerate(["a"], 3), "`a`");
        assert_eq!(enumerate(["a", "b", "c"], 3), "`a`, `b` and `c`");
        assert_eq!(enumerate(["a", "b", "c", "d"], 3), "`a`, `b`, `c` and 1 more");
    }
}
