//! `scripts/fit_*.py` fit what the library predicts: the operators that they sweep, at the library's constants.

use std::path::Path;

use crate::support;

/// Rows of `tests/data/serving/*.csv.gz` on H100, microseconds; where the curves' median errors are 4% to 18%.
const MEASURED: &str = r#"
use std.calibration.kernels.hopper_kernels

hardware h100_sxm {
  name: "H100", memory_bw: 3.35 TB/s, memory_capacity: 80 GB, peak_flops: 989 TFLOP/s, peak_flops_fp8: 1978 TFLOP/s
  scale_up_bw: 450 GB/s
}
quantization wide { weights: bf16 }
quantization narrow { weights: fp8, activations: fp8 }

solve product = gemm_operator { hardware: h100_sxm, kernels: hopper_kernels, quantization: wide, m: 512, n: 5120, k: 5120 }
solve narrow_product = product { quantization: narrow, m: 256, n: 65536, k: 8192 }
solve experts = experts_operator {
  hardware: h100_sxm, kernels: hopper_kernels, quantization: wide
  experts: 256, experts_per_token: 8, hidden: 6144, width: 2048, moe_tp: 8, moe_ep: 1, tokens: 16384
}
solve spread_experts = experts { quantization: narrow, hidden: 7168, moe_tp: 1, moe_ep: 8, tokens: 256 }
solve decode = decode_operator {
  hardware: h100_sxm, kernels: hopper_kernels, kv_cache: fp8, heads: 16, kv_heads: 2, batch: 4, context: 65536
}
solve prefill = prefill_operator {
  hardware: h100_sxm, kernels: hopper_kernels, heads: 64, kv_heads: 8, head_dim: 128, batch: 1, seq: 16384
}
solve latent_decode = latent_decode_operator {
  hardware: h100_sxm, kernels: hopper_kernels, kv_cache: bf16, heads: 16, batch: 256, context: 1024
}
solve latent_prefill = latent_prefill_operator {
  hardware: h100_sxm, kernels: hopper_kernels, heads: 32, batch: 4, context: 1024
}
solve summed = all_reduce_operator { hardware: h100_sxm, kernels: hopper_kernels, ranks: 8, message_bytes: 2097152 B }
solve gathered = all_gather_operator { hardware: h100_sxm, kernels: hopper_kernels, ranks: 4, message_bytes: 134217728 B }
solve exchanged = all_to_all_operator { hardware: h100_sxm, kernels: hopper_kernels, ranks: 2, message_bytes: 8192 B }

assert product.time within 35% of 38.71 us
assert narrow_product.time within 35% of 236.71 us
assert experts.time within 35% of 4458 us
assert spread_experts.time within 35% of 506.5 us
assert decode.time within 35% of 66.41 us
assert prefill.time within 35% of 5750 us
assert latent_decode.time within 35% of 121.3 us
assert latent_prefill.time within 35% of 141.9 us
assert summed.time within 35% of 19.39 us
assert gathered.time within 35% of 350.3 us
assert exchanged.time within 35% of 6.84 us
"#;

#[test]
fn operators_that_are_fitted_come_near_what_was_measured() {
    let operators = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/operators.mls");
    let operators = std::fs::read_to_string(operators).expect("the operators");
    let outcome = support::run_plainly(&format!("{operators}{MEASURED}"));
    assert_eq!(outcome.exit_code(false), 0, "{:#?}", outcome.diagnostics);
}
