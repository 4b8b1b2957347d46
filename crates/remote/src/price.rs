//! What a check costs.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul};

use serde::{Deserialize, Serialize};

/// The price of one charged check: CNY 0.004, by the vendor's price list of 2026.
///
/// The service tells no price, so that this is the only place that knows one.
///
/// ```
/// use remote::PRICE;
///
/// assert_eq!(PRICE.to_string(), "CNY 0.004");
/// assert_eq!((PRICE * 100).to_string(), "CNY 0.40");
/// assert_eq!(format!("{:.2}", PRICE * 4906), "CNY 19.63"); // at most: rounded up
/// ```
pub const PRICE: Price = Price {
    currency: Currency::Cny,
    thousandths: 4,
};

/// An amount of money, exact to a thousandth.
///
/// `Display` writes all its digits, at least two behind the point; with a precision (`{:.2}`) it
/// rounds up, so that what is called "at most" is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Price {
    /// The currency.
    pub currency: Currency,
    /// Thousandths of its unit.
    pub thousandths: u64,
}

/// A currency in which the service is paid.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Renminbi, the only currency of the region that has the model.
    Cny,
}

impl Currency {
    /// The code of ISO 4217.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl Price {
    /// The amount in units of the currency: 0.004. For reports; sums are made before.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "amounts beyond 2^53 are no price"
    )]
    pub fn amount(self) -> f64 {
        self.thousandths as f64 / 1000.0
    }
}

impl Mul<u64> for Price {
    type Output = Self;

    /// The price of so many checks. It saturates.
    fn mul(self, checks: u64) -> Self {
        Self {
            thousandths: self.thousandths.saturating_mul(checks),
            ..self
        }
    }
}

impl Add for Price {
    type Output = Self;

    /// It saturates.
    fn add(self, other: Self) -> Self {
        Self {
            thousandths: self.thousandths.saturating_add(other.thousandths),
            ..self
        }
    }
}

impl Sum for Price {
    fn sum<I: Iterator<Item = Self>>(prices: I) -> Self {
        let nothing = Price {
            thousandths: 0,
            ..PRICE
        };
        prices.fold(nothing, Add::add)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dropped = 3 - f.precision().unwrap_or(3).min(3);
        let step = 10_u64.pow(u32::try_from(dropped).unwrap_or_default());
        let amount = self.thousandths.div_ceil(step).saturating_mul(step);
        let (whole, rest) = (amount / 1000, amount % 1000);
        write!(f, "{} {whole}", self.currency)?;
        match 3 - dropped {
            0 => Ok(()),
            1 => write!(f, ".{}", rest / 100),
            3 if rest % 10 != 0 => write!(f, ".{rest:03}"),
            _ => write!(f, ".{:02}", rest / 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_rounded_up_only_on_demand() {
        for (checks, exact, short) in [
            (0, "CNY 0.00", "CNY 0.00"),
            (1, "CNY 0.004", "CNY 0.01"),
            (25, "CNY 0.10", "CNY 0.10"),
            (4906, "CNY 19.624", "CNY 19.63"),
            (
                u64::MAX,
                "CNY 18446744073709551.615",
                "CNY 18446744073709551.61",
            ),
        ] {
            let price = PRICE * checks;
            assert_eq!(price.to_string(), exact);
            if checks < u64::MAX {
                assert_eq!(format!("{price:.2}"), short);
            }
            assert_eq!(
                (price + PRICE).thousandths,
                (PRICE * checks.saturating_add(1)).thousandths
            );
        }
        assert_eq!([PRICE, PRICE].into_iter().sum::<Price>(), PRICE * 2);
        for (digits, rounded_up) in [
            (0, "CNY 2"),
            (1, "CNY 1.3"),
            (2, "CNY 1.21"),
            (9, "CNY 1.204"),
        ] {
            assert_eq!(format!("{:.digits$}", PRICE * 301), rounded_up);
        }
        assert!((PRICE.amount() - 0.004).abs() < 1e-12);
    }
}
