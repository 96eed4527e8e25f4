//! The lowered plan as data: what a file is made of before any point of a sweep is visited.

/// The nodes of a lowered file, and what becomes of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanListing {
    /// The file, as it was named.
    pub path: String,
    /// The sweeps whose points are visited, in the order of the file.
    pub sweeps: Vec<PlanSweep>,
    /// What the file asks for, in order.
    pub roots: Vec<PlanRoot>,
    /// In order of evaluation, by `id`.
    pub nodes: Vec<PlanNode>,
}

/// A sweep whose points are visited.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanSweep {
    /// `grid`, `night.grid`
    pub name: String,
    /// Axes that go together are one.
    pub axes: Vec<PlanAxis>,
    /// The product of their lengths.
    pub points: u64,
}

/// One joined axis of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanAxis {
    /// `batch`, `batch + rate` for axes that are zipped or depend on each other.
    pub name: String,
    /// How many values it has.
    pub length: usize,
}

/// Something that the file asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanRoot {
    /// `one.latency`, `assert one.latency <= 50 ms`, `where batch > 4`
    pub name: String,
    /// The node that computes it.
    pub node: u32,
    /// The sweep over whose points it is asked.
    pub sweep: Option<String>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanNode {
    /// Its number, by which operands and roots name it.
    pub id: u32,
    /// `constant`, `+`, `min`, `select`, `table hbm_efficiency`, `axis`
    pub operation: String,
    /// The nodes that it reads, in order.
    pub operands: Vec<u32>,
    /// What becomes of it.
    pub fate: Fate,
    /// The name that the program gives to it: `latency`, `batch`.
    pub name: Option<String>,
    /// The expression that asked for it first, on one line.
    pub expression: Option<String>,
    /// The file of that expression, and its line.
    pub place: Option<(String, usize)>,
}

/// What becomes of a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// One number, known before any point is visited; `None` where it is undefined.
    Folded {
        /// In base units.
        value: Option<f64>,
        /// A literal, or what a query over a grid answered: nothing had to be folded.
        given: bool,
        /// Nothing reads it but what is folded itself: no column, and no statement of the file.
        dropped: bool,
    },
    /// A column along some axes of sweeps.
    Along(Vec<PlanAlong>),
    /// A column that nothing reads: it is not computed.
    Pruned,
    /// Evaluated inside a search, for one number after another.
    Searched,
}

/// How a column goes along the axes of one sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanAlong {
    /// The name of the sweep.
    pub sweep: String,
    /// Names of joined axes; empty for a condition that is looked at by itself.
    pub axes: Vec<String>,
    /// The values it has: the product of the lengths of those axes.
    pub values: u64,
}

/// How many nodes share a fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanCounts {
    /// All of them.
    pub nodes: usize,
    /// Literals, and answers of queries over grids.
    pub given: usize,
    /// Computed once.
    pub folded: usize,
    /// Columns along axes.
    pub along: usize,
    /// Columns that nothing reads.
    pub pruned: usize,
    /// Evaluated inside searches.
    pub searched: usize,
    /// Of those given or folded.
    pub dropped: usize,
}

impl PlanListing {
    /// How many nodes share each fate.
    pub fn counts(&self) -> PlanCounts {
        let mut counts = PlanCounts { nodes: self.nodes.len(), ..PlanCounts::default() };
        for node in &self.nodes {
            match &node.fate {
                Fate::Folded { given, dropped, .. } => {
                    *(if *given { &mut counts.given } else { &mut counts.folded }) += 1;
                    counts.dropped += usize::from(*dropped);
                }
                Fate::Along(_) => counts.along += 1,
                Fate::Pruned => counts.pruned += 1,
                Fate::Searched => counts.searched += 1,
            }
        }
        counts
    }

    /// The columns by the axes they go along: sweep, axes, columns, and the values of one column. In the order of the
    /// sweeps, those with fewer values first.
    pub fn columns(&self) -> Vec<(PlanAlong, usize)> {
        let mut found: Vec<(PlanAlong, usize)> = vec![];
        for along in self.nodes.iter().filter_map(|node| match &node.fate {
            Fate::Along(along) => Some(along),
            _ => None,
        }) {
            for one in along {
                match found.iter_mut().find(|(known, _)| known == one) {
                    Some((_, count)) => *count += 1,
                    None => found.push((one.clone(), 1)),
                }
            }
        }
        let place = |name: &str| self.sweeps.iter().position(|s| s.name == name);
        found.sort_by(|(a, _), (b, _)| {
            (place(&a.sweep), a.values, &a.axes).cmp(&(place(&b.sweep), b.values, &b.axes))
        });
        found
    }
}
