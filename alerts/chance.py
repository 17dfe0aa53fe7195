"""How likely a count or a share is by chance, with more scatter than dice have (pure)."""

from __future__ import annotations

import math

_TAIL_END = 1e-7  # terms smaller than this part of the sum are left out


def count_tail(count: int, mean: float, k: float) -> float:
    """P(X >= count) for a negative binomial with this mean and variance mean + mean²/k."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    odds = mean / (mean + k)
    log_first = (
        math.lgamma(count + k) - math.lgamma(k) - math.lgamma(count + 1)
        + count * math.log(odds) + k * math.log1p(-odds)
    )  # fmt: skip
    if count > mean:  # sum upwards: exact where it matters, in the far tail
        term = total = 1.0
        n = count
        while term > total * _TAIL_END:
            term *= (n + k) / (n + 1) * odds
            total += term
            n += 1
        return min(1.0, math.exp(log_first) * total)
    term, total, n = math.exp(log_first), 0.0, count
    while n > 0:
        term *= n / ((n - 1 + k) * odds)
        total += term
        n -= 1
    return max(0.0, 1.0 - total)


def share_tail(successes: int, trials: int, a: float, b: float) -> float:
    """P(X >= successes) of `trials` for a beta-binomial; the normal curve from 300 trials on."""
    if successes <= 0 or trials <= 0:
        return 1.0
    mean = a / (a + b)
    if trials > 300:
        variance = trials * mean * (1 - mean) * (a + b + trials) / (a + b + 1)
        return 0.5 * math.erfc((successes - 0.5 - trials * mean) / math.sqrt(2 * variance))
    total = 0.0
    log_term = _log_beta_binomial(successes, trials, a, b)
    for x in range(successes, trials + 1):
        total += math.exp(log_term)
        if x < trials:
            log_term += math.log((trials - x) * (a + x) / ((x + 1) * (b + trials - x - 1)))
    return min(1.0, total)


def binomial_at_most(count: int, trials: int, part: float) -> float:
    """P(X <= count) of `trials`, each of which succeeds with the probability `part`, which is neither 0 nor 1.

    The normal curve from 300 trials on.
    """
    mean = trials * part
    if trials > 300:
        return 0.5 * math.erfc((mean - count - 0.5) / math.sqrt(2 * mean * (1 - part)))
    if count > mean + 8 * math.sqrt(mean) + 8:
        return 1.0
    term = math.exp(trials * math.log1p(-part))
    total, odds = term, part / (1 - part)
    for x in range(1, min(count, trials) + 1):
        term *= (trials - x + 1) / x * odds
        total += term
    return min(1.0, total)


def _log_beta_binomial(x: int, n: int, a: float, b: float) -> float:
    choose = math.lgamma(n + 1) - math.lgamma(x + 1) - math.lgamma(n - x + 1)
    top = math.lgamma(x + a) + math.lgamma(n - x + b) - math.lgamma(n + a + b)
    return choose + top - (math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))
