/// FNV-1a over 64 bits (draft-eastlake-fnv-17): the same bytes give the same text on every node,
/// which an entity tag behind a load balancer needs and Swift's seeded `Hasher` does not give. Not
/// for secrets.
struct ContentHash {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: RawSpan) {
        for offset in 0..<bytes.byteCount { add(bytes.byte(at: offset)) }
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
        // No text's end is another's beginning.
        add(UInt8(0))
    }

    private mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }

    var number: UInt64 { state }

    var text: String { String(state, radix: 16) }
}
