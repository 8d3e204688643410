use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vgae_options::{OptionError, Options};

/// Likelihood of a sample given its reconstruction; the loss is minus its logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Likelihood {
    /// Each value is the probability of 1, so from 0 to 1: cross-entropy, as for grey pixels (Kingma & Welling 2014,
    /// arXiv 1312.6114, appendix C.1).
    #[default]
    Bernoulli,
    /// Each value is normal around its reconstruction with variance 1: `(x - y)^2 / 2 + ln(2 pi) / 2`.
    Gaussian,
    /// `|x - y|^2`, which is no likelihood: for `ae` only.
    Squared,
}

/// Hyper-parameters of an auto-encoder of samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AutoEncoderConfig {
    /// Widths of the encoder's hidden layers; the decoder has the same in reverse order. An empty list makes both
    /// linear.
    #[schemars(length(max = 6), inner(range(min = 1, max = 65536)))]
    pub hidden: Vec<usize>,
    /// Width of the embedding.
    #[schemars(range(min = 1, max = 65536))]
    pub latent: usize,
    /// Loss of a reconstruction.
    pub likelihood: Likelihood,
    /// Number of epochs, at most.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub epochs: u32,
    /// Samples per mini-batch; the last of an epoch may have fewer.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub batch_size: usize,
    /// Learning rate of Adam.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub learning_rate: f64,
    /// Epochs without a lower validation loss before training stops early; the weights of the best epoch are then kept.
    /// 0: never stop, keep the last epoch's weights.
    pub patience: u32,
}

impl Default for AutoEncoderConfig {
    fn default() -> Self {
        Self {
            hidden: vec![400],
            latent: 20,
            likelihood: Likelihood::default(),
            epochs: 10,
            batch_size: 128,
            learning_rate: 0.001,
            patience: 0,
        }
    }
}

impl AutoEncoderConfig {
    /// The widest layer: far more than is useful, far less than overflows.
    pub(crate) const WIDEST: usize = 1 << 16;

    /// Checks every hyper-parameter; `beta` is the weight of the KL term of `vae`, and absent for `ae`.
    ///
    /// # Errors
    /// Names the first value at fault.
    pub fn check(&self, beta: Option<f64>) -> Result<(), OptionError> {
        let values = self.values().into_iter().collect();
        self.clone().set(&values)?;
        if let Some(beta) = beta.filter(|beta| !(0.0..=f64::MAX).contains(beta)) {
            return Err(OptionError::new("beta", "a finite number of at least 0", beta));
        }
        self.check_likelihood(beta.is_some())
    }

    /// Checks that the loss of a variational model is a likelihood.
    ///
    /// # Errors
    /// When it is not.
    pub fn check_likelihood(&self, variational: bool) -> Result<(), OptionError> {
        if variational && self.likelihood == Likelihood::Squared {
            let expected =
                "\"bernoulli\" or \"gaussian\" for method `vae`, whose bound needs a likelihood";
            return Err(OptionError::new("likelihood", expected, "\"squared\""));
        }
        Ok(())
    }
}
