import Foundation

/// Where the servers of a private stack listened last. They do so again if nobody else does
/// meanwhile: shells that have read `env` stay right.
struct StackPorts: Equatable {
    private static let file = "ports"

    var redis: Int?
    var postgres: Int?

    init(redis: Int? = nil, postgres: Int? = nil) {
        self.redis = redis
        self.postgres = postgres
    }

    /// Those of the last start in `directory`; none on the first.
    init(in directory: borrowing DataDirectory) {
        let contents = FileManager.default.contents(atPath: directory.file(Self.file)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        for line in contents.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let port = Int(words[1]), (1...65_535).contains(port) else { continue }
            switch words[0] {
            case "redis": redis = port
            case "postgres": postgres = port
            default: continue
            }
        }
    }

    func keep(in directory: borrowing DataDirectory) throws(CommandFailure) {
        let lines = [("redis", redis), ("postgres", postgres)].compactMap { name, port in port.map { "\(name) \($0)\n" } }
        try directory.write(lines.joined(), to: Self.file)
    }
}
