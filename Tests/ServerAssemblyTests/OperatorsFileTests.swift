import Foundation
import Logging
import OperatorAPI
import SaleCore
import Synchronization
import Testing

@testable import ServerAssembly

@Suite struct OperatorsFileTests {
    private final class Clock: Sendable {
        private let seconds = Mutex<UInt64>(1_000)
        func pass(seconds more: UInt64) { seconds.withLock { $0 += more } }
        var now: MonotonicInstant { MonotonicInstant(nanoseconds: seconds.withLock { $0 } * 1_000_000_000) }
    }

    /// Counts what is logged, by level.
    private final class Log: Sendable {
        private let levels = Mutex<[Logger.Level]>([])

        var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

        func count(_ level: Logger.Level) -> Int { levels.withLock { $0.count { $0 == level } } }

        private struct Handler: LogHandler {
            let log: Log
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.info

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) { log.levels.withLock { $0.append(event.level) } }
        }
    }

    private let path = FileManager.default.temporaryDirectory.appending(path: "operators-\(UInt64.random(in: .min ... .max))").path
    private let clock = Clock()
    private let log = Log()

    private static func line(_ name: String, _ byte: String) -> String { "\(name) operator \(String(repeating: byte, count: 32))\n" }

    private func write(_ text: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }

    private func withFile(_ text: String, _ body: (OperatorsFile) throws -> Void) throws {
        try write(text)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(try OperatorsFile(path: path, logger: log.logger, now: { [clock] in clock.now }))
    }

    @Test func whoeverIsTakenOffItIsOutOnceItIsLookedAt() throws {
        try withFile(Self.line("ada", "0a") + Self.line("bob", "0b")) { file in
            #expect(file.operators.contains(name: "bob"))
            try write(Self.line("ada", "0a"))
            #expect(file.operators.contains(name: "bob"))
            clock.pass(seconds: 2)
            #expect(!file.operators.contains(name: "bob") && file.operators.contains(name: "ada"))
            #expect(log.count(.notice) == 1 && log.count(.error) == 0)
        }
    }

    @Test func aNewFileThatCannotBeUsedChangesNothingAndIsToldOfOnce() throws {
        try withFile(Self.line("ada", "0a")) { file in
            try write("ada king 0a\n")
            for _ in 0..<3 {
                clock.pass(seconds: 2)
                #expect(file.operators.contains(name: "ada"))
            }
            #expect(log.count(.error) == 1)
            try FileManager.default.removeItem(atPath: path)
            clock.pass(seconds: 2)
            #expect(file.operators.contains(name: "ada") && log.count(.error) == 2)
            try write(Self.line("eve", "0e"))
            clock.pass(seconds: 2)
            #expect(file.operators.contains(name: "eve") && !file.operators.contains(name: "ada"))
        }
    }

    @Test func aFileThatIsNotThereIsAnErrorAtTheStart() {
        #expect(throws: StartError.self) { try OperatorsFile(path: path, logger: log.logger) }
    }
}
