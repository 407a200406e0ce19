import Foundation
import Glibc
import PrivateServers

/// A program that runs to its end, such as a command of an operator. It does not outlive us.
package struct Subprocess: Sendable {
    package struct Outcome: Sendable {
        /// The exit status; 128 and the signal's number for an end by signal, as shells count.
        package var status: Int32
        /// Standard output.
        package var data: String
        /// Standard error.
        package var messages: String

        package init(status: Int32, data: String, messages: String) {
            self.status = status
            self.data = data
            self.messages = messages
        }
    }

    /// Absolute, or looked for on `PATH`.
    package let executable: String
    /// What it gets besides our own environment without what is meant for another Postgres or
    /// another Seckill.
    package let environment: [String: String]

    package init(_ executable: String, environment: [String: String] = [:]) {
        self.executable = executable
        self.environment = environment
    }

    /// The path of a program that was built beside this one.
    package static func built(_ name: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: own).deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
    }

    package func start(_ arguments: [String], input: String = "") throws -> RunningSubprocess {
        try RunningSubprocess(self, arguments, input: input)
    }

    /// Told to end when the task is cancelled.
    package func callAsFunction(_ arguments: [String], input: String = "") async throws -> Outcome {
        let running = try start(arguments, input: input)
        return try await withTaskCancellationHandler {
            try await running.outcome()
        } onCancel: {
            running.signal(SIGTERM)
        }
    }

    /// - Throws: what it said last, unless its status is 0.
    @discardableResult
    package func succeed(_ arguments: [String], input: String = "") async throws -> Outcome {
        let outcome = try await self(arguments, input: input)
        try Task.checkCancellation()
        guard outcome.status == 0 else {
            throw SubprocessFailure(
                description: "\(([executable] + arguments).joined(separator: " ")) ended with \(outcome.status): \(outcome.messages.suffix(400))")
        }
        return outcome
    }
}

/// What a program said that did not succeed.
package struct SubprocessFailure: Error, CustomStringConvertible {
    package var description: String
}
