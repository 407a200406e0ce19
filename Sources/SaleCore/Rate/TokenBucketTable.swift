/// What a token bucket said.
package struct TokenDecision: Sendable, Equatable {
    package let isAllowed: Bool
    /// Whole tokens left after this decision.
    package let remaining: Int
    /// Nanoseconds until a token is there again; 0 when one is left.
    package let retryAfter: UInt64
    /// Nanoseconds until the bucket is full again.
    package let fullAfter: UInt64

    package init(isAllowed: Bool, remaining: Int, retryAfter: UInt64, fullAfter: UInt64) {
        self.isAllowed = isAllowed
        self.remaining = remaining
        self.retryAfter = retryAfter
        self.fullAfter = fullAfter
    }
}

/// Token buckets for many keys in a fixed amount of memory.
///
/// Each bucket is one instant, the *theoretical arrival time* of GCRA (ATM Forum TM 4.0, section
/// 4.4.2): the bucket is full when that instant is in the past, and empty when it is a whole burst
/// ahead. Sixteen bytes a key, no timer, no refill.
///
/// Keys are 64-bit hashes under a secret seed, so that two users share a bucket only by an accident
/// of one in 2⁶⁴ per pair. The table is an eight-way set-associative cache: a key may live in one
/// of eight slots, and when all are taken the one that is nearest to full is forgotten, whose owner
/// thereby gains at most the tokens that it had used.
package struct TokenBucketTable: Sendable {
    private static let ways = 8
    private var keys: [UInt64]
    private var arrivals: [MonotonicInstant]
    private let setMask: Int
    private let limit: RateLimit
    private let burstSpan: UInt64

    /// - Parameter entriesMax: rounded up to a power of two, at least eight.
    package init(limit: RateLimit, entriesMax: Int) {
        var sets = 1
        while sets * Self.ways < entriesMax { sets *= 2 }
        self.keys = Array(repeating: 0, count: sets * Self.ways)
        self.arrivals = Array(repeating: .earliest, count: sets * Self.ways)
        self.setMask = sets - 1
        self.limit = limit
        self.burstSpan = limit.emissionInterval * UInt64(limit.burst)
    }

    /// Takes one token from the bucket of `key` at `now`, if there is one.
    ///
    /// - Parameter key: a well-mixed hash; its low bits choose the slot.
    package mutating func take(_ key: UInt64, at now: MonotonicInstant) -> TokenDecision {
        let slot = slot(of: key)
        let arrival = max(arrivals[slot], now)
        let next = arrival.advanced(by: limit.emissionInterval)
        let last = now.advanced(by: burstSpan)
        guard next <= last else {
            return TokenDecision(isAllowed: false, remaining: 0, retryAfter: last.duration(to: next), fullAfter: now.duration(to: arrival))
        }
        arrivals[slot] = next
        let remaining = Int(next.duration(to: last) / limit.emissionInterval)
        return TokenDecision(
            isAllowed: true, remaining: remaining,
            retryAfter: remaining > 0 ? 0 : last.duration(to: next.advanced(by: limit.emissionInterval)), fullAfter: now.duration(to: next))
    }

    /// Puts back a token that was taken and not used. A bucket that was forgotten meanwhile is full
    /// already, and takes no other's place for it.
    package mutating func giveBack(_ key: UInt64) {
        let first = firstSlot(of: key)
        for slot in first..<first + Self.ways where keys[slot] == key {
            let span = MonotonicInstant.earliest.duration(to: arrivals[slot])
            arrivals[slot] = .earliest.advanced(by: span > limit.emissionInterval ? span - limit.emissionInterval : 0)
            return
        }
    }

    private func firstSlot(of key: UInt64) -> Int {
        (Int(truncatingIfNeeded: key) & setMask) * Self.ways
    }

    private mutating func slot(of key: UInt64) -> Int {
        let first = firstSlot(of: key)
        var victim = first
        for slot in first..<first + Self.ways {
            if keys[slot] == key { return slot }
            if arrivals[slot] < arrivals[victim] { victim = slot }
        }
        keys[victim] = key
        arrivals[victim] = .earliest
        return victim
    }
}
