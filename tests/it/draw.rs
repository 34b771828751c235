//! Drawings: the seed scenario in all formats, parts of a lock, hostile locks, real locks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

#[path = "../support/drawing.rs"]
mod drawing;

use std::fmt::Write;

use flake_audit::draw::Format;
use flake_audit::text::is_hidden;
use insta::assert_snapshot;
use serde_json::Value;

use self::drawing::{Part, corpus, drawn, fixtures, locks_below};

const FORMATS: [Format; 4] = [Format::Dot, Format::Json, Format::Tree, Format::Mermaid];

const WHOLE: Part<'_> = Part { focus: None, nixpkgs_only: false };
const NIXPKGS_ONLY: Part<'_> = Part { focus: None, nixpkgs_only: true };

fn around(focus: &str) -> Part<'_> {
    Part { focus: Some(focus), nixpkgs_only: false }
}

fn fixture(name: &str, part: Part<'_>, format: Format) -> String {
    let bytes = std::fs::read(fixtures().join(name).join("flake.lock")).unwrap();
    drawn(&bytes, part, format).unwrap()
}

fn text(lock: &str, part: Part<'_>, format: Format) -> String {
    drawn(lock.as_bytes(), part, format).unwrap()
}

#[test]
fn the_seed_scenario_in_dot() {
    assert_snapshot!(fixture("seed/a-follows-plain", WHOLE, Format::Dot), @r##"
    digraph "flake.lock" {
      graph [rankdir=LR, nodesep=0.25, ranksep=0.8, pad=0.3, fontname="Helvetica", fontsize=10, fontcolor="#5f6b7a", labelloc=b, labeljust=l]
      node [fontname="Helvetica", fontsize=10, fontcolor="#1f2933", penwidth=1.1]
      edge [fontname="Helvetica", fontsize=9, fontcolor="#5f6b7a", color="#7b8794", arrowsize=0.7]
      subgraph cluster_legend {
        graph [label="", color="#d5dae0", style=rounded, margin=6]
        node [fontsize=8, margin="0.08,0.03", height=0.2, width=0.2]
        l0 [label="the flake under audit", shape=box, margin="0.03,0", style="filled", fillcolor="#e4e7eb", color="#1f2933", penwidth=2]
        l1 [label="flake", shape=box, margin="0.03,0", style="filled,rounded", fillcolor="#ffffff", color="#7b8794"]
        l2 [label="configured nixpkgs", shape=hexagon, margin="0.03,0", style="filled", fillcolor="#d3f5dd", color="#15803d", peripheries=2]
        l3 [label="raw nixpkgs", shape=cylinder, margin="0.03,0", style="filled", fillcolor="#dbeafe", color="#1d4ed8"]
        arrows [shape=plaintext, fontcolor="#5f6b7a", label="——▸ input\l– –▸ follows\lred, wide: unconfigured slot\l"]
      }
      n0 [label="root", tooltip="node root", shape=box, margin="0.16,0.09", style="filled", fillcolor="#e4e7eb", color="#1f2933", penwidth=2]
      n1 [label="another-dep\ngithub:acme/another-dep/ed60469\n2025-01-05", tooltip="node another-dep\ngithub:acme/another-dep/ed604690837a9bdd783c2e9ec682b8f6b00e9187", shape=box, margin="0.16,0.09", style="filled,rounded", fillcolor="#ffffff", color="#7b8794"]
      n2 [label="nixpkgs\ngithub:NixOS/nixpkgs/18b2008\nnixos-24.11, 2025-06-02", tooltip="node nixpkgs\ngithub:NixOS/nixpkgs/18b20080c026fc68c1ab951e21f9d8e0033b179c", shape=cylinder, margin="0.16,0.09", style="filled", fillcolor="#dbeafe", color="#1d4ed8"]
      n3 [label="nixpkgs-gpu\ngithub:acme/nixpkgs-gpu/97521cf\n2025-04-26\nconfigured: changes builds (a guess by its name)", tooltip="node nixpkgs-gpu\ngithub:acme/nixpkgs-gpu/97521cfea6d77335d866179ca5e0f05b381c7e63\na guess: it is called `nixpkgs-gpu`, and its inputs are one nixpkgs and helper flakes only", shape=hexagon, margin="0,0.03", style="filled", fillcolor="#d3f5dd", color="#15803d", peripheries=2]
      n0 -> n1 [label="another-dep"]
      n0 -> n2 [label="nixpkgs"]
      n0 -> n3 [label="nixpkgs-gpu"]
      n1 -> n2 [label="nixpkgs → nixpkgs\nunconfigured: should follow nixpkgs-gpu\n ", style=dashed, color="#c81e1e", fontcolor="#c81e1e", penwidth=2.8, fontname="Helvetica-Bold"]
      n3 -> n2 [label="nixpkgs → nixpkgs", style=dashed]
    }
    "##);
}

#[test]
fn the_seed_scenario_in_json() {
    assert_snapshot!(fixture("seed/a-follows-plain", WHOLE, Format::Json), @r#"
    {
    "schema_version":1,
    "root":"root",
    "nodes":[
    {"key":"root","role":"root","ref":null,"reachable":true,"owner_path":[]},
    {"key":"another-dep","role":"flake","ref":"github:acme/another-dep/ed604690837a9bdd783c2e9ec682b8f6b00e9187","reachable":true,"owner_path":["another-dep"]},
    {"key":"nixpkgs","role":"nixpkgs","ref":"github:NixOS/nixpkgs/18b20080c026fc68c1ab951e21f9d8e0033b179c","reachable":true,"owner_path":["nixpkgs"]},
    {"key":"nixpkgs-gpu","role":"configured","ref":"github:acme/nixpkgs-gpu/97521cfea6d77335d866179ca5e0f05b381c7e63","reachable":true,"owner_path":["nixpkgs-gpu"]}
    ],
    "edges":[
    {"from":"root","input":"another-dep","follows":null,"to":"another-dep","taken":null,"uses":null},
    {"from":"root","input":"nixpkgs","follows":null,"to":"nixpkgs","taken":null,"uses":null},
    {"from":"root","input":"nixpkgs-gpu","follows":null,"to":"nixpkgs-gpu","taken":null,"uses":null},
    {"from":"another-dep","input":"nixpkgs","follows":["nixpkgs"],"to":"nixpkgs","taken":null,"uses":null},
    {"from":"nixpkgs-gpu","input":"nixpkgs","follows":["nixpkgs"],"to":"nixpkgs","taken":null,"uses":null}
    ]
    }
    "#);
}

#[test]
fn the_seed_scenario_as_a_tree() {
    assert_snapshot!(fixture("seed/a-follows-plain", WHOLE, Format::Tree), @r"
    Inputs:
    ├───another-dep: github:acme/another-dep/ed604690837a9bdd783c2e9ec682b8f6b00e9187 (2025-01-05 22:25:05)
    │   └───nixpkgs follows input 'nixpkgs' [unconfigured: should follow nixpkgs-gpu]
    ├───nixpkgs: github:NixOS/nixpkgs/18b20080c026fc68c1ab951e21f9d8e0033b179c (2025-06-02 17:10:38) [raw nixpkgs]
    └───nixpkgs-gpu: github:acme/nixpkgs-gpu/97521cfea6d77335d866179ca5e0f05b381c7e63 (2025-04-26 15:34:34) [configured nixpkgs: changes builds (a guess by its name)]
        └───nixpkgs follows input 'nixpkgs'
    ");
}

#[test]
fn the_seed_scenario_in_mermaid() {
    assert_snapshot!(fixture("seed/a-follows-plain", WHOLE, Format::Mermaid), @r#"
    flowchart LR
      n0[["root"]]:::root
      n1("another-dep<br/>github:acme/another-dep/ed60469<br/>2025-01-05"):::flake
      n2[("nixpkgs<br/>github:NixOS/nixpkgs/18b2008<br/>nixos-24.11, 2025-06-02")]:::nixpkgs
      n3{{"nixpkgs-gpu<br/>github:acme/nixpkgs-gpu/97521cf<br/>2025-04-26<br/>configured: changes builds #40;a guess by its name#41;"}}:::configured
      n0 -->|"another-dep"| n1
      n0 -->|"nixpkgs"| n2
      n0 -->|"nixpkgs-gpu"| n3
      n1 -.->|"nixpkgs → nixpkgs<br/>unconfigured: should follow nixpkgs-gpu"| n2
      n3 -.->|"nixpkgs → nixpkgs"| n2
      classDef root fill:#e4e7eb,stroke:#1f2933,color:#1f2933,stroke-width:2px
      classDef flake fill:#ffffff,stroke:#7b8794,color:#1f2933
      classDef configured fill:#d3f5dd,stroke:#15803d,color:#1f2933,stroke-width:3px
      classDef nixpkgs fill:#dbeafe,stroke:#1d4ed8,color:#1f2933
      linkStyle 3 stroke:#c81e1e,color:#c81e1e,stroke-width:4px
    "#);
}

#[test]
fn three_levels_as_a_tree() {
    assert_snapshot!(fixture("seed/d-three-levels", WHOLE, Format::Tree), @r"
    Inputs:
    ├───nixpkgs: github:NixOS/nixpkgs/18b20080c026fc68c1ab951e21f9d8e0033b179c (2025-06-02 17:10:38) [raw nixpkgs]
    ├───nixpkgs-gpu: github:acme/nixpkgs-gpu/97521cfea6d77335d866179ca5e0f05b381c7e63 (2025-04-26 15:34:34) [configured nixpkgs: changes builds (a guess by its name)]
    │   └───nixpkgs follows input 'nixpkgs'
    └───toolkit: github:acme/toolkit/8eff329cef159d9d5d10d3be2dbe5864f7e0671e (2025-05-06 21:56:33)
        ├───engine: github:acme/engine/ff8a14f40c3473f65876e04b0102fa7b9b69d0a5 (2025-04-27 18:09:37)
        │   ├───nixpkgs follows input 'toolkit/nixpkgs' [configured]
        │   ├───plugins: github:acme/engine-plugins/bdbf1f48a726628e2a0e52d9fc21eaae23451332 (2025-05-28 13:50:03)
        │   │   └───nixpkgs follows input 'toolkit/engine/solver/nixpkgs' [unconfigured, because of toolkit/engine/solver/nixpkgs]
        │   └───solver: github:example-org/solver/7e47c3c840b269f2c3a8c88a356219cf0f80d411 (2025-03-16 08:17:21)
        │       └───nixpkgs: github:NixOS/nixpkgs/64f4796b499509f46865d810721245219b90bbb3 (2024-10-04 22:17:18) [raw nixpkgs; unconfigured: should follow nixpkgs-gpu]
        ├───nixpkgs follows input 'nixpkgs-gpu' [configured]
        └───viewer: github:acme/viewer/75a635e80af11e06bf83c98918488396bc0af20e (2025-05-31 02:12:47)
            └───nixpkgs follows input 'toolkit/engine/solver/nixpkgs' [unconfigured, because of toolkit/engine/solver/nixpkgs]
    ");
}

#[test]
fn a_focus_shows_what_leads_to_and_from_it() {
    assert_snapshot!(fixture("seed/d-three-levels", around("toolkit/viewer"), Format::Json), @r#"
    {
    "schema_version":1,
    "root":"root",
    "left_out":{"nodes":5,"inputs":10},
    "nodes":[
    {"key":"root","role":"root","ref":null,"reachable":true,"owner_path":[]},
    {"key":"toolkit","role":"flake","ref":"github:acme/toolkit/8eff329cef159d9d5d10d3be2dbe5864f7e0671e","reachable":true,"owner_path":["toolkit"]},
    {"key":"viewer","role":"flake","ref":"github:acme/viewer/75a635e80af11e06bf83c98918488396bc0af20e","reachable":true,"owner_path":["toolkit","viewer"]},
    {"key":"nixpkgs_2","role":"nixpkgs","ref":"github:NixOS/nixpkgs/64f4796b499509f46865d810721245219b90bbb3","reachable":true,"owner_path":["toolkit","engine","solver","nixpkgs"]}
    ],
    "edges":[
    {"from":"root","input":"toolkit","follows":null,"to":"toolkit","taken":null,"uses":null},
    {"from":"toolkit","input":"viewer","follows":null,"to":"viewer","taken":null,"uses":null},
    {"from":"viewer","input":"nixpkgs","follows":["toolkit","engine","solver","nixpkgs"],"to":"nixpkgs_2","taken":null,"uses":null}
    ]
    }
    "#);
    assert_snapshot!(fixture("seed/d-three-levels", around("toolkit/viewer"), Format::Tree), @r"
    Inputs:
    └───toolkit: github:acme/toolkit/8eff329cef159d9d5d10d3be2dbe5864f7e0671e (2025-05-06 21:56:33)
        ├───engine: github:acme/engine/ff8a14f40c3473f65876e04b0102fa7b9b69d0a5 (2025-04-27 18:09:37)
        │   └───solver: github:example-org/solver/7e47c3c840b269f2c3a8c88a356219cf0f80d411 (2025-03-16 08:17:21)
        │       └───nixpkgs: github:NixOS/nixpkgs/64f4796b499509f46865d810721245219b90bbb3 (2024-10-04 22:17:18) [raw nixpkgs; unconfigured: should follow nixpkgs-gpu]
        └───viewer: github:acme/viewer/75a635e80af11e06bf83c98918488396bc0af20e (2025-05-31 02:12:47)
            └───nixpkgs follows input 'toolkit/engine/solver/nixpkgs' [unconfigured, because of toolkit/engine/solver/nixpkgs]

    Shown: what leads to or from toolkit/viewer. Left out: 5 of 9 nodes, 10 of 13 inputs.
    ");
}

#[test]
fn a_focus_on_a_follows_is_the_node_where_it_ends() {
    let by_follows = around("toolkit/viewer/nixpkgs");
    let by_owner = around("toolkit/engine/solver/nixpkgs");
    for format in FORMATS {
        let drawing = fixture("seed/d-three-levels", by_follows, format);
        assert_eq!(drawing, fixture("seed/d-three-levels", by_owner, format));
    }
}

#[test]
fn nixpkgs_only_leaves_out_what_hands_no_nixpkgs_on() {
    let part = NIXPKGS_ONLY;
    assert_snapshot!(fixture("unconfigured-nixpkgs/helpers-keep-the-shape", part, Format::Json), @r#"
    {
    "schema_version":1,
    "root":"root",
    "left_out":{"nodes":3,"inputs":5},
    "nodes":[
    {"key":"root","role":"root","ref":null,"reachable":true,"owner_path":[]},
    {"key":"another-dep","role":"flake","ref":"github:acme/another-dep/ed604690837a9bdd783c2e9ec682b8f6b00e9187","reachable":true,"owner_path":["another-dep"]},
    {"key":"nixpkgs","role":"nixpkgs","ref":"github:NixOS/nixpkgs/18b20080c026fc68c1ab951e21f9d8e0033b179c","reachable":true,"owner_path":["nixpkgs"]},
    {"key":"nixpkgs-gpu","role":"configured","ref":"github:acme/nixpkgs-gpu/97521cfea6d77335d866179ca5e0f05b381c7e63","reachable":true,"owner_path":["nixpkgs-gpu"]}
    ],
    "edges":[
    {"from":"root","input":"nixpkgs","follows":null,"to":"nixpkgs","taken":null,"uses":null},
    {"from":"root","input":"nixpkgs-gpu","follows":null,"to":"nixpkgs-gpu","taken":null,"uses":null},
    {"from":"another-dep","input":"nixpkgs","follows":["nixpkgs"],"to":"nixpkgs","taken":null,"uses":null},
    {"from":"nixpkgs-gpu","input":"nixpkgs","follows":["nixpkgs"],"to":"nixpkgs","taken":null,"uses":null}
    ]
    }
    "#);
    assert_snapshot!(fixture("seed/a-follows-plain", part, Format::Mermaid), @r#"
    flowchart LR
      %% Shown: only how nixpkgs is handed on. Left out: 0 of 4 nodes, 1 of 5 inputs.
      n0[["root"]]:::root
      n1("another-dep<br/>github:acme/another-dep/ed60469<br/>2025-01-05"):::flake
      n2[("nixpkgs<br/>github:NixOS/nixpkgs/18b2008<br/>nixos-24.11, 2025-06-02")]:::nixpkgs
      n3{{"nixpkgs-gpu<br/>github:acme/nixpkgs-gpu/97521cf<br/>2025-04-26<br/>configured: changes builds #40;a guess by its name#41;"}}:::configured
      n0 -->|"nixpkgs"| n2
      n0 -->|"nixpkgs-gpu"| n3
      n1 -.->|"nixpkgs → nixpkgs<br/>unconfigured: should follow nixpkgs-gpu"| n2
      n3 -.->|"nixpkgs → nixpkgs"| n2
      classDef root fill:#e4e7eb,stroke:#1f2933,color:#1f2933,stroke-width:2px
      classDef flake fill:#ffffff,stroke:#7b8794,color:#1f2933
      classDef configured fill:#d3f5dd,stroke:#15803d,color:#1f2933,stroke-width:3px
      classDef nixpkgs fill:#dbeafe,stroke:#1d4ed8,color:#1f2933
      linkStyle 2 stroke:#c81e1e,color:#c81e1e,stroke-width:4px
    "#);
}

#[test]
fn broken_disabled_and_unreachable_are_told_apart() {
    assert_snapshot!(fixture("dangling-follows/missing-input", WHOLE, Format::Tree), @r"
    Inputs:
    ├───another-dep: github:acme/another-dep/ed604690837a9bdd783c2e9ec682b8f6b00e9187 (2025-01-05 22:25:05)
    │   ├───helper: github:acme/helper/39433bfd1320861533c3c07ad758e148704a66ae (2025-03-26 12:12:47)
    │   │   └───nixpkgs follows input 'another-dep/nixpkgs' [dangling: another-dep/nixpkgs leads nowhere]
    │   └───nixpkgs follows input 'nixpgks' [dangling: no input nixpgks]
    ├───nixpkgs: github:NixOS/nixpkgs/18b20080c026fc68c1ab951e21f9d8e0033b179c (2025-06-02 17:10:38) [raw nixpkgs]
    └───second-dep: github:acme/second-dep/c17acd42a8014d82823b810aec061861adce362b (2025-04-23 20:15:56)
        └───nixpkgs follows input 'another-dep/nixpkgs' [dangling: another-dep/nixpkgs leads nowhere]
    ");
    assert_snapshot!(fixture("follows-cycle/each-other", WHOLE, Format::Tree), @r"
    Inputs:
    ├───alpha: github:acme/alpha/a6cb04785c1f0f00b5e0dec435e6893f77532b46 (2025-03-22 20:01:20)
    │   └───nixpkgs follows input 'beta/nixpkgs' [follows cycle]
    ├───beta: github:acme/beta/30dc36d565d3e813771cc4fb9e68f97f19687900 (2025-02-26 08:19:55)
    │   └───nixpkgs follows input 'alpha/nixpkgs' [follows cycle through alpha/nixpkgs]
    └───gamma: github:acme/gamma/5ab38ff05ed0df2235fa46c3d731c7dcad95960e (2025-03-01 20:25:03)
        └───nixpkgs follows input 'alpha/nixpkgs' [follows cycle through alpha/nixpkgs]
    ");
    assert_snapshot!(fixture("unconfigured-nixpkgs/disabled-slots", WHOLE, Format::Tree), @r"
    Inputs:
    ├───another-dep: github:acme/another-dep/ed604690837a9bdd783c2e9ec682b8f6b00e9187 (2025-01-05 22:25:05)
    │   ├───helper: github:acme/helper/39433bfd1320861533c3c07ad758e148704a66ae (2025-03-26 12:12:47)
    │   │   └───nixpkgs follows input 'another-dep' [disabled]
    │   ├───nixpkgs follows input 'nixpkgs-gpu' [configured]
    │   └───solver: github:acme/solver/0179a921a230dde32ecc5d4f97fc64c8785e4c60 (2025-05-29 19:18:04)
    │       └───nixpkgs follows input 'another-dep/solver' [disabled]
    ├───blank: github:divnix/blank/13c2eb0f2baaad3aaaebdf392786383ed6e1c6a5 (2025-04-26 19:42:26) [null flake; disabled]
    ├───docs-theme: github:acme/docs-theme/6c4e2051e70acfe2ee88bb2cc0a30fb89bcd97c4 (2025-02-06 18:44:36)
    │   └───nixpkgs follows input 'blank' [disabled]
    ├───formatter: github:acme/formatter/a56b1c5524770f32af26671c96d3801ae9907357 (2025-04-12 04:57:28)
    │   └───nixpkgs follows input '' [disabled]
    ├───nixpkgs: github:NixOS/nixpkgs/18b20080c026fc68c1ab951e21f9d8e0033b179c (2025-06-02 17:10:38) [raw nixpkgs]
    ├───nixpkgs-gpu: github:acme/nixpkgs-gpu/97521cfea6d77335d866179ca5e0f05b381c7e63 (2025-04-26 15:34:34) [configured nixpkgs: changes builds (a guess by its name)]
    │   └───nixpkgs follows input 'nixpkgs'
    └───site: github:acme/site/502e23a4be87c2cf80bcb06bae2a48ff7a3da314 (2025-05-27 16:04:58)
        └───nixpkgs: github:nix-systems/empty/9ad294f5f5ce54ced64203c3a47b60e893c6e7ad (2025-01-20 15:55:10) [null flake; disabled]
    ");
    assert_snapshot!(fixture("unreachable-node/left-behind", WHOLE, Format::Tree), @r"
    Inputs:
    ├───another-dep: github:acme/another-dep/ed604690837a9bdd783c2e9ec682b8f6b00e9187 (2025-01-05 22:25:05)
    │   └───nixpkgs follows input 'nixpkgs'
    └───nixpkgs: github:NixOS/nixpkgs/18b20080c026fc68c1ab951e21f9d8e0033b179c (2025-06-02 17:10:38) [raw nixpkgs]

    Left out: 3 nodes to which no input leads.
    ");
    let dot = fixture("dangling-follows/missing-input", WHOLE, Format::Dot);
    assert!(dot.contains("label=\"?\", shape=circle"), "{dot}");
    let dot = fixture("unconfigured-nixpkgs/disabled-slots", WHOLE, Format::Dot);
    assert!(dot.contains("weight=0"), "{dot}");
    let dot = fixture("unreachable-node/left-behind", WHOLE, Format::Dot);
    assert!(dot.contains("style=\"dotted\""), "{dot}");
}

#[test]
fn shared_nodes_and_loops_end() {
    assert_snapshot!(fixture("shared-node/subtree", WHOLE, Format::Tree), @r"
    Inputs:
    ├───a-dep: github:acme/a-dep/adb8f4368ab3409676ca79cbce6656a416791e1a (2025-04-03 16:14:48)
    │   ├───nixpkgs follows input 'nixpkgs'
    │   └───toolkit: github:acme/toolkit/8eff329cef159d9d5d10d3be2dbe5864f7e0671e (2025-05-06 21:56:33)
    │       └───helper: github:acme/helper/39433bfd1320861533c3c07ad758e148704a66ae (2025-03-26 12:12:47)
    ├───nixpkgs: github:NixOS/nixpkgs/18b20080c026fc68c1ab951e21f9d8e0033b179c (2025-06-02 17:10:38) [raw nixpkgs]
    └───toolkit: github:acme/toolkit/8eff329cef159d9d5d10d3be2dbe5864f7e0671e (2025-05-06 21:56:33) (*)
    ");
    assert_snapshot!(fixture("node-cycle/two-nodes", WHOLE, Format::Tree), @r"
    Inputs:
    ├───alpha: github:acme/alpha/a6cb04785c1f0f00b5e0dec435e6893f77532b46 (2025-03-22 20:01:20)
    │   ├───beta: github:acme/beta/30dc36d565d3e813771cc4fb9e68f97f19687900 (2025-02-26 08:19:55)
    │   │   └───alpha: github:acme/alpha/a6cb04785c1f0f00b5e0dec435e6893f77532b46 (2025-03-22 20:01:20) (loop)
    │   └───nixpkgs follows input 'nixpkgs'
    └───nixpkgs: github:NixOS/nixpkgs/18b20080c026fc68c1ab951e21f9d8e0033b179c (2025-06-02 17:10:38) [raw nixpkgs]
    ");
}

/// Everything that could end a string, a line, a label or a tag, move the cursor, or reorder text.
const HOSTILE: &str = "\\\"']});--><script>&quot;#quot;`**[x](y)|{{<b>\\N\\\\\n  n9 [label=<x>]\r\t\u{1b}[31m\u{9b}\u{7f}\u{202e}\u{2028}\u{feff}\u{e0041}%%{init}%%;end";

fn hostile_lock() -> String {
    let name = |suffix: &str| Value::from(format!("{HOSTILE}{suffix}"));
    let reference = |kind: &str| {
        format!(
            r#"{{"type":{kind},"owner":{0},"repo":{0},"url":{0},"rev":{0},"ref":{0}}}"#,
            name("")
        )
    };
    let node = |inputs: &str, kind: &str| {
        let reference = reference(kind);
        format!(r#"{{"inputs":{{{inputs}}},"locked":{reference},"original":{reference}}}"#)
    };
    let kind = name("k").to_string();
    format!(
        r#"{{"version":7,"root":{root},"nodes":{{
          {root}:{{"inputs":{{{a}:{a},"nixpkgs-gpu":"g",{b}:[{a},{a}],{c}:[{c}]}}}},
          {a}:{first}, "g":{wrapper}, {b}:{unreachable}
        }}}}"#,
        root = name(""),
        a = name("a"),
        b = name("b"),
        c = name("c"),
        first = node(&format!("{}:[{},{}]", name(""), name("a"), name("no")), "\"git\""),
        wrapper = node("", "\"github\""),
        unreachable = node(&format!("{}:\"g\"", name("")), &kind),
    )
}

#[test]
fn hostile_names_stay_inside_their_labels() {
    let lock = hostile_lock();
    for format in FORMATS {
        let drawing = text(&lock, WHOLE, format);
        let hidden: Vec<_> = drawing.chars().filter(|c| is_hidden(*c) && *c != '\n').collect();
        assert!(hidden.is_empty(), "{format:?}: {hidden:?}");
        let part = text(&lock, Part { focus: Some("nixpkgs-gpu"), nixpkgs_only: true }, format);
        assert!(!part.chars().any(|c| is_hidden(c) && c != '\n'), "{format:?}");
    }

    let dot = text(&lock, WHOLE, Format::Dot);
    let plain = outside_strings(&dot);
    assert!(
        plain.chars().all(|c| c.is_ascii_alphanumeric() || " \n_-=,.>[]{}\"".contains(c)),
        "{plain}"
    );
    assert_eq!(plain.matches('>').count(), plain.matches("->").count(), "{plain}");
    assert!(!dot.contains("=<") && !plain.contains("script"), "{dot}");

    let json: Value = serde_json::from_str(&text(&lock, WHOLE, Format::Json)).unwrap();
    assert_eq!(json["root"], HOSTILE);
    assert_eq!(json["nodes"][1]["owner_path"][0], format!("{HOSTILE}a"));

    let mermaid = text(&lock, WHOLE, Format::Mermaid);
    for line in mermaid.lines() {
        for (at, part) in line.split('"').enumerate() {
            let plain = part.replace("<br/>", "");
            let inside = at % 2 == 1;
            assert!(
                !inside || !plain.contains(['<', '>', '[', '`', '\\', '|', '{', '*']),
                "{line}"
            );
            assert!(inside || !plain.contains("script"), "{line}");
        }
        assert_eq!(line.matches('"').count() % 2, 0, "{line}");
    }

    // One line an input, and the two about what is left out.
    let tree = text(&lock, WHOLE, Format::Tree);
    assert_eq!(tree.lines().count(), 1 + 5 + 2, "{tree}");
}

/// The text of a DOT file with each string as `""`.
fn outside_strings(dot: &str) -> String {
    let mut plain = String::new();
    let mut chars = dot.chars();
    let mut inside = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => inside = !inside,
            '\\' if inside => {
                chars.next();
            }
            _ => {}
        }
        if !inside || c == '"' {
            plain.push(c);
        }
    }
    assert!(!inside, "a string is open at the end");
    plain
}

fn node(key: &str, inputs: &str) -> String {
    let reference = r#"{"type":"github","owner":"acme","repo":"x","rev":"97521cfea6d77335d8661"}"#;
    format!(r#""{key}":{{"inputs":{{{inputs}}},"locked":{reference},"original":{reference}}}"#)
}

fn lock_of(root_inputs: &str, nodes: &[String]) -> String {
    let nodes = nodes.join(",");
    format!(
        r#"{{"version":7,"root":"root","nodes":{{"root":{{"inputs":{{{root_inputs}}}}},{nodes}}}}}"#
    )
}

#[test]
fn a_lock_with_2_to_the_40_paths_is_drawn_once() {
    let nodes: Vec<_> = (1..=40)
        .map(|level| match level {
            40 => node("40", ""),
            _ => node(&level.to_string(), &format!(r#""a":"{0}","b":"{0}""#, level + 1)),
        })
        .collect();
    let lock = lock_of(r#""a":"1","b":"1""#, &nodes);
    for format in FORMATS {
        let drawing = text(&lock, WHOLE, format);
        assert!(drawing.len() < 60_000, "{format:?}: {} bytes", drawing.len());
    }
    let tree = text(&lock, WHOLE, Format::Tree);
    assert_eq!(tree.matches("(*)").count(), 39);
    assert_eq!(tree.lines().count(), 1 + 80);
}

fn chain(length: usize) -> String {
    let nodes: Vec<_> = (0..length)
        .map(|at| match at + 1 {
            next if next == length => node(&at.to_string(), ""),
            next => node(&at.to_string(), &format!(r#""n":"{next}""#)),
        })
        .collect();
    lock_of(r#""n":"0""#, &nodes)
}

#[test]
fn a_chain_of_100_000_inputs_is_drawn_in_linear_size() {
    let (short, long) = (chain(10_000), chain(100_000));
    for format in FORMATS {
        let sizes = [&short, &long].map(|lock| text(lock, WHOLE, format).len());
        assert!(sizes[1] < 11 * sizes[0], "{format:?}: {sizes:?}");
        assert!(sizes[1] < 3 * long.len(), "{format:?}: {sizes:?} of {}", long.len());
    }
    let tree = text(&short, WHOLE, Format::Tree);
    assert_eq!(tree.lines().count(), 1 + 64 + 1);
    assert!(tree.ends_with("└───… its inputs are deeper than 64 levels\n"), "{tree}");
    let focus = "n/".repeat(100) + "n";
    assert!(text(&short, around(&focus), Format::Tree).contains("… its inputs are deeper"));
}

#[test]
fn a_long_reference_is_not_repeated_by_all_who_share_it() {
    let url = "x".repeat(100_000);
    let reference = format!(r#"{{"type":"git","url":"{url}"}}"#);
    let shared = format!(r#""shared":{{"locked":{reference},"original":{reference}}}"#);
    let inputs: Vec<_> = (0..1000).map(|at| format!(r#""{at}":"shared""#)).collect();
    let lock = lock_of(&inputs.join(","), &[shared]);
    for format in FORMATS {
        let drawing = text(&lock, WHOLE, format);
        assert!(drawing.len() < 4 * lock.len(), "{format:?}: {} bytes", drawing.len());
    }
}

#[test]
fn every_fixture_is_drawn() {
    let mut drawings = 0;
    for path in locks_below(&fixtures()) {
        if path.components().any(|part| part.as_os_str() == "malformed") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for format in FORMATS {
            for part in [WHOLE, NIXPKGS_ONLY] {
                // What cannot be read is other tests' matter.
                drawings += usize::from(drawn(&bytes, part, format).is_ok());
            }
        }
    }
    assert!(drawings > 800, "only {drawings} drawings");
}

#[test]
#[expect(clippy::print_stderr, reason = "says whether the real locks were there")]
fn every_lock_of_the_corpus_is_drawn() {
    let mut report = String::new();
    let (mut seen, mut slowest) = (0, (std::time::Duration::ZERO, String::new()));
    for path in locks_below(&corpus()) {
        let bytes = std::fs::read(&path).unwrap();
        let start = std::time::Instant::now();
        let json = match drawn(&bytes, WHOLE, Format::Json) {
            Ok(json) => json,
            Err(error) => {
                let _ = writeln!(report, "{}: {error}", path.display());
                continue;
            }
        };
        for format in FORMATS {
            for part in [WHOLE, NIXPKGS_ONLY] {
                drawn(&bytes, part, format).unwrap();
            }
        }
        slowest = slowest.max((start.elapsed(), path.display().to_string()));
        compare(&bytes, &json);
        seen += 1;
    }
    eprintln!("{report}{seen} locks drawn in all formats, the slowest in {slowest:?}");
}

/// The drawing has each node and each input of the lock, and nothing else.
fn compare(lock: &[u8], json: &str) {
    let lock: Value = serde_json::from_slice(lock).unwrap();
    let json: Value = serde_json::from_str(json).unwrap();
    assert_eq!(json["schema_version"], 1);
    let nodes = lock["nodes"].as_object().unwrap();
    let mut drawn: Vec<_> = json["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["key"].as_str().unwrap())
        .collect();
    let mut written: Vec<_> = nodes.keys().map(String::as_str).collect();
    drawn.sort_unstable();
    written.sort_unstable();
    assert_eq!(drawn, written);
    let mut edges = 0;
    for edge in json["edges"].as_array().unwrap() {
        let target =
            &nodes[edge["from"].as_str().unwrap()]["inputs"][edge["input"].as_str().unwrap()];
        assert_eq!(*target, if target.is_array() { &edge["follows"] } else { &edge["to"] }.clone());
        edges += 1;
    }
    let written = nodes.values().filter_map(|node| node["inputs"].as_object()).map(|i| i.len());
    assert_eq!(edges, written.sum::<usize>());
}
