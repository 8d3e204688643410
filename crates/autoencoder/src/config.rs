use std::ops::Deref;
use std::str::FromStr;

use serde::de::IntoDeserializer;
use serde::{Deserialize, Serialize};

use vgae_nn::ConfigError;

/// The widths of hidden layers, at most six; written as a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<usize>", into = "Vec<usize>")]
pub struct Widths {
    len: usize,
    of: [usize; Self::MOST],
}

impl Widths {
    const MOST: usize = 6;

    /// Takes the widths, from the input on.
    ///
    /// # Errors
    /// When there are more than six.
    pub fn new(widths: &[usize]) -> Result<Self, ConfigError> {
        let mut of = [0; Self::MOST];
        let Some(room) = of.get_mut(..widths.len()) else {
            let expected = format!("at most {} layers", Self::MOST);
            return Err(ConfigError::new("autoencoder.hidden", expected, widths.len().to_string()));
        };
        room.copy_from_slice(widths);
        Ok(Self { len: widths.len(), of })
    }
}

impl Deref for Widths {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.of[..self.len]
    }
}

impl TryFrom<Vec<usize>> for Widths {
    type Error = ConfigError;

    fn try_from(widths: Vec<usize>) -> Result<Self, ConfigError> {
        Self::new(&widths)
    }
}

impl From<Widths> for Vec<usize> {
    fn from(widths: Widths) -> Self {
        widths.to_vec()
    }
}

/// How a sample is thought to come from its reconstruction; the loss is minus its logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Likelihood {
    /// Each value is a coin's probability of 1, so in 0 to 1: cross-entropy, as for grey pixels (Kingma
    /// & Welling 2014, arXiv 1312.6114, appendix C.1).
    #[default]
    Bernoulli,
    /// Each value is normal around its reconstruction with variance 1: `(x - y)^2 / 2 + ln(2 pi) / 2`.
    Gaussian,
    /// `|x - y|^2`, which is no likelihood: for `ae` only.
    Squared,
}

impl FromStr for Likelihood {
    type Err = serde::de::value::Error;

    /// Reads a name as configurations have it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::deserialize(text.into_deserializer())
    }
}

/// The table `[model.autoencoder]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutoEncoderConfig {
    /// Widths of the encoder's hidden layers; the decoder has the same, mirrored. None is a linear
    /// encoder and decoder.
    pub hidden: Widths,
    /// Width of the code.
    pub latent: usize,
    /// The loss of a reconstruction.
    pub likelihood: Likelihood,
    /// Weight of the KL term; `vae` only.
    pub beta: f64,
    /// At most so many passes over the training samples.
    pub epochs: u32,
    /// Samples a step of Adam; the last batch of an epoch may have fewer.
    pub batch: usize,
    /// Adam's learning rate.
    pub learning_rate: f64,
    /// Epochs without a better validation loss before training stops; the weights of the best are then
    /// kept. 0: never stop early, keep the last.
    pub patience: u32,
}

impl Default for AutoEncoderConfig {
    fn default() -> Self {
        let mut of = [0; Widths::MOST];
        of[0] = 400;
        Self {
            hidden: Widths { len: 1, of },
            latent: 20,
            likelihood: Likelihood::default(),
            beta: 1.0,
            epochs: 10,
            batch: 128,
            learning_rate: 0.001,
            patience: 0,
        }
    }
}

/// The hyper-parameters that a method reads.
#[derive(Debug, Serialize)]
pub struct UsedAutoEncoder<'a> {
    hidden: &'a Widths,
    latent: usize,
    likelihood: Likelihood,
    #[serde(skip_serializing_if = "Option::is_none")]
    beta: Option<f64>,
    epochs: u32,
    batch: usize,
    learning_rate: f64,
    patience: u32,
}

impl AutoEncoderConfig {
    /// The widest layer: far more than is useful, far less than overflows.
    pub(crate) const WIDEST: usize = 1 << 16;
    /// The largest batch.
    const LARGEST: usize = 1 << 20;

    /// Checks all ranges; `variational` tells `vae` from `ae`.
    ///
    /// # Errors
    /// When a value is out of its range.
    pub fn check(&self, variational: bool) -> Result<(), ConfigError> {
        let width = format!("1 to {}", Self::WIDEST);
        let widths = 1..=Self::WIDEST;
        let wrong = self.hidden.iter().find(|hidden| !widths.contains(hidden));
        let squared = variational && self.likelihood == Likelihood::Squared;
        let rules = [
            (
                "autoencoder.hidden",
                wrong.is_none(),
                format!("a list of widths, each {width}"),
                format!("{:?}", &*self.hidden),
            ),
            (
                "autoencoder.latent",
                widths.contains(&self.latent),
                width.clone(),
                self.latent.to_string(),
            ),
            (
                "autoencoder.likelihood",
                !squared,
                "\"bernoulli\" or \"gaussian\" for method `vae`, whose bound needs a likelihood"
                    .to_owned(),
                "\"squared\"".to_owned(),
            ),
            (
                "autoencoder.beta",
                self.beta.is_finite() && self.beta >= 0.0,
                "a finite number of at least 0".to_owned(),
                self.beta.to_string(),
            ),
            (
                "autoencoder.epochs",
                self.epochs >= 1,
                "at least 1".to_owned(),
                self.epochs.to_string(),
            ),
            (
                "autoencoder.batch",
                (1..=Self::LARGEST).contains(&self.batch),
                format!("1 to {}", Self::LARGEST),
                self.batch.to_string(),
            ),
            (
                "autoencoder.learning_rate",
                self.learning_rate.is_finite() && self.learning_rate > 0.0,
                "a finite number above 0".to_owned(),
                self.learning_rate.to_string(),
            ),
        ];
        match rules.into_iter().find(|(_, holds, ..)| !holds) {
            Some((key, _, expected, found)) => Err(ConfigError::new(key, expected, found)),
            None => Ok(()),
        }
    }

    /// The hyper-parameters that `vae` (if `variational`) or `ae` reads.
    #[must_use]
    pub fn used(&self, variational: bool) -> UsedAutoEncoder<'_> {
        let Self { hidden, latent, likelihood, beta, epochs, batch, learning_rate, patience } =
            self;
        UsedAutoEncoder {
            hidden,
            latent: *latent,
            likelihood: *likelihood,
            beta: variational.then_some(*beta),
            epochs: *epochs,
            batch: *batch,
            learning_rate: *learning_rate,
            patience: *patience,
        }
    }
}
