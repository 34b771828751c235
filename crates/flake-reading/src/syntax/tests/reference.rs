//! A second way to parse Nix, with which the parser is compared: rnix's tree, lowered to [`Expr`].

use std::collections::HashMap;

use rnix::ast::{self, AstToken, BinOpKind, Entry, HasEntry, InterpolPart};
use rowan::ast::AstNode;

use super::super::*;

/// The most names in a dotted path; longer ones are ignored.
const LONGEST_PATH: usize = 64;

/// Parses a file with rnix.
pub(super) fn parse(text: Arc<str>) -> Result<File, rnix::ParseError> {
    let parsed = rnix::Root::parse(&with_line_feeds(&text));
    if let Some(error) = parsed.errors().first() {
        return Err(error.clone());
    }
    let mut lower = Lower { exprs: Vec::new() };
    let root = lower.optional(parsed.tree().expr());
    Ok(File { text, exprs: lower.exprs, root, written: None, longest_run: 0 })
}

struct Lower {
    exprs: Vec<(Expr, Span)>,
}

impl Lower {
    fn push(&mut self, expr: Expr, span: Span) -> ExprId {
        let id = ExprId::new(self.exprs.len());
        self.exprs.push((expr, span));
        id
    }

    fn span(&self, node: &rnix::SyntaxNode) -> Span {
        self.range(node.text_range())
    }

    fn range(&self, range: rnix::TextRange) -> Span {
        Span { start: range.start().into(), end: range.end().into() }
    }

    fn path_parts(&mut self, parts: Vec<InterpolPart<ast::PathContent>>) -> Vec<Part> {
        let parts = parts.into_iter().map(|part| match part {
            InterpolPart::Literal(text) => Part::Text(text.syntax().text().into()),
            InterpolPart::Interpolation(inner) => Part::Interpolated(self.optional(inner.expr())),
        });
        parts.collect()
    }

    fn optional(&mut self, expr: Option<ast::Expr>) -> ExprId {
        match expr {
            Some(expr) => self.expr(expr),
            None => self.push(Expr::Unknown, Span { start: 0, end: 0 }),
        }
    }

