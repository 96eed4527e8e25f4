//! Percentiles of a column: exact, in bounded memory.

use crate::columns::graph::NodeId;
use crate::columns::scan::Scan;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::GridValue;

/// Bits of a number that one pass decides.
const DIGIT: u32 = 11;
/// So many values are sorted at once, in 8 MiB.
const SORTED: u64 = 1 << 20;

/// A number as one whose order as an integer is its order as a number.
fn key(x: f64) -> u64 {
    let bits = x.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn number(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

impl<'p> Lowerer<'p> {
    /// The value below which a share of `count` values lies, interpolated between neighbours.
    pub(in crate::lower) fn percentile(
        &mut self,
        grid: &GridValue<'p>,
        node: NodeId,
        count: u64,
        share: f64,
    ) -> Result<f64, Stop> {
        let position = share * (count - 1) as f64;
        let below = position.floor();
        let (low, next) = self.ranked(grid, node, count, below as u64)?;
        let part = position - below;
        if part == 0.0 {
            return Ok(low);
        }
        let high = match next {
            Some(next) => next,
            None => self.ranked(grid, node, count, below as u64 + 1)?.0,
        };
        Ok(low + (high - low) * part)
    }

    /// The value of a rank, from 0, and the one after it where that was met too. The digits of the value are found one
    /// by one, from the most significant, until few enough values have them to be sorted.
    fn ranked(
        &mut self,
        grid: &GridValue<'p>,
        node: NodeId,
        count: u64,
        rank: u64,
    ) -> Result<(f64, Option<f64>), Stop> {
        let points = self.points(grid.sweep)?;
        let member = self.feasible_members(grid, &[node])?;
        let scan = Scan::new(&self.graph, self.program, &points.lengths, member, &[node]);
        let (mut prefix, mut known, mut rank, mut left) = (0u64, 0u32, rank, count);
        while known < 64 {
            let among = |key: u64| known == 0 || key >> (64 - known) == prefix;
            if left <= SORTED {
                let parts = scan.run(Vec::new, |keys: &mut Vec<u64>, block| {
                    keys.extend(block.column(0).iter().map(|v| key(*v)).filter(|k| among(*k)));
                });
                let mut keys: Vec<u64> = parts.into_iter().flatten().collect();
                keys.sort_unstable();
                let at = |i: u64| keys.get(i as usize).map(|k| number(*k));
                if let Some(low) = at(rank) {
                    return Ok((low, at(rank + 1)));
                }
            }
            let width = DIGIT.min(64 - known);
            let shift = 64 - known - width;
            let parts = scan.run(
                || vec![0u64; 1 << width],
                |counts: &mut Vec<u64>, block| {
                    for key in block.column(0).iter().map(|v| key(*v)).filter(|k| among(*k)) {
                        counts[(key >> shift) as usize & ((1 << width) - 1)] += 1;
                    }
                },
            );
            let mut digit = 0;
            for candidate in 0..1usize << width {
                left = parts.iter().map(|p| p[candidate]).sum();
                digit = candidate;
                if rank < left {
                    break;
                }
                rank -= left;
            }
            prefix = prefix << width | digit as u64;
            known += width;
        }
        Ok((number(prefix), None))
    }
}

#[cfg(test)]
mod tests {
    use super::{key, number};

    #[test]
    fn keys_keep_the_order() {
        let values = [f64::MIN, -1.5, -0.0, 0.0, 1e-300, 2.0, f64::MAX];
        assert!(values.windows(2).all(|w| key(w[0]) < key(w[1])));
        assert!(values.iter().all(|v| number(key(*v)).to_bits() == v.to_bits()));
    }
}
