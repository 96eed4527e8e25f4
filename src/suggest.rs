//! Did-you-mean: the candidate nearest to what was written.

/// Edits that a slip of the fingers makes at most.
const SLIPS: usize = 3;

/// The best candidate for a misspelt `name`: one that differs only in case, at any length; else the nearest by
/// Damerau-Levenshtein distance within a third of the length; else one that abbreviates it, as `memory_bw` does
/// `memory_bandwidth`. Ties go to the candidate named first.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).clamp(1, SLIPS);
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
            match strsim::damerau_levenshtein(name, candidate) {
                distance if distance <= limit => distance,
                _ if abbreviates(candidate, name) || abbreviates(name, candidate) => SLIPS + 1,
                _ => continue,
            }
        };
        if best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Whether `short` has the letters of `long` in their order, a good part of them, and begins like it.
fn abbreviates(short: &str, long: &str) -> bool {
    let common = short.chars().zip(long.chars()).take_while(|(a, b)| a == b).count();
    let (count, total) = (short.chars().count(), long.chars().count());
    let mut letters = long.chars();
    count < total && 2 * count >= total && common >= 4 && short.chars().all(|c| letters.any(|l| l == c))
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
        let fields = ["memory_capacity", "memory_bw", "batch"];
        assert_eq!(nearest("memory_bandwidth", fields), Some("memory_bw"));
        assert_eq!(nearest("batchsize", fields), Some("batch"));
    }

    #[test]
    fn lists_are_shortened() {
        assert_eq!(enumerate(["a"], 3), "`a`");
        assert_eq!(enumerate(["a", "b", "c"], 3), "`a`, `b` and `c`");
        assert_eq!(enumerate(["a", "b", "c", "d"], 3), "`a`, `b`, `c` and 1 more");
    }
}
