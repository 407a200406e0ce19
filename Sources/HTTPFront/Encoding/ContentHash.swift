/// FNV-1a over 64 bits (draft-eastlake-fnv-17): the same bytes give the same text on every node, which an entity tag behind a load balancer needs and
/// Swift's seeded `Hasher` does not give. Not for secrets.
struct ContentHash {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: RawSpan) {
        for offset in 0..<bytes.byteCount { state = (state ^ UInt64(bytes.byte(at: offset))) &* 0x100_0000_01B3 }
    }

    /// A weak entity tag: answers with the same tag may still differ in `server_time`.
    var entityTag: String { "W/\"\(String(state, radix: 16))\"" }
}
