import ArgumentParser
import Glibc

struct WatchOptions: ParsableArguments {
    @Flag(name: [.short, .long], help: "Print it again every two seconds, until Ctrl-C.")
    var watch = false

    private static let interval = Duration.seconds(2)
    /// Cursor to the corner, and nothing below it.
    private static let clearing = "\u{1B}[H\u{1B}[2J"

    func run(_ body: () async throws -> Void) async throws {
        guard watch else { return try await body() }
        while !Console.hasDataFailed {
            if isatty(1) == 1 { Console.data(Self.clearing) }
            try await body()
            try await Task.sleep(for: Self.interval)
        }
    }
}
