//! What an editor asks: texts that are not saved, what is wrong with them, and what stands where.

use std::collections::BTreeSet;

use crate::check;
use crate::check::index::Index;
use crate::check::program::{Expr, GlobalId};
use crate::columns::scan::observer::Watch;
use crate::diagnostic::{Diagnostic, Problems};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::{Env, Owner};
use crate::outcome::{Datum, Outcome};
use crate::run::data::datum::datum;
use crate::session::symbol::{Definition, Definitions, definitions, described, expression_at, stands_alone};
use crate::session::{Plan, Session, Symbol, SymbolKind, invalid, together};
use crate::source::{FileId, Location, Position, Sources, Span};

/// A file as it was last checked, until a text that it reads changes.
pub(super) struct Kept {
    plan: Plan,
    index: Index,
    definitions: Definitions,
    checked: Outcome,
    evaluated: Option<Outcome>,
    /// The paths that were read for it, or that there was nothing to read at.
    asked: BTreeSet<String>,
}

impl Session<'_> {
    /// Takes a text that somebody edits, in place of what the provider has at its path.
    pub fn open(&mut self, path: &str, text: impl Into<String>) {
        self.change(path, text);
    }

    /// The text of an open file as it is now. The same text again costs nothing.
    pub fn change(&mut self, path: &str, text: impl Into<String>) {
        let text = text.into();
        if self.buffers.get(path) != Some(&text) {
            self.buffers.insert(path.to_string(), text);
            self.refresh(path);
        }
    }

    /// A file is edited no longer: what the provider has at its path is its text again.
    pub fn close(&mut self, path: &str) {
        if self.buffers.remove(path).is_some() {
            self.refresh(path);
        }
    }

    /// What the provider has at a path has changed: what was read of it is read again when it is next needed.
    pub fn refresh(&mut self, path: &str) {
        self.kept.retain(|_, kept| !kept.asked.contains(path));
    }

    /// A file, checked and not run. Its files have paths and diagnostics only.
    pub fn checked(&mut self, path: &str) -> &Outcome {
        &self.keep(path).checked
    }

    /// What is wrong with a file, as it is now: spans are of the texts of [`Session::checked`].
    pub fn diagnostics(&mut self, path: &str) -> &[Diagnostic] {
        &self.checked(path).diagnostics
    }

    /// A file, run if there is nothing wrong with it. What was run is kept until a text changes.
    pub fn evaluated(&mut self, path: &str) -> &Outcome {
        self.keep(path);
        if let Some(kept) = self.kept.get(path).filter(|kept| kept.evaluated.is_none()) {
            let sources = &kept.checked.sources;
            let file = self.run_one(&path.to_string(), &kept.plan, sources);
            let outcome = together(vec![file], sources.clone());
            if let Some(kept) = self.kept.get_mut(path) {
                kept.evaluated = Some(outcome);
            }
        }
        let kept = self.keep(path);
        kept.evaluated.as_ref().unwrap_or(&kept.checked)
    }

    /// The byte offset of a line and column of a file; `None` where it has no such place.
    pub fn offset(&mut self, path: &str, position: Position) -> Option<u32> {
        let sources = &self.holding(path)?.checked.sources;
        sources.file(sources.find(path)?).offset(position)
    }

    /// What stands at a byte offset of a file: a name, or the smallest expression. Its value is part of the answer once
    /// the file has been run ([`Session::evaluated`]). Files of the library that an open file reads have answers too.
    pub fn at(&mut self, path: &str, offset: u32) -> Option<Symbol> {
        let watch = self.terms.watch.clone();
        let kept = self.holding(path)?;
        let sources = &kept.checked.sources;
        let file = sources.find(path)?;
        let Some((span, declared, found)) = kept.name_at(file, offset) else {
            return kept.expression(file, offset, &watch);
        };
        let symbol = Symbol {
            kind: found.kind,
            name: found.name.to_string(),
            ty: found.ty.clone(),
            documentation: found.documentation.to_string(),
            place: sources.locate(span),
            declared: Some(sources.locate(declared)),
            uses: vec![],
            value: kept.value_at(span, found.global, &watch),
        };
        let uses = symbol.declared.as_ref().map_or(vec![], |declared| self.named(declared));
        Some(Symbol { uses, ..symbol })
    }

    /// Where the name at a byte offset of a file is declared.
    pub fn declaration(&mut self, path: &str, offset: u32) -> Option<Location> {
        let kept = self.holding(path)?;
        let sources = &kept.checked.sources;
        let (_, declared, _) = kept.name_at(sources.find(path)?, offset)?;
        Some(sources.locate(declared))
    }

    /// Every place in the open files, and in what they use, that names what is named or declared at a byte offset.
    pub fn uses(&mut self, path: &str, offset: u32) -> Vec<Location> {
        self.declaration(path, offset).map_or(vec![], |declared| self.named(&declared))
    }

    /// The places that name what is declared at one.
    fn named(&mut self, declared: &Location) -> Vec<Location> {
        let open: Vec<String> = self.buffers.keys().cloned().collect();
        open.iter().for_each(|path| {
            self.keep(path);
        });
        let mut found: Vec<Location> = vec![];
        for kept in self.kept.values() {
            let sources = &kept.checked.sources;
            let Some(file) = sources.find(&declared.path) else { continue };
            let span = Span::new(file, declared.range.start, declared.range.end);
            found.extend(kept.index.uses_of(span).map(|span| sources.locate(span)));
        }
        found.sort_by(|a, b| (&a.path, a.range.start).cmp(&(&b.path, b.range.start)));
        found.dedup();
        found
    }

    /// What is kept of a file, checked anew where it must be.
    fn keep(&mut self, path: &str) -> &Kept {
        if !self.kept.contains_key(path) {
            let kept = self.compile_indexed(path);
            self.kept.insert(path.to_string(), kept);
        }
        &self.kept[path]
    }

    fn compile_indexed(&self, path: &str) -> Kept {
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        let reader = self.reader();
        let paths = [path.to_string()];
        let set = &self.options.set;
        let (program, index) = check::check_indexed(&reader, &mut sources, &mut problems, &paths, set);
        let definitions = definitions(&program, &index, &sources);
        let checked = together(vec![invalid(path, problems.clone(), &sources)], sources);
        let asked = reader.asked();
        Kept { plan: Plan { program, problems }, index, definitions, checked, evaluated: None, asked }
    }

    /// What is kept of a file; of one of the library, what is kept of a file that reads it.
    fn holding(&mut self, path: &str) -> Option<&Kept> {
        let reads = |kept: &Kept| kept.checked.sources.find(path).is_some();
        if crate::library::of(&*self.provider).has_file(path) && !self.buffers.contains_key(path) {
            return self.kept.values().find(|kept| reads(kept));
        }
        Some(self.keep(path))
    }
}

