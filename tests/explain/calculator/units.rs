//! Units, by their names.

use std::collections::HashMap;

/// `GB/s`, `USD/kWh`, `/s` in base units.
pub fn unit_factor(text: &str) -> Option<f64> {
    let mut factor = 1.0;
    let (mut over, mut rest) = (false, text);
    if let Some(per) = rest.strip_prefix('/') {
        (over, rest) = (true, per);
    }
    loop {
        let end = rest.find(['*', '/']).unwrap_or(rest.len());
        let (name, power) = rest[..end].split_once('^').map_or((&rest[..end], "1"), |split| split);
        let one = one_unit(name)?.powi(power.parse().ok()?);
        factor = if over { factor / one } else { factor * one };
        if end == rest.len() {
            return Some(factor);
        }
        over = rest[end..].starts_with('/');
        rest = &rest[end + 1..];
    }
}

fn one_unit(name: &str) -> Option<f64> {
    let plain = |name: &str| {
        Some(match name {
            "s" | "sec" | "second" | "seconds" | "J" | "W" | "USD" | "$" | "m" | "L" | "Hz" | "gCO2e"
            | "x" => 1.0,
            "B" | "byte" | "bytes" | "flop" | "flops" | "FLOP" | "FLOPs" | "FLOPS" | "OP" | "OPS" | "op" => {
                1.0
            }
            "tok" | "token" | "tokens" | "req" | "request" | "requests" | "rps" | "qps" | "param"
            | "params" => 1.0,
            "b" | "bit" | "bits" | "bps" => 0.125,
            "min" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            "day" | "days" | "d" => 86_400.0,
            "week" | "weeks" => 604_800.0,
            "month" | "months" => 730.5 * 3600.0,
            "year" | "years" => 8766.0 * 3600.0,
            "Wh" => 3600.0,
            "%" | "percent" | "cent" | "cents" => 0.01,
            "tCO2e" => 1e6,
            _ => return None,
        })
    };
    let prefixes = HashMap::from([
        ("n", 1e-9),
        ("u", 1e-6),
        ("µ", 1e-6),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("E", 1e18),
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
    ]);
    plain(name).or_else(|| {
        prefixes.iter().find_map(|(prefix, factor)| Some(factor * plain(name.strip_prefix(prefix)?)?))
    })
}
