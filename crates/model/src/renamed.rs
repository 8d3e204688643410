//! Former names of options and methods, so that the error for an old name contains the new one.

/// Options of `[model]`: former and current name.
const OPTIONS: [(&str, &str); 14] = [
    ("propagations", "hops"),
    ("features", "feature_scaling"),
    ("features", "pair_features"),
    ("select", "keep_best"),
    ("evaluate_every", "validate_every"),
    ("joiner", "combiner"),
    ("batch", "batch_size"),
    ("walks", "walks_per_node"),
    ("length", "walk_length"),
    ("least_learning_rate", "final_learning_rate"),
    ("negatives", "combiner_negatives"),
    ("l2", "combiner_l2"),
    ("hidden", "combiner_hidden"),
    ("negatives", "context_negatives"),
];

/// Methods and pair features: former and current name.
const METHODS: [(&str, &str); 3] =
    [("smooth", "sgc"), ("text", "feature-cosine"), ("smoothed-text", "sgc-cosine")];

/// Former tables within `[model]`, whose options are now directly in it.
const TABLES: [&str; 3] = ["spectral", "deepwalk", "autoencoder"];

/// Returns the message for a former option name, if the method has the new option according to `exists`.
pub(crate) fn option(old: &str, exists: impl Fn(&str) -> bool) -> Option<String> {
    if TABLES.contains(&old) {
        return Some(
            "this table no longer exists: its options are now directly in [model]".to_owned(),
        );
    }
    let now = OPTIONS.iter().find(|(known, now)| *known == old && exists(now));
    now.map(|(_, now)| match *now {
        "keep_best" => "this option is now `keep_best`, true or false".to_owned(),
        now => format!("this option is now called `{now}`"),
    })
}

/// Returns the message for a former name of a method or pair feature.
pub(crate) fn method(old: &str) -> Option<String> {
    let now = METHODS.iter().find(|(known, _)| *known == old);
    now.map(|(old, now)| format!("`{old}` is now called `{now}`"))
}
