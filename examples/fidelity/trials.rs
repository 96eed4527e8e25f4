//! Constants of the calibration to try in place of the library's: a column a constant, a line a trial.
//!
//! A heading is a record of `std.calibration`, the path of a number in it, and its unit: `vllm.host_step [ms]`,
//! `hopper_kernels.experts_fp4.compute`. Rows that do not go through that record are not touched.

use std::path::Path;

use indexmap::IndexSet;

use crate::measured::Table;

struct Constant {
    record: String,
    path: String,
    unit: String,
}

/// Without any constant there is one trial: the library as it is.
pub struct Trials {
    constants: Vec<Constant>,
    lines: Vec<Vec<f64>>,
}

/// What the trials are to the rows that share some records: trials that do not differ in these are one.
pub struct Axes {
    /// Axes of a sweep that advance together; empty where nothing varies.
    pub text: String,
    /// By trial, its place on the axes.
    pub place: Vec<usize>,
}

impl Trials {
    pub fn none() -> Trials {
        Trials { constants: vec![], lines: vec![vec![]] }
    }

    /// Reads a table of trials. Only records of `known` may be in it, as others would be of no effect.
    pub fn read(path: &Path, known: impl Fn(&str) -> bool) -> Result<Trials, String> {
        let table = Table::read(path)?;
        let failed = |what: String| format!("{}: {what}", path.display());
        let constants: Vec<Constant> =
            table.headings().iter().map(|h| constant(h, &known)).collect::<Result<_, _>>().map_err(failed)?;
        let cell = |row: crate::measured::Row, heading: &String| {
            row.number(heading).ok_or(failed(format!("no number in `{heading}`")))
        };
        let line = |row| table.headings().iter().map(|h| cell(row, h)).collect();
        let lines = table.rows().map(line).collect::<Result<Vec<Vec<f64>>, String>>()?;
        if lines.is_empty() { Err(failed("no trial".into())) } else { Ok(Trials { constants, lines }) }
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// The axes for a solve that has these records at these inputs: pairs of an input and the record's name.
    pub fn axes(&self, records: &[(&str, &str)]) -> Axes {
        let input =
            |c: &Constant| records.iter().find(|(_, record)| *record == c.record).map(|(input, _)| *input);
        let here: Vec<(usize, &str, &Constant)> =
            self.constants.iter().enumerate().filter_map(|(i, c)| Some((i, input(c)?, c))).collect();
        let bits = |line: &Vec<f64>| here.iter().map(|(i, ..)| line[*i].to_bits()).collect::<Vec<u64>>();
        let mut distinct: IndexSet<Vec<u64>> = IndexSet::new();
        let place = self.lines.iter().map(|line| distinct.insert_full(bits(line)).0).collect();
        let axis = |(column, (_, input, c)): (usize, &(usize, &str, &Constant))| {
            let values: Vec<String> =
                distinct.iter().map(|line| format!("{}{}", f64::from_bits(line[column]), c.unit)).collect();
            format!("  {input}.{}: [{}]\n", c.path, values.join(", "))
        };
        let axes: String = here.iter().enumerate().map(axis).collect();
        let text = if axes.is_empty() { axes } else { format!("zip {{\n{axes}}}\n") };
        Axes { text, place }
    }
}

fn constant(heading: &str, known: impl Fn(&str) -> bool) -> Result<Constant, String> {
    let (name, unit) = match heading.split_once(" [") {
        Some((name, unit)) => (name, format!(" {}", unit.trim_end_matches(']'))),
        None => (heading, String::new()),
    };
    match name.split_once('.') {
        Some((record, path)) if known(record) => {
            Ok(Constant { record: record.into(), path: path.into(), unit })
        }
        _ => Err(format!("`{heading}` is no constant of a record that rows go through")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trials(text: &str) -> Trials {
        let table = Table::parse(text).expect("a table");
        let constants = table.headings().iter().map(|h| constant(h, |_| true).expect("a constant")).collect();
        let number = |row: crate::measured::Row, h: &String| row.number(h).expect("a number");
        let lines = table.rows().map(|r| table.headings().iter().map(|h| number(r, h)).collect()).collect();
        Trials { constants, lines }
    }

    #[test]
    fn rows_see_the_constants_of_their_records_only() {
        let trials = trials(
            "vllm.host_step [ms],sglang.launch [us],vllm.prefill_factor\n0.3,20,1\n0.3,21,1\n0.4,20,1.1\n",
        );
        let axes = trials.axes(&[("engine", "vllm"), ("kernels", "hopper_kernels")]);
        assert_eq!(
            axes.text,
            "zip {\n  engine.host_step: [0.3 ms, 0.4 ms]\n  engine.prefill_factor: [1, 1.1]\n}\n"
        );
        assert_eq!(axes.place, [0, 0, 1]);
        let axes = trials.axes(&[("engine", "trtllm")]);
        assert_eq!((axes.text.as_str(), axes.place), ("", vec![0, 0, 0]));
    }

    #[test]
    fn a_heading_names_a_known_record() {
        assert!(constant("vlm.host_step [ms]", |record| record == "vllm").is_err());
        assert!(constant("host_step", |_| true).is_err());
    }
}
