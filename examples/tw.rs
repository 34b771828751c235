use flake_audit::derivation::*;
use flake_audit::twice::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let store = DerivationStore::of(&a[1], Some(std::path::Path::new(&a[3]))).unwrap();
    let mut c = Closure::new(store);
    let t = std::time::Instant::now();
    let g = c.read(&a[1]).unwrap();
    eprintln!("G {} below, read {} {:?}", c.below(g).len(), c.len(), t.elapsed());
    let h = c.read(&a[2]).unwrap();
    eprintln!("H {} below {:?}", c.below(h).len(), t.elapsed());
    let d = duplicates(&c, g, h).unwrap();
    eprintln!("analysed {:?}", t.elapsed());
    for x in &d.twice {
        println!(
            "{} variants {:?} collides {:?} meets {:?}",
            x.name,
            x.variants.iter().map(|v| c.name(*v)).collect::<Vec<_>>(),
            x.collides.map(|v| c.name(v)),
            x.meets.map(|v| c.name(v))
        );
        println!(
            "   chains {:?}",
            x.variants.iter().map(|v| chain(&c, g, *v).join(" > ")).collect::<Vec<_>>()
        );
        for b in &x.begins {
            println!("   begins {} {:?}", b.name, b.differences);
        }
    }
    println!("left {:?}", d.left);
}