    fn expr(&mut self, expr: ast::Expr) -> ExprId {
        let span = self.span(expr.syntax());
        let lowered = match expr {
            ast::Expr::Paren(paren) => return self.optional(paren.expr()),
            ast::Expr::Root(root) => return self.optional(root.expr()),
            ast::Expr::Ident(ident) => Expr::Ident(name(&ident)),
            ast::Expr::Literal(literal) => match literal.kind() {
                ast::LiteralKind::Uri(uri) => {
                    Expr::Text(vec![Part::Text(uri.syntax().text().into())])
                }
                ast::LiteralKind::Integer(number) => {
                    number.value().map_or(Expr::Unknown, Expr::Number)
                }
                ast::LiteralKind::Float(_) => Expr::Unknown,
            },
            ast::Expr::Str(text) => Expr::Text(self.text(&text)),
            ast::Expr::PathRel(path) => Expr::Path(self.path_parts(path.parts())),
            ast::Expr::PathAbs(path) => match &*self.path_parts(path.parts()) {
                [Part::Text(_)] => Expr::OtherPath(path.to_string().into()),
                parts => Expr::Path(parts.to_vec()),
            },
            ast::Expr::PathHome(path) => Expr::OtherPath(path.to_string().into()),
            ast::Expr::PathSearch(path) => Expr::OtherPath(path.to_string().into()),
            ast::Expr::List(list) => Expr::List(list.items().map(|item| self.expr(item)).collect()),
            ast::Expr::AttrSet(set) => {
                let recursive = set.rec_token().is_some();
                Expr::Set(self.set(set.entries(), recursive))
            }
            ast::Expr::LetIn(body) => {
                let bindings = self.set(body.entries(), true);
                Expr::Let(bindings, self.optional(body.body()))
            }
            ast::Expr::Lambda(lambda) => {
                let param = self.param(lambda.param());
                Expr::Lambda(param, self.optional(lambda.body()))
            }
            ast::Expr::Apply(apply) => {
                let function = self.optional(apply.lambda());
                Expr::Apply(function, self.optional(apply.argument()))
            }
            ast::Expr::Select(select) => {
                let set = self.optional(select.expr());
                let path = select.attrpath().map(|path| self.path(&path)).unwrap_or_default();
                let path = path.into_iter().map(|(part, _)| part).collect();
                let default = select.default_expr().map(|default| self.expr(default));
                Expr::Select(set, path, default)
            }
            ast::Expr::HasAttr(has) => {
                let set = self.optional(has.expr());
                let path = has.attrpath().map(|path| self.path(&path)).unwrap_or_default();
                Expr::HasAttr(set, path.into_iter().map(|(part, _)| part).collect())
            }
            ast::Expr::With(with) => {
                let namespace = self.optional(with.namespace());
                Expr::With(namespace, self.optional(with.body()))
            }
            ast::Expr::IfElse(choice) => {
                let condition = self.optional(choice.condition());
                let then = self.optional(choice.body());
                Expr::If(condition, then, self.optional(choice.else_body()))
            }
            ast::Expr::Assert(assert) => {
                let condition = self.optional(assert.condition());
                Expr::Assert(condition, self.optional(assert.body()))
            }
            ast::Expr::BinOp(operation) => {
                let operator = match operation.operator() {
                    Some(BinOpKind::Update) => Operator::Update,
                    Some(BinOpKind::Concat) => Operator::Concat,
                    Some(BinOpKind::Add) => Operator::Add,
                    Some(BinOpKind::PipeRight) => Operator::PipeRight,
                    Some(BinOpKind::PipeLeft) => Operator::PipeLeft,
                    Some(BinOpKind::Equal) => Operator::Equal,
                    Some(BinOpKind::NotEqual) => Operator::NotEqual,
                    Some(BinOpKind::And) => Operator::And,
                    Some(BinOpKind::Or) => Operator::Or,
                    Some(BinOpKind::Implication) => Operator::Implies,
                    Some(BinOpKind::Less) => Operator::Less,
                    Some(BinOpKind::LessOrEq) => Operator::LessOrEqual,
                    Some(BinOpKind::More) => Operator::More,
                    Some(BinOpKind::MoreOrEq) => Operator::MoreOrEqual,
                    Some(BinOpKind::Sub) => Operator::Subtract,
                    Some(BinOpKind::Mul) => Operator::Multiply,
                    Some(BinOpKind::Div) => Operator::Divide,
                    None => return self.push(Expr::Unknown, span),
                };
                let left = self.optional(operation.lhs());
                let right = self.optional(operation.rhs());
                Expr::Binary(operator, left, right)
            }
            ast::Expr::UnaryOp(operation) => {
                let inner = self.optional(operation.expr());
                match operation.operator() {
                    Some(ast::UnaryOpKind::Invert) => Expr::Not(inner),
                    Some(ast::UnaryOpKind::Negate) => Expr::Negate(inner),
                    None => Expr::Unknown,
                }
            }
            ast::Expr::LegacyLet(old) => {
                let set = self.set(old.entries(), true);
                let set = self.push(Expr::Set(set), span);
                Expr::Select(set, vec![Part::Text("body".into())], None)
            }
            ast::Expr::Error(_) | ast::Expr::CurPos(_) => Expr::Unknown,
        };
        self.push(lowered, span)
    }

    fn text(&mut self, text: &ast::Str) -> Vec<Part> {
        let parts = text.normalized_parts().into_iter().map(|part| match part {
            InterpolPart::Literal(text) => Part::Text(text.into()),
            InterpolPart::Interpolation(inner) => Part::Interpolated(self.optional(inner.expr())),
        });
        parts.collect()
    }

