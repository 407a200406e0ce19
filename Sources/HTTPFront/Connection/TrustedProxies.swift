import Glibc

/// The proxies whose `X-Forwarded-For` is believed: each appends the address that it was called
/// from, so that the last entry which is not itself a trusted proxy is the buyer's.
package struct TrustedProxies: Sendable, Equatable {
    /// Addresses whose first `prefix` bits are those of `bytes`.
    private struct Block: Sendable, Equatable {
        var bytes: [UInt8]
        var prefix: Int

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == bytes.count else { return false }
            let whole = prefix / 8
            guard address[..<whole] == bytes[..<whole] else { return false }
            let rest = prefix % 8
            return rest == 0 || (address[whole] ^ bytes[whole]) >> (8 - rest) == 0
        }

        /// No bit behind the prefix is set: an address with a prefix that is too short is a
        /// mistake.
        var isExact: Bool {
            bytes.enumerated().allSatisfy { index, byte in
                switch prefix - index * 8 {
                case 8...: true
                case 1..<8: byte << (prefix - index * 8) == 0
                default: byte == 0
                }
            }
        }
    }

    private let blocks: [Block]

    /// Reads `10.0.0.7,10.1.0.0/16,2001:db8::/32`; `nil` when it is anything else, or trusts
    /// everybody.
    package init?(_ text: String) {
        var blocks: [Block] = []
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let bytes = Self.bytes(of: parts[0]) else { return nil }
            var prefix = bytes.count * 8
            if parts.count == 2 {
                guard parts[1].utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), parts[1].first != "0",
                    let value = Int(parts[1]), (1...prefix).contains(value)
                else { return nil }
                prefix = value
            }
            let block = Block(bytes: bytes, prefix: prefix)
            guard block.isExact else { return nil }
            blocks.append(block)
        }
        self.blocks = blocks
    }

    package func contains(_ address: String) -> Bool {
        Self.bytes(of: address[...]).map(contains) ?? false
    }

    private func contains(_ address: [UInt8]) -> Bool {
        blocks.contains { $0.contains(address) }
    }

    /// Who called the proxy `peer`: the last entry of `X-Forwarded-For` that is no trusted proxy.
    /// `peer` itself when there is none, or when an entry up to there is no address: then a proxy
    /// does something else than it should, and nobody is believed.
    ///
    /// - Parameters:
    ///   - forwardedFor: the values of all headers of that name, in their order.
    ///   - onUnreadable: told an entry that is no address.
    package func client(behind peer: String, forwardedFor: [String], onUnreadable: (String) -> Void = { _ in }) -> String {
        for value in forwardedFor.reversed() {
            for entry in value.split(separator: ",", omittingEmptySubsequences: false).reversed() {
                guard let address = Self.address(of: Self.trimmed(entry)) else {
                    onUnreadable(String(entry))
                    return peer
                }
                // One spelling for each address: it names a bucket.
                if !contains(address) { return Self.text(of: address) }
            }
        }
        return peer
    }

    /// Reads `10.0.0.7`, `10.0.0.7:50123`, `2001:db8::7`, `[2001:db8::7]` and `[2001:db8::7]:443`,
    /// as proxies write them. A port names a connection, not a buyer, and is left out.
    private static func address(of entry: Substring) -> [UInt8]? {
        if entry.first == "[" {
            guard let end = entry.firstIndex(of: "]"), isPortOrNothing(entry[entry.index(after: end)...]) else { return nil }
            let inside = entry[..<end].dropFirst()
            return inside.contains(":") ? bytes(of: inside) : nil
        }
        guard let colon = entry.firstIndex(of: ":"), colon == entry.lastIndex(of: ":") else { return bytes(of: entry) }
        return isPortOrNothing(entry[colon...]) ? bytes(of: entry[..<colon]) : nil
    }

    /// `:` and a port, or nothing.
    private static func isPortOrNothing(_ text: Substring) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.isEmpty || text.first == ":" && (1...5).contains(digits.count) && digits.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }

    /// - Parameter address: four or sixteen bytes.
    static func text(of address: [UInt8]) -> String {
        if address.count == 4 { return address.map(String.init).joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        // Safe: `address` is the sixteen bytes of an IPv6 address, and `text` as long as
        // inet_ntop(3) wants it.
        _ = unsafe inet_ntop(AF_INET6, address, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Four or sixteen bytes; an IPv4 address in IPv6 clothes is an IPv4 address.
    private static func bytes(of text: Substring) -> [UInt8]? {
        guard text.utf8.count < Int(INET6_ADDRSTRLEN), text.utf8.allSatisfy(isOfAddress) else { return nil }
        let text = String(text)
        var bytes = [UInt8](repeating: 0, count: 16)
        // Safe: inet_pton(3) reads a terminated string and writes four bytes, or sixteen.
        if unsafe inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes[..<4]) }
        guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? Array(bytes[12...]) : bytes
    }

    private static func isOfAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