impl Kept {
    /// The name at an offset: its place, the place of its declaration, and what is declared there.
    fn name_at(&self, file: FileId, offset: u32) -> Option<(Span, Span, &Definition)> {
        let uses = self.index.at(file, offset);
        let shortest = uses.first().map(|u| u.span);
        let mut here = uses.iter().filter(|u| Some(u.span) == shortest).filter_map(|u| {
            let definition = self.definitions.get(&u.declared)?;
            Some((u.span, u.declared, definition))
        });
        // `batch` alone in braces names an input and what is given for it: the latter is asked about.
        let is_key = |kind| matches!(kind, SymbolKind::Field | SymbolKind::Input | SymbolKind::Parameter);
        let first = here.next();
        if let Some(found) = first.filter(|(.., d)| !is_key(d.kind)).or_else(|| here.next()).or(first) {
            return Some(found);
        }
        let covers =
            |span: &Span| span.file == file && !span.is_empty() && (span.start..=span.end).contains(&offset);
        let (span, found) = self.definitions.iter().find(|(span, _)| covers(span))?;
        Some((*span, *span, found))
    }

    /// The smallest expression at an offset.
    fn expression(&self, file: FileId, offset: u32, watch: &Watch) -> Option<Symbol> {
        let (program, sources) = (&self.plan.program, &self.checked.sources);
        let found = expression_at(program, (file, offset), &|_| true)?;
        Some(Symbol {
            kind: SymbolKind::Expression,
            name: sources.text(found.span).to_string(),
            ty: described(program, &found.ty),
            documentation: String::new(),
            place: sources.locate(found.span),
            declared: None,
            uses: vec![],
            value: match stands_alone(found) {
                true => self.value(Valued::Expression(found), watch),
                false => None,
            },
        })
    }

    /// The value of a name: of what it declares, or of the expression that ends with it.
    fn value_at(&self, span: Span, global: Option<GlobalId>, watch: &Watch) -> Option<Datum> {
        if let Some(id) = global {
            return self.value(Valued::Global(id), watch);
        }
        let ends = |e: &Expr| e.span.end == span.end && e.span.start <= span.start && stands_alone(e);
        let found = expression_at(&self.plan.program, (span.file, span.end), &ends)?;
        self.value(Valued::Expression(found), watch)
    }

    /// A value of a file that has been run.
    fn value(&self, what: Valued, watch: &Watch) -> Option<Datum> {
        let ran = self.evaluated.as_ref().filter(|_| !self.plan.problems.has_errors())?;
        let program = &self.plan.program;
        let mut lowerer = Lowerer::new(program, &ran.sources);
        lowerer.graph.watch = watch.clone();
        match what {
            Valued::Global(id) => {
                let global = program.global(id);
                let (value, _) = lowerer.global(id).ok()?;
                Some(datum(&mut lowerer, &value, &global.ty, global.unit.as_ref()))
            }
            Valued::Expression(e) => {
                let env = Env::new(Owner::Step, 0);
                let value = lowerer.at_site(e.span, |l| l.lower(e, &env)).ok()?;
                let unit = lowerer.unit_of(e, &env);
                Some(datum(&mut lowerer, &value, &e.ty, unit.as_ref()))
            }
        }
    }
}

/// What has a value by itself.
enum Valued<'p> {
    Global(GlobalId),
    Expression(&'p Expr),
}
