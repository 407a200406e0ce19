import Foundation

/// A program that runs to its end, such as a command of an operator.
struct Program: Sendable {
    struct Outcome: Sendable {
        var status: Int32
        /// Standard output.
        var data: String
        /// Standard error.
        var messages: String
    }

    /// What the process gets besides `PATH`.
    var environment: [String: String] = [:]
    /// Absolute, or looked for on `PATH`.
    var executable: String

    func callAsFunction(_ arguments: [String], input: String = "") async throws -> Outcome {
        let environment = environment.merging(["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]) { mine, _ in mine }
        let executable = executable
        return try await offload {
            let process = Process()
            let (inputs, output, errors) = (Pipe(), Pipe(), Pipe())
            process.executableURL = URL(filePath: executable.hasPrefix("/") ? executable : "/usr/bin/env")
            process.arguments = (executable.hasPrefix("/") ? [] : [executable]) + arguments
            process.environment = environment
            process.standardInput = inputs
            process.standardOutput = output
            process.standardError = errors
            try process.run()
            try inputs.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try inputs.fileHandleForWriting.close()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            let messages = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
            return Outcome(status: status, data: String(decoding: data, as: UTF8.self), messages: String(decoding: messages, as: UTF8.self))
        }
    }
}

/// Runs work that blocks where it may: a thread of the cooperative pool must not.
func offload<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
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
func eventually(within patience: Duration, every pause: Duration = .milliseconds(20), _ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + patience
    while true {
        if try await condition() { return true }
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: pause)
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
