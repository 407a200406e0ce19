/// Where a Redis listens, and who we are there: `redis://[user:password@]host[:port][/db]`,
/// `unix://[user:password@]/path[?db=0]`, or
/// `redis+sentinel://[user:password@]host[:port][,host[:port]…]/name[/db]`, where the hosts are
/// Sentinels that know the primary by its name.
package struct RedisURL: Sendable, Equatable, CustomStringConvertible {
    package enum Address: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case unix(path: String)
        case sentinel(SentinelGroup)
    }

    package var address: Address
    /// `nil` for Redis's default user.
    package var user: String?
    package var password: String?
    package var database: Int

    /// Why a text is not a Redis URL. Never quotes the text: it may hold a password.
    package struct Invalid: Error, Sendable, Equatable, CustomStringConvertible {
        package let reason: String
        package var description: String {
            """
            not a Redis URL: \(reason); wanted redis://[user:password@]host[:port][/db], unix:///path[?db=0] or redis+sentinel://host:port,…/name[/db], \
            where in user and password % is written %25, / is written %2F, @ is written %40, and # %23, ? %3F, : %3A
            """
        }
    }

    package init(_ text: String) throws(Invalid) {
        if let rest = text.dropping(prefix: "redis://") {
            try Self.checkEscapes(in: rest)
            try self.init(tcp: rest)
        } else if let rest = text.dropping(prefix: "unix://") {
            try self.init(unix: rest)
        } else if let rest = text.dropping(prefix: "redis+sentinel://") {
            try Self.checkEscapes(in: rest)
            try self.init(sentinel: rest)
        } else if text.hasPrefix("rediss://") {
            throw Invalid(reason: "TLS (rediss) is not supported")
        } else {
            throw Invalid(reason: "it begins with none of redis://, unix:// and redis+sentinel://")
        }
    }

    /// The end of a password would be taken for a database, and its beginning for a host.
    private static func checkEscapes(in text: Substring) throws(Invalid) {
        guard let authorityEnd = text.firstIndex(where: { $0 == "/" || $0 == "?" }), text[authorityEnd...].contains("@") else { return }
        throw Invalid(reason: "an @ stands behind a / or a ?")
    }

    /// Without the password.
    package var description: String {
        switch address {
        case .tcp(let host, let port): "redis://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unix(let path): "unix://\(path)?db=\(database)"
        case .sentinel(let group):
            "redis+sentinel://\(group.sentinels.map(\.description).joined(separator: ","))/\(group.name)/\(database)"
        }
    }

    private init(tcp text: Substring) throws(Invalid) {
        let authority = text.prefix { $0 != "/" && $0 != "?" }
        let path = text[authority.endIndex...]
        let (place, user, password) = try Self.credentials(in: authority)
        let endpoint = try Self.endpoint(place, standardPort: 6379)
        self.address = .tcp(host: endpoint.host, port: endpoint.port)
        self.user = user
        self.password = password
        self.database = path.isEmpty || path == "/" ? 0 : try Self.database(path.dropping(prefix: "/"))
    }

    private init(sentinel text: Substring) throws(Invalid) {
        let authority = text.prefix { $0 != "/" && $0 != "?" }
        let path = text[authority.endIndex...].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let (places, user, password) = try Self.credentials(in: authority)
        guard let name = path.first, !name.isEmpty, path.count <= 2 else { throw Invalid(reason: "it names no primary after the Sentinels") }
        var sentinels: [SentinelGroup.Endpoint] = []
        for place in places.split(separator: ",", omittingEmptySubsequences: false) {
            sentinels.append(try Self.endpoint(place, standardPort: 26379))
        }
        self.address = .sentinel(SentinelGroup(sentinels: sentinels, name: String(name)))
        self.user = user
        self.password = password
        self.database = path.count == 2 ? try Self.database(path.last) : 0
    }

    private static func endpoint(_ place: Substring, standardPort: Int) throws(Invalid) -> SentinelGroup.Endpoint {
        var host = place
        var port: Int? = standardPort
        if place.first == "[" {
            guard let end = place.firstIndex(of: "]") else { throw Invalid(reason: "the address has no closing bracket") }
            host = place[place.index(after: place.startIndex)..<end]
            let rest = place[place.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw Invalid(reason: "the closing bracket is followed by something else than a port") }
            if !rest.isEmpty { port = number(rest.dropFirst(), max: 65_535) }
        } else if let colon = place.firstIndex(of: ":") {
            host = place[..<colon]
            port = number(place[place.index(after: colon)...], max: 65_535)
        }
        guard !host.isEmpty else { throw Invalid(reason: "it names no host") }
        guard let port, port > 0 else { throw Invalid(reason: "the port is not a number from 1 to 65535") }
        return SentinelGroup.Endpoint(host: String(host), port: port)
    }

    private init(unix text: Substring) throws(Invalid) {
        guard let slash = text.firstIndex(of: "/") else { throw Invalid(reason: "it names no absolute path") }
        let (place, user, password) = try Self.credentials(in: text[..<slash])
        guard place.isEmpty else { throw Invalid(reason: "it names a host before the path of a socket") }
        let path = text[slash...].prefix { $0 != "?" }
        let query = text[path.endIndex...]
        self.address = .unix(path: try Self.socket(path))
        self.user = user
        self.password = password
        self.database = query.isEmpty ? 0 : try Self.database(query.dropping(prefix: "?db="))
    }

    /// `sun_path` of unix(7), without the zero that ends it.
    private static let socketBytesMax = 107

    private static func socket(_ path: Substring) throws(Invalid) -> String {
        let path = try percentDecoded(path)
        guard path.utf8.count <= socketBytesMax else { throw Invalid(reason: "the path of the socket has more than \(socketBytesMax) bytes") }
        guard !path.utf8.contains(0) else { throw Invalid(reason: "the path of the socket has a zero byte") }
        return path
    }

    private static func database(_ text: Substring?) throws(Invalid) -> Int {
        guard let text, let number = number(text, max: 999_999) else { throw Invalid(reason: "the database is not a number") }
        return number
    }

    private static func number(_ text: Substring, max: Int) -> Int? {
        // Int alone would take a sign.
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(text) else { return nil }
        return number <= max ? number : nil
    }

    private static func credentials(in authority: Substring) throws(Invalid) -> (rest: Substring, user: String?, password: String?) {
        guard let at = authority.lastIndex(of: "@") else { return (authority, nil, nil) }
        let words = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2 else { throw Invalid(reason: "a user needs a password: user:password@") }
        let user = try percentDecoded(words[0])
        return (authority[authority.index(after: at)...], user.isEmpty ? nil : user, try percentDecoded(words[1]))
    }

    private static func percentDecoded(_ text: Substring) throws(Invalid) -> String {
        var decoded: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard
                let high = bytes.next(), let low = bytes.next(),
                // UInt8 alone would take a sign.
                high != UInt8(ascii: "+"), let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            else { throw Invalid(reason: "a percent sign is not followed by two hexadecimal digits") }
            decoded.append(value)
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}

extension StringProtocol where SubSequence == Substring {
    fileprivate func dropping(prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
