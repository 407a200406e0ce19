import Foundation
import Glibc
import PrivateServers

/// A program that runs to its end, such as a command of an operator.
package struct Program: Sendable {
    package struct Outcome: Sendable {
        package var status: Int32
        /// Standard output.
        package var data: String
        /// Standard error.
        package var messages: String
    }

    /// What the process gets besides `PATH`.
    package var environment: [String: String] = [:]
    /// Absolute, or looked for on `PATH`.
    package var executable: String

    package init(environment: [String: String] = [:], executable: String) {
        self.environment = environment
        self.executable = executable
    }

    /// The process's input and outputs are files, which no thread has to wait at.
    package func callAsFunction(_ arguments: [String], input: String = "") async throws -> Outcome {
        let place = try Self.place()
        defer { try? FileManager.default.removeItem(atPath: place) }
        try Data(input.utf8).write(to: URL(filePath: "\(place)/in"))
        let child = try ChildProcess(
            .init(
                program: "/bin/sh",
                arguments: ["-c", "place=$1; shift; exec \"$@\" <\"$place/in\" >\"$place/out\" 2>\"$place/err\"", "sh", place, executable]
                    + arguments,
                environment: environment, log: "\(place)/err"))
        await withTaskCancellationHandler {
            await child.waitUntilExit()
        } onCancel: {
            child.signal(SIGTERM)
        }
        let status = child.status ?? 0
        func text(_ name: String) throws -> String { String(decoding: try Data(contentsOf: URL(filePath: "\(place)/\(name)")), as: UTF8.self) }
        return Outcome(
            status: status & 0x7F == 0 ? status >> 8 : 128 + (status & 0x7F), data: (try? text("out")) ?? "", messages: try text("err"))
    }

    private static func place() throws -> String {
        var name = Array("\(ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp")/seckill-program.XXXXXX".utf8CString)
        // Safe: mkdtemp(3) writes within the terminated string that it is given.
        guard unsafe mkdtemp(&name) != nil else { throw SetupFailure("no directory for a program's files could be made") }
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Runs work that blocks where it may: a thread of the cooperative pool must not.
package func offload<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        // A thread each: a shared queue lets few of them block at once.
        let thread = Thread { continuation.resume(with: Result { try work() }) }
        thread.start()
    }
}

/// Asks every 20 ms until `condition` holds.
///
/// - Returns: whether it came to hold in time.
@discardableResult
package func eventually(within patience: Duration, every pause: Duration = .milliseconds(20), _ condition: () async throws -> Bool) async throws
    -> Bool
{
    let deadline = ContinuousClock.now + patience
    while true {
        if try await condition() { return true }
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: pause)
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
