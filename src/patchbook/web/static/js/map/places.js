// @ts-check
/** Where accounts are, as typed arrays: a hundred thousand of them are looked through in a millisecond. */

/** What stands for no territory and no county. */
export const NOBODY = 65535;

/** @typedef {{west: number, south: number, east: number, north: number}} Box in degrees */

export class Places {
  /** @param {Float32Array} degrees longitude and latitude in turn; not a number where a place is not known */
  constructor(degrees) {
    this.count = degrees.length / 2;
    this.degrees = degrees;
    /** Web Mercator, from 0 to 1 to the east and to the south. */
    this.plane = new Float32Array(degrees.length);
    /** How many have a place. */
    this.placed = 0;
    for (let at = 0; at < degrees.length; at += 2) {
      const [x, y] = toPlane(degrees[at], degrees[at + 1]);
      const known = Number.isFinite(x) && Number.isFinite(y);
      // Off the map where a place is not known, so that it is neither drawn nor found.
      this.plane[at] = known ? x : -9;
      this.plane[at + 1] = known ? y : -9;
      if (known) this.placed += 1;
    }
  }

  /**
   * The accounts inside a box of the plane.
   * @param {number} left @param {number} top @param {number} right @param {number} bottom
   * @returns {number[]}
   */
  inBox(left, top, right, bottom) {
    const found = [];
    const plane = this.plane;
    for (let account = 0, at = 0; account < this.count; account++, at += 2) {
      const x = plane[at], y = plane[at + 1];
      if (x >= left && x <= right && y >= top && y <= bottom) found.push(account);
    }
    return found;
  }

  /**
   * The accounts inside a ring of the plane.
   * @param {[number, number][]} ring
   */
  inRing(ring) {
    if (ring.length < 3) return [];
    const xs = ring.map(([x]) => x), ys = ring.map(([, y]) => y);
    const near = this.inBox(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
    return near.filter((account) => isInside(this.plane[2 * account], this.plane[2 * account + 1], ring));
  }

  /**
   * The accounts within a distance of a point of the plane.
   * @param {number} x @param {number} y @param {number} radius
   */
  near(x, y, radius) {
    return this.inBox(x - radius, y - radius, x + radius, y + radius).filter(
      (account) => Math.hypot(this.plane[2 * account] - x, this.plane[2 * account + 1] - y) <= radius,
    );
  }

  /**
   * The account nearest to a point of the plane, or -1 when none is within a distance.
   * @param {number} x @param {number} y @param {number} radius
   */
  nearest(x, y, radius) {
    let best = -1, least = Infinity;
    for (const account of this.near(x, y, radius)) {
      const distance = Math.hypot(this.plane[2 * account] - x, this.plane[2 * account + 1] - y);
      // Of several at one place the last is drawn on top.
      if (distance <= least) [best, least] = [account, distance];
    }
    return best;
  }

  /**
   * Where to write the name of each territory: at the account nearest to the middle one, counted east and south apart, so
   * that a few far ones do not pull the name into the sea.
   * @param {Uint16Array} owners @param {number} territories
   * @returns {([number, number] | null)[]} longitude and latitude
   */
  middles(owners, territories) {
    /** @type {number[][]} */
    const held = Array.from({ length: territories }, () => []);
    for (let account = 0; account < this.count; account++) {
      if (this.plane[2 * account] > -9) held[owners[account]]?.push(account);
    }
    return held.map((accounts) => {
      if (!accounts.length) return null;
      const half = accounts.length >> 1;
      const x = Float32Array.from(accounts, (account) => this.plane[2 * account]).sort()[half];
      const y = Float32Array.from(accounts, (account) => this.plane[2 * account + 1]).sort()[half];
      let best = accounts[0], least = Infinity;
      for (const account of accounts) {
        const distance = Math.hypot(this.plane[2 * account] - x, this.plane[2 * account + 1] - y);
        if (distance < least) [best, least] = [account, distance];
      }
      return /** @type {[number, number]} */ ([this.degrees[2 * best], this.degrees[2 * best + 1]]);
    });
  }

  /**
   * The box that holds these accounts, or nearly all of the whole where none are named: a few far islands would make
   * everything else small.
   * @param {Iterable<number>} [accounts]
   * @returns {Box | null}
   */
  box(accounts) {
    const chosen = accounts ? [...accounts] : Array.from({ length: this.count }, (_, account) => account);
    const placed = chosen.filter((account) => Number.isFinite(this.degrees[2 * account]) && Number.isFinite(this.degrees[2 * account + 1]));
    if (!placed.length) return null;
    const east = Float32Array.from(placed, (account) => this.degrees[2 * account]).sort();
    const north = Float32Array.from(placed, (account) => this.degrees[2 * account + 1]).sort();
    const last = placed.length - 1;
    const whole = { west: east[0], east: east[last], south: north[0], north: north[last] };
    if (accounts) return whole;
    const cut = Math.floor(placed.length * 0.01);
    const most = { west: east[cut], east: east[last - cut], south: north[cut], north: north[last - cut] };
    return isMuchLarger(whole, most) ? most : whole;
  }
}

/** @param {Box} one @param {Box} other */
function isMuchLarger(one, other) {
  return one.east - one.west > 1.4 * (other.east - other.west) || one.north - one.south > 1.4 * (other.north - other.south);
}

/**
 * @param {number} longitude @param {number} latitude
 * @returns {[number, number]}
 */
export function toPlane(longitude, latitude) {
  const bounded = Math.max(-85, Math.min(85, latitude));
  const sine = Math.sin((bounded * Math.PI) / 180);
  return [(longitude + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

/**
 * Whether a ray to the east crosses the ring an odd number of times.
 * @param {number} x @param {number} y @param {[number, number][]} ring
 */
function isInside(x, y, ring) {
  let inside = false;
  for (let here = 0, before = ring.length - 1; here < ring.length; before = here++) {
    const [ax, ay] = ring[here], [bx, by] = ring[before];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
