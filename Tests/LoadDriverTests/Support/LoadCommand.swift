import Foundation
import LoadModel

/// Runs the built `seckill-load` as a shell would.
struct LoadCommand: Sendable {
    struct Outcome: Sendable {
        var status: Int32
        var data: String
        var messages: String

        /// Standard output as the JSON report.
        func report() throws -> RunReport { try Self.decode(RunReport.self, Data(data.utf8)) }

        static func decode<Value: Decodable>(_ type: Value.Type, _ data: Data) throws -> Value {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: data)
        }
    }

    private let process = Process()
    private let directory: URL
    private let exits: AsyncStream<Void>

    /// Runs to the end.
    static func run(_ arguments: [String]) async throws -> Outcome {
        try await LoadCommand(arguments).outcome()
    }

    /// Runs `rush` for JSON, with what every rush needs; later arguments are added.
    static func rush(_ target: String, users: Int = 1_000, rate: Double, duration: String, _ more: String...) async throws -> Outcome {
        try await run(rushArguments(target, users: users, rate: rate, duration: duration) + more)
    }

    static func rushArguments(_ target: String, users: Int = 1_000, rate: Double, duration: String) -> [String] {
        [
            "rush", "--target", target, "--sale", "demo", "--sku", "phone-x", "--users", "\(users)", "--rate", "\(rate)", "--duration",
            duration, "-o", "json", "--connections", "8", "--lag-limit", "1h",
        ]
    }

    /// Starts. The output goes to files, so that no pipe fills up.
    init(_ arguments: [String]) throws {
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        directory = FileManager.default.temporaryDirectory.appending(path: "seckill-load-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for name in ["out", "err"] { try Data().write(to: directory.appending(path: name)) }
        process.executableURL = URL(filePath: bundle).deletingLastPathComponent().appending(path: "seckill-load")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: directory.appending(path: "out"))
        process.standardError = try FileHandle(forWritingTo: directory.appending(path: "err"))
        let (exits, exited) = AsyncStream<Void>.makeStream()
        self.exits = exits
        process.terminationHandler = { _ in exited.finish() }
        try process.run()
    }

    func signal(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    func outcome() async throws -> Outcome {
        for await _ in exits {}
        process.waitUntilExit()
        defer { try? FileManager.default.removeItem(at: directory) }
        return Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            data: try String(contentsOf: directory.appending(path: "out"), encoding: .utf8),
            messages: try String(contentsOf: directory.appending(path: "err"), encoding: .utf8))
    }
}

extension RunReport {
    func count(_ outcome: Outcome) -> UInt64 { outcomes.first { $0.outcome == outcome }?.count ?? 0 }
    func latency(_ outcome: Outcome) -> LatencySummary? { outcomes.first { $0.outcome == outcome }?.latencyMicroseconds }
    var failedRules: [String] { (invariants + thresholds).filter { !$0.passed }.map(\.rule) }
}
