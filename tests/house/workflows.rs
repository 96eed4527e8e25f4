//! The workflows of this repository are workflows.

use std::path::Path;

use serde_json::Value;

use crate::support::schema;

#[test]
fn they_are_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows");
    let mut names = vec![];
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        let workflow: Value = serde_yaml_ng::from_str(&text).expect("it is YAML");
        schema("github-workflows.json", &workflow);
        names.extend(path.file_name().map(|n| n.to_string_lossy().into_owned()));
    }
    names.sort();
    assert_eq!(names, ["ci.yml", "release.yml"]);
}
