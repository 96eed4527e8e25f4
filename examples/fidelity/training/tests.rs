//! Rows that are odd, and rows that cannot be.

use super::*;

const HEADINGS: &str = "id,hardware,n_dev,devices_per_node,model,is_moe,layers,hidden,heads,kv_heads,head_dim,ffn,gated_mlp,vocab,seq,n_experts,experts_topk,gbs,mbs,tp,pp,vpp,cp,ep,zero,seq_par,precision,recompute,attn_impl,comm_overlap,t_iter_s";

/// Rows beside a plain one: what stays of each.
fn report(rows: &[&str]) -> Report {
    let text = format!("{HEADINGS}\n{}\n", rows.join("\n"));
    let sheet = serde_json::json!({
        "peak_flops": {"bf16": 1e15, "fp8": 2e15, "fp4": null}, "hbm_bandwidth_bytes_per_s": 3e12,
        "hbm_capacity_bytes": 8e10, "scale_up_bandwidth_bytes_per_s_per_direction": 4.5e11,
        "scale_out_bandwidth_bytes_per_s_per_direction": 5e10,
    });
    let mut lonely = sheet.clone();
    lonely["scale_out_bandwidth_bytes_per_s_per_direction"] = Value::Null;
    let mut blind = sheet.clone();
    blind["hbm_bandwidth_bytes_per_s"] = Value::Null;
    let sheets = [("H100", sheet.clone()), ("Novel {X} \"9\"", sheet), ("Lonely", lonely), ("Blind", blind)];
    let entries = sheets.into_iter().map(|(name, sheet)| (name.to_string(), sheet)).collect();
    predict(&Table::parse(&text).expect("a table"), &entries, &Trials::none()).expect("a report")
}

const PLAIN: &str =
    "a,H100,64,8,gpt,0,32,4096,32,32,128,16384,0,50000,2048,,,64,1,1,1,,1,,1,0,bf16,none,flash,dp,1.0";

fn skipped(report: &Report) -> Vec<String> {
    report.cases.iter().map(|c| c.skipped.clone().unwrap_or_default()).collect()
}

#[test]
fn odd_cells_are_read_as_what_they_are() {
    let same = [
        PLAIN,
        "b,H100,64,,gpt,0,32.0,4096.0,32,,,16384,0,50000,2048,,,64,1.0,1.0,1.0,nan,,,1.0,False,BF16,off,,\"dp,tp\",",
        "c,H100,64,8,gpt,0,32,4096,32,32,128,16384,0.0,50000,2048,,,64,1,1,1,1,1,1,1,0,,,flash,dp,1.0",
    ];
    let report = report(&same);
    assert_eq!(skipped(&report), ["", "", ""]);
    let times: Vec<f64> = report.cases.iter().map(|c| c.predicted[0][0].expect("a time")).collect();
    assert!(times.iter().all(|t| (t / times[0] - 1.0).abs() < 1e-9), "{times:?}");
    assert_eq!(report.cases[1].measured[0], None);
}

/// Seven devices too many for eight replicas of eight wait.
#[test]
fn devices_without_a_whole_replica_wait() {
    let split = PLAIN.replace(",64,1,1,1,,", ",64,1,8,1,,");
    let found = report(&[&split, &split.replace("H100,64", "H100,71")]);
    assert_eq!(skipped(&found), ["", ""]);
    assert_eq!(found.cases[0].predicted, found.cases[1].predicted);
}

#[test]
fn rows_that_cannot_be_are_counted_with_the_reason() {
    let row = |changes: &[(&str, &str)]| {
        let mut cells: Vec<&str> = PLAIN.split(',').collect();
        for (column, value) in changes {
            let at = HEADINGS.split(',').position(|h| h == *column).expect("a column");
            cells[at] = value;
        }
        cells.join(",")
    };
    let cases: [(&[(&str, &str)], &str); 14] = [
        (&[("hardware", "B999")], "hardware `B999` is not in the systems file"),
        (&[("hardware", "Blind")], "hardware `Blind` has no `hbm_bandwidth_bytes_per_s`"),
        (&[("tp", "")], "the parallel layout is not published"),
        (&[("tp", "3")], "32 heads do not split evenly among 3 devices"),
        (&[("tp", "128")], "128 x 1 x 1 devices hold one replica: more than there are"),
        (&[("pp", "64")], "32 layers in 64 pieces of a pipeline"),
        (&[("layers", "")], "no number above zero in `layers`"),
        (&[("seq", "many")], "no number in `seq`: `many`"),
        (&[("zero", "7")], "ZeRO stage 7"),
        (&[("precision", "int3")], "precision `int3`"),
        (&[("recompute", "magic")], "recompute `magic`"),
        (&[("n_experts", "8"), ("experts_topk", "")], "no number above zero in `experts_topk`"),
        (
            &[("n_experts", "8"), ("experts_topk", "2"), ("ep", "3")],
            "8 experts do not split evenly among 3 devices",
        ),
        (&[("hardware", "Lonely")], "the solver has no finite answer"),
    ];
    let rows: Vec<String> =
        cases.iter().map(|(changes, _)| row(changes)).chain([PLAIN.to_string()]).collect();
    let report = report(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let expected: Vec<&str> = cases.iter().map(|(_, reason)| *reason).chain([""]).collect();
    assert_eq!(skipped(&report), expected);
    assert!(report.cases.last().expect("rows").predicted[0][0].is_some_and(|t| t > 0.0));
}

#[test]
fn unseen_hardware_is_predicted_from_its_sheet() {
    let unseen = PLAIN.replace("H100", "\"Novel {X} \"\"9\"\"\"");
    let found = report(&[PLAIN, &unseen]);
    assert_eq!(skipped(&found), ["", ""]);
    let names =
        ["NVIDIA GB200 NVL72", "Google TPU v6e", "AMD Instinct MI300X", "Intel-Gaudi2", "Trainium2", "HGX"];
    let known = names.map(|name| architecture(name, &Value::Null));
    assert_eq!(known, ["blackwell", "tpu", "cdna3", "gaudi", "trainium", "other"]);
    assert_eq!(architecture("X1", &serde_json::json!({"family": "H100"})), "hopper");
}

#[test]
fn latent_attention_is_told_by_its_shape() {
    let fields = |row: &str| {
        let table = Table::parse(&format!("{HEADINGS}\n{row}\n")).expect("a table");
        let row = table.rows().next().expect("a row");
        model(row).expect("a model")
    };
    let latent = "a,H100,64,8,v3,1,61,7168,128,128,128,2048,1,129280,4096,256,8,64,1,1,1,,1,8,1,0,fp8,none,flash,dp,1.0";
    assert!(fields(latent).contains("mla:"));
    assert!(!fields(PLAIN).contains("mla:"));
    assert!(fields(&latent.replace("128,128,128", "32,4,128")).contains("kv_heads: 4"));
}
