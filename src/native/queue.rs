//! Queues: what no closed form of the language gives.

/// More servers than this are taken as this many, at the same load of each: by then nobody waits, or everybody does.
const MOST_SERVERS: f64 = 4096.0;

/// Where the chance of waiting is as good as zero, as the inverse of it.
const NEVER: f64 = 1e40;

/// Erlang's C formula: the chance that an arrival finds all `servers` busy, with `load` of them busy in the mean.
///
/// Through the recursion of the B formula for its inverse, which does not cancel and divides once.
pub fn erlang_c(servers: f64, load: f64) -> f64 {
    if servers.is_nan() || load.is_nan() {
        return f64::NAN;
    }
    let whole = servers.floor().max(1.0);
    if load >= whole {
        return 1.0;
    }
    let count = whole.min(MOST_SERVERS);
    let load = load * (count / whole);
    if load <= count / NEVER {
        return 0.0;
    }
    let per_server = 1.0 / load;
    let mut inverse = 1.0;
    for n in 1..=count as u32 {
        inverse = 1.0 + inverse * (f64::from(n) * per_server);
        if inverse > NEVER {
            return 0.0;
        }
    }
    let blocked = 1.0 / inverse;
    blocked / (1.0 - load / count * (1.0 - blocked))
}

#[cfg(test)]
mod tests {
    use super::erlang_c;

    #[test]
    fn textbook_values() {
        assert!((erlang_c(1.0, 0.5) - 0.5).abs() < 1e-12, "one server: the load itself");
        assert!((erlang_c(2.0, 1.0) - 1.0 / 3.0).abs() < 1e-12);
        assert!((erlang_c(10.0, 8.0) - 0.409_180_108).abs() < 1e-6);
    }

    #[test]
    fn ends() {
        assert_eq!(erlang_c(4.0, 0.0), 0.0);
        assert_eq!(erlang_c(4.0, 4.0), 1.0);
        assert_eq!(erlang_c(0.0, 2.0), 1.0);
        assert!(erlang_c(1e9, 5e8) < 1e-12);
        assert!(erlang_c(f64::NAN, 1.0).is_nan());
    }
}
