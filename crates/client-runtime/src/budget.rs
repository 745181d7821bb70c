//! A limit on retries across calls.
//!
//! A policy limits the retries of one call. During an outage every call fails, and a policy of four
//! attempts would send four times the usual load to a failing server. The calls of a client therefore
//! share a [`RetryBudget`], which limits retries to a small fraction of the calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A token bucket for retries, shared by all clones.
///
/// The first attempt of each call [deposits](RetryBudget::deposit) a fraction of a token. Each retry
/// [withdraws](RetryBudget::withdraw) one token, and is not sent if there is none. The bucket starts
/// full, so that a client that has made few calls can retry. It never contains more tokens than its
/// capacity, so that a long time without failures does not allow a burst of retries.
///
/// [`RetryBudget::default()`] has a capacity of 10 tokens and gains one token for every 10 calls: after
/// the first 10, retries add at most 10 % to the load.
///
/// ```
/// use client_runtime::RetryBudget;
///
/// let budget = RetryBudget::new(1, 2);
/// let shared = budget.clone();
/// assert!(budget.withdraw());
/// assert!(!shared.withdraw());
/// shared.deposit();
/// shared.deposit();
/// assert!(budget.withdraw());
/// ```
#[derive(Debug, Clone)]
pub struct RetryBudget(Option<Arc<Bucket>>);

/// The unit is the deposit of one call; `deposits_per_token` of them make one token. Integers keep the
/// sum exact.
#[derive(Debug)]
struct Bucket {
    deposits: AtomicU32,
    deposits_per_token: u32,
    capacity: u32,
}

impl RetryBudget {
    /// Returns a full budget of `capacity` tokens that gains one token for every `calls_per_retry`
    /// deposits. 0 for `calls_per_retry` counts as 1.
    pub fn new(capacity: u16, calls_per_retry: u16) -> Self {
        let deposits_per_token = u32::from(calls_per_retry).max(1);
        // A product of two 16-bit numbers fits into 32 bits.
        let capacity = u32::from(capacity) * deposits_per_token;
        Self(Some(Arc::new(Bucket {
            deposits: AtomicU32::new(capacity),
            deposits_per_token,
            capacity,
        })))
    }

    /// Returns a budget that allows every retry.
    pub fn unlimited() -> Self {
        Self(None)
    }

    /// Records one call. Call this for the first attempt of a call, not for retries.
    pub fn deposit(&self) {
        let Some(bucket) = &self.0 else { return };
        // An error means that the bucket is full; there is nothing to add.
        let _ = bucket.update(|deposits| (deposits < bucket.capacity).then_some(deposits + 1));
    }

    /// Takes the token for one retry. Returns `false`, without any effect, if there is none.
    #[must_use = "a retry without a token must not be sent"]
    pub fn withdraw(&self) -> bool {
        let Some(bucket) = &self.0 else { return true };
        bucket
            .update(|deposits| deposits.checked_sub(bucket.deposits_per_token))
            .is_ok()
    }
}

impl Bucket {
    /// `Relaxed` suffices, because no other memory depends on the counter.
    fn update(&self, change: impl Fn(u32) -> Option<u32>) -> Result<u32, u32> {
        self.deposits.fetch_update(Relaxed, Relaxed, change)
    }
}

/// 10 tokens, and one more for every 10 calls.
impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(10, 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Barrier;
    use std::thread;

    fn withdrawals(budget: &RetryBudget, tries: usize) -> usize {
        (0..tries).filter(|_| budget.withdraw()).count()
    }

    proptest! {
        #[test]
        fn retries_never_exceed_what_the_start_and_the_calls_paid_for(
            capacity in 0_u16..5,
            calls_per_retry in 1_u16..5,
            steps in prop::collection::vec(any::<bool>(), 0..200),
        ) {
            let budget = RetryBudget::new(capacity, calls_per_retry);
            let (mut deposits, mut withdrawn) = (0, 0);
            for is_deposit in steps {
                if is_deposit {
                    budget.deposit();
                    deposits += 1;
                } else if budget.withdraw() {
                    withdrawn += 1;
                }
                let paid = u32::from(capacity) * u32::from(calls_per_retry) + deposits;
                prop_assert!(withdrawn * u32::from(calls_per_retry) <= paid);
            }
        }

        #[test]
        fn a_bucket_that_was_never_full_pays_for_exactly_what_it_was_given(
            calls_per_retry in 1_u16..20,
            deposits in 0_u16..100,
        ) {
            let budget = RetryBudget::new(1000, calls_per_retry);
            prop_assert_eq!(withdrawals(&budget, 2000), 1000);
            (0..deposits).for_each(|_| budget.deposit());
            prop_assert_eq!(
                withdrawals(&budget, 2000),
                usize::from(deposits / calls_per_retry)
            );
        }

        #[test]
        fn a_full_bucket_gains_nothing(capacity in 0_u16..20, calls_per_retry in 1_u16..5) {
            let budget = RetryBudget::new(capacity, calls_per_retry);
            (0..100).for_each(|_| budget.deposit());
            prop_assert_eq!(withdrawals(&budget, 100), usize::from(capacity));
        }
    }

    #[test]
    fn the_largest_budget_does_not_overflow() {
        let budget = RetryBudget::new(u16::MAX, u16::MAX);
        budget.deposit();
        assert_eq!(withdrawals(&budget, 70_000), usize::from(u16::MAX));
    }

    #[test]
    fn by_default_ten_retries_are_free_and_then_ten_calls_pay_for_one() {
        let budget = RetryBudget::default();
        assert_eq!(withdrawals(&budget, 100), 10);
        (0..9).for_each(|_| budget.deposit());
        assert!(!budget.withdraw());
        budget.deposit();
        assert!(budget.withdraw());
        assert!(!budget.withdraw());
    }

    #[test]
    fn an_unlimited_budget_pays_for_every_retry() {
        let budget = RetryBudget::unlimited();
        budget.deposit();
        assert_eq!(withdrawals(&budget, 1000), 1000);
    }

    #[test]
    fn a_retry_costs_one_call_at_least() {
        let budget = RetryBudget::new(1, 0);
        assert_eq!(withdrawals(&budget, 10), 1);
        budget.deposit();
        assert_eq!(withdrawals(&budget, 10), 1);
    }

    #[test]
    fn no_deposit_or_withdrawal_of_many_threads_is_lost() {
        const THREADS: usize = 4;
        const ROUNDS: usize = 200_000;
        // Starts empty, and is too large to fill up.
        let budget = RetryBudget::new(u16::MAX, 4);
        assert_eq!(withdrawals(&budget, 70_000), usize::from(u16::MAX));

        let start = Barrier::new(THREADS);
        let call_and_retry = || {
            start.wait();
            let retried = |_: &usize| {
                budget.deposit();
                budget.withdraw()
            };
            (0..ROUNDS).filter(retried).count()
        };
        let retries: usize = thread::scope(|scope| {
            let threads = [(); THREADS].map(|()| scope.spawn(call_and_retry));
            let joined = threads.map(|thread| thread.join().expect("does not panic"));
            joined.iter().sum()
        });
        let left = withdrawals(&budget, THREADS * ROUNDS);
        assert_eq!(retries + left, THREADS * ROUNDS / 4);
    }
}
