fn main() {
    let root = std::path::Path::new(".");
    for api in xtask::registry::load(root).unwrap() {
        let mut d = xtask::document::Document::load(&api.document).unwrap();
        let o = xtask::document::Document::load(&api.overlay).unwrap();
        xtask::overlay::apply(&o, &mut d).unwrap_or_else(|e| panic!("{e}"));
        let l = xtask::lower::lower(&d).unwrap_or_else(|e| panic!("{e}"));
        std::fs::write(
            format!("{}/openapi.json", api.package),
            serde_json::to_string_pretty(&l.document).unwrap(),
        )
        .unwrap();
        eprintln!("{} notes {}", api.name, l.notes.len());
        match xtask::generate::generate(&l.document, &api.generator) {
            Ok(t) => eprintln!("{} tokens", t.to_string().len()),
            Err(e) => eprintln!("{e}"),
        }
        let n: String = l.notes.iter().map(|n| format!("{n}\n")).collect();
        std::fs::write(format!("/tmp/{}.notes", api.name), n).unwrap();
    }
}
