"""Where large units go, when the small ones give way to them as far as prices can tell."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def place(cost, seats, weights, prices, inverse, residual, slots, sweeps):
    """
    Shift units, one at a time, while that lowers Σ (cost + price · weight) + ½ r' H⁻¹ r; how many shifts were made.

    The second part is what the other units lose by making room: r is what each seat is short of in each measure, H how
    much load a price moves there. It is exact for small r, for the dual is smooth.

    Parameters
    ----------
    cost, seats
        (units, candidates); seat -1 ends a list.
    weights, prices
        (units, measures) and (seats, measures).
    inverse
        (seats × measures, seats × measures) H⁻¹, symmetric.
    residual
        (seats × measures,) r with the units where they are.
    slots
        (units,) written: the position in the unit's list it is placed at.
    """
    units, width = seats.shape
    measures = weights.shape[1]
    pull = inverse @ residual
    made = 0
    for _ in range(sweeps):
        moved = 0
        for i in range(units):
            a = seats[i, slots[i]] * measures
            now = _reduced(cost, seats, weights, prices, i, slots[i])
            best = -1e-9 * abs(now) - 1e-12
            chosen = -1
            for k in range(width):
                if seats[i, k] < 0:
                    break
                if k == slots[i]:
                    continue
                b = seats[i, k] * measures
                change = _reduced(cost, seats, weights, prices, i, k) - now
                for m in range(measures):
                    change += weights[i, m] * (pull[a + m] - pull[b + m])
                    for n in range(measures):
                        bend = (
                            inverse[a + m, a + n]
                            + inverse[b + m, b + n]
                            - inverse[a + m, b + n]
                            - inverse[b + m, a + n]
                        )
                        change += 0.5 * weights[i, m] * weights[i, n] * bend
                if change < best:
                    best = change
                    chosen = k
            if chosen >= 0:
                b = seats[i, chosen] * measures
                for m in range(measures):
                    pull += weights[i, m] * (inverse[a + m] - inverse[b + m])
                slots[i] = chosen
                moved += 1
        made += moved
        if moved == 0:
            break
    return made


@njit(cache=True, nogil=True)
def _reduced(cost, seats, weights, prices, i, k):
    """What unit i costs at the k-th seat of its list, prices included."""
    total = cost[i, k]
    for m in range(weights.shape[1]):
        total += prices[seats[i, k], m] * weights[i, m]
    return total
