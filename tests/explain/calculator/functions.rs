//! Functions of the language that no equation is written for.

use super::{Found, Inputs, Lack, Tree, Worth};

pub fn call(name: &str, arguments: &[Tree], inputs: &Inputs) -> Found<Worth> {
    if name == "has" {
        let [argument] = arguments else { return Err(Lack::Text("has(..)".into())) };
        return Ok(Worth::Bool(argument.worth(inputs)? != Worth::None));
    }
    let mut given = vec![];
    for argument in arguments {
        // The column of a sweep: its points are the inputs.
        match (argument.worth(inputs), &inputs.points) {
            (Err(_), Some(points)) => given.extend(points.iter().cloned()),
            (Err(lack), None) => return Err(lack),
            (Ok(Worth::List(items)), _) => given.extend(items),
            (Ok(worth), _) => given.push(worth),
        }
    }
    if name == "len" {
        return Ok(Worth::Number(given.len() as f64));
    }
    let numbers = given.iter().map(Worth::number).collect::<Found<Vec<f64>>>()?;
    let count = numbers.len() as f64;
    Ok(Worth::Number(match (name, numbers.as_slice()) {
        ("max", _) => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ("min", _) => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        ("sum", _) => numbers.iter().sum(),
        ("product", _) => numbers.iter().product(),
        ("mean", _) => numbers.iter().sum::<f64>() / count,
        ("percentile", [points @ .., share]) if inputs.points.is_some() => percentile(points, *share),
        ("abs", [x]) => x.abs(),
        ("sign", [x]) => {
            if *x == 0.0 {
                0.0
            } else {
                x.signum()
            }
        }
        ("floor", [x]) => x.floor(),
        ("ceil", [x]) => x.ceil(),
        ("round", [x]) => x.round(),
        ("trunc", [x]) => x.trunc(),
        ("sqrt", [x]) => x.sqrt(),
        ("cbrt", [x]) => x.cbrt(),
        ("exp", [x]) => x.exp(),
        ("ln", [x]) => x.ln(),
        ("log2", [x]) => x.log2(),
        ("log10", [x]) => x.log10(),
        ("count", [x]) => *x,
        ("pow", [x, y]) => x.powf(*y),
        ("mod", [x, y]) => x % y,
        ("erlang_c", [servers, load]) => erlang_c(*servers, *load),
        ("divisors", [n]) => {
            let all = (1..=*n as u64).filter(|d| (*n as u64).is_multiple_of(*d));
            return Ok(Worth::List(all.map(|d| Worth::Number(d as f64)).collect()));
        }
        _ => return Err(Lack::Name(format!("{name}(..) of {count}"))),
    }))
}

fn percentile(points: &[f64], share: f64) -> f64 {
    let mut sorted = points.to_vec();
    sorted.sort_by(f64::total_cmp);
    let position = share * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

/// The chance to wait in M/M/c, from its definition: the terms of a Poisson distribution, as logarithms. The library
/// takes whole servers, and no more than 4096 of them at the same load of each.
pub fn erlang_c(servers: f64, load: f64) -> f64 {
    let whole = servers.floor().max(1.0);
    if load >= whole {
        return 1.0;
    }
    let count = whole.min(4096.0);
    let load = load * count / whole;
    if load <= 0.0 {
        return 0.0;
    }
    let mut log = 0.0;
    let mut terms = vec![0.0];
    for n in 1..=count as u32 {
        log += (load / f64::from(n)).ln();
        terms.push(log);
    }
    let greatest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let last = (log - greatest).exp() * count / (count - load);
    let others: f64 = terms[..terms.len() - 1].iter().map(|t| (t - greatest).exp()).sum();
    last / (others + last)
}
