use super::read;

#[test]
fn comments_accept_findings() {
    let text = r##"{
  # flake-audit: allow(shared-node) not at an input
  description = "x";
  inputs = { # flake-audit: allow(a) the next line
    one.url = "github:acme/one";
    # flake-audit: allow(b, c)   on a line
    #   of its own

    two.url = "github:acme/two"; # flake-audit: allow(d) behind it
    # flake-audit: allow(e) the first of two
    # flake-audit: allow(f) the second
    three.inputs.nixpkgs.follows = "two";
    four = {
      # flake-audit: allow(g) inside
      url = "github:acme/four";
      inputs = {
        nixpkgs.follows = "two";
      };
    }; # flake-audit: allow(h) behind the last line
    # flake-audit: allow(i)
    # flake-audit: deny(i) because
    # flake-audit: allow(i j) because
    # flake-audit: allow() because
    /* flake-audit: allow(k) because */
    # see flake-audit: it is no exemption
    five.url = "github:acme/five";
  };
  outputs = { self, six, # flake-audit: allow(l) implied
    ... }: { };
}
"##;
    let declarations = read(text).unwrap();
    let told: Vec<_> = declarations
        .exemptions()
        .iter()
        .map(|exemption| match &exemption.exempted {
            Ok(said) => {
                format!("{} {}: {}", said.rules.join("+"), said.path.join("/"), said.reason)
            }
            Err(wrong) => format!("{}: {wrong}", &text[exemption.span.range()]),
        })
        .collect();
    let syntax = "write it as `# flake-audit: allow(rule) reason`";
    let names = "name one rule or more, with commas between them: `allow(a, b) reason`";
    assert_eq!(
        told,
        [
            "# flake-audit: allow(shared-node) not at an input: no input is declared on this line or the next".to_owned(),
            "a one: the next line".to_owned(),
            "# flake-audit: allow(b, c)   on a line: no input is declared on this line or the next".to_owned(),
            "d two: behind it".to_owned(),
            "e three/nixpkgs: the first of two".to_owned(),
            "f three/nixpkgs: the second".to_owned(),
            "g four: inside".to_owned(),
            "h four: behind the last line".to_owned(),
            "# flake-audit: allow(i): give a reason behind `allow(…)`".to_owned(),
            format!("# flake-audit: deny(i) because: {syntax}"),
            format!("# flake-audit: allow(i j) because: {names}"),
            format!("# flake-audit: allow() because: {names}"),
            format!("/* flake-audit: allow(k) because */: {syntax}"),
            "l six: implied".to_owned(),
        ]
    );
}