    fn param(&mut self, param: Option<ast::Param>) -> Param {
        match param {
            Some(ast::Param::Pattern(pattern)) => {
                let formals = pattern.pat_entries().filter_map(|entry| {
                    let ident = entry.ident()?;
                    // rnix counts the name as the first expression of the entry.
                    let default = entry.question_token().and(entry.default());
                    Some((name(&ident), default.map(|default| self.expr(default))))
                });
                let formals = formals.collect();
                let bound = pattern.pat_bind().and_then(|bind| bind.ident());
                Param::Pattern {
                    formals,
                    open: pattern.ellipsis_token().is_some(),
                    bound: bound.map(|ident| name(&ident)),
                }
            }
            Some(ast::Param::IdentParam(param)) => {
                Param::Ident(param.ident().map(|ident| name(&ident)).unwrap_or_else(|| "_".into()))
            }
            None => Param::Ident("_".into()),
        }
    }

    /// The names of an attribute path, with their places.
    fn path(&mut self, path: &ast::Attrpath) -> Vec<(Part, Span)> {
        let attrs = path.attrs().take(LONGEST_PATH + 1).map(|attr| {
            let span = self.span(attr.syntax());
            (self.attr(attr), span)
        });
        attrs.collect()
    }

    fn attr(&mut self, attr: ast::Attr) -> Part {
        match attr {
            ast::Attr::Ident(ident) => Part::Text(name(&ident)),
            ast::Attr::Str(text) => {
                let span = self.span(text.syntax());
                self.static_or_dynamic(&text, span)
            }
            ast::Attr::Dynamic(dynamic) => {
                let mut expr = dynamic.expr();
                while let Some(ast::Expr::Paren(inner)) = expr {
                    expr = inner.expr();
                }
                // `${"x"}` is just a name, and so is `${http://x}`: for Nix's parser both are
                // strings.
                match expr {
                    Some(ast::Expr::Literal(literal))
                        if matches!(literal.kind(), ast::LiteralKind::Uri(_)) =>
                    {
                        Part::Text(literal.to_string().into())
                    }
                    Some(ast::Expr::Str(text)) => {
                        let span = self.span(text.syntax());
                        self.static_or_dynamic(&text, span)
                    }
                    other => Part::Interpolated(self.optional(other)),
                }
            }
        }
    }

    fn static_or_dynamic(&mut self, text: &ast::Str, span: Span) -> Part {
        let mut parts = self.text(text);
        match parts.as_slice() {
            [] => Part::Text("".into()),
            [Part::Text(_)] => parts.remove(0),
            _ => Part::Interpolated(self.push(Expr::Text(parts), span)),
        }
    }

    fn set(&mut self, entries: impl Iterator<Item = Entry>, recursive: bool) -> SetExpr {
        let mut bindings = Bindings::default();
        self.entries(&mut bindings, entries);
        self.finish(bindings, recursive)
    }

    fn entries(&mut self, bindings: &mut Bindings, entries: impl Iterator<Item = Entry>) {
        for entry in entries {
            match entry {
                Entry::Inherit(inherit) => {
                    let from = inherit.from().map(|from| self.optional(from.expr()));
                    let value = from.map_or(AttrValue::Inherited, AttrValue::InheritedFrom);
                    for attr in inherit.attrs() {
                        let span = self.span(attr.syntax());
                        if let Part::Text(name) = self.attr(attr) {
                            bindings.insert(name, span, Binding::Value(value));
                        }
                    }
                }
                Entry::AttrpathValue(binding) => {
                    let path = binding.attrpath().map(|p| self.path(&p)).unwrap_or_default();
                    if path.len() <= LONGEST_PATH {
                        self.bind(bindings, &path, binding.value());
                    }
                }
            }
        }
    }

