import SaleService

/// What a TCP balancer says of a connection before the connection's own bytes: version 2 of
/// HAProxy's PROXY protocol.
enum ProxyHeader: Equatable {
    /// The balancer speaks for whoever has this address.
    case proxied(String)
    /// It speaks for somebody whose address it does not say: who is not known is not believed.
    case anonymous
    /// It speaks for itself, as in a health check.
    case local

    enum Reading: Equatable {
        /// Too few bytes to tell.
        case incomplete
        case complete(ProxyHeader, byteCount: Int)
        /// These bytes begin no such header, or one that is longer than any that is used.
        case invalid
    }

    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let fixedByteCount = 16

    static func read(_ bytes: RawSpan) -> Reading {
        for offset in 0..<min(bytes.byteCount, signature.count) where bytes.byte(at: offset) != signature[offset] { return .invalid }
        guard bytes.byteCount >= fixedByteCount else { return .incomplete }
        let length = Int(bytes.byte(at: 14)) << 8 | Int(bytes.byte(at: 15))
        let end = fixedByteCount + length
        guard end <= Limits.proxyHeaderBytesMax, bytes.byte(at: 12) >> 4 == 2 else { return .invalid }
        guard bytes.byteCount >= end else { return .incomplete }
        switch bytes.byte(at: 12) & 0x0F {
        case 0: return .complete(.local, byteCount: end)
        case 1: break
        default: return .invalid
        }
        // The family stands in the upper half: the source address comes first, then the
        // destination's, then two ports.
        switch bytes.byte(at: 13) >> 4 {
        case 1:
            guard length >= 12 else { return .invalid }
            return .complete(address(bytes, count: 4), byteCount: end)
        case 2:
            guard length >= 36 else { return .invalid }
            return .complete(address(bytes, count: 16), byteCount: end)
        case 0, 3: return .complete(.anonymous, byteCount: end)
        default: return .invalid
        }
    }

    private static func address(_ bytes: RawSpan, count: Int) -> ProxyHeader {
        .proxied(TrustedProxies.text(of: (fixedByteCount..<fixedByteCount + count).map { bytes.byte(at: $0) }))
    }
}
