import Cryptography
import SaleCore
import Synchronization

/// Tokens whose signature was proven, so that a buyer's second request needs none of that. Shared
/// by all event loops; a fixed number of entries.
///
/// A token is not kept: its digest names it. It lives in one of eight slots that the digest names,
/// too. When all are taken, the one that expires first makes room.
final class VerifiedTokenCache: Sendable {
    private struct Entry {
        var digest: SHA256Digest
        var user: UserID
        var refusedFrom: Timestamp
        var generation: UInt64
    }

    private final class Shard: Sendable {
        let slots: Mutex<[Entry?]>

        init(count: Int) {
            slots = Mutex(Array(repeating: nil, count: count))
        }
    }

    private static let ways = 8
    /// Enough that two loops seldom want the same one.
    private static let shardCount = 64
    private let shards: [Shard]
    private let setsPerShard: Int

    /// - Parameter entriesMax: rounded up to a multiple of 512.
    init(entriesMax: Int) {
        let setsPerShard = max(1, (entriesMax + Self.shardCount * Self.ways - 1) / (Self.shardCount * Self.ways))
        self.setsPerShard = setsPerShard
        self.shards = (0..<Self.shardCount).map { _ in Shard(count: setsPerShard * Self.ways) }
    }

    /// - Parameter generation: that of the present keys; what older ones proved is not taken.
    func user(of digest: SHA256Digest, generation: UInt64, now: Timestamp) -> UserID? {
        let first = firstSlot(digest)
        return shard(digest).slots.withLock { slots in
            for slot in first..<first + Self.ways {
                guard let entry = slots[slot], entry.digest == digest else { continue }
                return entry.generation == generation && now < entry.refusedFrom ? entry.user : nil
            }
            return nil
        }
    }

    func store(_ claims: TokenClaims, of digest: SHA256Digest, generation: UInt64) {
        let first = firstSlot(digest)
        let entry = Entry(digest: digest, user: claims.user, refusedFrom: claims.refusedFrom, generation: generation)
        shard(digest).slots.withLock { slots in
            var victim = first
            for slot in first..<first + Self.ways {
                guard let old = slots[slot], old.digest != digest else {
                    victim = slot
                    break
                }
                if let present = slots[victim], old.refusedFrom < present.refusedFrom { victim = slot }
            }
            slots[victim] = entry
        }
    }

    /// Tokens that it holds, expired ones included.
    var count: Int {
        shards.reduce(0) { sum, shard in sum + shard.slots.withLock { slots in slots.count { $0 != nil } } }
    }

    private func shard(_ digest: SHA256Digest) -> Shard { shards[Int(digest.words.1 % UInt64(Self.shardCount))] }
    private func firstSlot(_ digest: SHA256Digest) -> Int { Int(digest.words.2 % UInt64(setsPerShard)) * Self.ways }
}
