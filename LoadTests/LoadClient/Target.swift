/// Where the service listens. Plain HTTP only: the generator measures the service, not TLS.
package struct Target: Sendable, Hashable {
    package var host: String
    package var port: Int
    /// In front of `/v1`, without a slash at the end.
    package var path: String

    /// Reads `http://host[:port][/path]`; an IPv6 host stands in brackets.
    package init?(_ text: String) {
        guard text.hasPrefix("http://") else { return nil }
        let rest = text.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        guard path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }) else { return nil }
        self.path = String(path.hasSuffix("/") ? path.dropLast() : path)
        let portStart = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
        let name = authority[..<(portStart ?? authority.endIndex)]
        if let portStart {
            guard let port = Int(authority[authority.index(after: portStart)...]), (1...65_535).contains(port) else { return nil }
            self.port = port
        } else {
            self.port = 80
        }
        host = String(name.hasPrefix("[") && name.hasSuffix("]") ? name.dropFirst().dropLast() : name)
        guard !host.isEmpty, host.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "@") }) else { return nil }
    }

    package var authority: String { (host.contains(":") ? "[\(host)]" : host) + (port == 80 ? "" : ":\(port)") }
    package var url: String { "http://\(authority)\(path)" }
}
