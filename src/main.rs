use mlsys::source::*;
struct Disk;
impl SourceProvider for Disk {
    fn read(&self, path: &str, _: u64) -> Result<String, ReadError> { std::fs::read_to_string(path).map_err(|e| ReadError::Other(e.to_string())) }
    fn resolve(&self, _: &str, t: &str) -> String { t.into() }
    fn siblings(&self, _: &str) -> Vec<String> { vec![] }
}
fn main() {
    let out = mlsys::session::Session::new(&Disk, Default::default()).run(&std::env::args().skip(1).collect::<Vec<_>>());
    for d in out.diagnostics.iter().chain(out.files.iter().flat_map(|f| f.assertions.iter().filter_map(|a| a.failure.as_ref()))) {
        println!("{:?} {} {}", d.severity, d.code, d.message);
        for l in &d.labels { let f = out.sources.file(l.span.file); println!("   {}:{:?} [{}] {}", f.path, f.line_column(l.span.start), out.sources.text(l.span).chars().take(60).collect::<String>(), l.text); }
        for n in &d.notes { println!("   note: {n}"); }
        if let Some(h) = &d.help { println!("   help: {h}"); }
    }
    for f in &out.files { for s in &f.solves { println!("{s:?}"); } for a in &f.assertions { println!("{} {:?} {:?} {:?} {:?}", a.text, a.status, a.left, a.right, a.margin); } }
    println!("exit {}", out.exit_code(false));
}
