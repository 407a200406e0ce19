/// Identifies an order: a UUID of version 7 (RFC 9562), so that ids made later sort later.
///
/// Of its last 62 bits, the first ten are zero and kept free to name a part of a larger
/// installation, the next twelve hint at the order's sale, and forty are random. Ids made before
/// there was a hint have 62 random bits.
package struct OrderID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first eight bytes, big-endian: 48 bits of Unix milliseconds, the version, 12 bits that
    /// grow within one millisecond.
    package let high: UInt64
    /// The last eight bytes, big-endian: the variant, ten zero bits, the sale's hint, and 40 random
    /// bits.
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the 36-character form. `nil` for anything else; any version is taken, so that an
    /// unknown id is *not found* rather than malformed. Takes a `String`: for any `StringProtocol`,
    /// called from another module and so not specialised, it took a fifth of the load generator's
    /// time.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (index, byte) in bytes.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let nibble: UInt64
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = UInt64(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): nibble = UInt64(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
            if digits < 16 { words.0 = words.0 << 4 | nibble } else { words.1 = words.1 << 4 | nibble }
            digits += 1
        }
        self.init(high: words.0, low: words.1)
    }

    /// The instant that the id carries.
    package var createdAt: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    /// Which sales the order may be of; `nil` when the id gives no hint. Whoever makes an id up
    /// chooses the hint: it saves a search, and proves nothing.
    package var hint: SaleHint? {
        low >> 52 == 0b10_0000_0000_00 ? SaleHint(bits: UInt16(low >> 40 & 0xFFF)) : nil
    }

    /// The 36-character lower-case form.
    package var description: String { String(capacity: 36) { $0.write(self) } }

    package static func < (a: Self, b: Self) -> Bool {
        a.high == b.high ? a.low < b.low : a.high < b.high
    }
}

/// Twelve bits of a sale's name, which its orders' ids carry, so that an order is looked for in one
/// sale of some thousand.
package struct SaleHint: Hashable, Sendable {
    package let bits: UInt16

    fileprivate init(bits: UInt16) {
        self.bits = bits
    }

    /// FNV-1a over the name, folded. Every node and version must agree on it.
    package init(of sale: SaleID) {
        let hash = sale.rawValue.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        bits = UInt16(truncatingIfNeeded: hash ^ hash >> 12 ^ hash >> 24 ^ hash >> 36 ^ hash >> 48) & 0xFFF
    }
}

/// Makes ids that never go backwards, also when the clock does (RFC 9562, section 6.2, method 1).
package struct OrderIDGenerator<Random: RandomNumberGenerator & Sendable>: Sendable {
    private var random: Random
    private var last: UInt64 = 0

    package init(random: Random) {
        self.random = random
    }

    /// The next id at `now` of an order of the sale that `hint` hints at. A millisecond's first id
    /// begins its 12-bit counter at a random number of the lower half, so that generators of the
    /// same millisecond differ in it, too. Within one millisecond, and while the clock stands
    /// behind the last id, the counter grows and carries into the milliseconds.
    package mutating func next(at now: Timestamp, hint: SaleHint) -> OrderID {
        let chance = random.next()
        let fresh = UInt64(now.milliseconds) << 12
        last = fresh > last | 0xFFF ? fresh | chance >> 53 : last + 1
        let high = (last >> 12) << 16 | 0x7000 | (last & 0xFFF)
        let low = 0x8000_0000_0000_0000 | UInt64(hint.bits) << 40 | chance & 0xFF_FFFF_FFFF
        return OrderID(high: high, low: low)
    }
}
