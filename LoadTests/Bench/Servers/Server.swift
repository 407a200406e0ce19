import Glibc
import PrivateServers

/// What a client is pointed at, and the processes behind it.
protocol Server: Sendable {
    var port: Int { get }
    /// The one that answers.
    var front: (name: String, pid: Int32) { get }
    /// Those that it calls.
    var stores: [(name: String, pid: Int32)] { get }
    /// Units that its stores have sold, once they are at rest.
    ///
    /// - Throws: when its books do not balance.
    func unitsSold() async throws -> Int
    func stop() async
}

extension ChildProcess {
    /// - Throws: when the process ends first, or 30 s are over.
    func waitUntil(_ what: String, log: String, _ isReady: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !isReady() {
            guard status == nil, ContinuousClock.now < deadline else { throw BenchFailure("\(what) did not start; its log is \(log)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// In good order, or not after 15 s.
    func end() async {
        signal(SIGTERM)
        let deadline = ContinuousClock.now + .seconds(15)
        while status == nil, ContinuousClock.now < deadline { usleep(10_000) }
        signal(SIGKILL)
        await waitUntilExit()
    }
}
