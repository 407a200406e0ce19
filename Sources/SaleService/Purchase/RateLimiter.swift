package import SaleCore
import Synchronization

/// Token buckets for one kind of key, shared by all event loops.
package final class RateLimiter: Sendable {
    private final class Shard: Sendable {
        let table: Mutex<TokenBucketTable>
        init(_ table: TokenBucketTable) { self.table = Mutex(table) }
    }

    package let limit: RateLimit
    private let shards: [Shard]

    private static let shardCount = 16

    /// - Parameter entriesMax: keys that are remembered; one that is forgotten starts with a full
    ///   bucket.
    package init(limit: RateLimit, entriesMax: Int) {
        self.limit = limit
        let shardCount = entriesMax >= Self.shardCount * 8 ? Self.shardCount : 1
        shards = (0..<shardCount).map { _ in Shard(TokenBucketTable(limit: limit, entriesMax: entriesMax / shardCount)) }
    }

    /// Takes one token of `key` at `now`.
    package func take(_ key: some Hashable, at now: MonotonicInstant) -> TokenDecision {
        let hash = Self.hash(key)
        return shard(of: hash).table.withLock { $0.take(hash, at: now) }
    }

    /// Puts back a token of `key` that was taken and not used.
    package func giveBack(_ key: some Hashable) {
        let hash = Self.hash(key)
        shard(of: hash).table.withLock { $0.giveBack(hash) }
    }

    /// The standard library's hash is SipHash under a seed of this process: nobody outside can aim
    /// at a slot or at another user's bucket.
    private static func hash(_ key: some Hashable) -> UInt64 {
        UInt64(bitPattern: Int64(key.hashValue))
    }

    /// The table uses the low bits.
    private func shard(of hash: UInt64) -> Shard {
        shards[Int(hash >> 32) % shards.count]
    }
}

/// The three limits of a purchase; `nil` is off.
package struct RateLimiters: Sendable {
    package let perUser: RateLimiter?
    package let perAddress: RateLimiter?
    package let total: RateLimiter?

    package init(perUser: RateLimit?, perAddress: RateLimit?, total: RateLimit?) {
        self.perUser = perUser.map { RateLimiter(limit: $0, entriesMax: Limits.bucketEntriesMax) }
        self.perAddress = perAddress.map { RateLimiter(limit: $0, entriesMax: Limits.bucketEntriesMax) }
        self.total = total.map { RateLimiter(limit: $0, entriesMax: 8) }
    }
}
