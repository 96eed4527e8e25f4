//! A long sweep is seen and can be ended: a line of progress on standard error, and Ctrl-C.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, Once};
use std::time::{Duration, Instant};

use crate::columns::scan::observer::Observer;
use crate::report::human::plural;

/// What takes no longer shows nothing.
const QUIET: Duration = Duration::from_secs(1);
const REDRAWN: Duration = Duration::from_millis(100);
/// Where there is no terminal, a line of its own so often: a log shows that something is going on.
const LOGGED: Duration = Duration::from_secs(60);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// A scan is running, which ends by itself when it is told to.
static SCANNING: AtomicBool = AtomicBool::new(false);

/// Follows a run.
pub struct Progress {
    terminal: bool,
    state: Mutex<State>,
    done: AtomicU64,
    /// Microseconds since the start at which the next line is due.
    due: AtomicU64,
    start: Instant,
}

struct State {
    what: String,
    points: u64,
    since: Instant,
    drawn: bool,
}

impl Progress {
    pub fn new() -> Self {
        let now = Instant::now();
        Progress {
            terminal: std::io::stderr().is_terminal(),
            state: Mutex::new(State { what: String::new(), points: 0, since: now, drawn: false }),
            done: AtomicU64::new(0),
            due: AtomicU64::new(u64::MAX),
            start: now,
        }
    }

    /// What there is to say when the run was interrupted.
    pub fn interruption(&self) -> Option<String> {
        if !INTERRUPTED.load(Relaxed) {
            return None;
        }
        let state = self.state.lock().ok()?;
        let done = self.done.load(Relaxed).min(state.points);
        Some(format!(
            "interrupted after {:.1} s in `{}`: {} of {} ({:.2} %); nothing is decided about them\n",
            self.start.elapsed().as_secs_f64(),
            state.what,
            grouped(done),
            plural_points(state.points),
            100.0 * done as f64 / state.points.max(1) as f64,
        ))
    }

    /// Takes the line away.
    pub fn clear(&self) {
        SCANNING.store(false, Relaxed);
        self.due.store(u64::MAX, Relaxed);
        if let Ok(mut state) = self.state.lock()
            && std::mem::take(&mut state.drawn)
        {
            draw("\r\x1b[K");
        }
    }

    fn wait(&self, time: Duration) {
        let due = self.start.elapsed() + time;
        self.due.store(due.as_micros() as u64, Relaxed);
    }

    fn show(&self) {
        // Whoever comes second finds it done.
        let Ok(mut state) = self.state.try_lock() else { return };
        self.wait(if self.terminal { REDRAWN } else { LOGGED });
        let line = line(&state, self.done.load(Relaxed));
        if self.terminal {
            state.drawn = true;
            draw(&format!("\r\x1b[K{line}"));
        } else {
            draw(&format!("{line}\n"));
        }
    }
}

impl Observer for Progress {
    fn enter(&self, what: &str) {
        if let Ok(mut state) = self.state.lock() {
            state.what = what.chars().take(40).collect();
        }
    }

    fn begin(&self, points: u64) {
        listen();
        SCANNING.store(true, Relaxed);
        self.done.store(0, Relaxed);
        if let Ok(mut state) = self.state.lock() {
            (state.points, state.since) = (points, Instant::now());
        }
        self.wait(if self.terminal { QUIET } else { LOGGED });
    }

    fn advance(&self, points: u64) {
        self.done.fetch_add(points, Relaxed);
        if self.start.elapsed().as_micros() as u64 >= self.due.load(Relaxed) {
            self.show();
        }
    }

    fn stopped(&self) -> bool {
        INTERRUPTED.load(Relaxed)
    }
}

/// `assert all grid: latency < 25 ms  43 %  430,000,000 of 1,000,000,000 points  210 M/s  3 s left`
fn line(state: &State, done: u64) -> String {
    let done = done.min(state.points);
    let seconds = state.since.elapsed().as_secs_f64();
    let rate = done as f64 / seconds.max(1e-9);
    let left = (state.points - done) as f64 / rate.max(1e-9);
    let percent = 100.0 * done as f64 / state.points.max(1) as f64;
    format!(
        "{}  {percent:.0} %  {} of {}  {}/s  {} left",
        state.what,
        grouped(done),
        plural_points(state.points),
        short(rate),
        time(left)
    )
}

fn plural_points(points: u64) -> String {
    if points == 1 { plural(1, "point") } else { format!("{} points", grouped(points)) }
}

/// `1,000,000`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn short(rate: f64) -> String {
    match rate {
        r if r >= 1e9 => format!("{:.1} G", r / 1e9),
        r if r >= 1e6 => format!("{:.0} M", r / 1e6),
        r if r >= 1e3 => format!("{:.0} k", r / 1e3),
        r => format!("{r:.0}"),
    }
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 2.0 * 86_400.0 => format!("{:.0} days", s / 86_400.0),
        s if s >= 7_200.0 => format!("{:.0} h", s / 3_600.0),
        s if s >= 120.0 => format!("{:.0} min", s / 60.0),
        s => format!("{s:.0} s"),
    }
}

fn draw(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The first interrupt asks a running scan to end; without one, or the second time, the process ends at once.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Where no handler can be had, an interrupt ends the process as it always did.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Relaxed) || !SCANNING.load(Relaxed) {
                std::process::exit(i32::from(INTERRUPTED_CODE));
            }
        });
    });
}

/// Exit code of a run that was interrupted, as shells have it.
pub const INTERRUPTED_CODE: u8 = 130;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(short(2.1e8), "210 M");
        assert_eq!(time(90.0), "90 s");
        assert_eq!(time(9.0e5), "10 days");
    }
}