    /// Binds a dotted path: the nested sets that it names are shared with other bindings.
    fn bind(&mut self, bindings: &mut Bindings, path: &[(Part, Span)], value: Option<ast::Expr>) {
        match path {
            [] => {}
            [(Part::Interpolated(key), span), rest @ ..] => {
                let value = if rest.is_empty() {
                    self.optional(value)
                } else {
                    let mut inner = Bindings::default();
                    self.bind(&mut inner, rest, value);
                    let set = self.finish(inner, false);
                    self.push(Expr::Set(set), *span)
                };
                bindings.dynamic.push((*key, value));
            }
            [(Part::Text(name), span)] => match value {
                // A literal set is merged with other bindings of the same name.
                Some(value) if literal_set(&value).is_some() => {
                    let Some(set) = literal_set(&value) else { return };
                    let is_new = bindings.find(name).is_none();
                    let place = self.span(set.syntax());
                    if let Some(inner) = bindings.nested(name, *span) {
                        if is_new {
                            inner.recursive = set.rec_token().is_some();
                            let is_plain = matches!(value, ast::Expr::AttrSet(_));
                            inner.place = (inner.recursive || !is_plain).then_some(place);
                        }
                        self.entries(inner, set.entries());
                    }
                }
                value => {
                    let value = Binding::Value(AttrValue::Expr(self.optional(value)));
                    bindings.insert(name.clone(), *span, value);
                }
            },
            [(Part::Text(name), span), rest @ ..] => {
                if let Some(inner) = bindings.nested(name, *span) {
                    self.bind(inner, rest, value);
                }
            }
        }
    }

    fn finish(&mut self, bindings: Bindings, recursive: bool) -> SetExpr {
        let attrs = bindings.items.into_iter().map(|(name, span, value)| {
            let value = match value {
                Binding::Value(value) => value,
                Binding::Nested(inner) => {
                    let (recursive, place) = (inner.recursive, inner.place.unwrap_or(span));
                    let set = self.finish(*inner, recursive);
                    AttrValue::Expr(self.push(Expr::Set(set), place))
                }
            };
            Attr { name, span, value }
        });
        let attrs = attrs.collect();
        SetExpr { recursive, attrs, dynamic: bindings.dynamic }
    }
}

/// Bindings while they are collected.
#[derive(Default)]
struct Bindings {
    items: Vec<(Name, Span, Binding)>,
    /// The positions of names, once there are too many to search.
    index: HashMap<Name, usize, foldhash::fast::RandomState>,
    dynamic: Vec<(ExprId, ExprId)>,
    recursive: bool,
    /// Its place, if that is not the place of its name.
    place: Option<Span>,
}

/// A literal set, in parentheses or not.
fn literal_set(value: &ast::Expr) -> Option<ast::AttrSet> {
    match value {
        ast::Expr::AttrSet(set) => Some(set.clone()),
        ast::Expr::Paren(inner) => literal_set(&inner.expr()?),
        _ => None,
    }
}

enum Binding {
    Value(AttrValue),
    Nested(Box<Bindings>),
}

/// Most sets have fewer names, and need no index.
const FEW: usize = 16;

impl Bindings {
    fn find(&self, name: &Name) -> Option<usize> {
        if self.index.is_empty() {
            self.items.iter().position(|(known, _, _)| known == name)
        } else {
            self.index.get(name).copied()
        }
    }

    fn push(&mut self, name: Name, span: Span, value: Binding) -> usize {
        let at = self.items.len();
        if at == FEW {
            self.index = self.items.iter().map(|(name, _, _)| name.clone()).zip(0..).collect();
        }
        if at >= FEW {
            self.index.insert(name.clone(), at);
        }
        self.items.push((name, span, value));
        at
    }

    /// A name that is bound twice is an error in Nix; here the first one counts.
    fn insert(&mut self, name: Name, span: Span, value: Binding) {
        if self.find(&name).is_none() {
            self.push(name, span, value);
        }
    }

    /// The nested set of a name, made if there is none; `None` if the name is something else.
    fn nested(&mut self, name: &Name, span: Span) -> Option<&mut Bindings> {
        let at = match self.find(name) {
            Some(at) => at,
            None => self.push(name.clone(), span, Binding::Nested(Box::default())),
        };
        match self.items.get_mut(at) {
            Some((_, _, Binding::Nested(inner))) => Some(inner),
            _ => None,
        }
    }
}

fn name(ident: &ast::Ident) -> Name {
    match ident.ident_token() {
        Some(token) => token.text().into(),
        // For rnix `or` is a keyword, for Nix a name.
        None => "or".into(),
    }
}
