/// One of the servers that an address names.
struct PostgresHost: Sendable, Equatable, CustomStringConvertible {
    /// What to set above the address's own options, so that libpq sees this host alone.
    let options: [Option]
    /// The address names none: libpq finds it, in the environment, in a service file, or on this
    /// machine.
    let isUnnamed: Bool
    let description: String

    struct Option: Sendable, Equatable {
        var keyword: String
        var value: String
    }

    /// The hosts of parsed options, in their order. Lists that do not fit each other, and options
    /// without a host, are one host, which is left to libpq.
    static func all(in options: [String: String]) -> [PostgresHost] {
        let names = list(options["host"]), addresses = list(options["hostaddr"]), ports = list(options["port"])
        let count = max(names.count, addresses.count)
        let fits = [names, addresses].allSatisfy { $0.isEmpty || $0.count == count } && (ports.count <= 1 || ports.count == count)
        guard count > 1, fits else {
            return [PostgresHost(options: [], isUnnamed: count == 0, description: options["host"] ?? options["hostaddr"] ?? "the server")]
        }
        return (0..<count).map { index in
            var own: [Option] = []
            if !names.isEmpty { own.append(Option(keyword: "host", value: names[index])) }
            if !addresses.isEmpty { own.append(Option(keyword: "hostaddr", value: addresses[index])) }
            // libpq takes no port for the usual one, but only in a list that is as long as that of
            // the hosts.
            let port = (ports.count > 1 ? ports[index] : ports.first).map { $0.isEmpty ? "5432" : $0 }
            if let port { own.append(Option(keyword: "port", value: port)) }
            let name = names.isEmpty ? addresses[index] : names[index]
            return PostgresHost(options: own, isUnnamed: false, description: port.map { "\(name):\($0)" } ?? name)
        }
    }

    private static func list(_ value: String?) -> [String] {
        value.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
    }
}
