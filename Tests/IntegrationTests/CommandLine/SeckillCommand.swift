import Foundation

/// Runs the built `seckill` as a shell would.
struct SeckillCommand: Sendable {
    struct Outcome: Sendable {
        /// The exit status; 128 and the signal's number for a process that a signal ended, as
        /// shells count.
        var status: Int32
        /// Standard output.
        var data: String
        /// Standard error.
        var messages: String

        /// Standard output as JSON.
        func json() throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any] ?? [:]
        }

        func json<Value: Decodable>(as type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: Data(data.utf8))
        }
    }

    /// All that the process gets, besides `PATH`.
    var environment: [String: String] = [:]

    /// Beside the test bundle, where SwiftPM builds it.
    static var executable: String {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: bundle).deletingLastPathComponent().appending(path: "seckill").path(percentEncoded: false)
    }

    func callAsFunction(_ arguments: String..., input: String = "") async throws -> Outcome {
        try await callAsFunction(arguments, input: input)
    }

    func callAsFunction(_ arguments: [String], input: String = "") async throws -> Outcome {
        try await run(Self.executable, arguments, input: input)
    }

    /// Runs it on a terminal on which somebody types, and then hangs up; what stands on the screen
    /// is `data`.
    func onTerminal(_ arguments: String, typing text: String) async throws -> Outcome {
        var command = self
        command.environment["TYPED"] = text
        return try await command.shell("printf %s \"$TYPED\" | script --quiet --return --command \"$SECKILL \(arguments)\" /dev/null")
    }

    /// Runs `script` in a POSIX shell, in which `$SECKILL` is the executable.
    func shell(_ script: String) async throws -> Outcome {
        var command = self
        command.environment["SECKILL"] = Self.executable
        return try await command.run("/bin/sh", ["-c", script], input: "")
    }

    private func run(_ executable: String, _ arguments: [String], input: String) async throws -> Outcome {
        let running = try RunningCommand(executable, arguments, environment: environment, input: input)
        return try await running.outcome()
    }
}

/// A process that has started, with its output in files, so that no pipe fills up.
final class RunningCommand: Sendable {
    private let process: Process
    private let directory: TemporaryDirectory
    private let exits: AsyncStream<Void>

    var pid: Int32 { process.processIdentifier }

    /// - Parameter messages: takes standard error in place of a file.
    init(_ executable: String, _ arguments: [String], environment: [String: String], input: String = "", messages: FileHandle? = nil) throws {
        directory = try TemporaryDirectory()
        for (name, text) in [("in", input), ("out", ""), ("err", "")] {
            try text.write(toFile: "\(directory.path)/\(name)", atomically: false, encoding: .utf8)
        }
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.environment = environment.merging(["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]) { mine, _ in mine }
        process.standardInput = FileHandle(forReadingAtPath: "\(directory.path)/in")
        process.standardOutput = FileHandle(forWritingAtPath: "\(directory.path)/out")
        process.standardError = messages ?? FileHandle(forWritingAtPath: "\(directory.path)/err")
        let (exits, exited) = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in exited.finish() }
        try process.run()
        self.process = process
        self.exits = exits
    }

    /// A test that fails leaves no process behind.
    deinit {
        if process.isRunning { kill(pid, SIGKILL) }
    }

    /// What it has written to standard output so far.
    var data: String { (try? String(contentsOfFile: "\(directory.path)/out", encoding: .utf8)) ?? "" }
    var messages: String { (try? String(contentsOfFile: "\(directory.path)/err", encoding: .utf8)) ?? "" }

    /// Waits until standard output holds `text`; `false` when the process ends first.
    func waitUntilItSays(_ text: String) async throws -> Bool {
        while !data.contains(text) {
            guard process.isRunning else { return false }
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }

    func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// Waits for the end. To be called once.
    func outcome() async throws -> SeckillCommand.Outcome {
        for await _ in exits {}
        process.waitUntilExit()
        defer { directory.remove() }
        let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        return SeckillCommand.Outcome(status: status, data: data, messages: messages)
    }
}
