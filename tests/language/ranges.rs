//! Ranges hit the numbers that a plan writes, in every unit.

use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use proptest::prelude::*;

/// `mantissa / 10^places` in decimals, as a plan writes it.
fn decimal(mantissa: i64, places: usize) -> String {
    let sign = if mantissa < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", mantissa.abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_decimal_of_a_range_is_found(
        low in -2_000..2_000i64,
        step in 1..300i64,
        count in 1..24i64,
        places in 0..4usize,
        unit in prop::sample::select(vec!["", "%", " ms", " GB", " TFLOP/s", " USD/h", " h", " KiB", " bp"]),
    ) {
        let written = |k: i64| format!("{}{unit}", decimal(low + step * k, places));
        let step = format!("{}{unit}", decimal(step, places));
        let (first, last) = (written(0), written(count));
        let mut text = format!(
            "let items = {first}..{last} by {step}\nlet even = linspace({first}, {last}, {n})\n\
             assert len(items) == {n}\n",
            n = count + 1
        );
        for k in 0..=count {
            let at = written(k);
            text.push_str(&format!("assert items[{k}] <= {at} and items[{k}] >= {at}\n"));
            text.push_str(&format!("assert even[{k}] <= {at} and even[{k}] >= {at}\n"));
            text.push_str(&format!("assert (largest x in {first}..{last} by {step} where x <= {at}) >= {at}\n"));
        }
        let outcome = Session::new(Memory::with("plan.mls", &*text), Options::default()).run(&["plan.mls".into()]);
        let told: Vec<&str> = outcome.diagnostics.iter().map(|d| d.message.as_str()).collect();
        prop_assert!(told.is_empty(), "{told:?} in\n{text}");
        let failed = outcome.files.iter().flat_map(|f| &f.assertions).filter(|a| a.failure.is_some()).count();
        prop_assert_eq!(failed, 0, "in\n{}", text);
    }
}
