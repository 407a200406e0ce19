import NIOCore

/// The names that the admin port answers to. A page of another site whose name is made to lead here
/// (DNS rebinding) still sends its own name.
package struct AdminHosts: Sendable, Equatable {
    /// Lower case; with a port where only that one will do.
    private let names: Set<String>

    /// - Parameters:
    ///   - bind: the host that the port is bound to.
    ///   - others: `SECKILL_ADMIN_HOSTS`.
    package init(bind: String, others: [String] = []) {
        names = Set([bind, "localhost"] + others).reduce(into: []) { $0.insert($1.lowercased()) }
    }

    /// - Parameters:
    ///   - authority: the `Host` of the request.
    ///   - local: the address that the connection came to: an address cannot be made to lead
    ///     elsewhere.
    func contain(_ authority: String, local: SocketAddress?) -> Bool {
        let authority = authority.lowercased()
        if names.contains(authority) { return true }
        guard let host = Self.host(of: authority) else { return false }
        if names.contains(host) { return true }
        guard let address = local?.ipAddress else { return false }
        return host == address || "::ffff:\(host)" == address
    }

    /// Without port and brackets; `nil` for what is no authority.
    static func host(of authority: String) -> String? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]"), isPortOrNothing(authority[authority.index(after: end)...]) else { return nil }
            return String(authority[..<end].dropFirst())
        }
        let host = authority.prefix { $0 != ":" }
        return !host.isEmpty && isPortOrNothing(authority[host.endIndex...]) ? String(host) : nil
    }

    private static func isPortOrNothing(_ text: Substring) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.isEmpty
            || text.first == ":" && (1...5).contains(digits.count) && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
